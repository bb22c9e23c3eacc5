// Each sink once per interval, nothing while nothing is new, and how long the interval is.
#include "core/media/flush_wheel.hpp"

#include <memory>
#include <vector>

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

std::uint64_t wall_us = 0;
std::uint64_t cpu_us = 0;
constexpr WheelClocks kClocks{.wall = [] { return wall_us; }, .cpu = [] { return cpu_us; }};

struct CountingSink final : Sink {
    int visits = 0;
    std::uint64_t cost_us = 0;  // what a visit takes
    CountingSink* leaves = nullptr;
    FlushWheel* wheel = nullptr;
    FlushWheel* arms = nullptr;
    std::vector<std::int64_t> times;

    void flush(TimePoint now) noexcept override {
        ++visits;
        times.push_back(now.time_since_epoch().count());
        wall_us += cost_us;
        cpu_us += cost_us;
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

struct Bench {
    TimerQueue timers;
    FlushWheel wheel;
    std::uint64_t last_due_us = 0;

    explicit Bench(Duration latency = Duration{50}, Duration latency_max = Duration{400})
        : wheel(timers, FlushInterval{latency, latency_max}, kClocks) {}

    // Moves the clock from one tick to the next; the wall clock follows, as far as visits have not moved it
    // already.
    void run(Duration by) {
        const TimePoint until = timers.now() + by;
        timers.run(timers.now());
        while (const auto due = timers.next_due()) {
            if (*due > until) break;
            step_to(*due);
            timers.run(timers.now());
        }
        step_to(until);
    }
    void step_to(TimePoint at) {
        wall_us = std::max<std::uint64_t>(wall_us,
                                          static_cast<std::uint64_t>(at.time_since_epoch().count()) * 1000);
        timers.set_now(std::max(at, TimePoint{Duration{static_cast<Duration::rep>(wall_us / 1000)}}));
    }
};

void reset_clocks() {
    wall_us = cpu_us = 0;
}

}  // namespace

static void each_sink_is_visited_once_after_it_was_armed(void**) {
    reset_clocks();
    Bench bench;
    std::vector<std::unique_ptr<CountingSink>> sinks;
    for (int i = 0; i < 100; ++i) {
        sinks.push_back(std::make_unique<CountingSink>());
        bench.wheel.add(*sinks.back());
    }
    bench.run(Duration{1000});
    for (auto& sink : sinks) sink->visits = 0;
    for (int armed = 1; armed < 5; ++armed) {
        bench.wheel.arm();
        bench.wheel.arm();
        bench.run(bench.wheel.interval());
        for (const auto& sink : sinks) assert_int_equal(sink->visits, armed);
        bench.run(Duration{1000});
        for (const auto& sink : sinks) assert_int_equal(sink->visits, armed);
    }
    assert_int_equal(bench.wheel.size(), 100);
}

static void it_stands_still_while_nothing_is_new(void**) {
    reset_clocks();
    Bench bench;
    CountingSink sink;
    bench.wheel.arm();
    assert_false(bench.timers.next_due().has_value());  // nobody to visit
    bench.wheel.add(sink);
    assert_true(bench.timers.next_due().has_value());
    bench.run(Duration{1000});
    assert_int_equal(sink.visits, 1);
    assert_false(bench.timers.next_due().has_value());
    bench.wheel.remove(sink);
    bench.wheel.arm();
    assert_false(bench.timers.next_due().has_value());
}

static void the_last_sink_to_leave_stops_it(void**) {
    reset_clocks();
    Bench bench;
    {
        CountingSink sink;
        bench.wheel.add(sink);
        assert_int_equal(bench.wheel.size(), 1);
    }
    assert_int_equal(bench.wheel.size(), 0);
    assert_false(bench.timers.next_due().has_value());
}

static void a_newcomer_waits_one_interval_at_most(void**) {
    reset_clocks();
    Bench bench;
    std::vector<std::unique_ptr<CountingSink>> sinks;
    for (int i = 0; i < 40; ++i) {
        sinks.push_back(std::make_unique<CountingSink>());
        bench.wheel.add(*sinks.back());
        bench.run(bench.wheel.interval());
        assert_true(sinks.back()->visits >= 1);
        bench.run(Duration{i});
    }
}

static void armed_all_the_time_each_sink_is_visited_once_per_interval(void**) {
    reset_clocks();
    Bench bench;
    std::vector<std::unique_ptr<CountingSink>> sinks;
    for (int i = 0; i < 33; ++i) {
        sinks.push_back(std::make_unique<CountingSink>());
        bench.wheel.add(*sinks.back());
    }
    for (int ms = 0; ms < 500; ++ms) {
        bench.wheel.arm();
        bench.run(Duration{1});
    }
    for (const auto& sink : sinks) {
        assert_in_range(sink->visits, 99, 102);
        for (std::size_t i = 1; i < sink->times.size(); ++i)
            assert_int_equal(sink->times[i] - sink->times[i - 1], 5);
    }
}

static void a_sink_may_leave_in_its_own_visit(void**) {
    reset_clocks();
    Bench bench;
    CountingSink a, b, c;
    for (auto* sink : {&a, &b, &c}) {
        sink->wheel = &bench.wheel;
        bench.wheel.add(*sink);
    }
    b.leaves = &b;
    bench.run(Duration{100});
    bench.wheel.arm();
    bench.run(Duration{100});
    assert_int_equal(a.visits, 2);
    assert_int_equal(b.visits, 1);
    assert_int_equal(c.visits, 2);
}

static void a_sink_may_leave_in_another_ones_visit(void**) {
    reset_clocks();
    // All pairs of 48 sinks, three to a slot: the one that leaves is before, behind, or in another slot.
    for (std::size_t leaver = 0; leaver < 48; ++leaver) {
        for (const std::size_t leaving : {(leaver + 16) % 48, (leaver + 32) % 48, (leaver + 1) % 48}) {
            Bench bench;
            std::vector<std::unique_ptr<CountingSink>> sinks;
            for (int i = 0; i < 48; ++i) {
                sinks.push_back(std::make_unique<CountingSink>());
                sinks.back()->wheel = &bench.wheel;
                bench.wheel.add(*sinks.back());
            }
            sinks[leaver]->leaves = sinks[leaving].get();
            bench.run(Duration{100});
            assert_int_equal(bench.wheel.size(), 47);
            for (std::size_t i = 0; i < 48; ++i) {
                if (i == leaving)
                    assert_true(sinks[i]->visits <= 1);
                else
                    assert_int_equal(sinks[i]->visits, 1);
            }
            bench.wheel.arm();
            bench.run(Duration{100});
            for (std::size_t i = 0; i < 48; ++i) {
                if (i != leaving) assert_int_equal(sinks[i]->visits, 2);
            }
        }
    }
}

static void what_a_visit_arms_is_visited_after_it(void**) {
    reset_clocks();
    for (std::size_t armer = 0; armer < 16; ++armer) {
        Bench bench;
        std::vector<std::unique_ptr<CountingSink>> sinks;
        for (int i = 0; i < 16; ++i) {
            sinks.push_back(std::make_unique<CountingSink>());
            bench.wheel.add(*sinks.back());
        }
        sinks[armer]->arms = &bench.wheel;
        bench.run(Duration{1000});
        // Each at least once after the armer's first visit, so the armer itself twice.
        for (std::size_t i = 0; i < 16; ++i) {
            const bool was_before = i <= armer;
            if (was_before)
                assert_int_equal(sinks[i]->visits, 2);
            else
                assert_true(sinks[i]->visits >= 1);
        }
        assert_false(bench.timers.next_due().has_value());
    }
}

static void cheap_flushing_takes_the_shortest_interval(void**) {
    FlushInterval interval{Duration{50}, Duration{400}};
    for (int i = 0; i < 20; ++i) {
        assert_int_equal(interval.get().count(), 5);
        interval.adjust(std::chrono::microseconds{250}, 0.1);
    }
}

static void the_interval_keeps_the_cost_at_five_percent_up_to_latency(void**) {
    FlushInterval interval{Duration{50}, Duration{400}};
    for (int i = 0; i < 20; ++i) interval.adjust(std::chrono::microseconds{1000}, 0.1);
    assert_int_equal(interval.get().count(), 20);  // 1 ms of 20
    for (int i = 0; i < 20; ++i) interval.adjust(std::chrono::microseconds{1'000'000}, 0.5);
    assert_int_equal(interval.get().count(), 50);
    for (int i = 0; i < 20; ++i) interval.adjust(std::chrono::microseconds{100}, 0.1);
    assert_int_equal(interval.get().count(), 5);
}

static void above_eighty_percent_it_widens_and_below_sixty_it_goes_back(void**) {
    FlushInterval interval{Duration{50}, Duration{400}};
    for (int i = 0; i < 20; ++i) interval.adjust(std::chrono::microseconds{100}, 0.80);
    assert_int_equal(interval.get().count(), 5);  // not above
    for (int i = 0; i < 30; ++i) interval.adjust(std::chrono::microseconds{100}, 0.81);
    assert_int_equal(interval.get().count(), 400);
    for (int i = 0; i < 30; ++i) interval.adjust(std::chrono::microseconds{100}, 0.60);
    assert_int_equal(interval.get().count(), 400);  // not below
    for (int i = 0; i < 30; ++i) interval.adjust(std::chrono::microseconds{100}, 0.59);
    assert_int_equal(interval.get().count(), 5);
}

static void a_latency_below_the_shortest_interval_counts_as_the_shortest(void**) {
    FlushInterval interval{Duration{1}, Duration{0}};
    interval.adjust(std::chrono::microseconds{100'000}, 0.99);
    assert_int_equal(interval.get().count(), FlushInterval::kShortest.count());
}

static void one_odd_turn_moves_it_half_way_only(void**) {
    FlushInterval interval{Duration{50}, Duration{400}};
    interval.adjust(std::chrono::microseconds{1'000'000}, 0.1);
    assert_in_range(interval.get().count(), 27, 28);
}

static void costly_visits_widen_the_wheels_interval(void**) {
    reset_clocks();
    Bench bench;
    std::vector<std::unique_ptr<CountingSink>> sinks;
    for (int i = 0; i < 16; ++i) {
        sinks.push_back(std::make_unique<CountingSink>());
        sinks.back()->cost_us = 100;
        bench.wheel.add(*sinks.back());
    }
    for (int i = 0; i < 400; ++i) {
        bench.wheel.arm();
        bench.run(Duration{5});
    }
    assert_in_range(bench.wheel.interval().count(), 30, 34);  // 1.6 ms a turn
}

// A packet each 50 ms, and a turn that is over within a fraction of a millisecond: a loop that idles the
// rest.
static void a_loop_that_idles_between_packets_is_not_busy(void**) {
    reset_clocks();
    Bench bench;
    CountingSink sink;
    sink.cost_us = 20;
    bench.wheel.add(sink);
    for (int i = 0; i < 100; ++i) {
        bench.run(Duration{50});
        wall_us += 30;  // the packet's own work
        cpu_us += 30;
        bench.wheel.arm();
        assert_int_equal(bench.wheel.interval().count(), 5);
    }
}

static void a_busy_loop_widens_the_interval_and_an_idle_one_narrows_it(void**) {
    reset_clocks();
    Bench bench;
    CountingSink sink;
    bench.wheel.add(sink);
    const auto live = [&](std::uint64_t cpu_per_ms, int ms) {
        for (int i = 0; i < ms; ++i) {
            bench.wheel.arm();
            bench.run(Duration{1});
            cpu_us += cpu_per_ms;
        }
    };
    live(950, 10'000);
    assert_int_equal(bench.wheel.interval().count(), 400);
    live(700, 5000);
    assert_int_equal(bench.wheel.interval().count(), 400);
    live(300, 10'000);
    assert_int_equal(bench.wheel.interval().count(), 5);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_sink_is_visited_once_after_it_was_armed),
        cmocka_unit_test(it_stands_still_while_nothing_is_new),
        cmocka_unit_test(the_last_sink_to_leave_stops_it),
        cmocka_unit_test(a_newcomer_waits_one_interval_at_most),
        cmocka_unit_test(armed_all_the_time_each_sink_is_visited_once_per_interval),
        cmocka_unit_test(a_sink_may_leave_in_its_own_visit),
        cmocka_unit_test(a_sink_may_leave_in_another_ones_visit),
        cmocka_unit_test(what_a_visit_arms_is_visited_after_it),
        cmocka_unit_test(cheap_flushing_takes_the_shortest_interval),
        cmocka_unit_test(the_interval_keeps_the_cost_at_five_percent_up_to_latency),
        cmocka_unit_test(above_eighty_percent_it_widens_and_below_sixty_it_goes_back),
        cmocka_unit_test(a_latency_below_the_shortest_interval_counts_as_the_shortest),
        cmocka_unit_test(one_odd_turn_moves_it_half_way_only),
        cmocka_unit_test(costly_visits_widen_the_wheels_interval),
        cmocka_unit_test(a_loop_that_idles_between_packets_is_not_busy),
        cmocka_unit_test(a_busy_loop_widens_the_interval_and_an_idle_one_narrows_it)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
