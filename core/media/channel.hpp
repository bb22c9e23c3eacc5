// A Channel is a name people can watch: the header of what is on air, the log of its packets, the renditions
// that clients read, and the switcher that says which feed fills it. It outlives all of them. Worker's
// thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/base/intrusive_list.hpp"
#include "core/base/log.hpp"
#include "core/base/timer_queue.hpp"
#include "core/media/block_log.hpp"
#include "core/media/client_log.hpp"
#include "core/media/container.hpp"
#include "core/media/flush_wheel.hpp"
#include "core/media/lineage.hpp"
#include "core/media/rendition.hpp"
#include "core/media/switcher.hpp"
#include "core/media/timeline.hpp"

namespace weir {

class Feed;

// What a channel is given by its configuration.
struct ChannelPolicy {
    Duration burst{3000};
    bool close_slow_clients = false;
    LogLimits log{std::size_t{8} << 20, Duration{15000}};
    std::size_t header_limit = std::size_t{64} << 10;
    Duration wait_max{10000};
    Duration keepalive{1000};
    Duration latency{100};  // how long bytes wait for being sent together
    SelectorPolicy sources = {};
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
    std::uint64_t skips = 0;           // a client lagged past the log and went on at a sync point
    std::uint64_t slow_closed = 0;     // or was closed
    std::uint64_t stalled_closed = 0;  // clients that were closed because they took nothing for too long
    std::uint64_t losses = 0;          // of the source on air
    std::uint64_t recoveries = 0;      // media again after a loss, of whatever source but fill
    std::uint64_t resumes = 0;         // of the recoveries: where the stream stopped, with nothing lost
    std::uint64_t switches = 0;        // another source than before is on air, fill not counted
    Duration last_gap{0};              // without media, at the last recovery
    Duration longest_gap{0};
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
    virtual void on_not_found() noexcept = 0;  // instead: no source knows the channel

  protected:
    ~FormatWaiter() = default;
};

class Channel {
  public:
    enum class State {
        closed,      // nobody brings anything, and nothing was ever on air
        idle,        // the same on demand: nobody asks for it
        open,        // a source is dialled, or has a header and no media yet
        streaming,   // packets come
        restarting,  // the source is away; clients are kept
    };

    Channel(std::string name, std::string title, ChannelPolicy policy, TimerQueue& timers, FlushHub& flush,
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
    // The same for servers downstream, which are no clients.
    ClientStats& links_of(std::string_view protocol);
    const std::deque<ClientStats>& links() const noexcept { return links_; }
    std::uint64_t servers() const noexcept;  // now, of all protocols

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
    // The same where it must hold the packet `from`, one of the log's.
    Rendition& rendition_from(const Framing& framing, Seq from);
    void release(Rendition& rendition) noexcept;  // after the last reader left
    void wait_for_format(FormatWaiter& waiter) noexcept { waiters_.push_back(waiter); }
    // No source knows the channel: whoever waits is told so.
    void tell_not_found() noexcept;
    // Somebody reads it, or waits for its header.
    bool is_wanted() const noexcept { return wheel_.size() + link_wheel_.size() > 0 || !waiters_.empty(); }
    // Where a newcomer starts now, by the burst policy; nothing while no sync point is held.
    std::optional<Seq> newcomer_start(TimePoint now) const;
    FlushWheel& wheel() noexcept { return wheel_; }
    const FlushWheel& wheel() const noexcept { return wheel_; }
    // Of servers downstream, which are few: what they wait, all their clients wait, too. Always the shortest
    // interval.
    FlushWheel& link_wheel() noexcept { return link_wheel_; }

    // The channel ends for good: sinks end their clients by their protocol.
    void end() noexcept;
    bool has_ended() const noexcept { return ended_; }
    // The same for those who are there now; the next source begins as the first one did.
    void end_clients() noexcept;
    // The same, and nothing is kept of what was on air.
    void rest() noexcept;
    std::uint64_t clients_ended() const noexcept { return clients_ended_; }  // so often

    // --- towards other relays
    Lineage& lineage() noexcept { return lineage_; }
    const Lineage& lineage() const noexcept { return lineage_; }
    // Where a relay that lost its link may go on: the packet of this name, or the next one; nothing: it is
    // not held any more, or never was.
    std::optional<Seq> find(const StreamPlace& place) const noexcept {
        return lineage_.names().find(place, std::max(log_.first(), format_first_), log_.end());
    }

    // --- what feeds do
    Switcher& switcher() noexcept { return switcher_; }
    const Switcher& switcher() const noexcept { return switcher_; }
    bool has_source() const noexcept { return switcher_.on_air() != nullptr; }
    // A source has a header, and none is known yet: clients may be answered, though no media came.
    void announce(const StreamFormatPtr& format);
    // The feed that is on air from its next packet on: its run follows the last one, under the same header
    // where that is compatible.
    void begin(const Feed& feed);
    // The same for one that goes on where the last one on air stopped, of which is_next() was true.
    void resume() noexcept;
    // A packet of the feed on air, copied once, into the log.
    // Error: it cannot be fitted to what the channel serves, or not be moved in time.
    Result<> append(const Feed& feed, Bytes packet, const PacketInfo& info);
    // Makes what was appended visible to sinks. At the end of each read callback.
    void publish();

    // How long no media came; 0 before the first.
    Duration silence() const noexcept {
        return last_media_ == TimePoint{} ? Duration{0} : now() - last_media_;
    }

    Log& logger() noexcept { return logger_; }
    ClientLog& client_log() noexcept { return client_log_; }
    TimerQueue& timers() noexcept { return timers_; }
    TimePoint now() const noexcept { return timers_.now(); }

  private:
    void arm(std::size_t bytes = 1) noexcept;
    Rendition& make_rendition(const Framing& framing, Seq start);
    void serve(const StreamFormatPtr& format);
    Result<std::size_t> place(const Feed& feed, Bytes packet, const PacketInfo& info, MutableBytes room);
    void make_filler();
    void on_keepalive();

    std::string name_;
    std::string title_;
    ChannelPolicy policy_;
    TimerQueue& timers_;
    FlushWheel wheel_, link_wheel_;
    Log& logger_;
    ChannelStats stats_;
    std::deque<ClientStats> clients_, links_;
    ClientLog client_log_;

    StreamFormatPtr format_;
    std::uint64_t format_number_ = 0;
    Seq format_first_ = 0;
    Lineage lineage_;
    BlockLog log_;
    std::vector<std::unique_ptr<Rendition>> renditions_;
    List<FormatWaiter> waiters_;

    Switcher switcher_;
    Timeline timeline_;
    std::vector<Unit> units_;      // of the packet at hand
    bool begins_run_ = false;      // the next packet
    std::size_t unpublished_ = 0;  // bytes
    bool ended_ = false;
    std::uint64_t clients_ended_ = 0;

    Timer keepalive_;
    TimePoint last_media_{};
    std::vector<std::uint8_t> filler_;
    Seq filler_after_ = 0;  // the packet before it, + 1
};

}  // namespace weir
