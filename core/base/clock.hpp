// Time as weir counts it: a monotonic clock in milliseconds, handed in by the caller, never asked for inside
// a pure part. Tests pass another `now`.
#pragma once

#include <chrono>
#include <cstdint>

namespace weir {

using Duration = std::chrono::milliseconds;

struct MonotonicClock {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<MonotonicClock>;
    static constexpr bool is_steady = true;
};
using TimePoint = MonotonicClock::time_point;

}  // namespace weir
