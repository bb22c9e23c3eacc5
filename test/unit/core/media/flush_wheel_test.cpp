// Each sink once per interval, spread over it, early where much is pending, nothing while nothing is new.
#include "core/media/flush_wheel.hpp"

#include <set>

#include "test/support/cmocka.hpp"
#include "test/unit/core/media/flush_bench.hpp"

using namespace weir;
using namespace weir::test;

namespace {

constexpr std::size_t kEarly = FlushPace::kEarlyBytes;

// A wheel whose interval stays what it is.
struct Bench : FlushBench {
    FlushWheel wheel;

    explicit Bench(Duration interval = FlushPace::kShortest) : wheel(hub, interval) {
        keep_interval_of(wheel);
    }
    // Runs with `bytes` more each `every`.
    void live(Duration span, Duration every, std::size_t bytes) {
        for (Duration at{0}; at < span; at += every) {
            wheel.arm(bytes);
            run(every);
        }
    }
};

int total(const Sinks& sinks) {
    int sum = 0;
    for (const auto& sink : sinks) sum += sink->visits;
    return sum;
}

}  // namespace

static void each_sink_is_visited_once_after_it_was_armed(void**) {
    Bench bench;
    Sinks sinks = bench.sinks_on(bench.wheel, 100);
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
    Bench bench;
    CountingSink sink;
    bench.wheel.arm();
    assert_false(bench.timers.next_due().has_value());  // nobody to visit
    bench.wheel.add(sink);
    assert_true(bench.timers.next_due().has_value());
    bench.run(Duration{1000});
    assert_int_equal(sink.visits, 1);
    assert_false(bench.timers.next_due().has_value());
    bench.wheel.arm(0);
    assert_false(bench.timers.next_due().has_value());
    bench.wheel.remove(sink);
    bench.wheel.arm();
    assert_false(bench.timers.next_due().has_value());
}

static void the_last_sink_to_leave_stops_it(void**) {
    Bench bench;
    {
        Sinks sinks = bench.sinks_on(bench.wheel, 1);
        bench.wheel.arm();
        assert_true(bench.timers.next_due().has_value());
        assert_int_equal(bench.wheel.size(), 1);
    }
    assert_int_equal(bench.wheel.size(), 0);
    assert_false(bench.timers.next_due().has_value());
}

static void after_a_pause_nobody_waits_longer_than_an_interval_and_the_first_not_at_all(void**) {
    Bench bench{Duration{100}};
    Sinks sinks = bench.sinks_on(bench.wheel, 320);
    const std::int64_t now = bench.timers.now().time_since_epoch().count();
    bench.wheel.arm();
    bench.run(Duration{100});
    for (int i = 0; i < 320; ++i) {
        assert_int_equal(sinks[static_cast<std::size_t>(i)]->visits, 1);
        assert_int_equal(sinks[static_cast<std::size_t>(i)]->times[0] - now, 10 * (i / 32));
    }
}

static void armed_all_the_time_each_sink_is_visited_once_per_interval(void**) {
    for (const int interval : {5, 7, 12, 33, 50, 100, 400}) {
        for (const int count : {1, 2, 3, 31, 32, 33, 63, 64, 65, 100, 640, 700}) {
            Bench bench{Duration{interval}};
            Sinks sinks = bench.sinks_on(bench.wheel, count);
            bench.live(Duration{20 * interval}, Duration{1}, 1);
            for (const auto& sink : sinks) {
                assert_in_range(sink->visits, 20, 21);  // one at either end
                for (std::size_t i = 1; i < sink->times.size(); ++i)
                    assert_in_range(sink->times[i] - sink->times[i - 1], interval - 1, interval + 1);
            }
        }
    }
}

static void visits_are_spread_over_the_interval(void**) {
    Bench bench{Duration{100}};
    Sinks sinks = bench.sinks_on(bench.wheel, 1000);
    bench.live(bench.wheel.interval(), Duration{1}, 1);
    std::multiset<std::int64_t> times;
    for (const auto& sink : sinks) times.insert(sink->times[0]);
    for (const std::int64_t time : times) assert_int_equal(times.count(time), 50);  // 20 times 5 ms
}

static void few_sinks_are_visited_together(void**) {
    for (const int visits : {1, 2, 5}) {
        Bench bench{Duration{100}};
        Sinks sinks = bench.sinks_on(bench.wheel, visits * 32 + 31);
        bench.run(Duration{100});
        int ticks = 0;
        for (int ms = 0; ms < 1000; ++ms) {
            bench.wheel.arm();
            const int before = total(sinks);
            bench.run(Duration{1});
            ticks += total(sinks) > before;
        }
        assert_in_range(ticks, 10 * visits, 10 * visits + 1);
    }
}

static void who_has_much_pending_is_visited_at_once(void**) {
    Bench bench{Duration{400}};
    Sinks sinks = bench.sinks_on(bench.wheel, 1);
    CountingSink& sink = *sinks[0];
    bench.wheel.arm(1);
    bench.run(Duration{1});
    assert_int_equal(sink.visits, 1);
    bench.wheel.arm(kEarly - 1);
    bench.run(Duration{50});
    assert_int_equal(sink.visits, 1);
    bench.wheel.arm(1);
    bench.run(Duration{0});
    assert_int_equal(sink.visits, 2);
    bench.run(Duration{1000});
    assert_int_equal(sink.visits, 2);
}

// 1 MB/s: 24 KiB are there each 24.6 ms, however long the interval.
static void a_fast_channel_is_written_in_pieces_of_that_size(void**) {
    for (const int count : {1, 20, 500}) {
        Bench bench{Duration{400}};
        Sinks sinks = bench.sinks_on(bench.wheel, count);
        bench.live(Duration{492}, Duration{1}, 1000);
        for (const auto& sink : sinks) {
            assert_in_range(sink->visits, 16, 22);
            for (std::size_t i = 1; i < sink->times.size(); ++i)
                assert_true(sink->times[i] - sink->times[i - 1] <= 25 + FlushPace::kShortest.count());
        }
    }
}

static void however_fast_it_comes_nobody_is_visited_more_often_than_each_five_milliseconds(void**) {
    for (const int count : {1, 20, 500}) {
        Bench bench{Duration{400}};
        Sinks sinks = bench.sinks_on(bench.wheel, count);
        bench.live(Duration{300}, Duration{1}, kEarly);
        for (const auto& sink : sinks) {
            assert_in_range(sink->visits, 59, 70);
            int early = 0;
            for (std::size_t i = 1; i < sink->times.size(); ++i) {
                assert_true(sink->times[i] - sink->times[i - 1] <= 5);
                early += sink->times[i] - sink->times[i - 1] < 5;
            }
            assert_true(early <= 2);  // its turn came meanwhile
        }
    }
}

static void a_slow_channel_is_not_visited_earlier_for_it(void**) {
    Bench bench{Duration{100}};
    Sinks sinks = bench.sinks_on(bench.wheel, 50);
    bench.live(Duration{399}, Duration{7}, 875);  // 1 Mbit/s
    for (const auto& sink : sinks) assert_int_equal(sink->visits, 4);
}

static void when_all_are_due_the_loop_gets_its_turn_in_between(void**) {
    Bench bench{Duration{400}};
    Sinks sinks = bench.sinks_on(bench.wheel, 1000);
    for (auto& sink : sinks) sink->cost_us = 20;
    bench.wheel.arm(10 * kEarly);
    int turns = 0;
    while (total(sinks) < 1000) {
        const std::uint64_t began = wall_us;
        bench.turn();
        assert_true(wall_us - began <= FlushHub::kTurnUs + 16 * 20);
        ++turns;
    }
    assert_in_range(turns, 8, 11);
    for (const auto& sink : sinks) assert_int_equal(sink->visits, 1);
}

static void a_loop_that_is_late_does_not_catch_up(void**) {
    Bench bench{Duration{100}};
    Sinks sinks = bench.sinks_on(bench.wheel, 640);  // 20 times 32
    bench.wheel.arm();
    bench.run(Duration{10});
    const int before = total(sinks);
    bench.step_to(bench.timers.now() + Duration{50});
    bench.turn();
    assert_int_equal(total(sinks), before + 32);
    bench.turn();
    assert_in_range(total(sinks), before + 32, before + 64);
}

static void a_sink_may_leave_in_its_own_visit(void**) {
    Bench bench;
    CountingSink a, b, c;
    for (auto* sink : {&a, &b, &c}) {
        sink->wheel = &bench.wheel;
        bench.wheel.add(*sink);
    }
    bench.run(Duration{100});
    b.leaves = &b;
    for (int armed = 0; armed < 2; ++armed) {
        bench.wheel.arm();
        bench.run(Duration{100});
    }
    assert_int_equal(a.visits, 3);
    assert_int_equal(b.visits, 2);
    assert_int_equal(c.visits, 3);
}

static void a_sink_may_leave_in_another_ones_visit(void**) {
    constexpr std::size_t kSinks = 12;
    for (std::size_t leaver = 0; leaver < kSinks; ++leaver) {
        for (std::size_t leaving = 0; leaving < kSinks; ++leaving) {
            if (leaving == leaver) continue;
            Bench bench;
            Sinks sinks = bench.sinks_on(bench.wheel, kSinks);
            sinks[leaver]->leaves = sinks[leaving].get();
            bench.wheel.arm();
            bench.run(Duration{100});
            assert_int_equal(bench.wheel.size(), kSinks - 1);
            for (std::size_t i = 0; i < kSinks; ++i) {
                if (i == leaving)
                    assert_int_equal(sinks[i]->visits, leaving < leaver ? 1 : 0);
                else
                    assert_int_equal(sinks[i]->visits, 1);
            }
            bench.wheel.arm();
            bench.run(Duration{100});
            for (std::size_t i = 0; i < kSinks; ++i) {
                if (i != leaving) assert_int_equal(sinks[i]->visits, 2);
            }
        }
    }
}

static void the_last_ones_may_leave_in_a_visit(void**) {
    Bench bench;
    Sinks sinks = bench.sinks_on(bench.wheel, 1);
    sinks[0]->leaves = sinks[0].get();
    bench.wheel.arm();
    bench.run(Duration{100});
    assert_int_equal(bench.wheel.size(), 0);
    assert_false(bench.timers.next_due().has_value());
}

static void what_a_visit_arms_is_visited_after_it(void**) {
    for (std::size_t armer = 0; armer < 16; ++armer) {
        Bench bench;
        Sinks sinks = bench.sinks_on(bench.wheel, 16);
        sinks[armer]->arms = &bench.wheel;
        bench.wheel.arm();
        bench.run(Duration{1000});
        for (std::size_t i = 0; i < 16; ++i) assert_int_equal(sinks[i]->visits, i <= armer ? 2 : 1);
        assert_false(bench.timers.next_due().has_value());
    }
}

static void costly_visits_widen_the_interval(void**) {
    FlushBench bench;
    FlushWheel wheel{bench.hub, Duration{100}};
    Sinks sinks = bench.sinks_on(wheel, 16);
    for (auto& sink : sinks) sink->cost_us = 100;
    for (int ms = 0; ms < 10'000; ++ms) {
        wheel.arm();
        bench.run(Duration{1});
    }
    assert_in_range(wheel.interval().count(), 30, 34);  // 1.6 ms a turn
}

// A packet each 50 ms, and a turn that is over within a fraction of a millisecond.
static void a_loop_that_idles_between_packets_is_not_busy(void**) {
    FlushBench bench;
    FlushWheel wheel{bench.hub, Duration{100}};
    Sinks sinks = bench.sinks_on(wheel, 1);
    sinks[0]->cost_us = 20;
    for (int i = 0; i < 100; ++i) {
        bench.run(Duration{50});
        wall_us += 30;  // the packet's own work
        cpu_us += 30;
        wheel.arm();
        assert_int_equal(wheel.interval().count(), 5);
    }
}

static void a_busy_loop_widens_the_interval_and_an_idle_one_narrows_it(void**) {
    FlushBench bench;
    FlushWheel wheel{bench.hub, Duration{50}};
    Sinks sinks = bench.sinks_on(wheel, 1);
    const auto live = [&](std::uint64_t cpu_per_ms, int ms) {
        for (int i = 0; i < ms; ++i) {
            wheel.arm();
            bench.run(Duration{1});
            cpu_us += cpu_per_ms;
        }
    };
    live(950, 10'000);
    assert_int_equal(wheel.interval().count(), 400);
    live(700, 5000);
    assert_int_equal(wheel.interval().count(), 400);
    live(300, 20'000);
    assert_int_equal(wheel.interval().count(), 5);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_sink_is_visited_once_after_it_was_armed),
        cmocka_unit_test(it_stands_still_while_nothing_is_new),
        cmocka_unit_test(the_last_sink_to_leave_stops_it),
        cmocka_unit_test(after_a_pause_nobody_waits_longer_than_an_interval_and_the_first_not_at_all),
        cmocka_unit_test(armed_all_the_time_each_sink_is_visited_once_per_interval),
        cmocka_unit_test(visits_are_spread_over_the_interval),
        cmocka_unit_test(few_sinks_are_visited_together),
        cmocka_unit_test(who_has_much_pending_is_visited_at_once),
        cmocka_unit_test(a_fast_channel_is_written_in_pieces_of_that_size),
        cmocka_unit_test(however_fast_it_comes_nobody_is_visited_more_often_than_each_five_milliseconds),
        cmocka_unit_test(a_slow_channel_is_not_visited_earlier_for_it),
        cmocka_unit_test(when_all_are_due_the_loop_gets_its_turn_in_between),
        cmocka_unit_test(a_loop_that_is_late_does_not_catch_up),
        cmocka_unit_test(a_sink_may_leave_in_its_own_visit),
        cmocka_unit_test(a_sink_may_leave_in_another_ones_visit),
        cmocka_unit_test(the_last_ones_may_leave_in_a_visit),
        cmocka_unit_test(what_a_visit_arms_is_visited_after_it),
        cmocka_unit_test(costly_visits_widen_the_interval),
        cmocka_unit_test(a_loop_that_idles_between_packets_is_not_busy),
        cmocka_unit_test(a_busy_loop_widens_the_interval_and_an_idle_one_narrows_it)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
