// What whoever dials may do from inside on_done, and everything at once in any order.
#include "test/unit/core/relay/dial_limiter_world.hpp"

using namespace weir;
using namespace weir::test;

static void on_done_may_destroy_its_own_dial_and_others_and_begin_anew(void**) {
    Fixture f;
    f.ask_for(30);
    struct Chaos {
        Fixture& f;
        Asker* next = nullptr;
    } chaos{f};
    const auto all = [](Asker& a) {
        auto& c = *static_cast<Chaos*>(a.with);
        const auto n = static_cast<std::size_t>(a.number);
        a.dial.reset();
        c.f.askers[n + 1].dial.reset();   // under way
        c.f.askers[n + 20].dial.reset();  // waits
        c.next = &c.f.ask();
    };
    f.askers[3].with = &chaos;
    f.askers[3].then = all;
    f.finish(*f.under_way[3], true);
    assert_int_equal(f.count(), 18);
    assert_int_equal(f.stats.dials_waiting, 10);  // one less, one more: it is the last of them
    assert_int_equal(chaos.next->answers, 0);
    f.answer_all(Duration{1000}, Duration{5});
    assert_int_equal(chaos.next->answers, 1);
    for (std::size_t i = 0; i < 30; ++i) assert_int_equal(f.askers[i].answers, i == 4 || i == 23 ? 0 : 1);
}

static void all_this_too_when_the_time_to_wait_is_over(void**) {
    Fixture f;
    f.ask_for(20, kUp, Duration{60000});
    f.ask_for(200, kUp, Duration{1000});
    struct Chaos {
        Fixture& f;
    } chaos{f};
    for (std::size_t i = 20; i < 220; i += 2) {
        f.askers[i].with = &chaos;
        f.askers[i].then = [](Asker& a) {
            auto& c = *static_cast<Chaos*>(a.with);
            const auto n = static_cast<std::size_t>(a.number);
            a.dial.reset();
            c.f.askers[n + 1].dial.reset();
            if (n >= 200) c.f.askers[n - 200].dial.reset();  // under way
            c.f.ask(kUp, Duration{500});
        };
    }
    f.pass(Duration{1000});
    // Which of those that are due together is first is not promised.
    for (std::size_t i = 0; i < 220; ++i)
        assert_int_equal(f.askers[i].answers, i >= 20 && (i % 2 == 0 || f.askers[i].answers > 0) ? 1 : 0);
    assert_int_equal(f.askers.size(), 320);
    assert_int_equal(f.count(), 20);
    assert_int_equal(f.stats.dials, 30);
    f.pass(Duration{500});
    assert_int_equal(f.count(), 10);  // those that began now had 500 ms, too
    assert_int_equal(f.stats.dials_waiting, 0);
}

// A random walk over everything at once; the sanitizers watch.
static void nothing_that_is_done_in_any_order_breaks_it(void**) {
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
        Fixture f;
        struct Dice {
            std::uint32_t state;
            Fixture& f;
            std::uint32_t below(std::uint32_t n) {
                state = state * 1664525 + 1013904223;
                return (state >> 8) % n;
            }
            Asker& any() { return f.askers[below(static_cast<std::uint32_t>(f.askers.size()))]; }
            void ask() {
                const std::string_view names[] = {kUp, "b.example:1", "c.example:2"};
                Asker& a = f.ask(names[below(3)], Duration{100 + below(3) * 1000});
                a.with = this;
                a.then = [](Asker& done) {
                    auto& dice = *static_cast<Dice*>(done.with);
                    for (auto n = dice.below(3); n > 0; --n) dice.any().dial.reset();
                    if (dice.below(4) == 0) done.dial.reset();
                    if (dice.below(3) == 0) dice.ask();
                };
            }
        } dice{seed, f};
        for (int i = 0; i < 300; ++i) {
            for (auto n = dice.below(30) == 0 ? 100 : dice.below(4); n > 0; --n) dice.ask();
            f.pass(Duration{dice.below(40) == 0 ? dice.below(2000) : dice.below(20)});
            for (auto n = dice.below(8); n > 0 && !f.under_way.empty(); --n)
                f.finish(*f.under_way[dice.below(static_cast<std::uint32_t>(f.under_way.size()))],
                         dice.below(2) == 0);
            for (const std::string_view name : {kUp, std::string_view{"b.example:1"}})
                assert_true(f.count(name) <= 20);
        }
        for (const std::string_view name : {kUp, std::string_view{"b.example:1"}}) {
            assert_true(f.most_within(Duration{100}, name) <= 20);
            assert_true(f.most_within(Duration{1005}, name) <= 100);
        }
        for (Asker& a : f.askers) {
            assert_true(a.answers <= 1);
            a.dial.reset();
        }
        assert_true(f.under_way.empty());
        assert_int_equal(f.stats.dials_waiting, 0);
        f.pass(Duration{61000});
        assert_int_equal(f.limiter.endpoints(), 0);
        assert_false(f.timers.next_due().has_value());
    }
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(on_done_may_destroy_its_own_dial_and_others_and_begin_anew),
                                cmocka_unit_test(all_this_too_when_the_time_to_wait_is_over),
                                cmocka_unit_test(nothing_that_is_done_in_any_order_breaks_it)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
