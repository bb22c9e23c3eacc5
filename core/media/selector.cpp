#include "core/media/selector.hpp"

#include <algorithm>

namespace weir {

namespace {

using State = Selector::State;
using Kind = Selector::Kind;

// An event gives at most: per source a drop, a drop and a dial where an idle link is replaced, and a dial of
// a standby; one dial of the walk; what is on air; the end.
std::size_t most_actions(std::size_t sources) noexcept {
    return 4 * sources + 4;
}

Backoff::Limits pauses_of(const SelectorPolicy& policy) noexcept {
    return {.first_unreachable = Selector::kFirstBackoff,
            .unreachable_max = policy.backoff_max,
            .first_refused = Selector::kFirstRefusedBackoff,
            .refused_max = policy.refused_backoff_max};
}

}  // namespace

Selector::Selector(const std::vector<Entry>& sources, const SelectorPolicy& policy,
                   Callback<std::uint32_t()> random)
    : sources_(sources.size()),
      policy_(policy),
      random_(random),
      walk_(sources.size(), pauses_of(policy), policy.connect_timeout, random) {
    for (std::size_t i = 0; i < sources.size(); ++i) {
        sources_[i].kind = sources[i].kind;
        sources_[i].standby = sources[i].standby && sources[i].kind == Kind::pull;
    }
    actions_.reserve(most_actions(sources.size()));
}

void Selector::grow(std::size_t sources) {
    if (sources <= sources_.size()) return;
    sources_.resize(sources);
    walk_.resize(sources);
    actions_.reserve(most_actions(sources));
}

bool Selector::Source::has_header() const noexcept {
    return state == State::ready || state == State::live || state == State::starving;
}

// --- events

Selector::Actions Selector::start(TimePoint now) {
    actions_.clear();
    is_running_ = true;
    review(now);
    return actions_;
}

Selector::Actions Selector::pause() {
    actions_.clear();
    is_running_ = false;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        Source& s = sources_[i];
        if (s.kind != Kind::pull) continue;
        if (s.is_connected()) drop(i, Cause::unwanted);
        s.state = State::absent;
        s.idle = false;
        renew(s);
    }
    walk_.begin(0);
    walk_.calm();
    if (!on_air_) has_begun_ = false;
    needed_since_.reset();
    away_since_.reset();
    ends_at_.reset();
    due_ = TimePoint::max();
    return actions_;
}

Selector::Actions Selector::ready(std::size_t source, TimePoint now) {
    actions_.clear();
    Source& s = sources_[source];
    const bool is_pull = s.kind == Kind::pull;
    if (is_pull && !s.is_connected()) return actions_;
    s.resumed = on_air_ == source;
    if (s.resumed) {
        if (has_run(s, now) && s.state == State::live && s.kind != Kind::fill)
            walk_.begin(is_pull ? source : 0);
        vacate(Cause::replaced);
    }
    if (!is_pull) {
        s.since = now;
        s.spoken = false;
    }
    s.state = State::ready;
    s.streamed = s.holds = false;
    s.heard = s.media = s.run_since = now;
    review(now);
    return actions_;
}

Selector::Actions Selector::packet(std::size_t source, Packet packet, TimePoint now) {
    actions_.clear();
    Source& s = sources_[source];
    if (!s.has_header()) return actions_;
    // The first packet of a connection, and media after silence, change what is awaited of it.
    bool is_news = !s.spoken;
    s.spoken = true;
    s.heard = now;
    if (packet != Packet::filler) {
        s.media = now;
        if (s.state != State::live) {
            is_news = true;
            if (!s.streamed) s.first_media = now;
            s.streamed = true;
            s.state = State::live;
            s.live_since = now;
            s.idle = s.kept = false;
            if (on_air_ == source) actions_.push_back({.kind = Action::Kind::recovered, .source = source});
        }
        if (packet == Packet::sync) {
            s.holds = s.kind != Kind::fill;
            if (on_air_ != source && may_take(source, now)) {
                is_news = true;
                put_on_air(source, now);
            }
        }
        if (!is_settled_ && on_air_ == source && s.kind != Kind::fill && has_run(s, now)) {
            is_settled_ = true;
            walk_.calm();
        }
    }
    if (is_news) review(now);
    return actions_;
}

Selector::Actions Selector::lost(std::size_t source, Cause cause, TimePoint now) {
    actions_.clear();
    Source& s = sources_[source];
    if (!s.is_connected()) return actions_;
    const State was = s.state;
    const bool was_on_air = on_air_ == source;
    s.state = State::absent;
    s.holds = false;
    if (was_on_air) {
        vacate(cause);
        if (cause == Cause::ended && policy_.end_with_source && s.kind != Kind::fill)
            ends_at_ = now + policy_.end_grace;
    }
    if (was_on_air && was == State::live && has_run(s, now) && s.kind != Kind::fill) {
        // S8: elapsed 0 is within T, so the same source comes first.
        walk_.begin(s.kind == Kind::pull ? source : 0);
        renew(s);
    } else if (s.standby && was == State::live && has_run(s, now)) {
        renew(s);
    } else if (s.kind == Kind::pull && !(was == State::starving && s.spoken)) {
        fail(source, was, cause, now);
    }
    // Else it was starving, and the walk that began then goes on; its turn in it comes.
    s.kept = false;
    review(now);
    return actions_;
}

Selector::Actions Selector::tick(TimePoint now) {
    actions_.clear();
    // Packets only move instants further away: nothing is due earlier than was found.
    if (now >= due_) review(now);
    return actions_;
}

Selector::Phase Selector::phase() const noexcept {
    if (on_air_ && !is_needed()) return Phase::streaming;
    if (has_begun_) return Phase::restarting;
    const bool is_open = std::any_of(sources_.begin(), sources_.end(), [this](const Source& s) {
        return s.is_connected() || (is_running_ && s.kind == Kind::pull);
    });
    return is_open ? Phase::open : Phase::closed;
}

// --- steps

void Selector::dial(std::size_t source, TimePoint now) {
    Source& s = sources_[source];
    s.state = State::dialling;
    s.spoken = s.streamed = s.resumed = s.kept = s.holds = false;
    s.since = now;
    actions_.push_back({.kind = Action::Kind::dial, .source = source});
}

void Selector::drop(std::size_t source, Cause cause) {
    Source& s = sources_[source];
    s.state = State::absent;
    s.kept = s.holds = false;
    if (on_air_ == source) vacate(cause);
    if (cause == Cause::better) walk_.spare(source);
    actions_.push_back({.kind = Action::Kind::drop, .source = source, .cause = cause});
}

void Selector::fail(std::size_t source, State was, Cause cause, TimePoint now) {
    Source& s = sources_[source];
    s.state = State::failed;
    const bool is_answer = was != State::dialling || cause == Cause::refused;
    const auto how = is_answer ? Backoff::Failure::refused : Backoff::Failure::unreachable;
    walk_.failed(source, how);
    put_off(s, how, now);
    if (policy_.failover_on == SelectorPolicy::FailoverOn::article && was == State::dialling &&
        cause == Cause::refused)
        walk_.stay(source, now);
}

// It ran well: a standby is dialled again at once.
void Selector::renew(Source& s) noexcept {
    s.backoff.calm();
    s.again = TimePoint{};
}

void Selector::put_off(Source& s, Backoff::Failure how, TimePoint now) {
    if (s.standby) s.again = now + s.backoff.next(how, pauses_of(policy_), random_);
}

void Selector::put_on_air(std::size_t source, TimePoint now) {
    const auto before = on_air_;
    Cause cause = cause_;
    if (before) cause = is_silent_on_air() ? Cause::silent : Cause::better;
    actions_.push_back({.kind = Action::Kind::on_air, .source = source, .cause = cause});
    on_air_ = last_on_air_ = source;
    sources_[source].resumed = false;
    has_begun_ = true;
    is_settled_ = false;
    ends_at_.reset();
    // A fill only bridges: the link to the one it bridges stays.
    if (!before || sources_[*before].kind != Kind::pull || sources_[source].kind == Kind::fill) return;
    if (sources_[*before].standby && cause == Cause::better) return;
    drop(*before, cause);
    if (cause == Cause::silent) put_off(sources_[*before], Backoff::Failure::refused, now);
    // A better one is dialled again in the background, but not in the same breath.
    if (cause == Cause::silent && policy_.failback == SelectorPolicy::Failback::after)
        walk_.failed(*before, SourceWalk::Failure::refused);
}

void Selector::vacate(Cause cause) {
    on_air_.reset();
    cause_ = cause;
}

}  // namespace weir
