#include "core/media/source_walk.hpp"

#include <algorithm>

namespace weir {

namespace {

constexpr int kMaxDoublings = 20;

}  // namespace

SourceWalk::SourceWalk(std::size_t sources, const Pauses& pauses, Callback<std::uint32_t()> random)
    : tried_(sources), pauses_(pauses), random_(random) {}

void SourceWalk::begin(std::size_t at) {
    std::fill(tried_.begin(), tried_.end(), false);
    first_ = at;
    paused_until_.reset();
    answer_.reset();
}

void SourceWalk::failed(std::size_t source, Failure how) {
    tried_[source] = true;
    last_ = how;
}

void SourceWalk::stay(std::size_t source, TimePoint now) {
    std::fill(tried_.begin(), tried_.end(), true);
    answer_ = Answer{source, now};
}

std::optional<std::size_t> SourceWalk::untried(std::size_t limit, Can can) const {
    for (std::size_t n = 0; n < tried_.size(); ++n) {
        const std::size_t i = (first_ + n) % tried_.size();
        if (i < limit && !tried_[i] && can(i)) return i;
    }
    return std::nullopt;
}

SourceWalk::Step SourceWalk::step(std::size_t limit, Can can, TimePoint now) {
    auto next = untried(limit, can);
    if (!next) {
        bool any = false;
        for (std::size_t i = 0; i < std::min(limit, tried_.size()); ++i) any |= can(i);
        if (!any) return {};
        if (!paused_until_) paused_until_ = now + pause();
        if (now < *paused_until_) return {.dial = std::nullopt, .again = *paused_until_};
        begin(answer_ && now - answer_->at <= pauses_.sticky ? answer_->source : 0);
        next = untried(limit, can);
    }
    tried_[*next] = true;
    paused_until_.reset();
    return {.dial = next};
}

Duration SourceWalk::pause() {
    const bool is_refused = last_ == Failure::refused;
    const Duration first = is_refused ? pauses_.first_refused : pauses_.first_unreachable;
    const Duration longest = is_refused ? pauses_.refused_max : pauses_.unreachable_max;
    const Duration whole = std::min(first * (std::int64_t{1} << doublings_), longest);
    doublings_ = std::min(doublings_ + 1, kMaxDoublings);
    const Duration half = whole / 2;
    const std::uint64_t share = random_ ? random_() : 0xffffffffU;
    const auto drawn = (share * static_cast<std::uint64_t>((whole - half).count() + 1)) >> 32;
    // Never at once, however short the configuration wants it: the loop needs to turn.
    return std::max(half + Duration{static_cast<Duration::rep>(drawn)}, Duration{1});
}

}  // namespace weir
