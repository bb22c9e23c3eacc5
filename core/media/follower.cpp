#include "core/media/follower.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace weir {

using Kind = Follower::Action::Kind;
using Why = Follower::Action::Why;

bool Follower::is_same(const Address& a, const Address& b) noexcept {
    return a.port == b.port && equal_ignoring_case(a.host, b.host);
}

std::optional<std::size_t> Follower::place_of(const Address& endpoint, const std::vector<Address>& list) {
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (is_same(list[i], endpoint)) return i;
    }
    return std::nullopt;
}

std::vector<Address> Follower::distinct(std::span<const Address> endpoints) {
    std::vector<Address> kept;
    for (const Address& endpoint : endpoints) {
        if (kept.size() == kMaxEndpoints) break;
        if (!place_of(endpoint, kept)) kept.push_back(endpoint);
    }
    return kept;
}

Duration Follower::bounded(Duration timeout) noexcept {
    if (timeout <= Duration::zero()) return kDefaultTimeout;
    return std::min(timeout, kMaxTimeout);
}

Duration Follower::timeout_of(std::optional<std::string_view> seconds) noexcept {
    std::string_view digits = trim(seconds.value_or(std::string_view{}));
    if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return kDefaultTimeout;
    while (digits.starts_with('0')) digits.remove_prefix(1);
    if (digits.size() > 6) return kMaxTimeout;
    return bounded(Duration{1000} * leading_u32(digits).value_or(0));
}

Follower::Actions Follower::list(std::span<const Address> endpoints, Duration timeout, TimePoint now) {
    list_ = std::make_shared<const std::vector<Address>>(distinct(endpoints));
    timeout_ = bounded(timeout);
    if (last_ && !place_of(*last_, *list_)) last_.reset();
    Actions actions;
    if (state_ == State::ready && connection_ != 0 && !place_of(peer_, *list_)) close(now, actions);
    return actions;
}

Follower::Actions Follower::request(TimePoint now, Repeat repeat, Start start) {
    Actions actions;
    if (state_ != State::ready) return actions;
    if (list_->empty()) {
        actions.push_back({.kind = Kind::report, .failure = Failure::no_service});
        return actions;
    }
    walk_ = list_;
    tried_.assign(walk_->size(), false);
    repeat_ = repeat;
    is_written_ = false;
    has_bytes_ = false;
    best_.reset();
    if (connection_ != 0) {
        at_ = place_of(peer_, *walk_).value_or(0);  // list() closes a connection to somebody who is not in it
        tried_[at_] = true;
        is_via_idle_ = true;
        state_ = State::waiting;
        arm(now);
        actions.push_back({.kind = Kind::send, .connection = connection_, .why = Why::idle});
        return actions;
    }
    const auto last = last_ ? place_of(*last_, *walk_) : std::nullopt;
    if (last && start == Start::after_last)
        open((*last + 1) % walk_->size(), Why::next, now, actions);
    else if (last && is_within(now - last_ended_))
        open(*last, Why::last, now, actions);
    else
        open(0, last ? Why::back : Why::first, now, actions);
    return actions;
}

Follower::Actions Follower::connected(Connection connection, TimePoint now) {
    if (!is_current(connection, State::connecting)) return {};
    if (is_late(now)) return tick(now);
    state_ = State::waiting;
    arm(now);
    return {{.kind = Kind::send, .connection = connection_, .why = Why::opened}};
}

Follower::Actions Follower::refused(Connection connection, TimePoint now) {
    if (connection == 0 || connection != connection_) return {};
    if (state_ == State::reading) return stalled(connection, now);
    const Failure failure = is_late(now) ? Failure::timed_out : Failure::refused;
    Actions actions;
    if (state_ == State::connecting)
        ended(now);
    else
        close(now, actions);
    if (state_ != State::ready) go_on(failure, now, actions);
    return actions;
}

void Follower::written(Connection connection) noexcept {
    if (is_current(connection, State::waiting)) is_written_ = true;
}

Follower::Actions Follower::bytes(Connection connection, TimePoint now) {
    if (!is_current(connection, State::waiting)) return {};
    // The wait is for a whole head: a peer that sends a byte now and then does not prolong it.
    if (is_late(now)) return tick(now);
    has_bytes_ = true;
    return {};
}

Follower::Actions Follower::header(Connection connection, int status, TimePoint now) {
    if (!is_current(connection, State::waiting)) return {};
    if (is_late(now)) return tick(now);
    Actions actions;
    if (status == kTryAnother) {
        close(now, actions);
        if (last_ && is_same(*last_, peer_)) last_.reset();
        // It says that it did nothing, so that any request may go to another one.
        is_written_ = has_bytes_ = false;
        go_on(Failure::try_another, now, actions);
        return actions;
    }
    last_ = peer_;
    last_connection_ = connection_;
    state_ = State::reading;
    actions.push_back(
        {.kind = Kind::deliver, .connection = connection_, .endpoint = peer_, .status = status});
    return actions;
}

Follower::Actions Follower::peer_closed(Connection connection, TimePoint now) {
    if (connection == 0 || connection != connection_) return {};
    const bool late = is_late(now);
    const Failure failure = late ? Failure::timed_out : Failure::refused;
    Actions actions;
    ended(now);
    switch (state_) {
        case State::ready:
            break;
        case State::reading:
            fail(Failure::cut_short, actions);
            break;
        case State::connecting:
            go_on(failure, now, actions);
            break;
        case State::waiting:
            // Servers close connections that look unused; that says nothing about the server.
            if (is_via_idle_ && !late && !has_bytes_ && may_repeat())
                open(at_, Why::again, now, actions);
            else
                go_on(failure, now, actions);
            break;
    }
    return actions;
}

Follower::Actions Follower::complete(Connection connection, Connect connect, TimePoint now) {
    if (!is_current(connection, State::reading)) return {};
    Actions actions;
    if (connect == Connect::closed)
        ended(now);
    else if (!place_of(peer_, *list_))
        close(now, actions);
    finish();
    return actions;
}

Follower::Actions Follower::stalled(Connection connection, TimePoint now) {
    if (!is_current(connection, State::reading)) return {};
    Actions actions;
    close(now, actions);
    fail(Failure::cut_short, actions);
    return actions;
}

Follower::Actions Follower::tick(TimePoint now) {
    if (!is_late(now)) return {};
    Actions actions;
    close(now, actions);
    go_on(Failure::timed_out, now, actions);
    return actions;
}

// What is known of the last one stays. If it was its connection that is closed here, this is when it ended.
Follower::Actions Follower::stop(TimePoint now) {
    Actions actions;
    if (connection_ != 0) close(now, actions);
    finish();
    return actions;
}

TimePoint Follower::due() const noexcept {
    const bool waits = state_ == State::connecting || state_ == State::waiting;
    return waits ? waits_since_ + waits_for_ + Duration{1} : TimePoint::max();
}

// Timers only wake: what comes behind the time is late even where the timer has not fired yet.
bool Follower::is_late(TimePoint now) const noexcept {
    return now >= due();
}

bool Follower::may_repeat() const noexcept {
    return repeat_ == Repeat::always || (!is_written_ && !has_bytes_);
}

void Follower::arm(TimePoint now) noexcept {
    waits_since_ = now;
    waits_for_ = timeout_;
}

void Follower::open(std::size_t place, Why why, TimePoint now, Actions& actions) {
    at_ = place;
    tried_[place] = true;
    connection_ = ++newest_;
    peer_ = (*walk_)[place];
    is_via_idle_ = false;
    is_written_ = false;
    has_bytes_ = false;
    state_ = State::connecting;
    arm(now);
    actions.push_back({.kind = Kind::open, .connection = connection_, .endpoint = peer_, .why = why});
}

void Follower::close(TimePoint now, Actions& actions) {
    actions.push_back({.kind = Kind::close, .connection = connection_});
    ended(now);
}

void Follower::ended(TimePoint now) noexcept {
    if (connection_ == last_connection_) last_ended_ = now;
    connection_ = 0;
}

void Follower::go_on(Failure failure, TimePoint now, Actions& actions) {
    if (!may_repeat()) return fail(Failure::not_repeated, actions);
    // In the order of how much they tell: refused, timed out, 511.
    best_ = std::max(best_.value_or(Failure::refused), failure);
    for (std::size_t step = 1; step < walk_->size(); ++step) {
        const std::size_t place = (at_ + step) % walk_->size();
        if (!tried_[place]) return open(place, Why::next, now, actions);
    }
    last_.reset();
    fail(*best_, actions);
}

void Follower::fail(Failure failure, Actions& actions) {
    actions.push_back({.kind = Kind::report, .failure = failure});
    finish();
}

void Follower::finish() {
    state_ = State::ready;
    // A new list may have come while somebody of the old one answered.
    if (last_ && !place_of(*last_, *list_)) last_.reset();
}

}  // namespace weir
