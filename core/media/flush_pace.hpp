// FlushPace: how long the wheels of a worker may let bytes wait, so that flushing stays cheap. One for all of
// them: what flushing costs a core is the sum. Told what each visit cost, it weighs the cost and how busy the
// thread was over windows of time, however many wheels turned in them and how often. Knows no sockets and no
// timers; its clocks are handed in. Worker's thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/clock.hpp"

namespace weir {

// Clocks in microseconds: the monotonic one, and what this thread has used of a processor.
struct FlushClocks {
    std::uint64_t (*wall)();
    std::uint64_t (*cpu)();
};

class FlushPace {
  public:
    static constexpr Duration kShortest{5};
    // Long enough for a few turns of most wheels and for the thread's clock to be worth its system call,
    // short against how fast a crowd comes.
    static constexpr std::uint64_t kWindowUs = 250'000;
    // At 8 us a send and 0.35 us a KB, which is what they cost here, a send of so much spends as long on its
    // bytes as on being a send: one of twice the size saves a quarter at most, and clients would wait twice
    // as long. While the thread is overloaded the quarter counts, up to where little is left to save.
    static constexpr std::size_t kEarlyBytes = std::size_t{24} << 10;
    static constexpr std::size_t kEarlyBytesMost = std::size_t{64} << 10;

    FlushPace(Duration latency_max, FlushClocks clocks) noexcept;

    // A channel of this latency takes part. Before its first interval().
    void include(Duration latency) noexcept;

    // The interval in force for a channel of this latency: the smallest from kShortest to `latency` that
    // keeps the cost of flushing under 5 % of a core; once the thread was over 80 % busy widened step by
    // step, up to latency_max, and narrowed again below 60 %.
    Duration interval(Duration latency) const noexcept;
    // A client for which so much is pending is not to wait for its turn.
    std::size_t early_bytes() const noexcept;

    std::uint64_t now_us() const noexcept { return clocks_.wall(); }
    // Flushing began then (now_us()) and is over now.
    void spent_since(std::uint64_t began_us) noexcept;

  private:
    void close_window(std::uint64_t now) noexcept;

    Duration latency_max_;
    FlushClocks clocks_;
    Duration least_latency_;  // of all channels
    Duration most_latency_;
    double common_ms_;      // the interval of a channel whose latency would allow any
    double widened_ = 1.0;  // all intervals, by this factor
    double busy_ = 0.0;     // 0 to 1; each window counts as much as all before it
    std::uint64_t window_began_;
    std::uint64_t window_began_cpu_;
    std::uint64_t window_cost_ = 0;
};

}  // namespace weir
