// Switcher: puts one of a channel's feeds on air. It tells the channel's Selector what feeds report, does
// what the Selector answers (begins a feed, asks for a pull to be dialled or let go), and writes down each
// loss, switch and recovery: one line of the log, one count. Owned by its channel. Worker's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/callback.hpp"
#include "core/base/timer_queue.hpp"
#include "core/media/block_log.hpp"
#include "core/media/container.hpp"
#include "core/media/packet_trail.hpp"
#include "core/media/selector.hpp"

namespace weir {

class Channel;
class Feed;

// Whoever connects to a channel's pulls. Both are called from inside what a feed or a timer does: what they
// ask for is done later, all drops before all dials.
class SourceDialer {
  public:
    virtual void dial(std::size_t source) noexcept = 0;
    // Its feed is forgotten already. cause: silent or better.
    virtual void drop(std::size_t source, Selector::Cause cause) noexcept = 0;

  protected:
    ~SourceDialer() = default;
};

class Switcher {
  public:
    Switcher(Channel& channel, const SelectorPolicy& policy, TimerQueue& timers);
    ~Switcher();
    Switcher(const Switcher&) = delete;
    Switcher& operator=(const Switcher&) = delete;

    // The channel's list. dialer: null where it has no pulls; outlives the switcher, or stop() is called
    // before it goes. To be called once, before any feed; without it every feed is a push. awake: otherwise
    // nothing is dialled before wake().
    void start(const std::vector<Selector::Entry>& sources, SourceDialer* dialer,
               Callback<std::uint32_t()> random, bool awake = true);
    // On demand: pulls are dialled from now on; they are let go, and what they brought is over.
    void wake();
    void sleep();
    bool is_asleep() const noexcept { return is_asleep_; }
    // The channel is over: what still happens to its sources is of no interest.
    void stop() noexcept;

    // --- what feeds do
    // It has a header, its first or another one. An older feed of the same rank is asked to leave.
    void ready(Feed& feed);
    // A packet of its. True: it is to be appended. Of a feed that stands by it is held; where that feed goes
    // on air with it, or does so later, the Switcher has what is held appended.
    bool packet(Feed& feed, Bytes packet, const PacketInfo& info);
    void withdraw(Feed& feed) noexcept;  // it is gone; its end_cause() tells why
    // A pull was answered and a stream begins, though its header is not there yet.
    void answered(std::size_t source);
    // A pull that has no feed yet could not be had.
    void failed(std::size_t source, Selector::Cause cause);

    Feed* feed_of(std::size_t rank) const noexcept;  // the live one of that rank, or null
    const Feed* on_air() const noexcept { return on_air_; }
    Selector::Phase phase() const noexcept { return selector_.phase(); }
    Selector::State state(std::size_t rank) const noexcept;
    bool is_wanted(std::size_t rank) const { return rank < selector_.size() && selector_.is_wanted(rank); }

    // A run that marks no packet as a sync point is put on air all the same after so long.
    static constexpr Duration kSyncPatience{10000};

  private:
    struct Place {
        Feed* feed = nullptr;
        TimePoint since{};              // the feed's header came
        bool has_sync = false;          // its run marks sync points
        std::optional<Seq> resumes_at;  // of what the feed holds: the packet behind the last one served
    };
    void grow(std::size_t rank);
    bool counts_as_sync(const Feed& feed, const PacketInfo& info) const;
    bool stand_by(Feed& feed, Bytes packet, const PacketInfo& info);
    bool continue_on_air(Feed& feed, Bytes packet, const PacketInfo& info);
    void keep(Feed& feed, Bytes packet, bool sync);
    void release(Feed& feed) noexcept;
    bool has_rival(const Feed& feed) const noexcept;
    bool may_get_rival(const Feed& feed) const noexcept { return has_list_ || has_rival(feed); }
    bool begin_on_air(Feed& feed);
    bool begin_where_it_stopped(Feed& feed);
    bool begin_at_seam(Feed& feed);
    bool is_repeating(const Feed& feed) const;
    // No source has anything on air, but fill.
    bool is_off_air() const noexcept { return !on_air_ || lost_since_.has_value(); }
    bool may_fill(const Feed& feed);
    void perform(Selector::Actions actions);
    void drop(std::size_t source, Selector::Cause cause);
    void put_on_air(Feed& feed, Selector::Cause cause);
    void lose(const Feed& feed, std::string_view why);
    void recover(const Feed& feed, Duration gap, std::string_view how);
    void end_clients();
    void forget() noexcept;
    void on_timer();

    Channel& channel_;
    Selector selector_;
    SelectorPolicy policy_;
    SourceDialer* dialer_ = nullptr;
    std::vector<Place> places_;  // by rank
    Feed* on_air_ = nullptr;
    // What the one on air, or the last, brought of late; kept while there is another to take over from it.
    PacketTrail trail_;
    StreamFormatPtr trail_format_;
    std::size_t catching_up_ = 0;  // so many packets of the one on air are served already
    Timer timer_;
    // Since when nothing of a real source is on air; nothing while something is, or before the first.
    std::optional<TimePoint> lost_since_;
    std::string last_;  // who was on air before, of those that are no fill
    std::optional<std::size_t> last_rank_;
    bool has_list_ = false;  // of several sources that are no fill
    bool fill_reported_ = false;
    bool is_stopped_ = false;
    bool is_asleep_ = false;
};

std::string_view to_string(Selector::Cause cause) noexcept;

}  // namespace weir
