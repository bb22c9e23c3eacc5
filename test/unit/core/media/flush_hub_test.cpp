// Newcomers: the first visit comes at once, and a crowd of them lets others have their turn.
#include "core/media/flush_hub.hpp"

#include "test/support/cmocka.hpp"
#include "test/unit/core/media/flush_bench.hpp"

using namespace weir;
using namespace weir::test;

namespace {

// The interval is as long as it gets.
struct SlowBench : FlushBench {
    FlushWheel wheel{hub, Duration{400}};

    SlowBench() { keep_interval_of(wheel); }
};

}  // namespace

static void a_newcomer_is_visited_when_the_loop_comes_round(void**) {
    SlowBench bench;
    for (int there_are = 0; there_are < 50; ++there_are) {
        Sinks sinks = bench.sinks_on(bench.wheel, there_are);
        for (int ms = 0; ms < 100; ms += 7) {
            bench.wheel.arm(1000);
            bench.run(Duration{ms});
            const std::int64_t came = bench.timers.now().time_since_epoch().count();
            CountingSink sink;
            bench.wheel.add(sink);
            assert_int_equal(sink.visits, 0);  // not from within
            bench.run(Duration{0});
            assert_int_equal(sink.visits, 1);
            assert_int_equal(sink.times[0], came);
        }
    }
}

static void then_it_is_visited_with_the_others(void**) {
    SlowBench bench;
    Sinks sinks = bench.sinks_on(bench.wheel, 639);
    CountingSink sink;
    bench.wheel.add(sink);
    bench.run(Duration{0});
    bench.wheel.arm(1000);
    bench.run(Duration{379});
    assert_int_equal(sink.visits, 1);
    bench.run(Duration{21});
    assert_int_equal(sink.visits, 2);
    for (const auto& one : sinks) assert_int_equal(one->visits, 1);
}

static void it_is_not_visited_again_while_nothing_is_new(void**) {
    SlowBench bench;
    CountingSink sink;
    bench.wheel.add(sink);
    bench.run(Duration{0});
    assert_false(bench.timers.next_due().has_value());
    assert_int_equal(sink.visits, 1);
}

static void a_crowd_is_visited_for_two_milliseconds_a_turn(void**) {
    SlowBench bench;
    Sinks sinks;
    for (int i = 0; i < 10'000; ++i) {
        sinks.push_back(std::make_unique<CountingSink>());
        sinks.back()->cost_us = 100;
        bench.wheel.add(*sinks.back());
    }
    int turns = 0;
    std::size_t visited = 0;
    while (visited < sinks.size()) {
        const std::uint64_t began = wall_us;
        bench.turn();
        assert_true(wall_us - began <= FlushHub::kTurnUs + 100);
        ++turns;
        const std::size_t before = visited;
        while (visited < sinks.size() && sinks[visited]->visits == 1) ++visited;  // in the order they came
        assert_true(visited > before);
        for (std::size_t i = visited; i < sinks.size(); ++i) assert_int_equal(sinks[i]->visits, 0);
    }
    assert_int_equal(turns, 500);
}

static void crowds_of_many_channels_share_the_turn(void**) {
    SlowBench bench;
    std::vector<std::unique_ptr<FlushWheel>> wheels;
    Sinks sinks;
    for (int i = 0; i < 1000; ++i) {
        wheels.push_back(std::make_unique<FlushWheel>(bench.hub, Duration{100}));
        sinks.push_back(std::make_unique<CountingSink>());
        sinks.back()->cost_us = 100;
        wheels.back()->add(*sinks.back());
    }
    for (int turn = 0; turn < 50; ++turn) {
        const std::uint64_t began = wall_us;
        bench.turn();
        assert_int_equal(wall_us - began, FlushHub::kTurnUs);
    }
    for (const auto& sink : sinks) assert_int_equal(sink->visits, 1);
    sinks.clear();
}

static void who_could_send_more_has_another_visit_behind_the_others(void**) {
    SlowBench bench;
    CountingSink greedy, other;
    for (CountingSink* sink : {&greedy, &other}) {
        sink->wheel = &bench.wheel;
        sink->cost_us = 1000;
        bench.wheel.add(*sink);
    }
    greedy.hurries = 3;
    bench.turn();
    assert_int_equal(greedy.visits, 1);
    assert_int_equal(other.visits, 1);
    bench.turn();
    assert_int_equal(greedy.visits, 3);
    bench.turn();
    assert_int_equal(greedy.visits, 4);
    assert_false(bench.timers.next_due().has_value());
    // The same when its wheel has come round to it.
    greedy.hurries = 1;
    bench.wheel.arm(1000);
    bench.run(Duration{1000});
    assert_int_equal(greedy.visits, 6);
    assert_int_equal(other.visits, 2);
}

static void a_newcomer_may_leave_before_its_first_visit(void**) {
    SlowBench bench;
    {
        CountingSink sink;
        bench.wheel.add(sink);
        assert_int_equal(bench.wheel.size(), 1);
    }
    assert_int_equal(bench.wheel.size(), 0);
    bench.run(Duration{1000});
}

static void a_newcomer_may_leave_in_its_own_visit_or_another_ones(void**) {
    SlowBench bench;
    CountingSink a, b, c;
    for (CountingSink* sink : {&a, &b, &c}) {
        sink->wheel = &bench.wheel;
        bench.wheel.add(*sink);
    }
    a.leaves = &b;
    c.leaves = &c;
    bench.run(Duration{0});
    assert_int_equal(a.visits, 1);
    assert_int_equal(b.visits, 0);
    assert_int_equal(c.visits, 1);
    assert_int_equal(bench.wheel.size(), 1);
}

static void what_newcomers_get_does_not_count_as_the_cost_of_flushing(void**) {
    FlushBench bench;
    FlushWheel wheel{bench.hub, Duration{100}};
    for (int i = 0; i < 100; ++i) {
        CountingSink sink;
        sink.cost_us = 20'000;
        wheel.add(sink);
        bench.run(Duration{25});
        sink.cost_us = 0;
        wheel.arm();
        bench.run(Duration{5});
        assert_int_equal(sink.visits, 2);
    }
    bench.hub.pace().spent_since(wall_us);
    // 80 % of the time was spent on them; the 5 % that are allowed were not touched.
    assert_int_equal(bench.hub.pace().interval(Duration{100}).count(), 5);
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(a_newcomer_is_visited_when_the_loop_comes_round),
                                cmocka_unit_test(then_it_is_visited_with_the_others),
                                cmocka_unit_test(it_is_not_visited_again_while_nothing_is_new),
                                cmocka_unit_test(a_crowd_is_visited_for_two_milliseconds_a_turn),
                                cmocka_unit_test(crowds_of_many_channels_share_the_turn),
                                cmocka_unit_test(who_could_send_more_has_another_visit_behind_the_others),
                                cmocka_unit_test(a_newcomer_may_leave_before_its_first_visit),
                                cmocka_unit_test(a_newcomer_may_leave_in_its_own_visit_or_another_ones),
                                cmocka_unit_test(what_newcomers_get_does_not_count_as_the_cost_of_flushing)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
