#include "core/media/switcher.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/media/channel.hpp"
#include "core/media/feed.hpp"

namespace weir {

std::string_view to_string(Selector::Cause cause) noexcept {
    switch (cause) {
        case Selector::Cause::closed:
            return "its connection broke";
        case Selector::Cause::ended:
            return "it ended its stream";
        case Selector::Cause::unreachable:
            return "it cannot be reached";
        case Selector::Cause::refused:
            return "it refuses";
        case Selector::Cause::silent:
            return "it fell silent";
        case Selector::Cause::replaced:
            return "a newer connection of its own takes its place";
        case Selector::Cause::better:
            return "a better source is there";
        case Selector::Cause::unwanted:
            return "nobody wants the channel";
    }
    return "";
}

Switcher::Switcher(Channel& channel, const SelectorPolicy& policy, TimerQueue& timers)
    : channel_(channel),
      selector_({}, policy, {}),
      policy_(policy),
      timer_(timers, Callback<void()>::of<&Switcher::on_timer>(this)) {}

Switcher::~Switcher() {
    WEIR_ASSERT(
        std::none_of(places_.begin(), places_.end(), [](const Place& p) { return p.feed != nullptr; }));
}

void Switcher::start(const std::vector<Selector::Entry>& sources, SourceDialer* dialer,
                     Callback<std::uint32_t()> random, bool awake) {
    dialer_ = dialer;
    places_.resize(sources.size());
    has_list_ = std::count_if(sources.begin(), sources.end(),
                              [](const Selector::Entry& e) { return e.kind != Selector::Kind::fill; }) > 1;
    selector_ = Selector(sources, policy_, random);
    is_asleep_ = !awake;
    if (awake) perform(selector_.start(channel_.now()));
}

void Switcher::wake() {
    is_asleep_ = false;
    perform(selector_.start(channel_.now()));
}

// What an embedder publishes stays, and the channel with it.
void Switcher::sleep() {
    is_asleep_ = true;
    const bool is_pulled = !on_air_ || selector_.kind(on_air_->rank()) == Selector::Kind::pull;
    if (is_pulled) {
        channel_.rest();
        forget();
    }
    perform(selector_.pause());
}

void Switcher::stop() noexcept {
    is_stopped_ = true;
    dialer_ = nullptr;
    timer_.stop();
}

void Switcher::grow(std::size_t rank) {
    if (rank < places_.size()) return;
    places_.resize(rank + 1);
    selector_.grow(rank + 1);
}

Feed* Switcher::feed_of(std::size_t rank) const noexcept {
    return rank < places_.size() ? places_[rank].feed : nullptr;
}

Selector::State Switcher::state(std::size_t rank) const noexcept {
    return rank < selector_.size() ? selector_.state(rank) : Selector::State::absent;
}

void Switcher::ready(Feed& feed) {
    grow(feed.rank());
    Place& place = places_[feed.rank()];
    Feed* older = std::exchange(place.feed, &feed);
    place.since = channel_.now();
    place.has_sync = false;
    place.resumes_at.reset();
    if (older && older != &feed) {
        channel_.logger().info("channel {}: {} takes the place of {}", channel_.name(), feed.who(),
                               older->who());
        older->replaced();
    }
    if (older && older == on_air_) {
        channel_.publish();
        on_air_ = nullptr;
    }
    if (!channel_.format() && !feed.is_fill()) channel_.announce(feed.format());
    perform(selector_.ready(feed.rank(), channel_.now()));
    if (on_air_ && !feed.is_fill() && feed.rank() > on_air_->rank())
        channel_.logger().info("channel {}: {} stands by behind {}", channel_.name(), feed.who(),
                               on_air_->who());
}

void Switcher::withdraw(Feed& feed) noexcept {
    if (feed_of(feed.rank()) != &feed) return;  // replaced, or dropped
    places_[feed.rank()].feed = nullptr;
    if (on_air_ == &feed) {
        channel_.publish();
        on_air_ = nullptr;
        if (!is_stopped_) lose(feed, feed.end_reason());
    }
    perform(selector_.lost(feed.rank(), feed.end_cause(), channel_.now()));
}

void Switcher::answered(std::size_t source) {
    perform(selector_.ready(source, channel_.now()));
}

void Switcher::failed(std::size_t source, Selector::Cause cause) {
    perform(selector_.lost(source, cause, channel_.now()));
}

void Switcher::on_timer() {
    perform(selector_.tick(channel_.now()));
}

void Switcher::perform(Selector::Actions actions) {
    using Kind = Selector::Action::Kind;
    if (is_stopped_) return;
    for (const Selector::Action& action : actions) {
        switch (action.kind) {
            case Kind::dial:
                if (dialer_) dialer_->dial(action.source);
                break;
            case Kind::drop:
                drop(action.source, action.cause);
                break;
            case Kind::on_air:
                put_on_air(*places_[action.source].feed, action.cause);
                break;
            case Kind::starved:
                lose(*places_[action.source].feed, to_string(action.cause));
                break;
            case Kind::recovered:
                recover(*places_[action.source].feed, channel_.silence(), "");
                break;
            case Kind::end_clients:
                end_clients();
                break;
        }
    }
    if (selector_.due() == TimePoint::max()) {
        timer_.stop();
    } else if (selector_.due() != timer_.due() || !timer_.is_running()) {
        timer_.start_at(selector_.due());
    }
}

void Switcher::drop(std::size_t source, Selector::Cause cause) {
    Feed* feed = std::exchange(places_[source].feed, nullptr);
    if (feed && feed == on_air_) {
        channel_.publish();
        on_air_ = nullptr;
        lose(*feed, to_string(cause));
    }
    if (selector_.kind(source) != Selector::Kind::pull) {
        if (feed) feed->replaced();
    } else if (dialer_) {
        dialer_->drop(source, cause);
    }
}

void Switcher::put_on_air(Feed& feed, Selector::Cause cause) {
    const Duration gap = channel_.silence();
    const Feed* before = std::exchange(on_air_, &feed);
    const std::string_view how = begin_on_air(feed) ? ", not a packet lost or doubled" : "";
    Log& log = channel_.logger();
    ChannelStats& stats = channel_.stats();
    if (feed.is_fill()) {
        log.info("channel {}: {} bridges the absence of a source", channel_.name(), feed.who());
        return;
    }
    if (!last_rank_) {
        log.info("channel {}: {} is on air: {}", channel_.name(), feed.who(), feed.format()->describe());
    } else if (lost_since_) {
        recover(feed, gap, how);
    } else if (cause == Selector::Cause::replaced && last_ == feed.who()) {
        log.info("channel {}: {} begins another run; gap {} ms", channel_.name(), feed.who(), gap.count());
    } else {
        ++stats.switches;
        log.info("channel {}: switched from {} to {}: {}; gap {} ms{}", channel_.name(),
                 before ? before->who() : last_, feed.who(), to_string(cause), gap.count(), how);
    }
    lost_since_.reset();
    last_ = feed.who();
    last_rank_ = feed.rank();
}

// One line and one count for each time that a source on air stops bringing media, whatever comes then.
void Switcher::lose(const Feed& feed, std::string_view why) {
    if (feed.is_fill() || lost_since_) return;
    lost_since_ = channel_.now();
    ++channel_.stats().losses;
    channel_.logger().warning("channel {}: lost {} after {} packets: {}; clients are held", channel_.name(),
                              feed.who(), feed.packets(), why);
}

void Switcher::recover(const Feed& feed, Duration gap, std::string_view how) {
    if (feed.is_fill()) return;
    ChannelStats& stats = channel_.stats();
    ++stats.recoveries;
    stats.last_gap = gap;
    stats.longest_gap = std::max(stats.longest_gap, gap);
    if (last_rank_ != feed.rank()) ++stats.switches;
    channel_.logger().info("channel {}: back on air with {} after the loss of {}; gap {} ms{}",
                           channel_.name(), feed.who(), last_, gap.count(), how);
    lost_since_.reset();
}

void Switcher::end_clients() {
    channel_.logger().info("channel {}: no source came back; clients are ended", channel_.name());
    forget();
    channel_.end_clients();
}

// Whoever comes next begins a stream of its own, and be it the one that fell silent.
void Switcher::forget() noexcept {
    on_air_ = nullptr;
    trail_.clear();
    catching_up_ = 0;
    lost_since_.reset();
    last_.clear();
    last_rank_.reset();
}

}  // namespace weir
