#include "core/media/channel.hpp"

#include <algorithm>
#include <numeric>

#include "core/base/assert.hpp"
#include "core/media/feed.hpp"
#include "core/media/flush_wheel.hpp"

namespace weir {

namespace {
// A few blocks make up the smallest log, so that whole blocks can be dropped; a large one allocates seldom.
std::size_t block_size(const LogLimits& limits) {
    return std::clamp<std::size_t>(limits.bytes / 16, std::size_t{64} << 10, std::size_t{256} << 10);
}

// A run that marks no packet as a sync point is put on air all the same after so long.
constexpr Duration kSyncPatience{10000};

constexpr std::size_t kHeaderComfort = std::size_t{16} << 10;
}  // namespace

Channel::Channel(std::string name, std::string title, ChannelPolicy policy, TimerQueue& timers,
                 FlushWheel& wheel, Log& log)
    : name_(std::move(name)),
      title_(std::move(title)),
      policy_(policy),
      timers_(timers),
      wheel_(wheel),
      logger_(log),
      log_(policy.log, block_size(policy.log)),
      keepalive_(timers, Callback<void()>::of<&Channel::on_keepalive>(this)) {}

Channel::~Channel() {
    WEIR_ASSERT(feeds_.empty());
}

Channel::State Channel::state() const noexcept {
    if (on_air_ && !on_air_->is_fill()) return State::streaming;
    return format_ ? State::restarting : State::closed;
}

ClientStats& Channel::clients_of(std::string_view protocol) {
    const auto it = std::find_if(clients_.begin(), clients_.end(),
                                 [&](const ClientStats& c) { return c.protocol == protocol; });
    return it != clients_.end() ? *it : clients_.emplace_back(ClientStats{.protocol = protocol});
}

std::uint64_t Channel::viewers() const noexcept {
    return std::accumulate(clients_.begin(), clients_.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const ClientStats& c) { return sum + c.now; });
}

Rendition& Channel::rendition(const Framing& framing, Seq start) {
    for (auto& r : renditions_) {
        if (r->framing().name == framing.name) return *r;
    }
    renditions_.push_back(
        std::make_unique<Rendition>(log_, framing, policy_.log, block_size(policy_.log), start));
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
    wheel_.arm();
}

Feed* Channel::feed_of_rank(std::size_t rank) const noexcept {
    const auto it = std::find_if(feeds_.begin(), feeds_.end(), [&](Feed* f) { return f->rank() == rank; });
    return it == feeds_.end() ? nullptr : *it;
}

void Channel::offer(Feed& feed) {
    Feed* older = feed_of_rank(feed.rank());
    const bool is_new = std::find(feeds_.begin(), feeds_.end(), &feed) == feeds_.end();
    if (is_new) feeds_.push_back(&feed);
    if (is_new && older) {
        logger_.info("channel {}: {} takes the place of {}", name_, feed.who(), older->who());
        older->replaced();
    }
    if (on_air_ && on_air_ != &feed && feed.rank() > on_air_->rank()) {
        logger_.info("channel {}: {} stands by behind {}", name_, feed.who(), on_air_->who());
    } else if (may_begin(feed)) {
        begin(feed);
    }
}

// Fill that would need another header is not worth ending the clients that wait for the real source.
bool Channel::may_begin(const Feed& feed) {
    if (!feed.is_fill() || !format_ || viewers() == 0) return true;
    const std::string differs = format_->difference(*feed.format());
    if (differs.empty()) return true;
    if (!fill_reported_)
        logger_.warning("channel {}: {} is not used as fill: its {} differs from what clients have", name_,
                        feed.who(), differs);
    fill_reported_ = true;
    return false;
}

void Channel::withdraw(Feed& feed) noexcept {
    std::erase(feeds_, &feed);
    if (on_air_ != &feed) return;
    publish();
    on_air_ = nullptr;
    logger_.info("channel {}: {} is off air after {} packets", name_, feed.who(), feed.packets());
    put_best_on_air();
    if (on_change_) on_change_();
}

void Channel::put_best_on_air() noexcept {
    const auto best = std::min_element(feeds_.begin(), feeds_.end(),
                                       [](const Feed* a, const Feed* b) { return a->rank() < b->rank(); });
    if (best != feeds_.end() && may_begin(**best)) begin(**best);
}

void Channel::begin(Feed& feed) {
    const std::string differs = format_ ? format_->difference(*feed.format()) : std::string{};
    if (format_ && !differs.empty()) {
        // What is on the way to clients in the old form is dropped with it: they are ended, or told of the
        // new header.
        log_.publish();
        for (auto& r : renditions_) r->update();
        log_.clear();
        for (auto& r : renditions_) r->clear();
        logger_.warning("channel {}: {} does not continue what was on air ({}); clients get a new header",
                        name_, feed.who(), differs);
    }
    if (!format_ || !differs.empty()) {
        format_ = feed.format();
        ++format_number_;
        format_first_ = log_.end();
        filler_.clear();
        if (format_->header().size() > kHeaderComfort)
            logger_.warning("channel {}: the stream header has {} bytes; players on libmms take {} at most",
                            name_, format_->header().size(), kHeaderComfort);
    }
    on_air_ = &feed;
    awaiting_sync_ = true;
    run_began_ = last_media_ = now();
    ++stats_.runs;
    logger_.info("channel {}: {} is on air: {}", name_, feed.who(), feed.format()->describe());
    keepalive_.start(policy_.keepalive);
    while (FormatWaiter* waiter = waiters_.pop_front()) waiter->on_format();
    wheel_.arm();
    if (on_change_) on_change_();
}

Result<> Channel::append(const Feed& feed, Bytes packet, const PacketInfo& info) {
    if (!info.media) {  // another relay's filler or a parity packet: each relay makes its own
        if (!info.filler) ++stats_.packets_dropped;
        return Ok{};
    }
    if (awaiting_sync_ && !info.sync && now() - run_began_ < kSyncPatience) {
        ++stats_.packets_dropped;
        return Ok{};
    }
    const MutableBytes room = log_.reserve(format_->max_packet());
    const auto length = feed.format()->fit(packet, *format_, room);
    if (!length) return length.error();
    // The packet after a long wait for a sync point counts as one, or nobody could ever join.
    log_.commit(length.value(), info.sync || awaiting_sync_, now());
    awaiting_sync_ = false;
    last_media_ = now();
    ++stats_.packets_in;
    stats_.bytes_in += packet.size();
    return Ok{};
}

void Channel::publish() {
    log_.publish();
    for (auto& r : renditions_) r->update();
    log_.trim(now());
    for (auto& r : renditions_) r->trim(now());
    wheel_.arm();
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
    for (auto& r : renditions_) r->trim(now());

    if (filler_.empty()) return;
    for (auto& r : renditions_) r->set_filler(filler_);
    ++stats_.fillers;
    wheel_.arm();
}

}  // namespace weir
