// Timers that are told the time.
#include "core/base/timer_queue.hpp"

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

TimePoint at(int ms) {
    return TimePoint{Duration{ms}};
}

struct Alarm {
    Alarm(TimerQueue& queue, std::string& out, char letter)
        : timer(queue, Callback<void()>::of<&Alarm::on_due>(this)), log(out), name(letter) {}
    void on_due() noexcept {
        log += name;
        if (again > Duration{-1}) timer.start(std::exchange(again, Duration{-1}));
        if (stops) stops->timer.stop();
        if (starts) starts->timer.start(Duration{0});
    }
    Timer timer;
    std::string& log;
    char name;
    Duration again{-1};  // starts itself once more
    Alarm* stops = nullptr;
    Alarm* starts = nullptr;
};

struct Waker {
    int calls = 0;
    void on_earlier() noexcept { ++calls; }
};

}  // namespace

static void all_that_are_due_fire_though_one_starts_itself_again_at_once(void**) {
    TimerQueue queue;
    std::string log;
    Alarm a{queue, log, 'a'}, b{queue, log, 'b'}, d{queue, log, 'd'};
    a.again = Duration{0};
    for (Alarm* alarm : {&a, &b, &d}) alarm->timer.start(Duration{10});
    queue.run(at(10));
    std::sort(log.begin(), log.end());
    assert_string_equal(log.c_str(), "abd");
    log.clear();
    queue.run(at(10));
    assert_string_equal(log.c_str(), "a");
}

static void timers_fire_when_they_are_due_in_order_of_time(void**) {
    TimerQueue queue;
    std::string log;
    Alarm a{queue, log, 'a'}, b{queue, log, 'b'}, c{queue, log, 'c'};
    assert_false(queue.next_due().has_value());
    b.timer.start(Duration{20});
    c.timer.start(Duration{30});
    a.timer.start(Duration{10});
    assert_true(*queue.next_due() == at(10));
    queue.run(at(9));
    assert_string_equal(log.c_str(), "");
    queue.run(at(10));
    assert_string_equal(log.c_str(), "a");
    assert_false(a.timer.is_running());
    queue.run(at(1000));
    assert_string_equal(log.c_str(), "abc");
    assert_false(queue.next_due().has_value());
}

static void a_timer_that_is_stopped_or_gone_does_not_fire(void**) {
    TimerQueue queue;
    std::string log;
    Alarm a{queue, log, 'a'};
    a.timer.stop();
    {
        Alarm b{queue, log, 'b'};
        b.timer.start(Duration{5});
        a.timer.start(Duration{10});
    }
    assert_true(*queue.next_due() == at(10));
    a.timer.stop();
    a.timer.stop();
    queue.run(at(100));
    assert_string_equal(log.c_str(), "");
}

static void starting_again_moves_it(void**) {
    TimerQueue queue;
    std::string log;
    Alarm a{queue, log, 'a'};
    a.timer.start(Duration{10});
    queue.run(at(5));
    a.timer.start(Duration{10});
    queue.run(at(14));
    assert_string_equal(log.c_str(), "");
    a.timer.start_at(at(14));
    queue.run(at(14));
    assert_string_equal(log.c_str(), "a");
}

static void a_timer_started_by_a_callback_fires_in_the_next_run(void**) {
    TimerQueue queue;
    std::string log;
    Alarm a{queue, log, 'a'};
    a.again = Duration{0};
    a.timer.start(Duration{1});
    queue.run(at(1));
    assert_string_equal(log.c_str(), "a");
    assert_true(*queue.next_due() == at(1));
    queue.run(at(1));
    assert_string_equal(log.c_str(), "aa");
}

static void a_callback_may_stop_another_that_is_due(void**) {
    TimerQueue queue;
    std::string log;
    Alarm a{queue, log, 'a'}, b{queue, log, 'b'}, c{queue, log, 'c'};
    a.stops = &b;
    a.timer.start(Duration{1});
    b.timer.start(Duration{2});
    c.timer.start(Duration{3});
    queue.run(at(3));
    assert_string_equal(log.c_str(), "ac");
}

static void time_does_not_run_backwards(void**) {
    TimerQueue queue;
    queue.set_now(at(50));
    queue.set_now(at(40));
    assert_true(queue.now() == at(50));
    queue.run(at(45));
    assert_true(queue.now() == at(50));
}

static void whoever_drives_it_is_told_when_it_must_wake_up_earlier(void**) {
    TimerQueue queue;
    Waker waker;
    queue.on_earlier(Callback<void()>::of<&Waker::on_earlier>(&waker));
    std::string log;
    Alarm a{queue, log, 'a'}, b{queue, log, 'b'}, c{queue, log, 'c'};
    a.timer.start(Duration{10});
    assert_int_equal(waker.calls, 1);
    b.timer.start(Duration{20});
    assert_int_equal(waker.calls, 1);
    c.timer.start(Duration{5});
    assert_int_equal(waker.calls, 2);
}

static void many_timers_fire_in_order_whatever_is_started_and_stopped(void**) {
    std::mt19937 random{5};
    TimerQueue queue;
    std::vector<std::unique_ptr<Alarm>> alarms;
    std::vector<int> due(300, -1);
    std::string log;
    for (int i = 0; i < 300; ++i) alarms.push_back(std::make_unique<Alarm>(queue, log, 'x'));
    int now = 0;
    for (int step = 0; step < 5000; ++step) {
        const auto i = static_cast<std::size_t>(random() % 300);
        if (random() % 4 == 0) {
            alarms[i]->timer.stop();
            due[i] = -1;
        } else {
            const int in = 1 + static_cast<int>(random() % 100);
            alarms[i]->timer.start(Duration{in});
            due[i] = now + in;
        }
        const auto soonest = std::min_element(due.begin(), due.end(), [](int a, int b) {
            return static_cast<unsigned>(a) < static_cast<unsigned>(b);
        });
        assert_int_equal(queue.next_due().has_value(), *soonest >= 0);
        if (*soonest >= 0) assert_true(*queue.next_due() == at(*soonest));
        if (random() % 10 != 0) continue;
        now += static_cast<int>(random() % 30);
        const auto fired = static_cast<std::size_t>(
            std::count_if(due.begin(), due.end(), [&](int d) { return d >= 0 && d <= now; }));
        log.clear();
        queue.run(at(now));
        assert_int_equal(log.size(), fired);
        for (int& d : due) {
            if (d <= now) d = -1;
        }
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_when_they_are_due_in_order_of_time),
        cmocka_unit_test(all_that_are_due_fire_though_one_starts_itself_again_at_once),
        cmocka_unit_test(a_timer_that_is_stopped_or_gone_does_not_fire),
        cmocka_unit_test(starting_again_moves_it),
        cmocka_unit_test(a_timer_started_by_a_callback_fires_in_the_next_run),
        cmocka_unit_test(a_callback_may_stop_another_that_is_due),
        cmocka_unit_test(time_does_not_run_backwards),
        cmocka_unit_test(whoever_drives_it_is_told_when_it_must_wake_up_earlier),
        cmocka_unit_test(many_timers_fire_in_order_whatever_is_started_and_stopped)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
