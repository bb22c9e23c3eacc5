#include "core/media/flush_pace.hpp"

#include <algorithm>
#include <cmath>

namespace weir {

namespace {
constexpr double kCostShare = 0.05;
constexpr double kBusy = 0.80;
constexpr double kBusyNoMore = 0.60;
// Narrowing makes no thread a third busier, so that one step from below 60 % never leads above 80 %.
constexpr double kWiden = 2.0;
constexpr double kNarrow = 0.75;
// How far a window may be off the mark and be believed.
constexpr double kOff = 4.0;

double milliseconds(Duration duration) noexcept {
    return static_cast<double>(duration.count());
}
}  // namespace

FlushPace::FlushPace(Duration latency_max, FlushClocks clocks) noexcept
    : latency_max_(std::max(latency_max, kShortest)),
      clocks_(clocks),
      least_latency_(latency_max_),
      most_latency_(kShortest),
      common_ms_(milliseconds(kShortest)),
      window_began_(clocks.wall()),
      window_began_cpu_(clocks.cpu()) {}

void FlushPace::include(Duration latency) noexcept {
    least_latency_ = std::clamp(latency, kShortest, least_latency_);
    most_latency_ = std::max(most_latency_, latency);
}

Duration FlushPace::interval(Duration latency) const noexcept {
    const double longest = milliseconds(std::max(latency, kShortest));
    const double wanted = std::min(common_ms_, longest) * widened_;
    const double most = std::max(milliseconds(latency_max_), longest);
    return Duration{std::lround(std::min(wanted, most))};
}

std::size_t FlushPace::early_bytes() const noexcept {
    constexpr double kMostWider = static_cast<double>(kEarlyBytesMost) / static_cast<double>(kEarlyBytes);
    return static_cast<std::size_t>(static_cast<double>(kEarlyBytes) * std::min(widened_, kMostWider));
}

void FlushPace::spent_since(std::uint64_t began_us) noexcept {
    const std::uint64_t now = clocks_.wall();
    window_cost_ += now - began_us;
    if (now - window_began_ >= kWindowUs) close_window(now);
}

void FlushPace::close_window(std::uint64_t now) noexcept {
    const std::uint64_t cpu = clocks_.cpu();
    const auto wall = static_cast<double>(now - window_began_);
    const double newest = static_cast<double>(cpu - window_began_cpu_) / wall;
    busy_ = (busy_ + newest) / 2;

    // Were the interval as much longer as the cost is too high, the cost would be right if it lay in the
    // number of sends alone. It does not, and one odd window must not throw it about: the root of that.
    const double share = static_cast<double>(window_cost_) / wall * widened_;  // as if it were not widened
    const double off = std::clamp(share / kCostShare, 1 / kOff, kOff);
    common_ms_ =
        std::clamp(common_ms_ * std::sqrt(off), milliseconds(kShortest), milliseconds(most_latency_));

    // The last windows say so, and the newest still does: what the last step did is in that one alone.
    if (std::min(busy_, newest) > kBusy) widened_ *= kWiden;
    if (std::max(busy_, newest) < kBusyNoMore) widened_ *= kNarrow;
    const double shortest_interval = std::min(common_ms_, milliseconds(least_latency_));
    widened_ = std::clamp(widened_, 1.0, milliseconds(latency_max_) / shortest_interval);

    window_began_ = now;
    window_began_cpu_ = cpu;
    window_cost_ = 0;
}

}  // namespace weir
