#include "cli/config_forms.hpp"

#include "cli/config_checks.hpp"
#include "cli/units.hpp"
#include "core/base/text.hpp"

namespace weir::cli {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view kOnClose = "on-close", kNever = "never", kAfter = "after ";
constexpr std::string_view kFailbackNames[] = {kOnClose, kNever, "after 30s"};
constexpr Milliseconds kLongestBeside = 24h;

constexpr Milliseconds kShortestLatency = 5ms;
constexpr Milliseconds kLongestLatency = 2s;

constexpr std::string_view kForever = "forever";
constexpr std::string_view kHoldNames[] = {kForever};
constexpr Milliseconds kShortestHold = 1s;
constexpr Milliseconds kLongestHold = 365 * 24h;

constexpr std::size_t kKiB = std::size_t{1} << 10;
constexpr std::size_t kMiB = std::size_t{1} << 20;

Error bad(std::string detail) {
    return Error{Errc::bad_input, std::move(detail)};
}

// A size, or one word for 0.
struct SizeOrWord {
    std::string_view word;
    std::size_t least, most;
    std::string_view range, expected;

    Result<> take(std::string_view text, std::size_t& into) const {
        if (text == word) {
            into = 0;
            return Ok{};
        }
        const auto size = parse_size(text);
        if (!size && size.error().code != Errc::too_large) {
            const std::string_view names[] = {word};
            if (nearest(text, names)) return bad(unknown_choice(text, names, expected));
            return bad(size.error().detail + " or \"" + std::string(word) + '"');
        }
        if (!size || size.value() < least || size.value() > most)
            return bad(quoted(text) + " is out of range, expected " + std::string(range));
        into = size.value();
        return Ok{};
    }
    std::string show(std::size_t size) const { return size == 0 ? std::string(word) : format_size(size); }
};
constexpr SizeOrWord kSendBuffer{"auto", 4 * kKiB, 64 * kMiB, kSendBufferRange, kSendBufferExpected};
constexpr SizeOrWord kPacing{"off", 16 * kKiB, 1024 * kMiB, kPacingRange, kPacingExpected};

}  // namespace

std::string unknown_choice(std::string_view text, std::span<const std::string_view> names,
                           std::string_view expected) {
    const std::string unknown = quoted(text) + " is unknown, ";
    if (const auto near = nearest(text, names))
        return unknown + "did you mean \"" + std::string(*near) + "\"?";
    return unknown + "expected " + std::string(expected);
}

Result<> take_failback(std::string_view text, ChannelConfig& into) {
    using When = Failback::When;
    if (text == kOnClose || text == kNever) {
        into.failback = {.when = text == kNever ? When::never : When::on_close};
        return Ok{};
    }
    const bool is_after = text.starts_with(kAfter);
    const auto beside = parse_duration(is_after ? text.substr(kAfter.size()) : "");
    const bool is_too_long =
        beside ? beside.value() > kLongestBeside : beside.error().code == Errc::too_large;
    if (is_too_long) return bad(quoted(text) + " is out of range, expected \"after 0s\" to \"after 24h\"");
    if (beside) {
        into.failback = {.when = When::after, .beside = beside.value()};
        return Ok{};
    }
    // "30s", "after30s", "after-30s"
    const auto number = text.find_first_of("0123456789");
    if (number != std::string_view::npos && (number == 0 || text.starts_with("after"))) {
        if (const auto meant = parse_duration(text.substr(number)))
            return bad(quoted(text) + " is unknown, did you mean \"after " + format_duration(meant.value()) +
                       "\"?");
    }
    if (is_after) return beside.error();
    return bad(unknown_choice(text, kFailbackNames, kFailbackExpected));
}

std::string show_failback(const ChannelConfig& from) {
    switch (from.failback.when) {
        case Failback::When::on_close:
            break;
        case Failback::When::after:
            return std::string(kAfter) + format_duration(from.failback.beside);
        case Failback::When::never:
            return std::string(kNever);
    }
    return std::string(kOnClose);
}

Result<> take_latency(std::string_view text, ChannelConfig& into) {
    const auto latency = parse_duration(text);
    if (!latency && latency.error().code != Errc::too_large) return latency.error();
    if (!latency || latency.value() < kShortestLatency || latency.value() > kLongestLatency)
        return bad(quoted(text) + " is out of range, expected " + std::string(kLatencyRange));
    into.latency = latency.value();
    return Ok{};
}

std::string show_latency(const ChannelConfig& from) {
    return format_duration(from.latency == 0ms ? ServerConfig{}.latency : from.latency);
}

Result<> take_hold(std::string_view text, ChannelConfig& into) {
    if (text == kForever) {
        into.hold = 0ms;
        return Ok{};
    }
    const auto hold = parse_duration(text);
    if (!hold && hold.error().code != Errc::too_large) {
        if (nearest(text, kHoldNames)) return bad(unknown_choice(text, kHoldNames, kHoldExpected));
        return bad(hold.error().detail + " or \"forever\"");
    }
    if (!hold || hold.value() < kShortestHold || hold.value() > kLongestHold)
        return bad(quoted(text) + " is out of range, expected " + std::string(kHoldRange));
    into.hold = hold.value();
    return Ok{};
}

std::string show_hold(const ChannelConfig& from) {
    return from.hold == 0ms ? std::string(kForever) : format_duration(from.hold);
}

Result<> take_send_buffer(std::string_view text, ListenConfig& into) {
    return kSendBuffer.take(text, into.send_buffer);
}
std::string show_send_buffer(const ListenConfig& from) {
    return kSendBuffer.show(from.send_buffer);
}

Result<> take_pacing(std::string_view text, ListenConfig& into) {
    return kPacing.take(text, into.pacing);
}
std::string show_pacing(const ListenConfig& from) {
    return kPacing.show(from.pacing);
}

}  // namespace weir::cli
