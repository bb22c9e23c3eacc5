// Channels: the channels at home on a worker, those of the configuration and those that a channel "*" makes
// for whoever asks. Worker's thread.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/timer_queue.hpp"
#include "core/relay/channel_home.hpp"
#include "core/relay/unknown_names.hpp"

namespace weir {

class Channels {
  public:
    // What the context names outlives this.
    explicit Channels(const HomeContext& context);
    // stop_sources(), and then drop_pushes(), are to be called before.
    ~Channels() = default;
    Channels(const Channels&) = delete;
    Channels& operator=(const Channels&) = delete;

    // Error: its sources, where it is pushed to, or that the name is there already.
    Result<> add(const ChannelConfig& config);

    Channel* find(std::string_view name) noexcept;  // null: no such channel
    const ChannelHome* home(const Channel& channel) const;
    std::span<Channel* const> in_order() const noexcept { return in_order_; }  // as they were added
    // Whether ask_for() might give one.
    bool serves(std::string_view name) const;
    // For somebody who wants its stream: what is on demand connects to its sources, or is made.
    // Error: not_found: there is none of this name; refused: there are too many.
    Result<Channel*> ask_for(std::string_view name);

    void stop_sources() noexcept;
    void drop_pushes() noexcept;

  private:
    struct Entry {
        ChannelHome home;
        bool is_made = false;  // by "*"; it goes when nobody wants it
    };
    Result<Channel*> open(const ChannelConfig& config, bool is_made);
    Result<Channel*> make(std::string_view name);
    void on_news() { turn_.start(Duration{0}); }
    void on_turn();
    void remove(std::string_view name);

    HomeContext context_;
    std::map<std::string, Entry, std::less<>> entries_;
    std::vector<Channel*> in_order_;
    std::optional<ChannelConfig> any_;
    std::size_t made_ = 0;
    UnknownNames unknown_;
    TimePoint full_logged_{};
    Timer turn_;  // at once, but not from inside what a source or a timer of a channel's does
};

}  // namespace weir
