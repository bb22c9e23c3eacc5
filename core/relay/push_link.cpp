#include "core/relay/push_link.hpp"

#include <algorithm>
#include <utility>

#include "core/media/selector.hpp"

namespace weir {

namespace {

constexpr std::size_t kPerVisit = std::size_t{512} << 10;  // then others get their turn

// Worth to be asked again soon: it is busy, or not there.
bool is_unreachable(Errc code) noexcept {
    return code == Errc::unreachable || code == Errc::timed_out;
}

std::optional<Seq> first_sync(const BlockLog& log, Seq from) {
    for (Seq seq = from; seq < log.end(); ++seq) {
        if (log.packet(seq).sync) return seq;
    }
    return std::nullopt;
}

}  // namespace

PushLink::PushLink(Host& host, Channel& channel, PushSpec spec, const Policy& policy)
    : host_(host),
      channel_(channel),
      spec_(std::move(spec)),
      policy_(policy),
      pause_(host.timers(), Callback<void()>::of<&PushLink::on_pause_over>(this)),
      settled_(host.timers(), Callback<void()>::of<&PushLink::on_settled>(this)),
      clients_ended_(channel.clients_ended()) {
    counted_.url = spec_.shown;
    counted_.form = spec_.form->name;
    channel_.link_wheel().add(*this);
}

PushLink::~PushLink() = default;

PushStatus PushLink::status() const {
    PushStatus out = counted_;
    switch (state_) {
        case State::idle:
            out.state = PushStatus::State::off;
            break;
        case State::connecting:
            out.state = PushStatus::State::connecting;
            break;
        case State::sending:
        case State::ending:
            out.state = PushStatus::State::sending;
            break;
        case State::pause:
            out.state = PushStatus::State::waiting;
            break;
    }
    return out;
}

bool PushLink::is_over() const noexcept {
    return channel_.has_ended() || clients_ended_ != channel_.clients_ended();
}

void PushLink::flush(TimePoint now) noexcept {
    if (state_ == State::sending && blocked_since_ && now - *blocked_since_ > kStallLimit) return give_up();
    if (is_over()) return finish(now);
    switch (state_) {
        case State::idle:
            if (channel_.format() && has_something()) dial();
            return;
        case State::connecting:
            return follow_format();
        case State::sending:
            follow_format();
            pump(now);
            return;
        case State::ending:
        case State::pause:
            return;
    }
}

// Where a connection begins: the newest sync point for the first one; for those after it the first sync point
// that the server does not have, so that it gets nothing twice and as little as possible is missing. The
// packets before that sync point it could not use: to it this is another encoder's run. Whoever fell behind
// the log begins as if it were the first one. Nothing: no such sync point came yet.
std::optional<Seq> PushLink::begin_at() const {
    const BlockLog& log = channel_.log();
    const Seq first = std::max(log.first(), channel_.format_first());
    if (next_ && *next_ >= first) return first_sync(log, *next_);
    return log.start_for(Duration{0}, TimePoint::max(), first);
}

// Another weir goes on anywhere.
bool PushLink::has_something() const {
    return begin_at() || (is_to_weir_ && next_ && *next_ < channel_.log().end());
}

void PushLink::dial() {
    state_ = State::connecting;
    began_at_ = next_;
    has_settled_ = false;
    ++counted_.attempts;
    host_.log().debug("channel {}: pushing to {}", channel_.name(), spec_.shown);
    push_ = spec_.form->open(host_, spec_.url, memory_, static_cast<PushListener&>(*this));
    format_number_ = channel_.format_number();
    push_->begin(channel_.format());
}

// An incompatible header, once it has a packet to begin with: the log begins anew with it.
void PushLink::follow_format() {
    if (format_number_ == channel_.format_number() || !begin_at()) return;
    format_number_ = channel_.format_number();
    if (state_ == State::sending) next_ = channel_.format_first();
    wants_sync_ = true;
    is_cut_ = false;
    push_->begin(channel_.format());
}

// Another weir says what it lacks. If that is held, it goes on there and nothing is lost, whatever had become
// of what was on its way.
void PushLink::on_accepted(const PushReceiver& receiver) {
    is_to_weir_ = receiver.is_weir;
    said_ = {};
    resumes_at_.reset();
    if (!receiver.wanted || format_number_ != channel_.format_number()) return;
    resumes_at_ = channel_.find(*receiver.wanted);
    if (!resumes_at_) return;
    said_ = {.place = *receiver.wanted, .via = channel_.lineage().names().of(*resumes_at_).via};
    push_->say(said_);
}

void PushLink::name(Seq seq) {
    const auto& stretch = channel_.lineage().names().of(seq);
    if (said_.place == stretch.place(seq) && said_.via == stretch.via) return;
    said_ = stretch.provenance(seq);
    push_->say(said_);
}

void PushLink::on_ready() {
    if (state_ == State::ending) return;
    if (state_ == State::sending) {
        take_back_what_is_lost(!has_settled_);  // another connection of the same attempt
    } else {
        state_ = State::sending;
        settled_.start(std::max(policy_.min_uptime, Duration{1}));
        if (!is_reported_) host_.log().info("channel {}: pushes to {}", channel_.name(), spec_.shown);
    }
    wants_sync_ = !resumes_at_;
    if (resumes_at_) {
        next_ = resumes_at_;
    } else {
        if (next_ && *next_ < channel_.log().first()) ++counted_.skips;
        next_ = begin_at().value_or(channel_.log().end());
    }
    blocked_since_.reset();
    flush(channel_.now());
}

void PushLink::on_room() {
    is_cut_ = false;
    blocked_since_.reset();
    flush(channel_.now());
}

// True: the server has all that there is.
bool PushLink::pump(TimePoint now) {
    if (format_number_ != channel_.format_number()) return true;  // nothing of the new one came yet
    const BlockLog& log = channel_.log();
    std::size_t sent = 0;
    while (true) {
        // What waits stays in the log, where it is anyway, and not in a queue.
        if (push_->queued() > 0) {
            if (!blocked_since_) blocked_since_ = now;
            return false;
        }
        if (*next_ < log.first()) skip();
        if (*next_ == log.end()) return true;
        if (sent >= kPerVisit) {
            channel_.link_wheel().hurry(*this);
            return false;
        }
        const BlockLog::Packet packet = log.packet(*next_);
        if (wants_sync_ && !packet.sync) {
            ++*next_;
            continue;
        }
        if (is_to_weir_) name(*next_);
        if (!push_->append(packet.bytes)) return false;  // on_ready() follows
        ++said_.place.number;
        wants_sync_ = false;
        ++*next_;
        is_cut_ = push_->queued() > 0;
        sent += packet.bytes.size();
        ++counted_.packets;
        counted_.bytes += packet.bytes.size();
    }
}

void PushLink::skip() {
    ++counted_.skips;
    host_.log().debug("channel {}: the push to {} lagged and skips to the newest sync point", channel_.name(),
                      spec_.shown);
    wants_sync_ = true;
    next_ = begin_at().value_or(channel_.log().end());
}

// The channel is over, or its clients were ended: the server is told behind what is its own already.
void PushLink::finish(TimePoint now) {
    switch (state_) {
        case State::pause:
            if (channel_.has_ended()) {
                pause_.stop();
                push_.reset();
                state_ = State::idle;
            }
            return;
        case State::idle:
            clients_ended_ = channel_.clients_ended();
            return;
        case State::sending:
            if (!pump(now)) return;
            break;
        case State::connecting:
            break;
        case State::ending:
            return;
    }
    state_ = State::ending;
    settled_.stop();
    push_->end();
}

// What the kernel had of a packet in part is no packet. And a server that refuses a push took none of it,
// though the kernel did.
void PushLink::take_back_what_is_lost(bool is_refused) {
    if (is_refused) {
        next_ = began_at_;
    } else if (is_cut_ && next_) {
        --*next_;
    }
    is_cut_ = false;
}

void PushLink::on_done(Result<> why) {
    if (state_ == State::ending) {
        host_.log().info("channel {}: the push to {} is over", channel_.name(), spec_.shown);
        state_ = State::pause;
        return pause_.start(Duration{0});
    }
    retry_after(why ? Error{Errc::closed, "the server ended the push"} : why.error());
}

// The push goes when the pause is over: this may be a call of its own.
void PushLink::retry_after(const Error& why) {
    take_back_what_is_lost(!has_settled_ && why.code != Errc::closed && why.code != Errc::timed_out);
    settled_.stop();
    state_ = State::pause;
    counted_.error = why.detail;
    if (!std::exchange(is_reported_, true))
        host_.log().warning("channel {}: push to {}: {}; it is tried again", channel_.name(), spec_.shown,
                            why.detail);
    const Backoff::Limits limits{.first_unreachable = Selector::kFirstBackoff,
                                 .unreachable_max = policy_.backoff_max,
                                 .first_refused = Selector::kFirstRefusedBackoff,
                                 .refused_max = policy_.refused_backoff_max};
    const auto how = is_unreachable(why.code) ? Backoff::Failure::unreachable : Backoff::Failure::refused;
    // The first attempt after a push that worked waits for nothing but its turn at the server.
    pause_.start(has_settled_
                     ? Duration{0}
                     : backoff_.next(how, limits, Callback<std::uint32_t()>::of<&Host::random>(&host_)));
}

// From a visit, not from the push.
void PushLink::give_up() {
    retry_after({Errc::timed_out, fmt::format("it took nothing for {} s", kStallLimit.count() / 1000)});
    push_.reset();
}

void PushLink::on_pause_over() {
    push_.reset();
    state_ = State::idle;
    flush(channel_.now());
}

void PushLink::on_settled() {
    has_settled_ = true;
    backoff_.calm();
    counted_.error.clear();
    if (std::exchange(is_reported_, false))
        host_.log().info("channel {}: pushes to {} again", channel_.name(), spec_.shown);
}

}  // namespace weir
