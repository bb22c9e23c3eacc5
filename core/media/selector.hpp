// Selector: which of a channel's sources is on air, which of them weir connects to and lets go, and what
// happens while there is none (failover.md sections 3 and 4, rows R01 to R14). Pure: told of events with the
// time of each, it answers with actions; it knows no connection, no packet and no clock. One per channel, any
// thread, one at a time.
//
// A source is a place in the channel's list: 0 is preferred. What is to be done follows, after each event,
// from what is there: a source on air that brings media; a worse one, and a better one beside it; none, and
// then the pulls are dialled one after the other, in the order of the list, with pauses that grow when all of
// them failed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/callback.hpp"
#include "core/base/clock.hpp"
#include "core/media/backoff.hpp"
#include "core/media/source_walk.hpp"

namespace weir {

struct SelectorPolicy {
    // T of the article: for how long after its loss the last source is the first to be asked again.
    Duration connect_timeout{10000};
    Duration stall_timeout{5000};  // no media for longer is a loss by silence
    Duration min_uptime{5000};     // a stream lost earlier counts as a failed attempt
    // The longest pauses between two walks of the list: after nobody answered; after a refusal, or a stream
    // that broke at once.
    Duration backoff_max{5000}, refused_backoff_max{30000};
    // article: an answer that refuses (4xx, 5xx) stays with the source that gave it.
    enum class FailoverOn { any_error, article } failover_on = FailoverOn::any_error;
    // When a better source takes over from a worse one that works. on_close: a push at once, a pull is asked
    // only after the loss of the worse one. after: once it has run beside it for `failback_after`; pulls are
    // dialled for that. never: not before the loss.
    enum class Failback { on_close, after, never } failback = Failback::on_close;
    Duration failback_after{30000};
    std::optional<Duration> hold;  // clients are kept for so long without a source; nothing: for ever
    bool end_with_source = false;  // a source's own end is the clients' end, after end_grace
    Duration end_grace{10000};
};

class Selector {
  public:
    enum class Kind {
        push,   // comes and goes by itself
        pull,   // is dialled by actions
        local,  // comes and goes by itself, inside weir
        fill,   // the same, and only bridges the absence of the others
    };
    enum class State {
        absent,    // not connected, and not failed
        dialling,  // no header yet
        ready,     // a header, and no media yet
        live,      // brings media
        starving,  // connected, and silent for longer than stall_timeout, but for fillers
        failed,    // its last attempt failed
    };
    // Why a source was lost, or could not be had.
    enum class Cause {
        closed,       // the connection broke, or the stream in it
        ended,        // the source said that its stream is over
        unreachable,  // nobody answered in time, or said that he is busy
        refused,      // an answer that is not a stream
        silent,       // no media for stall_timeout; only in actions
        replaced,     // a newer push of the same slot; only in actions
        better,       // another one is on air; only in actions
        unwanted,     // nobody wants what it brings; only in actions
    };
    struct Action {
        enum class Kind {
            dial,         // connect to this pull
            drop,         // let its connection go; nothing is reported back for it
            on_air,       // from the newest sync point that it holds
            starved,      // the source on air brings no media any more; it stays connected
            recovered,    // the starved source on air brings media again
            end_clients,  // their stream is over; the channel begins anew with its next source
        };
        Kind kind{};
        std::size_t source = 0;       // of end_clients: the last on air
        Cause cause = Cause::closed;  // of drop, on_air (why not the one before) and starved
        bool operator==(const Action&) const = default;
    };
    // What a channel shows of it (failover.md section 4).
    enum class Phase {
        closed,      // nobody to come, or nobody came
        open,        // connecting, or a header and no media yet; nothing was on air before
        streaming,   // a source that is no fill brings media
        restarting,  // it is away; clients are kept
    };

    struct Entry {
        Entry(Kind k, bool s = false) : kind(k), standby(s) {}  // NOLINT: a kind is an entry
        Kind kind;
        bool standby;  // of a pull: connected beside whatever is on air, not only when it is needed
    };

    // random: uniform, for the pauses' jitter.
    Selector(const std::vector<Entry>& sources, const SelectorPolicy& policy,
             Callback<std::uint32_t()> random);

    // So many sources from now on; those that are new stand in no list (an embedder's) and are pushes.
    void grow(std::size_t sources);
    std::size_t size() const noexcept { return sources_.size(); }

    // --- events. Each gives the actions that follow from it, in order; valid until the next one.
    using Actions = std::span<const Action>;
    Actions start(TimePoint now);
    // Every pull is let go, and none is dialled before start() is called again: the clients' next stream is
    // another one.
    Actions pause();
    // Its header is known: its connection's first, or another run, or (push) another connection that takes
    // the place of the one before it.
    Actions ready(std::size_t source, TimePoint now);
    enum class Packet {
        filler,  // of another relay: the link is alive, its origin starves
        media,
        sync,  // media, and a newcomer may start with it
    };
    // A source holds its packets from its newest sync point on, and may go on air with them at any event; a
    // fill holds only the packet at hand. Cheap where nothing changes.
    Actions packet(std::size_t source, Packet packet, TimePoint now);
    // What it held is gone: only its next sync point can put it on air.
    void holds_nothing(std::size_t source) noexcept { sources_[source].holds = false; }
    // Its connection is gone, or could not be made.
    Actions lost(std::size_t source, Cause cause, TimePoint now);
    // To be called at due() or later.
    Actions tick(TimePoint now);
    TimePoint due() const noexcept { return due_; }  // TimePoint::max(): never

    Kind kind(std::size_t source) const noexcept { return sources_[source].kind; }
    State state(std::size_t source) const noexcept { return sources_[source].state; }
    // A pull that is not there is dialled again without anything else being lost.
    bool is_wanted(std::size_t source) const;
    std::optional<std::size_t> on_air() const noexcept { return on_air_; }
    Phase phase() const noexcept;

    // Replaced so often, a link that answered and brings nothing is not worth more (failover.md section 4).
    static constexpr Duration kIdleLink{30000};
    static constexpr Duration kFirstBackoff{200}, kFirstRefusedBackoff{1000};
    // What was on air and begins another run (a push that connects anew) has so long to bring its first sync
    // point before one that stands by takes over.
    static constexpr Duration kNewRun{500};

  private:
    struct Source {
        Kind kind = Kind::push;
        State state = State::absent;
        bool standby = false;
        bool has_header() const noexcept;
        bool is_connected() const noexcept { return state == State::dialling || has_header(); }
        bool spoken = false;    // its connection brought a packet, were it a filler
        bool streamed = false;  // its run brought media
        bool resumed = false;   // it was on air when another run of it began, and will be so at once
        bool idle = false;      // its connection brought a header and nothing else, or the one before did
        bool kept = false;      // idle, and worth keeping, as no other pull is left
        bool holds = false;     // its packets from a sync point on
        TimePoint since{};      // its connection began
        TimePoint run_since{};  // its run, that is its header
        TimePoint heard{};      // the newest packet, or the header
        TimePoint media{};      // the newest media, or the header
        TimePoint first_media{}, live_since{};
        TimePoint again{};  // a standby: not to be dialled before
        Backoff backoff{};  // of a standby
    };
    void review(TimePoint now);
    void watch(std::size_t source, TimePoint now);
    void take_over(TimePoint now);
    void dial_standbys(TimePoint now);
    void on_silence(std::size_t source, TimePoint now);
    void renew_idle(TimePoint now);
    void end_clients(TimePoint now);
    TimePoint next_due(TimePoint again, TimePoint now) const;
    TimePoint deadline(const Source& source) const;

    void dial(std::size_t source, TimePoint now);
    void drop(std::size_t source, Cause cause);
    void fail(std::size_t source, State was, Cause cause, TimePoint now);
    void put_on_air(std::size_t source, TimePoint now);
    void renew(Source& source) noexcept;
    void put_off(Source& source, Backoff::Failure how, TimePoint now);
    void vacate(Cause cause);

    bool may_take(std::size_t source, TimePoint now) const;
    bool is_needed() const;
    bool is_silent_on_air() const;
    std::size_t scope() const;
    bool begins_anew(const Source& source, TimePoint now) const;
    bool is_hope(std::size_t source, TimePoint now) const;
    TimePoint patience(const Source& source) const;
    bool has_hope(TimePoint now) const;
    bool can_dial(std::size_t source) const;
    SourceWalk::Can can() { return SourceWalk::Can::of<&Selector::can_dial>(this); }
    bool has_run(const Source& source, TimePoint until) const;

    std::vector<Source> sources_;
    SelectorPolicy policy_;
    Callback<std::uint32_t()> random_;
    SourceWalk walk_;
    std::optional<std::size_t> on_air_;
    std::size_t last_on_air_ = 0;
    Cause cause_ = Cause::closed;  // why the last on air is it no more
    bool is_running_ = false;
    bool has_begun_ = false;   // clients have a stream, though it may be away
    bool is_settled_ = false;  // what is on air has run for min_uptime
    std::optional<TimePoint> needed_since_, away_since_, ends_at_;
    TimePoint due_ = TimePoint::max();
    std::vector<Action> actions_;
};

}  // namespace weir
