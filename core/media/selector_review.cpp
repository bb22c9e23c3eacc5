// Selector::review: whatever happened, what is to be done follows from what is there.
#include <algorithm>

#include "core/media/selector.hpp"

namespace weir {

namespace {

using State = Selector::State;
using Kind = Selector::Kind;

// Silence is longer than the limit; the clock counts whole milliseconds.
constexpr Duration kBeyond{1};

}  // namespace

void Selector::review(TimePoint now) {
    for (std::size_t i = 0; i < sources_.size(); ++i) watch(i, now);
    if (is_silent_on_air()) take_over(now);
    if (!is_needed()) {
        needed_since_.reset();
        const std::size_t limit = scope();
        for (std::size_t i = limit; i < sources_.size(); ++i) {
            const Source& s = sources_[i];
            if (s.kind == Kind::pull && !s.standby && s.is_connected() && on_air_ != i)
                drop(i, s.state == State::starving ? Cause::silent : Cause::better);
        }
    } else if (!needed_since_) {
        needed_since_ = now;
    }
    renew_idle(now);
    dial_standbys(now);
    TimePoint again = TimePoint::max();
    if (is_running_ && !has_hope(now)) {
        const auto step = walk_.step(scope(), can(), now);
        if (step.dial) dial(*step.dial, now);
        again = step.again;
    }
    end_clients(now);
    due_ = next_due(again, now);
}

void Selector::watch(std::size_t source, TimePoint now) {
    Source& s = sources_[source];
    if (s.kind == Kind::pull && s.state == State::dialling && now >= deadline(s)) {
        drop(source, Cause::silent);
        fail(source, State::dialling, Cause::unreachable, now);
        return;
    }
    if ((s.state == State::ready || s.state == State::live) && now - s.media > policy_.stall_timeout)
        on_silence(source, now);
    if (s.state != State::starving) return;
    // A link that brought fillers and stopped is dead. A silent push is its connection's affair.
    if (s.kind == Kind::pull && s.spoken && now - s.heard > policy_.stall_timeout) {
        drop(source, Cause::silent);
        put_off(s, Backoff::Failure::refused, now);
    }
}

// Nothing on air brings media: the best one that stands by with a sync point does so at once.
void Selector::take_over(TimePoint now) {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        if (sources_[i].state == State::live && sources_[i].holds && on_air_ != i && may_take(i, now))
            return put_on_air(i, now);
    }
}

// While nothing is on air the walk comes to them as to the others.
void Selector::dial_standbys(TimePoint now) {
    if (!is_running_ || is_needed()) return;
    for (std::size_t i = 0; i < sources_.size(); ++i)
        if (sources_[i].standby && !sources_[i].is_connected() && now >= sources_[i].again) dial(i, now);
}

void Selector::on_silence(std::size_t source, TimePoint now) {
    Source& s = sources_[source];
    const bool is_pull = s.kind == Kind::pull;
    const bool was_on_air = on_air_ == source;
    const bool is_alive = !is_pull || (s.spoken && now - s.heard <= policy_.stall_timeout);
    s.state = State::starving;
    s.resumed = false;
    if (was_on_air && is_alive)
        actions_.push_back({.kind = Action::Kind::starved, .source = source, .cause = Cause::silent});
    if (was_on_air && has_run(s, s.media) && s.kind != Kind::fill) {
        // A wait in the sense of S4: the next ones come first, and it itself comes last.
        walk_.begin(is_pull ? source + 1 : 0);
        return;
    }
    if (!is_pull) return;
    if (s.spoken) {
        if (was_on_air || !is_alive) walk_.failed(source, SourceWalk::Failure::refused);
        return;
    }
    // A header and no media: others first, once; then it is probably a relay whose own source is away, and
    // its first packet is worth waiting for.
    if (!s.idle && !s.kept && walk_.has_untried(scope(), can())) {
        drop(source, Cause::silent);
        fail(source, State::ready, Cause::silent, now);
    } else {
        s.kept = true;
    }
    s.idle = true;
}

void Selector::renew_idle(TimePoint now) {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        Source& s = sources_[i];
        if (s.state != State::starving || !s.kept || s.spoken || now - s.since < kIdleLink) continue;
        drop(i, Cause::silent);
        dial(i, now);
        s.kept = true;
    }
}

void Selector::end_clients(TimePoint now) {
    if (!has_begun_ || !is_silent_on_air()) {
        away_since_.reset();
    } else if (!away_since_) {
        away_since_ = now;
    }
    const bool is_over = away_since_ && policy_.hold && now - *away_since_ >= *policy_.hold;
    if (!is_over && !(ends_at_ && now >= *ends_at_)) return;
    actions_.push_back({.kind = Action::Kind::end_clients, .source = last_on_air_});
    if (on_air_) vacate(Cause::silent);
    has_begun_ = false;
    away_since_.reset();
    ends_at_.reset();
}

// --- when something is to be looked at again

TimePoint Selector::deadline(const Source& s) const {
    switch (s.state) {
        case State::dialling:
            // Three times T (its turn to connect, connection, answer; U14) are the caller's to watch. An
            // answer whose stream never begins nobody else notices.
            return s.since + 3 * policy_.connect_timeout + policy_.stall_timeout + kBeyond;
        case State::ready:
        case State::live:
            return s.media + policy_.stall_timeout + kBeyond;
        case State::starving:
            if (s.kind != Kind::pull) break;
            return s.spoken ? s.heard + policy_.stall_timeout + kBeyond : s.since + kIdleLink;
        case State::absent:
        case State::failed:
            break;
    }
    return TimePoint::max();
}

TimePoint Selector::next_due(TimePoint again, TimePoint now) const {
    TimePoint due = again;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        due = std::min(due, deadline(sources_[i]));
        const Source& s = sources_[i];
        if (is_needed() && s.state == State::live && is_hope(i, now))
            due = std::min(due, patience(s) + kBeyond);
        if (s.standby && !s.is_connected() && is_running_ && !is_needed()) due = std::min(due, s.again);
        if (begins_anew(s, now)) due = std::min(due, s.run_since + kNewRun);
    }
    if (away_since_ && policy_.hold) due = std::min(due, *away_since_ + *policy_.hold);
    if (ends_at_) due = std::min(due, *ends_at_);
    return due;
}

// --- questions

bool Selector::may_take(std::size_t source, TimePoint now) const {
    const Source& s = sources_[source];
    if (is_silent_on_air())
        return s.resumed || std::none_of(sources_.begin(), sources_.end(),
                                         [&](const Source& other) { return begins_anew(other, now); });
    if (s.kind == Kind::fill) return false;
    if (is_needed()) return true;
    if (source > *on_air_) return false;
    switch (policy_.failback) {
        case SelectorPolicy::Failback::on_close:
            return s.kind != Kind::pull;
        case SelectorPolicy::Failback::after:
            return now - s.live_since >= policy_.failback_after;
        case SelectorPolicy::Failback::never:
            break;
    }
    return false;
}

// Nothing on air brings media.
bool Selector::is_silent_on_air() const {
    return !on_air_ || sources_[*on_air_].state == State::starving;
}

bool Selector::is_needed() const {
    return is_silent_on_air() || sources_[*on_air_].kind == Kind::fill;
}

// The first so many sources of the list may be dialled.
std::size_t Selector::scope() const {
    if (is_needed()) return sources_.size();
    return policy_.failback == SelectorPolicy::Failback::after ? *on_air_ : 0;
}

// Until when a source that brings media is waited for, though no sync point comes.
TimePoint Selector::patience(const Source& s) const {
    return std::max(s.live_since, needed_since_.value_or(s.live_since)) + policy_.connect_timeout;
}

bool Selector::begins_anew(const Source& s, TimePoint now) const {
    return s.resumed && s.has_header() && now - s.run_since < kNewRun;
}

// As long as there is one, no other pull is dialled.
bool Selector::is_hope(std::size_t source, TimePoint now) const {
    const Source& s = sources_[source];
    if (on_air_ == source || s.kind == Kind::fill) return false;
    const bool is_dialled = !s.kept && (s.state == State::dialling || s.state == State::ready);
    // The better ones, that is: the worse have been let go.
    if (!is_needed()) return s.kind == Kind::pull && !s.standby && (is_dialled || s.state == State::live);
    if (s.state == State::live) return now <= patience(s);
    return s.kind == Kind::pull ? is_dialled : s.state == State::ready && s.resumed;
}

bool Selector::has_hope(TimePoint now) const {
    for (std::size_t i = 0; i < sources_.size(); ++i)
        if (is_hope(i, now)) return true;
    return false;
}

bool Selector::is_wanted(std::size_t source) const {
    const Source& s = sources_[source];
    return s.kind == Kind::pull && is_running_ && (s.standby || source < scope());
}

bool Selector::can_dial(std::size_t source) const {
    const Source& s = sources_[source];
    return s.kind == Kind::pull && !s.is_connected() && (!s.standby || is_needed());
}

bool Selector::has_run(const Source& s, TimePoint until) const {
    // Even where no stream is too short: what breaks at its first packets is not asked again at once.
    return s.streamed && until - s.first_media >= std::max(policy_.min_uptime, Duration{1});
}

}  // namespace weir
