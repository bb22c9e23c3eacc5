// A channel on demand connects to its sources when somebody asks for it, and lets them go when nobody has
// wanted it for a while. Owned by its ChannelHome. Worker's thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/callback.hpp"
#include "core/base/timer_queue.hpp"
#include "core/media/channel.hpp"
#include "weir/config.hpp"

namespace weir {

class Protocol;

class OnDemand {
  public:
    // The channel outlives it; its switcher was started asleep. on_asleep: it is so again; not from inside
    // ask().
    OnDemand(Channel& channel, Duration idle_timeout, Callback<void()> on_asleep);

    // A client, or a server downstream, asks for the channel.
    void ask();
    bool is_asleep() const noexcept { return !timer_.is_running(); }

  private:
    Duration pause() const noexcept;
    void on_look();

    Channel& channel_;
    Duration idle_timeout_;
    Callback<void()> on_asleep_;
    Timer timer_;         // the next look at who is there
    TimePoint wanted_{};  // the last time that somebody was
};

bool is_on_demand(const ChannelConfig& config) noexcept;

// What does not go together with a channel on demand: a key of its section, and what is wrong with it.
struct DemandProblem {
    std::string_view key;
    std::string what;
};
std::optional<DemandProblem> check_demand(const ChannelConfig& config,
                                          std::span<const Protocol* const> protocols);

}  // namespace weir
