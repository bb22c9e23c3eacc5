#include <algorithm>
#include <optional>

#include "protocols/wmsp/request.hpp"

namespace weir::wmsp {

namespace {

using Level = StreamSwitch::Level;

// The number whose decimal digits are the hexadecimal digits of `value`: 0x10 reads as ten.
std::optional<std::uint16_t> as_decimal(std::uint16_t value) noexcept {
    unsigned out = 0;
    for (int shift = 12; shift >= 0; shift -= 4) {
        const unsigned digit = (value >> shift) & 0xFU;
        if (digit > 9) return std::nullopt;
        out = out * 10 + digit;
    }
    return static_cast<std::uint16_t>(out);
}

SelectedStream* find(std::vector<SelectedStream>& selected, std::uint16_t number) noexcept {
    const auto at = std::find_if(selected.begin(), selected.end(),
                                 [&](const SelectedStream& s) { return s.number == number; });
    return at == selected.end() ? nullptr : &*at;
}

// Hexadecimal by [MS-WMSP] 2.2.1.4; ffmpeg, libmms and VLC print decimal.
SelectedStream* resolve(std::vector<SelectedStream>& selected, std::uint16_t number) noexcept {
    if (auto* stream = find(selected, number)) return stream;
    const auto decimal = as_decimal(number);
    return decimal ? find(selected, *decimal) : nullptr;
}

}  // namespace

std::vector<SelectedStream> resolve_selection(std::span<const StreamSwitch> switches,
                                              std::span<const std::uint16_t> streams) {
    // By the letter of 3.2.5.6 nothing is selected where nothing was asked; a client that gets nothing has no
    // use.
    const Level unnamed = switches.empty() ? Level::full : Level::off;
    std::vector<SelectedStream> selected;
    selected.reserve(streams.size());
    for (const std::uint16_t number : streams) selected.push_back({number, unnamed});
    for (const StreamSwitch& s : switches) {
        SelectedStream* to = resolve(selected, s.to);
        if (!to) continue;
        SelectedStream* from = s.from == StreamSwitch::kNone ? nullptr : resolve(selected, s.from);
        if (from && from != to) from->level = Level::off;  // "1:2:0": 2 takes the place of 1
        to->level = s.level;
    }
    return selected;
}

}  // namespace weir::wmsp
