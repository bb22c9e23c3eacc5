// Attempts to connect that pass a limit for each endpoint.
#include "test/unit/core/relay/dial_limiter_world.hpp"

using namespace weir;
using namespace weir::test;

static void twenty_begin_at_once_and_no_more(void**) {
    Fixture f;
    f.ask_for(25);
    assert_int_equal(f.count(), 20);
    assert_int_equal(f.stats.dials, 20);
    assert_int_equal(f.stats.dials_waiting, 5);
    // They fail at once: that makes none begin before its time.
    for (int i = 0; i < 20; ++i) f.end(false);
    f.pass(Duration{99});
    assert_int_equal(f.starts.size(), 20);
    f.pass(Duration{1});
    assert_int_equal(f.count(), 5);
    assert_int_equal(f.stats.dials_waiting, 0);
    assert_int_equal(f.stats.dials_waiting_most, 5);
    assert_int_equal(f.stats.dials, 25);
}

static void no_second_has_more_than_a_hundred_wherever_it_begins(void**) {
    for (const int latency : {0, 1, 7, 30, 99, 100, 140, 190, 193}) {
        Fixture f;
        f.ask_for(1000);
        f.answer_all(Duration{9445}, Duration{latency}, latency % 2 == 0);
        if (latency < 100)
            assert_int_equal(f.starts.size(), 1000);  // the last begins at 9.445 s, if none is late
        f.answer_all(Duration{1000}, Duration{latency});
        assert_int_equal(f.starts.size(), 1000);
        assert_int_equal(f.most_within(Duration{100}), 20);
        assert_in_range(f.most_within(Duration{1005}), 99, 100);
        for (const Asker& a : f.askers) assert_int_equal(a.answers, 1);
    }
}

// A name server that was slow answers all of them at once: those are what counts, not when they began.
static void what_counts_is_when_they_connect(void**) {
    Fixture f;
    f.is_looking_up = true;
    f.ask_for(200);
    assert_int_equal(f.count(), 20);
    f.pass(Duration{3000});
    assert_int_equal(f.starts.size(), 0);
    f.end_lookups();
    while (!f.under_way.empty()) f.end(true);
    f.pass(Duration{99});
    assert_int_equal(f.starts.size(), 20);
    f.answer_all(Duration{3000}, Duration{0});
    assert_int_equal(f.starts.size(), 200);
    assert_int_equal(f.most_within(Duration{100}), 20);
    assert_int_equal(f.most_within(Duration{1005}), 100);
}

// Whose name is not found has had its turn, too.
static void what_never_connects_counts_when_it_ends(void**) {
    Fixture f;
    f.is_looking_up = true;
    f.ask_for(60);
    for (int i = 0; i < 20; ++i) f.end(false);
    assert_int_equal(f.count(), 0);
    f.pass(Duration{99});
    assert_int_equal(f.count(), 0);
    f.pass(Duration{1});
    assert_int_equal(f.count(), 20);
}

// A thousand with the usual timeout have their turn, though each turn of the loop is late.
static void what_a_late_loop_costs_does_not_add_up(void**) {
    Fixture f;
    f.ask_for(1000);
    for (const TimePoint until{Duration{9800}}; f.timers.now() < until;) {
        f.timers.set_now(f.timers.now() + Duration{13});
        f.turn();
        while (!f.under_way.empty()) f.end(true);
    }
    assert_int_equal(f.starts.size(), 1000);
    assert_int_equal(f.most_within(Duration{1005}), 100);
}

// Those that trickle in, a burst in the middle.
static void the_limit_holds_however_they_come(void**) {
    std::uint32_t seed = 1;
    const auto below = [&](std::uint32_t n) { return (seed = seed * 1664525 + 1013904223) / 7 % n; };
    Fixture f;
    for (int i = 0; i < 4000; ++i) {
        f.ask_for(static_cast<int>(below(40) == 0 ? below(60) : below(2)));
        f.pass(Duration{below(9)});
        assert_true(f.under_way.size() <= 20);
        while (!f.under_way.empty() && below(3) > 0)
            f.finish(*f.under_way[below(static_cast<std::uint32_t>(f.under_way.size()))], below(2) > 0);
    }
    assert_true(f.starts.size() > 1000);
    assert_int_equal(f.most_within(Duration{100}), 20);
    assert_true(f.most_within(Duration{1005}) <= 100);
}

static void no_more_than_twenty_are_under_way(void**) {
    Fixture f;
    f.ask_for(30);
    f.pass(Duration{5000});  // long after the others might have begun
    assert_int_equal(f.starts.size(), 20);
    f.end(true);
    f.end(false);
    f.askers[7].dial.reset();
    f.pass(Duration{0});
    assert_int_equal(f.starts.size(), 23);
    assert_int_equal(f.count(), 20);
}

static void first_come_first_served(void**) {
    Fixture f;
    f.ask_for(20);
    for (int i = 0; i < 40; ++i) {
        f.ask();
        f.pass(Duration{1});
    }
    f.askers[25].dial.reset();
    f.answer_all(Duration{2000}, Duration{3});
    std::vector<int> order;
    for (const Asker& a : f.askers) order.push_back(a.number);
    std::erase(order, 25);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        return f.askers[static_cast<std::size_t>(a)].done_at < f.askers[static_cast<std::size_t>(b)].done_at;
    });
    assert_true(std::is_sorted(order.begin(), order.end()));
    assert_int_equal(f.starts.size(), 59);
}

static void endpoints_never_wait_for_each_other(void**) {
    Fixture f;
    f.ask_for(500);
    for (const std::string_view other :
         {"up.example:81", "down.example:80", "192.0.2.1:80", "[2001:db8::1]:80"}) {
        f.ask_for(20, other);
        assert_int_equal(f.count(other), 20);
    }
    assert_int_equal(f.limiter.endpoints(), 5);
}

static void a_name_is_the_same_in_capital_letters(void**) {
    Fixture f;
    f.ask_for(20);
    Asker asker;
    asker.timers = &f.timers;
    // What comes from parse_address() is in lower case; others may write what they like.
    asker.dial = f.limiter.dial({.host = "UP.eXample", .port = 80, .kind = Address::Kind::name}, kTimeout,
                                Dial::OnDone::of<&Asker::on_done>(&asker));
    assert_int_equal(f.stats.dials_waiting, 1);
    assert_int_equal(f.limiter.endpoints(), 1);
}

static void to_wait_does_not_shorten_the_attempt(void**) {
    Fixture f;
    f.ask_for(20, kUp, Duration{60000});
    f.pass(Duration{9000});
    Asker& late = f.ask(kUp, Duration{3000});
    f.pass(Duration{2900});
    f.end(true);
    f.pass(Duration{0});
    assert_int_equal(f.starts.size(), 21);
    assert_int_equal(f.under_way.back()->timeout.count(), 3000);
    f.pass(Duration{2999});
    assert_int_equal(late.answers, 0);
    f.pass(Duration{1});
    assert_int_equal(late.answers, 1);
    assert_string_equal(late.error.c_str(), "up.example:80: no");
}

static void nobody_waits_longer_than_his_timeout(void**) {
    Fixture f;
    f.ask_for(20, kUp, Duration{60000});
    Asker& first = f.ask(kUp, Duration{3000});
    Asker& second = f.ask(kUp, Duration{1000});
    f.ask(kUp, Duration{4000});
    f.pass(Duration{999});
    assert_int_equal(second.answers, 0);
    f.pass(Duration{1});
    assert_int_equal(second.answers, 1);
    assert_int_equal(second.code, Errc::timed_out);
    assert_string_equal(second.error.c_str(),
                        "up.example:80: no turn to connect in 1000 ms: 20 attempts are under way and 3 wait");
    f.pass(Duration{2000});
    assert_int_equal(first.answers, 1);
    assert_int_equal(f.stats.dials_missed, 2);
    assert_int_equal(f.stats.dials_waiting, 1);
    assert_int_equal(f.stats.dials, 20);
    f.end(true);
    f.pass(Duration{0});
    assert_int_equal(f.starts.size(), 21);
}

static void who_has_waited_out_his_time_does_not_begin_in_the_same_moment(void**) {
    Fixture f;
    f.ask_for(40);
    f.pass(Duration{9999});
    // Twenty places are free in the very millisecond in which the others' time is over.
    f.timers.set_now(f.timers.now() + Duration{1});
    for (int i = 0; i < 20; ++i) f.end(true);
    f.turn();
    assert_int_equal(f.starts.size(), 20);
    for (const Asker& a : f.askers) assert_int_equal(a.answers, 1);
    assert_int_equal(f.stats.dials_missed, 20);

    // Nor after it, where the loop is late: their turn came at 100 ms, and is seen at 110.
    Fixture g;
    g.ask_for(20);
    g.ask_for(20, kUp, Duration{105});
    for (int i = 0; i < 20; ++i) g.end(true);
    g.timers.set_now(g.timers.now() + Duration{110});
    g.turn();
    assert_int_equal(g.starts.size(), 20);
    assert_int_equal(g.stats.dials_missed, 20);
}

static void who_never_answers_costs_the_waiting_no_more_than_their_own_time(void**) {
    Fixture f;
    // As a loop with much to do gets to them: a few milliseconds later each.
    for (int i = 0; i < 50; ++i) {
        f.ask_for(20);
        f.pass(Duration{1});
    }
    f.ask("other.example:80");
    f.pass(Duration{9950});
    for (int i = 0; i < 1000; ++i) {
        const Asker& a = f.askers[static_cast<std::size_t>(i)];
        assert_int_equal(a.answers, 1);
        assert_true(a.done_at - TimePoint{} <= Duration{10000});
    }
    assert_int_equal(f.stats.dials, 21);
    assert_int_equal(f.askers.back().answers, 0);
}

static void who_came_late_has_his_turn_all_the_same(void**) {
    Fixture f;
    f.ask_for(20);
    f.pass(Duration{5001});
    Asker& late = f.ask();
    f.pass(Duration{4999});
    assert_int_equal(late.answers, 0);
    assert_int_equal(f.starts.size(), 21);
    assert_int_equal(f.stats.dials_missed, 0);
}

static void one_that_was_answered_speaks_for_the_server(void**) {
    for (const bool connected : {true, false}) {
        // Half a timeout later that is of no interest any more.
        for (const int answered : {5000, 5001}) {
            Fixture f;
            f.ask_for(21);
            f.pass(Duration{3000});
            f.ask_for(5);
            f.pass(Duration{answered - 3000});
            f.end(connected);
            f.pass(Duration{9999 - answered});
            for (std::size_t i = 21; i < 26; ++i) assert_int_equal(f.askers[i].answers, 0);
            f.pass(Duration{1});  // nineteen end without an answer
            assert_int_equal(f.stats.dials_missed, answered > 5000 ? 0 : 5);
            assert_int_equal(f.starts.size(), answered > 5000 ? 26 : 21);
        }
    }
}

static void to_be_destroyed_leaves_the_queue(void**) {
    Fixture f;
    f.ask_for(100'000);
    assert_int_equal(f.stats.dials_waiting, 99'980);
    assert_int_equal(f.stats.dials_waiting_most, 99'980);
    // From everywhere in it; quadratic would be minutes.
    for (std::size_t i = 20; i < f.askers.size(); i += 2) f.askers[i].dial.reset();
    for (std::size_t i = f.askers.size() - 1; i >= 23; i -= 2) f.askers[i].dial.reset();
    assert_int_equal(f.stats.dials_waiting, 1);
    for (Asker& a : f.askers) a.dial.reset();
    assert_int_equal(f.stats.dials_waiting, 0);
    f.pass(Duration{1005});
    assert_int_equal(f.starts.size(), 20);
    assert_int_equal(f.limiter.endpoints(), 0);
    assert_false(f.log.has("wait"));
}

static void endpoints_are_forgotten(void**) {
    Fixture f;
    for (int i = 0; i < 3000; ++i) {
        f.ask("host" + std::to_string(i) + ".example:80");
        f.end(i % 2 == 0, "host" + std::to_string(i) + ".example:80");
        f.pass(Duration{1});
        assert_true(f.limiter.endpoints() <= 1005);
    }
    // What is connected is not of interest any more, though its Dial is there still.
    f.pass(Duration{1005});
    assert_int_equal(f.limiter.endpoints(), 0);
    assert_false(f.timers.next_due().has_value());
    // Where the log told of it, it is known for as long as that is not to be repeated.
    f.ask_for(60);
    f.answer_all(Duration{1000}, Duration{0});
    assert_int_equal(f.limiter.endpoints(), 1);
    f.pass(Duration{60000});
    assert_int_equal(f.limiter.endpoints(), 0);
    assert_false(f.timers.next_due().has_value());
}

static void one_line_tells_that_they_wait(void**) {
    constexpr std::string_view kLine =
        "info: up.example:80: attempts to connect wait for their turn, 980 of them so far; at most 20 are "
        "made "
        "at a time and 100 a second";
    Fixture f;
    f.ask_for(20);
    assert_true(f.log.lines.empty());
    f.answer_all(Duration{200}, Duration{0});
    for (int round = 0; round < 5; ++round) {
        f.ask_for(1000);
        f.answer_all(Duration{10000}, Duration{5});
        assert_int_equal(f.log.lines.size(), 1);
        assert_string_equal(f.log.lines[0].c_str(), std::string{kLine}.c_str());
    }
    // A minute later it is news.
    f.pass(Duration{60000});
    f.ask_for(21, "other.example:80");
    f.ask_for(21);
    f.pass(Duration{150});
    assert_int_equal(f.log.lines.size(), 3);
    assert_int_equal(f.log.count("wait for their turn, 1 of them"), 2);
}

static void a_wait_of_a_moment_is_not_told(void**) {
    Fixture f;
    f.ask_for(20);
    f.pass(Duration{1000});
    f.ask_for(5);
    f.pass(Duration{50});
    for (int i = 0; i < 5; ++i) f.end(true);
    f.pass(Duration{1000});
    assert_int_equal(f.starts.size(), 25);
    assert_true(f.log.lines.empty());
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(twenty_begin_at_once_and_no_more),
        cmocka_unit_test(no_second_has_more_than_a_hundred_wherever_it_begins),
        cmocka_unit_test(what_counts_is_when_they_connect),
        cmocka_unit_test(what_never_connects_counts_when_it_ends),
        cmocka_unit_test(what_a_late_loop_costs_does_not_add_up),
        cmocka_unit_test(the_limit_holds_however_they_come),
        cmocka_unit_test(no_more_than_twenty_are_under_way),
        cmocka_unit_test(first_come_first_served),
        cmocka_unit_test(endpoints_never_wait_for_each_other),
        cmocka_unit_test(a_name_is_the_same_in_capital_letters),
        cmocka_unit_test(to_wait_does_not_shorten_the_attempt),
        cmocka_unit_test(nobody_waits_longer_than_his_timeout),
        cmocka_unit_test(who_has_waited_out_his_time_does_not_begin_in_the_same_moment),
        cmocka_unit_test(who_never_answers_costs_the_waiting_no_more_than_their_own_time),
        cmocka_unit_test(who_came_late_has_his_turn_all_the_same),
        cmocka_unit_test(one_that_was_answered_speaks_for_the_server),
        cmocka_unit_test(to_be_destroyed_leaves_the_queue),
        cmocka_unit_test(endpoints_are_forgotten),
        cmocka_unit_test(one_line_tells_that_they_wait),
        cmocka_unit_test(a_wait_of_a_moment_is_not_told)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
