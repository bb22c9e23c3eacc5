// Stream selection: a byte with the number of streams, the streams, then switches of five bytes (from, to,
// level). Nothing but the streams there are is selected, and the last word on a stream holds.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "core/base/bytes.hpp"
#include "protocols/wmsp/request.hpp"

using namespace weir;
using Level = wmsp::StreamSwitch::Level;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

// What a number in a switch may mean: itself, or its hexadecimal digits read as decimal ones.
std::array<unsigned, 2> meanings(unsigned number) {
    char digits[8];
    std::snprintf(digits, sizeof digits, "%x", number);
    char* end = nullptr;
    const auto decimal = std::strtoul(digits, &end, 10);
    return {number, *end == '\0' ? static_cast<unsigned>(decimal) : number};
}

bool may_mean(unsigned number, unsigned stream) {
    const auto both = meanings(number);
    return std::find(both.begin(), both.end(), stream) != both.end();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    Bytes in{data + 1, size - 1};
    std::vector<std::uint16_t> streams;
    for (std::size_t n = data[0] % 16; n > 0 && !in.empty(); --n, in = in.subspan(1)) {
        const auto number = static_cast<std::uint16_t>(in[0] & 0x7F);
        if (std::find(streams.begin(), streams.end(), number) == streams.end()) streams.push_back(number);
    }
    std::vector<wmsp::StreamSwitch> switches;
    for (; in.size() >= 5; in = in.subspan(5))
        switches.push_back(
            {.from = load_u16le(&in[0]), .to = load_u16le(&in[2]), .level = static_cast<Level>(in[4] % 3)});

    const auto selected = wmsp::resolve_selection(switches, streams);
    require(selected.size() == streams.size());
    for (std::size_t i = 0; i < streams.size(); ++i) {
        const auto [number, level] = selected[i];
        require(number == streams[i]);
        if (switches.empty()) require(level == Level::full);
        const bool is_named = std::any_of(switches.begin(), switches.end(),
                                          [&](const auto& s) { return may_mean(s.to, streams[i]); });
        require(is_named || switches.empty() || level == Level::off);
    }
    if (switches.empty()) return 0;
    // The last switch, where it names a stream by its very number.
    const auto last = switches.back();
    const auto to = std::find(streams.begin(), streams.end(), last.to);
    if (to != streams.end())
        require(selected[static_cast<std::size_t>(to - streams.begin())].level == last.level);
    const auto from = std::find(streams.begin(), streams.end(), last.from);
    if (from != streams.end() && to != streams.end() && from != to)
        require(selected[static_cast<std::size_t>(from - streams.begin())].level == Level::off);
    // The last switch said once more changes nothing.
    switches.push_back(last);
    require(wmsp::resolve_selection(switches, streams) == selected);
    return 0;
}
