#include "protocols/msbd/utf16.hpp"

#include <fmt/format.h>

namespace weir::msbd {

namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;
constexpr std::uint32_t kPairs = 0x10000;  // from here on two units

bool is_high(std::uint32_t unit) noexcept {
    return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low(std::uint32_t unit) noexcept {
    return unit >= 0xDC00 && unit < 0xE000;
}

void append_utf8(std::uint32_t point, std::string& out) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (point < 0x80) return put(point);
    if (point < 0x800) {
        put(0xC0 | point >> 6);
    } else if (point < kPairs) {
        put(0xE0 | point >> 12);
        put(0x80 | (point >> 6 & 0x3F));
    } else {
        put(0xF0 | point >> 18);
        put(0x80 | (point >> 12 & 0x3F));
        put(0x80 | (point >> 6 & 0x3F));
    }
    put(0x80 | (point & 0x3F));
}

// The code point at the start of `text`, which is shortened by it.
std::uint32_t take_point(std::string_view& text) noexcept {
    const auto first = static_cast<std::uint8_t>(text[0]);
    text.remove_prefix(1);
    if (first < 0x80) return first;
    const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    if (more == 0 || first > 0xF4) return kReplacement;
    std::uint32_t point = first & (0x3FU >> more);
    for (int i = 0; i < more; ++i) {
        if (text.empty() || (static_cast<std::uint8_t>(text[0]) & 0xC0) != 0x80) return kReplacement;
        point = point << 6 | (static_cast<std::uint8_t>(text[0]) & 0x3F);
        text.remove_prefix(1);
    }
    constexpr std::uint32_t kShortest[] = {0, 0x80, 0x800, kPairs};
    const bool is_one = point >= kShortest[more] && point < 0x110000 && !is_high(point) && !is_low(point);
    return is_one ? point : kReplacement;
}

}  // namespace

Result<std::string> utf8_of(Bytes utf16) {
    if (utf16.size() % 2 != 0)
        return Error{Errc::bad_input,
                     fmt::format("MSBD: a text of {} bytes, expected an even number of them", utf16.size())};
    std::string out;
    for (std::size_t at = 0; at < utf16.size(); at += 2) {
        std::uint32_t point = load_u16le(utf16.data() + at);
        if (is_high(point) || is_low(point)) {
            const std::uint32_t second = at + 4 <= utf16.size() ? load_u16le(utf16.data() + at + 2) : 0;
            if (!is_high(point) || !is_low(second))
                return Error{Errc::bad_input, fmt::format("MSBD: half of a surrogate pair, 0x{:04X}", point)};
            point = kPairs + ((point - 0xD800) << 10) + (second - 0xDC00);
            at += 2;
        }
        append_utf8(point, out);
    }
    return out;
}

void append_utf16(std::string_view utf8, std::vector<std::uint8_t>& out) {
    const auto put = [&](std::uint32_t unit) {
        out.push_back(static_cast<std::uint8_t>(unit));
        out.push_back(static_cast<std::uint8_t>(unit >> 8));
    };
    while (!utf8.empty()) {
        const std::uint32_t point = take_point(utf8);
        if (point < kPairs) {
            put(point);
        } else {
            put(0xD800 + ((point - kPairs) >> 10));
            put(0xDC00 + ((point - kPairs) & 0x3FF));
        }
    }
}

}  // namespace weir::msbd
