// Values of weir.toml that have a form of their own, read and shown. Pure; each Error says what is wrong and
// what would be right.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "weir/config.hpp"

namespace weir::cli {

// For text that is none of `names`: the nearest of them, or what is expected.
std::string unknown_choice(std::string_view text, std::span<const std::string_view> names,
                           std::string_view expected);

// "on-close", "never", "after 30s"
inline constexpr std::string_view kFailbackRange = "\"on-close\", \"never\" or \"after 0s\" to \"after 24h\"";
inline constexpr std::string_view kFailbackExpected = "\"on-close\", \"never\" or \"after 30s\"";
Result<> take_failback(std::string_view text, ChannelConfig& into);
std::string show_failback(const ChannelConfig& from);

// A duration; left out, which is stored as 0, it is the server's
inline constexpr std::string_view kLatencyRange = "5ms to 2s";
inline constexpr std::string_view kLatencyExpected = "a duration such as \"100ms\"";
Result<> take_latency(std::string_view text, ChannelConfig& into);
std::string show_latency(const ChannelConfig& from);

// "forever", which is stored as 0, or a duration
inline constexpr std::string_view kHoldRange = "1s to 8760h or \"forever\"";
inline constexpr std::string_view kHoldExpected = "\"forever\" or a duration such as \"1h\"";
Result<> take_hold(std::string_view text, ChannelConfig& into);
std::string show_hold(const ChannelConfig& from);

// "auto", which is stored as 0, or a size
inline constexpr std::string_view kSendBufferRange = "4KiB to 64MiB or \"auto\"";
inline constexpr std::string_view kSendBufferExpected = "\"auto\" or a size such as \"256KiB\"";
Result<> take_send_buffer(std::string_view text, ListenConfig& into);
std::string show_send_buffer(const ListenConfig& from);

// "off", which is stored as 0, or a size: bytes a second
inline constexpr std::string_view kPacingRange = "16KiB to 1GiB (a second) or \"off\"";
inline constexpr std::string_view kPacingExpected = "\"off\" or a size such as \"1MiB\"";
Result<> take_pacing(std::string_view text, ListenConfig& into);
std::string show_pacing(const ListenConfig& from);

}  // namespace weir::cli
