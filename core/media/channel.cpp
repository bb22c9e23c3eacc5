#include "core/media/channel.hpp"

#include <algorithm>
#include <numeric>

#include "core/media/feed.hpp"

namespace weir {

namespace {
// A few blocks make up the smallest log, so that whole blocks can be dropped; a large one allocates seldom.
std::size_t block_size(const LogLimits& limits) {
    return std::clamp<std::size_t>(limits.bytes / 16, std::size_t{64} << 10, std::size_t{256} << 10);
}

ClientStats& stats_in(std::deque<ClientStats>& all, std::string_view protocol) {
    const auto it =
        std::find_if(all.begin(), all.end(), [&](const ClientStats& c) { return c.protocol == protocol; });
    return it != all.end() ? *it : all.emplace_back(ClientStats{.protocol = protocol});
}
std::uint64_t now_in(const std::deque<ClientStats>& all) noexcept {
    return std::accumulate(all.begin(), all.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const ClientStats& c) { return sum + c.now; });
}

constexpr std::size_t kHeaderComfort = std::size_t{16} << 10;
}  // namespace

Channel::Channel(std::string name, std::string title, ChannelPolicy policy, TimerQueue& timers,
                 FlushHub& flush, Log& log)
    : name_(std::move(name)),
      title_(std::move(title)),
      policy_(policy),
      timers_(timers),
      wheel_(flush, policy.latency),
      link_wheel_(flush, std::min(policy.latency, FlushPace::kShortest)),
      logger_(log),
      client_log_(name_, timers, log),
      log_(policy.log, block_size(policy.log)),
      switcher_(*this, policy.sources, timers),
      keepalive_(timers, Callback<void()>::of<&Channel::on_keepalive>(this)) {}

Channel::~Channel() = default;

Channel::State Channel::state() const noexcept {
    switch (switcher_.phase()) {
        case Selector::Phase::closed:
            return switcher_.is_asleep() ? State::idle : State::closed;
        case Selector::Phase::open:
            return State::open;
        case Selector::Phase::streaming:
            return State::streaming;
        case Selector::Phase::restarting:
            return State::restarting;
    }
    return State::closed;
}

ClientStats& Channel::clients_of(std::string_view protocol) {
    return stats_in(clients_, protocol);
}
ClientStats& Channel::links_of(std::string_view protocol) {
    return stats_in(links_, protocol);
}

std::uint64_t Channel::viewers() const noexcept {
    return now_in(clients_);
}
std::uint64_t Channel::servers() const noexcept {
    return now_in(links_);
}

Rendition& Channel::rendition(const Framing& framing, Seq start) {
    for (auto& r : renditions_) {
        if (r->framing().name == framing.name) return *r;
    }
    return make_rendition(framing, start);
}

// One that was made later than what is asked for cannot reach back to it. The one that is made then holds all
// that the log holds, so that there is never a third.
Rendition& Channel::rendition_from(const Framing& framing, Seq from) {
    for (auto& r : renditions_) {
        if (r->framing().name == framing.name && r->log().first() <= from) return *r;
    }
    return make_rendition(framing, log_.first());
}

Rendition& Channel::make_rendition(const Framing& framing, Seq start) {
    renditions_.push_back(std::make_unique<Rendition>(log_, lineage_.names(), framing,
                                                      block_size(policy_.log), start, format_number_));
    return *renditions_.back();
}

void Channel::release(Rendition& rendition) noexcept {
    if (rendition.readers > 0) return;
    std::erase_if(renditions_, [&](const auto& r) { return r.get() == &rendition; });
}

std::optional<Seq> Channel::newcomer_start(TimePoint now) const {
    return log_.start_for(policy_.burst, now, format_first_);
}

void Channel::end() noexcept {
    ended_ = true;
    keepalive_.stop();
    arm();
}

// What the clients that are there hold is left to them; the next header makes room for itself.
void Channel::end_clients() noexcept {
    publish();
    ++clients_ended_;
    format_.reset();
    lineage_.forget_origin();
    filler_.clear();
    keepalive_.stop();
    arm();
}

void Channel::rest() noexcept {
    end_clients();
    log_.clear();
}

void Channel::announce(const StreamFormatPtr& format) {
    serve(format);
    last_media_ = now();
    keepalive_.start(policy_.keepalive);
    while (FormatWaiter* waiter = waiters_.pop_front()) waiter->on_format();
}

void Channel::tell_not_found() noexcept {
    while (FormatWaiter* waiter = waiters_.pop_front()) waiter->on_not_found();
}

void Channel::begin(const Feed& feed) {
    const std::string differs = format_ ? format_->difference(*feed.format()) : std::string{};
    if (format_ && differs.empty()) {
        timeline_.begin_run(format_->preroll() - feed.format()->preroll(), format_->map_from(*feed.format()));
    } else {
        if (format_)
            logger_.warning("channel {}: {} does not continue what was on air ({}); clients get a new header",
                            name_, feed.who(), differs);
        serve(feed.format());
    }
    begins_run_ = true;
    last_media_ = now();
    ++stats_.runs;
    keepalive_.start(policy_.keepalive);
    while (FormatWaiter* waiter = waiters_.pop_front()) waiter->on_format();
    arm();
}

void Channel::resume() noexcept {
    timeline_.resume();
    begins_run_ = false;
    last_media_ = now();
    ++stats_.resumes;
    keepalive_.start(policy_.keepalive);
    arm();
}

// What is on the way to clients in the old form is dropped with it: they are ended, or told of the new
// header.
void Channel::serve(const StreamFormatPtr& format) {
    log_.publish();
    for (auto& r : renditions_) r->update();
    log_.clear();
    ++format_number_;
    for (auto& r : renditions_) r->clear(format_number_);
    timeline_.reset();
    lineage_.begin_header();
    format_ = format;
    format_first_ = log_.end();
    filler_.clear();
    if (format_->header().size() > kHeaderComfort)
        logger_.warning("channel {}: the stream header has {} bytes; players on libmms take {} at most",
                        name_, format_->header().size(), kHeaderComfort);
}

Result<> Channel::append(const Feed& feed, Bytes packet, const PacketInfo& info) {
    MutableBytes room = log_.reserve(format_->max_packet());
    auto length = place(feed, packet, info, room);
    if (!length && length.error().code == Errc::unsupported && begins_run_) {
        // A run whose packets cannot be moved does not continue the last one (asf.md 7.1, step 5).
        logger_.warning("channel {}: {} does not continue what was on air ({}); clients get a new header",
                        name_, feed.who(), length.error().detail);
        serve(feed.format());
        room = log_.reserve(format_->max_packet());
        length = place(feed, packet, info, room);
    }
    if (!length) return length.error();
    // A run's first packet counts as a sync point even where it is none: there will be no better one.
    const Seq seq = log_.commit(length.value(), info.sync || begins_run_, now());
    lineage_.add(seq, feed, packet, room.first(length.value()));
    begins_run_ = false;
    unpublished_ += length.value();
    last_media_ = now();
    ++stats_.packets_in;
    stats_.bytes_in += packet.size();
    return Ok{};
}

// The packet as it is served: in the channel's form, at the channel's time.
Result<std::size_t> Channel::place(const Feed& feed, Bytes packet, const PacketInfo& info,
                                   MutableBytes room) {
    auto length = feed.format()->fit(packet, *format_, room);
    if (!length) return length;
    units_.clear();
    feed.format()->units(packet, units_);
    const Move& move = timeline_.next(info, units_);
    if (move.is_none()) return length;
    auto moved = format_->retime(room.first(length.value()), move);
    return moved ? length : Result<std::size_t>{moved.error()};
}

void Channel::arm(std::size_t bytes) noexcept {
    link_wheel_.arm(bytes);
    wheel_.arm(bytes);
}

void Channel::publish() {
    log_.publish();
    for (auto& r : renditions_) r->update();
    log_.trim(now());
    lineage_.trim(log_.first());
    for (auto& r : renditions_) r->trim();
    if (unpublished_ == 0) return;  // the read ended inside a packet
    arm(unpublished_);
    unpublished_ = 0;
}

// Made once an outage, while the log still holds the last packet, whose time it repeats.
void Channel::make_filler() {
    filler_after_ = log_.end();
    const Bytes last = log_.end() > log_.first() ? log_.packet(log_.end() - 1).bytes : Bytes{};
    filler_.resize(format_->max_packet());
    filler_.resize(format_->make_filler(last, filler_));
}

void Channel::on_keepalive() {
    if (!format_ || ended_) return;
    const Duration silent = now() - last_media_;
    if (silent < policy_.keepalive) {
        keepalive_.start(policy_.keepalive - silent);
        return;
    }
    keepalive_.start(policy_.keepalive);
    if (filler_after_ != log_.end() || filler_.empty()) {
        make_filler();
        ++stats_.gaps;
    }
    log_.trim(now());
    lineage_.trim(log_.first());
    for (auto& r : renditions_) r->trim();

    if (filler_.empty()) return;
    for (auto& r : renditions_) r->set_filler(filler_);
    ++stats_.fillers;
    arm();
}

}  // namespace weir
