// What is told of one server that a channel is pushed to: for the admin pages. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

struct PushStatus {
    enum class State {
        off,         // there is nothing to send: no stream yet, or the server left while there was none
        connecting,  // weir connects to it, or waits for its consent
        sending,     // it takes the stream; also while the channel's source is away
        waiting,     // it failed; the next attempt comes by itself
    };
    std::string url;        // as configured, without credentials
    std::string_view form;  // a constant of the protocol's: "raw", "wm"
    State state = State::off;
    std::uint64_t packets = 0;   // handed to the network
    std::uint64_t bytes = 0;     // of these packets
    std::uint64_t attempts = 0;  // to push, begun
    std::uint64_t skips = 0;     // times that it lagged past the log, or was away for longer than that
    std::string error;           // why the last attempt ended; empty once one has worked
};

constexpr std::string_view to_string(PushStatus::State state) noexcept {
    constexpr std::string_view kNames[] = {"off", "connecting", "sending", "waiting"};
    return kNames[static_cast<std::size_t>(state)];
}

}  // namespace weir
