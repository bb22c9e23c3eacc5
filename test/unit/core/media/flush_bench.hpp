// A hub without a worker: its clocks move when the test moves them, and by what visits cost.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "core/media/flush_wheel.hpp"
#include "test/support/cmocka.hpp"

namespace weir::test {

inline std::uint64_t wall_us = 0;
inline std::uint64_t cpu_us = 0;
inline constexpr FlushClocks kClocks{.wall = [] { return wall_us; }, .cpu = [] { return cpu_us; }};

struct CountingSink final : Sink {
    int visits = 0;
    std::uint64_t cost_us = 0;  // what a visit takes
    CountingSink* leaves = nullptr;
    FlushWheel* wheel = nullptr;
    FlushWheel* arms = nullptr;
    int hurries = 0;  // so often it could send more
    std::vector<std::int64_t> times;

    void flush(TimePoint now) noexcept override {
        ++visits;
        times.push_back(now.time_since_epoch().count());
        wall_us += cost_us;
        cpu_us += cost_us;
        if (hurries > 0) {
            --hurries;
            wheel->hurry(*this);
        }
        if (leaves) {
            wheel->remove(*leaves);
            leaves = nullptr;
        }
        if (arms) {
            arms->arm();
            arms = nullptr;
        }
    }
};
using Sinks = std::vector<std::unique_ptr<CountingSink>>;

struct FlushBench {
    TimerQueue timers;
    FlushHub hub;
    bool is_wall_still = false;  // then no window of the pace ends, and intervals stay as they are

    explicit FlushBench(Duration latency_max = Duration{400}) : hub(reset(timers), latency_max, kClocks) {}
    static TimerQueue& reset(TimerQueue& queue) {
        wall_us = cpu_us = 0;
        return queue;
    }
    // Makes `count` sinks on the wheel, which have had their first visit.
    Sinks sinks_on(FlushWheel& wheel, int count) {
        Sinks sinks;
        for (int i = 0; i < count; ++i) {
            sinks.push_back(std::make_unique<CountingSink>());
            sinks.back()->wheel = &wheel;
            wheel.add(*sinks.back());
        }
        run(Duration{1000});
        for (auto& sink : sinks) {
            sink->visits = 0;
            sink->times.clear();
        }
        return sinks;
    }
    // Moves the clock from one due timer to the next; the wall clock follows, as far as visits have not moved
    // it already.
    void run(Duration by) {
        const TimePoint until = timers.now() + by;
        turn();
        while (const auto due = timers.next_due()) {
            if (*due > until) break;
            step_to(*due);
            turn();
        }
        step_to(until);
    }
    // Lets the interval become as long as the wheel's latency, to stay there.
    void keep_interval_of(const FlushWheel& wheel) {
        for (int i = 0; i < 20; ++i) {  // windows in which flushing was all there was
            wall_us += FlushPace::kWindowUs;
            hub.pace().spent_since(wall_us - FlushPace::kWindowUs);
        }
        is_wall_still = true;
        assert_true(wheel.interval() == wheel.latency());
    }
    void turn() { timers.run(timers.now()); }
    void step_to(TimePoint at) {
        if (is_wall_still) return timers.set_now(at);
        wall_us = std::max<std::uint64_t>(wall_us,
                                          static_cast<std::uint64_t>(at.time_since_epoch().count()) * 1000);
        timers.set_now(std::max(at, TimePoint{Duration{static_cast<Duration::rep>(wall_us / 1000)}}));
    }
};

}  // namespace weir::test
