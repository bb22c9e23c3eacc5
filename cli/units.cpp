#include "cli/units.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <span>

#include "core/base/text.hpp"

namespace weir::cli {

namespace {

struct Unit {
    std::string_view name;
    std::uint64_t scale;
};

// Largest first: format_scaled() takes the first that divides.
constexpr Unit kDurationUnits[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
constexpr Unit kSizeUnits[] = {{"GiB", 1u << 30}, {"MiB", 1u << 20}, {"KiB", 1u << 10}, {"", 1}};

// A thousand years and 2^53 bytes: far above any setting, far below where arithmetic on them could overflow.
constexpr std::uint64_t kMaxDuration = 1000ull * 366 * 24 * 3600000;
constexpr std::uint64_t kMaxSize = 1ull << 53;

struct Scaled {
    enum class State { good, malformed, too_large } state = State::malformed;
    std::uint64_t value = 0;
};

Scaled parse_scaled(std::string_view text, std::span<const Unit> units, std::uint64_t limit) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc::invalid_argument) return {};
    const std::string_view name(rest, static_cast<std::size_t>(end - rest));
    for (const Unit& unit : units) {
        if (name != unit.name) continue;
        if (error == std::errc::result_out_of_range || number > limit / unit.scale) {
            return {.state = Scaled::State::too_large};
        }
        return {.state = Scaled::State::good, .value = number * unit.scale};
    }
    return {};
}

std::string format_scaled(std::uint64_t value, std::span<const Unit> units, std::string_view zero) {
    if (value == 0) return std::string(zero);
    for (const Unit& unit : units) {
        if (value % unit.scale == 0) return std::to_string(value / unit.scale) + std::string(unit.name);
    }
    return {};
}

std::string quoted(std::string_view text) {
    return '"' + printable(text, 60) + '"';
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
    const Scaled parsed = parse_scaled(text, kDurationUnits, kMaxDuration);
    switch (parsed.state) {
        case Scaled::State::good:
            return Duration{static_cast<Duration::rep>(parsed.value)};
        case Scaled::State::too_large:
            return Error{Errc::too_large,
                         quoted(text) + " is longer than a thousand years, expected a shorter duration"};
        case Scaled::State::malformed:
            break;
    }
    return Error{
        Errc::bad_input,
        quoted(text) + " is not a duration, expected a whole number with ms, s, m or h such as \"3s\""};
}

Result<std::size_t> parse_size(std::string_view text) {
    const Scaled parsed = parse_scaled(text, kSizeUnits, std::min<std::uint64_t>(kMaxSize, SIZE_MAX));
    switch (parsed.state) {
        case Scaled::State::good:
            return static_cast<std::size_t>(parsed.value);
        case Scaled::State::too_large:
            return Error{Errc::too_large,
                         quoted(text) + " is more than any machine has, expected a smaller size"};
        case Scaled::State::malformed:
            break;
    }
    return Error{Errc::bad_input,
                 quoted(text) +
                     " is not a size, expected a whole number of bytes or one with KiB, MiB or GiB "
                     "such as \"64KiB\""};
}

std::string format_duration(Duration value) {
    if (value < Duration::zero()) return '-' + format_duration(-value);
    return format_scaled(static_cast<std::uint64_t>(value.count()), kDurationUnits, "0s");
}

std::string format_size(std::size_t bytes) {
    return format_scaled(bytes, kSizeUnits, "0");
}

}  // namespace weir::cli
