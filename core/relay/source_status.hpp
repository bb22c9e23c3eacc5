// What is told of one source of a channel: for logs, the admin pages, programs that embed weir. Plain values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

struct SourceStatus {
    enum class State {
        idle,      // nobody pushes; or it is not wanted, since a better one is on air
        dialling,  // weir connects to it, or waits for its header
        waiting,   // it failed; the next attempt comes by itself
        standby,   // connected, and not on air: another one is, or its stream has not begun
        starving,  // connected, and it brings no media any more
        on_air,
    };
    std::string source;  // as configured, without credentials
    std::size_t rank = 0;
    State state = State::idle;
    bool fill = false;     // only bridges the absence of the sources before it
    bool standby = false;  // as configured: a pull that is connected even while a better one is on air
    std::optional<std::string> slot{};  // of a push: its slot's name, "" for "push:"
    std::string who;                    // who feeds it now
    std::string error;                  // why it is not live; empty when nothing went wrong
};

constexpr std::string_view to_string(SourceStatus::State state) noexcept {
    constexpr std::string_view kNames[] = {"idle", "dialling", "waiting", "standby", "starving", "on_air"};
    return kNames[static_cast<std::size_t>(state)];
}

}  // namespace weir
