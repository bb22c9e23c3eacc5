#include "core/relay/sources/pull_sources.hpp"

#include <algorithm>

#include "core/relay/protocol.hpp"

namespace weir {

PullSources::PullSources(Host& host, Channel& channel, std::vector<const SourceSpec*> specs)
    : host_(host),
      channel_(channel),
      timer_(host.timers(), Callback<void()>::of<&PullSources::on_timer>(this)),
      review_(host.timers(), Callback<void()>::of<&PullSources::review>(this)) {
    for (const SourceSpec* spec : specs) candidates_.push_back({.spec = spec, .error = {}});
    channel_.on_change(Callback<void()>::of<&PullSources::on_change>(this));
    review_.start(Duration{0});
}

PullSources::~PullSources() {
    channel_.on_change({});
    drop();
}

void PullSources::on_change() {
    review_.start(Duration{0});
}

bool PullSources::is_wanted(const Candidate& candidate) const {
    const Feed* on_air = channel_.on_air();
    return !on_air || on_air == feed_.get() || on_air->is_fill() || candidate.spec->rank < on_air->rank();
}

// Whatever happened, what is to be done follows from what is there now.
void PullSources::review() {
    if (is_over_) drop();
    if (pull_ && !is_wanted(candidates_[current_])) {
        host_.log().info("channel {}: {} is let go, a better source is on air", channel_.name(),
                         candidates_[current_].spec->shown);
        drop();
    }
    if (pull_) return;
    const TimePoint now = host_.timers().now();
    if (now < not_before_) return timer_.start_at(not_before_);
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
        if (is_wanted(candidates_[current_])) return dial();
        current_ = (current_ + 1) % candidates_.size();
    }
}

void PullSources::dial() {
    const SourceSpec& spec = *candidates_[current_].spec;
    is_over_ = false;
    last_packet_ = host_.timers().now();
    host_.log().debug("channel {}: dialling {}", channel_.name(), spec.shown);
    pull_ = spec.protocol->pull(
        host_, spec.text, {.as = PullAs::server, .limits = {.header_bytes = channel_.policy().header_limit}},
        *this);
    timer_.start(silence_limit());
}

void PullSources::drop() {
    feed_.reset();
    pull_.reset();
    is_over_ = false;
    timer_.stop();
}

Duration PullSources::silence_limit() const {
    return feed_ && feed_->packets() > 0 ? kStallTimeout : kFirstMediaTimeout;
}

Result<> PullSources::on_stream(StreamReader& reader, Bytes bytes) {
    // Between the loss and its review more may come: a feed made for that would have packets and no header.
    if (is_over_) return Error{Errc::closed, "the source was given up"};
    const TimePoint now = host_.timers().now();
    Candidate& candidate = candidates_[current_];
    if (!feed_) {
        last_packet_ = now;
        feed_ = std::make_unique<Feed>(channel_, candidate.spec->rank, candidate.spec->role,
                                       "pull from " + candidate.spec->shown,
                                       Callback<void()>::of<&PullSources::on_replaced>(this));
    }
    const std::uint64_t before = feed_->packets();
    auto read = feed_->read(reader, bytes);
    // By packets, not by bytes: a peer that sends anything else for ever is as dead as a silent one.
    if (feed_->packets() > before) last_packet_ = now;
    if (before == 0 && feed_->packets() > 0) {
        live_since_ = now;
        timer_.start(silence_limit());
        candidate.error.clear();
        if (candidate.reported)
            host_.log().info("channel {}: {} is back", channel_.name(), candidate.spec->shown);
        candidate.reported = false;
    }
    return read;
}

void PullSources::on_done(Result<> why) {
    if (is_over_) return;
    lose(why ? Error{Errc::closed, "the stream ended"} : why.error());
}

void PullSources::on_replaced() {
    is_over_ = true;
    review_.start(Duration{0});
}

void PullSources::on_timer() {
    if (!pull_) return review();
    if (is_over_) return;
    const Duration silent = host_.timers().now() - last_packet_;
    const Duration limit = silence_limit();
    if (silent < limit) return timer_.start(limit - silent);
    lose({Errc::timed_out, (feed_ ? "no packet came for " : "nothing came for ") +
                               std::to_string(limit.count() / 1000) + " s"});
}

void PullSources::lose(const Error& why) {
    Candidate& candidate = candidates_[current_];
    const bool was_live = feed_ && feed_->packets() > 0;
    const bool ran = was_live && host_.timers().now() - live_since_ >= kMinUptime;
    feed_.reset();
    is_over_ = true;  // the pull may be what is calling: it goes in review()
    review_.start(Duration{0});
    candidate.error = why.detail;
    if (!candidate.reported)
        host_.log().warning("channel {}: {}: {}", channel_.name(), candidate.spec->shown, why.detail);
    candidate.reported = true;
    if (!ran) return plan_next(was_live ? Errc::closed : why.code);
    // A loss: the same source first, at once; one that fell silent last.
    tried_ = 0;
    cycles_ = 0;
    if (why.code == Errc::timed_out) current_ = (current_ + 1) % candidates_.size();
}

// The next candidate at once; after the last one a pause.
void PullSources::plan_next(Errc why) {
    current_ = (current_ + 1) % candidates_.size();
    const auto wanted = std::count_if(candidates_.begin(), candidates_.end(),
                                      [this](const Candidate& c) { return is_wanted(c); });
    if (++tried_ < wanted) return;
    // A new cycle begins with the best.
    tried_ = 0;
    current_ = 0;
    const bool nobody = why == Errc::unreachable || why == Errc::timed_out;
    const Duration longest = nobody ? kLongestPause : kLongestRefusedPause;
    Duration pause = (nobody ? kFirstPause : kFirstRefusedPause) * (1 << std::min(cycles_++, 8U));
    pause = std::min(pause, longest);
    // 50 to 100 % of it, so that many relays that lost one server do not come back in step.
    pause -=
        Duration{static_cast<Duration::rep>(host_.random() % static_cast<std::uint32_t>(pause.count() / 2))};
    not_before_ = host_.timers().now() + pause;
}

void PullSources::describe(const SourceSpec& spec, SourceStatus& status) const {
    for (const Candidate& candidate : candidates_) {
        if (candidate.spec != &spec) continue;
        status.error = candidate.error;
        const bool is_current = &candidate == &candidates_[current_] && pull_ && !is_over_;
        if (!is_current) {
            if (!candidate.error.empty() && is_wanted(candidate)) status.state = SourceStatus::State::waiting;
            return;
        }
        status.state = SourceStatus::State::dialling;
        if (!feed_ || !feed_->format()) return;
        status.who = feed_->who();
        status.state = feed_->is_on_air() ? SourceStatus::State::on_air : SourceStatus::State::standby;
    }
}

}  // namespace weir
