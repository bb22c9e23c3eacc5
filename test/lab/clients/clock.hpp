// Times of the lab: microseconds of CLOCK_MONOTONIC, written as milliseconds, so that what one process saw
// can be laid beside what another one did (Python's time.monotonic() is the same clock).
#pragma once

#include <cstdint>
#include <ctime>

namespace weir::lab {

using Micros = std::int64_t;

inline Micros now() noexcept {
    timespec t{};
    ::clock_gettime(CLOCK_MONOTONIC, &t);
    return Micros{t.tv_sec} * 1'000'000 + t.tv_nsec / 1000;
}

inline double to_ms(Micros t) noexcept {
    return static_cast<double>(t) / 1000.0;
}

}  // namespace weir::lab
