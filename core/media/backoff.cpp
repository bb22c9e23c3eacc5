#include "core/media/backoff.hpp"

#include <algorithm>

namespace weir {

namespace {

constexpr int kMaxDoublings = 20;

}  // namespace

Duration Backoff::next(Failure how, const Limits& limits, Callback<std::uint32_t()> random) {
    const bool is_refused = how == Failure::refused;
    const Duration first = is_refused ? limits.first_refused : limits.first_unreachable;
    const Duration longest = is_refused ? limits.refused_max : limits.unreachable_max;
    const Duration whole = std::min(first * (std::int64_t{1} << doublings_), longest);
    doublings_ = std::min(doublings_ + 1, kMaxDoublings);
    const Duration half = whole / 2;
    const std::uint64_t share = random ? random() : 0xffffffffU;
    const auto drawn = (share * static_cast<std::uint64_t>((whole - half).count() + 1)) >> 32;
    return std::max(half + Duration{static_cast<Duration::rep>(drawn)}, Duration{1});
}

}  // namespace weir
