// How long the flush interval is: what flushing costs, how busy the thread is, and channels of several
// latencies.
#include "core/media/flush_pace.hpp"

#include <algorithm>
#include <vector>

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

std::uint64_t wall_us = 0;
std::uint64_t cpu_us = 0;
constexpr FlushClocks kClocks{.wall = [] { return wall_us; }, .cpu = [] { return cpu_us; }};
constexpr double kCalm = 0.3;

// A worker of which each window of time is told in numbers.
struct Bench {
    FlushPace pace;

    explicit Bench(Duration latency_max = Duration{400}) : pace(start(latency_max)) {}
    static FlushPace start(Duration latency_max) {
        wall_us = cpu_us = 0;
        return {latency_max, kClocks};
    }
    // share: of the time, spent flushing. busy: of the time, spent on the processor.
    void window(double share, double busy, std::uint64_t length_us = FlushPace::kWindowUs) {
        const auto cost = static_cast<std::uint64_t>(share * static_cast<double>(length_us));
        wall_us += length_us - cost;
        cpu_us += static_cast<std::uint64_t>(busy * static_cast<double>(length_us));
        const std::uint64_t began = pace.now_us();
        wall_us += cost;
        pace.spent_since(began);
    }
    std::int64_t interval(int latency) const { return pace.interval(Duration{latency}).count(); }
};

// Channels whose flushing costs so many ms each time that it is each one's turn.
struct Crowd {
    struct Part {
        int latency;
        double turn_ms;
    };
    Bench& bench;
    std::vector<Part> parts;
    double other = 0.2;  // what else the thread has to do

    Crowd(Bench& b, std::vector<Part> p) : bench(b), parts(std::move(p)) {
        for (const Part& part : parts) bench.pace.include(Duration{part.latency});
    }
    double share() const {
        double sum = 0;
        for (const Part& part : parts)
            sum += part.turn_ms / static_cast<double>(bench.interval(part.latency));
        return sum;
    }
    void live(int windows) {
        for (int i = 0; i < windows; ++i)
            bench.window(std::min(share(), 1.0), std::min(share() + other, 1.0));
    }
};

}  // namespace

static void cheap_flushing_takes_the_shortest_interval(void**) {
    Bench bench;
    Crowd crowd{bench, {{100, 0.249}}};
    for (int i = 0; i < 20; ++i) {
        assert_int_equal(bench.interval(100), 5);
        crowd.live(1);
    }
}

static void the_interval_keeps_the_cost_at_five_percent_up_to_latency(void**) {
    Bench bench;
    Crowd crowd{bench, {{100, 1.0}}};
    crowd.live(20);
    assert_int_equal(bench.interval(100), 20);  // 1 ms of 20
    crowd.parts[0].turn_ms = 8.0;
    crowd.live(20);
    assert_int_equal(bench.interval(100), 100);
    assert_in_range(static_cast<int>(crowd.share() * 1000), 80, 80);  // more than it should be
    crowd.parts[0].turn_ms = 0.1;
    crowd.live(20);
    assert_int_equal(bench.interval(100), 5);
}

static void it_rises_to_latency_within_a_few_windows(void**) {
    Bench bench;
    Crowd crowd{bench, {{100, 20.0}}};
    crowd.live(5);
    assert_true(bench.interval(100) >= 100);  // the core was overloaded meanwhile
    crowd.live(5);
    assert_int_equal(bench.interval(100), 100);
}

static void a_channel_of_short_latency_leaves_the_waiting_to_the_others(void**) {
    Bench bench;
    Crowd crowd{bench, {{20, 0.5}, {100, 2.0}, {1000, 0.0}}};
    crowd.live(30);
    assert_int_equal(bench.interval(20), 20);       // 2.5 % of a core
    assert_in_range(bench.interval(100), 79, 81);   // and 2.5
    assert_in_range(bench.interval(1000), 79, 81);  // no longer than it need be
    assert_in_range(static_cast<int>(crowd.share() * 1000), 49, 51);
    crowd.parts[0].turn_ms = 2.0;
    crowd.live(30);
    assert_int_equal(bench.interval(20), 20);
    assert_int_equal(bench.interval(100), 100);
    assert_int_equal(bench.interval(1000), 1000);  // 10 % whatever it does
}

static void one_odd_window_moves_it_by_half_or_twice_and_no_further(void**) {
    Bench bench;
    Crowd crowd{bench, {{1000, 2.0}}};
    crowd.live(30);
    assert_int_equal(bench.interval(1000), 40);
    bench.window(1.0, kCalm);
    assert_in_range(bench.interval(1000), 79, 81);
    crowd.live(12);
    assert_in_range(bench.interval(1000), 39, 41);
    bench.window(0.0, kCalm);
    assert_in_range(bench.interval(1000), 19, 21);
    crowd.live(12);
    assert_in_range(bench.interval(1000), 39, 41);
}

static void a_window_is_a_span_of_time_however_many_visits_are_in_it(void**) {
    Bench bench;
    bench.pace.include(Duration{100});
    // 1 ms of each 5: 20 % of the time.
    for (int i = 1; i <= 50; ++i) {
        assert_int_equal(bench.interval(100), 5);
        bench.window(0.2, kCalm, 5000);
    }
    assert_int_equal(bench.interval(100), 10);
}

static void above_eighty_percent_it_widens_and_below_sixty_it_goes_back(void**) {
    Bench bench;
    bench.pace.include(Duration{50});
    for (int i = 0; i < 40; ++i) bench.window(0.0, 0.79);
    assert_int_equal(bench.interval(50), 5);  // not above
    for (int i = 0; i < 40; ++i) bench.window(0.0, 0.81);
    assert_int_equal(bench.interval(50), 400);
    for (int i = 0; i < 40; ++i) bench.window(0.0, 0.61);
    assert_int_equal(bench.interval(50), 400);  // not below
    for (int i = 0; i < 40; ++i) bench.window(0.0, 0.59);
    assert_int_equal(bench.interval(50), 5);
}

static void overloaded_by_flushing_it_widens_from_latency_on(void**) {
    Bench bench;
    Crowd crowd{bench, {{20, 5.0}, {100, 70.0}}};  // 95 % of the time
    crowd.live(40);
    assert_true(bench.interval(100) > 100);
    assert_true(bench.interval(100) <= 400);
    assert_in_range(bench.interval(100), bench.interval(20) * 5 - 3, bench.interval(20) * 5 + 3);
    crowd.parts[1].turn_ms = 1000.0;  // no interval is long enough
    crowd.live(40);
    assert_int_equal(bench.interval(100), 400);
    assert_int_equal(bench.interval(20), 400);
    crowd.parts[0].turn_ms = crowd.parts[1].turn_ms = 0.01;
    crowd.live(60);
    assert_int_equal(bench.interval(20), 5);
    assert_int_equal(bench.interval(100), 5);
}

// Whatever the load: once it has found its interval it keeps it.
static void a_steady_load_has_a_steady_interval(void**) {
    for (double turn_ms = 0.1; turn_ms < 500; turn_ms *= 1.1) {
        for (const double other : {0.0, 0.2, 0.5, 0.7}) {
            Bench bench;
            Crowd crowd{bench, {{100, turn_ms}}};
            crowd.other = other;
            crowd.live(100);
            const std::int64_t found = bench.interval(100);
            for (int i = 0; i < 100; ++i) {
                crowd.live(1);
                assert_in_range(bench.interval(100), found - 1, found + 1);
            }
        }
    }
}

static void one_busy_window_is_no_overload(void**) {
    Bench bench;
    bench.pace.include(Duration{100});
    for (int i = 0; i < 20; ++i) bench.window(0.01, 0.5);
    bench.window(0.01, 1.0);
    assert_int_equal(bench.interval(100), 5);
    bench.window(0.01, 0.5);
    assert_int_equal(bench.interval(100), 5);
}

static void a_pause_is_one_calm_window(void**) {
    Bench bench;
    Crowd crowd{bench, {{100, 1000.0}}};
    crowd.live(40);
    assert_int_equal(bench.interval(100), 400);
    bench.window(0.0, 0.0, std::uint64_t{3600} * 1'000'000);
    crowd.parts[0].turn_ms = 0.01;
    crowd.live(20);
    assert_int_equal(bench.interval(100), 5);
}

static void early_is_later_while_it_is_widened(void**) {
    Bench bench;
    bench.pace.include(Duration{100});
    assert_int_equal(bench.pace.early_bytes(), 24 << 10);
    for (int i = 0; i < 10 && bench.interval(100) == 5; ++i) bench.window(0.0, 1.0);
    assert_int_equal(bench.interval(100), 10);
    assert_int_equal(bench.pace.early_bytes(), 48 << 10);
    for (int i = 0; i < 20; ++i) bench.window(0.0, 1.0);
    assert_int_equal(bench.pace.early_bytes(), 64 << 10);
    for (int i = 0; i < 40; ++i) bench.window(0.0, kCalm);
    assert_int_equal(bench.pace.early_bytes(), 24 << 10);
}

static void a_latency_below_the_shortest_interval_counts_as_the_shortest(void**) {
    Bench bench{Duration{0}};
    bench.pace.include(Duration{1});
    for (int i = 0; i < 20; ++i) bench.window(0.5, 0.99);
    assert_int_equal(bench.interval(1), FlushPace::kShortest.count());
}

static void a_latency_above_the_longest_interval_holds_all_the_same(void**) {
    Bench bench{Duration{50}};
    Crowd crowd{bench, {{100, 50.0}}};
    crowd.live(20);
    assert_int_equal(bench.interval(100), 100);
    crowd.other = 0.9;
    crowd.live(20);
    assert_int_equal(bench.interval(100), 100);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(cheap_flushing_takes_the_shortest_interval),
        cmocka_unit_test(the_interval_keeps_the_cost_at_five_percent_up_to_latency),
        cmocka_unit_test(it_rises_to_latency_within_a_few_windows),
        cmocka_unit_test(a_channel_of_short_latency_leaves_the_waiting_to_the_others),
        cmocka_unit_test(one_odd_window_moves_it_by_half_or_twice_and_no_further),
        cmocka_unit_test(a_window_is_a_span_of_time_however_many_visits_are_in_it),
        cmocka_unit_test(above_eighty_percent_it_widens_and_below_sixty_it_goes_back),
        cmocka_unit_test(overloaded_by_flushing_it_widens_from_latency_on),
        cmocka_unit_test(a_steady_load_has_a_steady_interval),
        cmocka_unit_test(one_busy_window_is_no_overload),
        cmocka_unit_test(a_pause_is_one_calm_window),
        cmocka_unit_test(early_is_later_while_it_is_widened),
        cmocka_unit_test(a_latency_below_the_shortest_interval_counts_as_the_shortest),
        cmocka_unit_test(a_latency_above_the_longest_interval_holds_all_the_same)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
