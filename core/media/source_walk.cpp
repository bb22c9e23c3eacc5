#include "core/media/source_walk.hpp"

#include <algorithm>

namespace weir {

SourceWalk::SourceWalk(std::size_t sources, const Backoff::Limits& pauses, Duration sticky,
                       Callback<std::uint32_t()> random)
    : tried_(sources), pauses_(pauses), sticky_(sticky), random_(random) {}

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
        if (!paused_until_) paused_until_ = now + backoff_.next(last_, pauses_, random_);
        if (now < *paused_until_) return {.dial = std::nullopt, .again = *paused_until_};
        begin(answer_ && now - answer_->at <= sticky_ ? answer_->source : 0);
        next = untried(limit, can);
    }
    tried_[*next] = true;
    paused_until_.reset();
    return {.dial = next};
}

}  // namespace weir
