// A Channel is a name people can watch: the header of what is on air, the log of its packets, the renditions
// that clients read, and the feeds that compete to fill it. It outlives all of them. Worker's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/base/intrusive_list.hpp"
#include "core/base/log.hpp"
#include "core/base/timer_queue.hpp"
#include "core/media/block_log.hpp"
#include "core/media/container.hpp"
#include "core/media/rendition.hpp"

namespace weir {

class Feed;
class FlushWheel;

// What a channel is given by its configuration.
struct ChannelPolicy {
    Duration burst{3000};
    bool close_slow_clients = false;
    LogLimits log{std::size_t{8} << 20, Duration{15000}};
    std::size_t header_limit = std::size_t{64} << 10;
    Duration wait_max{10000};
    Duration keepalive{1000};
};

// Counted since the channel began.
struct ChannelStats {
    std::uint64_t packets_in = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t packets_bad = 0;      // malformed, or not to be fitted to the channel
    std::uint64_t packets_dropped = 0;  // before a run's first sync point, or without media (parity)
    std::uint64_t runs = 0;
    std::uint64_t gaps = 0;  // times that no media came for longer than keepalive
    std::uint64_t fillers = 0;
    std::uint64_t skips = 0;        // a client lagged past the log and went on at a sync point
    std::uint64_t slow_closed = 0;  // or was closed
};

// The clients of one protocol, counted once media flows to them.
struct ClientStats {
    std::string_view protocol;  // a constant of the protocol's
    std::uint64_t now = 0;
    std::uint64_t total = 0;
    std::uint64_t bytes = 0;  // sent to them
};

// Told once when the channel gets a header, its first or another one.
class FormatWaiter : public ListNode<FormatWaiter> {
  public:
    virtual void on_format() noexcept = 0;

  protected:
    ~FormatWaiter() = default;
};

class Channel {
  public:
    enum class State {
        closed,      // nothing was ever on air
        streaming,   // packets come
        restarting,  // the source is away; clients are kept
    };

    Channel(std::string name, std::string title, ChannelPolicy policy, TimerQueue& timers, FlushWheel& wheel,
            Log& log);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    const std::string& name() const noexcept { return name_; }
    const std::string& title() const noexcept { return title_; }
    const ChannelPolicy& policy() const noexcept { return policy_; }
    State state() const noexcept;
    ChannelStats& stats() noexcept { return stats_; }
    // Valid as long as the channel. The protocols are few.
    ClientStats& clients_of(std::string_view protocol);
    const std::deque<ClientStats>& clients() const noexcept { return clients_; }
    std::uint64_t viewers() const noexcept;  // now, of all protocols

    // --- what clients read
    const StreamFormatPtr& format() const noexcept { return format_; }  // null: none was ever on air
    // Grows whenever format() becomes one that is incompatible with the last.
    std::uint64_t format_number() const noexcept { return format_number_; }
    // The first packet under format(): a client must not start before it.
    Seq format_first() const noexcept { return format_first_; }
    const BlockLog& log() const noexcept { return log_; }
    // The rendition in `framing`, made where there is none; from `start` on. The caller counts itself in
    // readers.
    Rendition& rendition(const Framing& framing, Seq start);
    void release(Rendition& rendition) noexcept;  // after the last reader left
    void wait_for_format(FormatWaiter& waiter) noexcept { waiters_.push_back(waiter); }
    // Where a newcomer starts now, by the burst policy; nothing while no sync point is held.
    std::optional<Seq> newcomer_start(TimePoint now) const;
    FlushWheel& wheel() noexcept { return wheel_; }

    // The channel ends for good: sinks end their clients by their protocol.
    void end() noexcept;
    bool has_ended() const noexcept { return ended_; }

    // --- what feeds do
    // `feed` has a header. Puts it on air where its rank is as good as that of the one on air, and asks an
    // older feed of the same rank to leave. Otherwise it stands by.
    void offer(Feed& feed);
    void withdraw(Feed& feed) noexcept;  // it is gone
    bool has_source() const noexcept { return on_air_ != nullptr; }
    bool is_on_air(const Feed& feed) const noexcept { return on_air_ == &feed; }
    const Feed* on_air() const noexcept { return on_air_; }
    // Called whenever another feed, or none, is on air; from inside what a feed does.
    void on_change(Callback<void()> callback) noexcept { on_change_ = callback; }
    // The live feed of that rank, or null.
    Feed* feed_of_rank(std::size_t rank) const noexcept;
    // A packet of the feed on air, copied once, into the log.
    // Error: it cannot be fitted to what the channel serves.
    Result<> append(const Feed& feed, Bytes packet, const PacketInfo& info);
    // Makes what was appended visible to sinks. At the end of each read callback.
    void publish();

    Log& logger() noexcept { return logger_; }
    TimePoint now() const noexcept { return timers_.now(); }

  private:
    void begin(Feed& feed);
    bool may_begin(const Feed& feed);
    void put_best_on_air() noexcept;
    void make_filler();
    void on_keepalive();

    std::string name_;
    std::string title_;
    ChannelPolicy policy_;
    TimerQueue& timers_;
    FlushWheel& wheel_;
    Log& logger_;
    ChannelStats stats_;
    std::deque<ClientStats> clients_;

    StreamFormatPtr format_;
    std::uint64_t format_number_ = 0;
    Seq format_first_ = 0;
    BlockLog log_;
    std::vector<std::unique_ptr<Rendition>> renditions_;
    List<FormatWaiter> waiters_;

    std::vector<Feed*> feeds_;  // live ones, each with a header
    Feed* on_air_ = nullptr;
    Callback<void()> on_change_;
    bool awaiting_sync_ = false;  // a run begins at its first sync point
    TimePoint run_began_{};
    bool fill_reported_ = false;
    bool ended_ = false;

    Timer keepalive_;
    TimePoint last_media_{};
    std::vector<std::uint8_t> filler_;
    Seq filler_after_ = 0;  // the packet before it, + 1
};

}  // namespace weir
