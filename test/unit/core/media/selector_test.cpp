// What holds of the Selector beside its rows (selector_rows_test.cpp): bounds over hours, pauses, single
// answers, and whatever sources do.
#include "core/media/selector.hpp"

#include <cstdlib>
#include <new>

#include "test/unit/core/media/selector_world.hpp"

using namespace weir;
using namespace weir::test;

// Not inlined: g++ 12 would take what it sees for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    std::abort();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace {

// R10: the actions of an hour without a source, and nothing allocated for them.
void an_hour_without_a_source_costs_a_bounded_number_of_dials_and_no_memory(void**) {
    for (const char* text :
         {"A: ok 30:ref", "A: ok 30:404 | B: 404", "A: ok 30:filler | B: hang | C: flap"}) {
        World world{origins_of(text), {}, 7};
        world.quiet = true;
        world.run(kStart + Duration{3'630'000});
        assert_true(world.dials > 100);
        assert_true(world.dials < 1460);
        assert_int_equal(world.allocated, 0);
    }
}

// R11 with pauses drawn at random.
void a_flapping_source_is_contacted_less_than_25_times_in_5_minutes(void**) {
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
        World world{origins_of("A: flap"), {}, seed * 2654435761U};
        world.quiet = true;
        world.run(kStart + Duration{300'000});
        assert_in_range(world.dials, 12, 24);
    }
}

void pauses_are_drawn_from_half_to_the_whole(void**) {
    Duration least{10'000}, most{0};
    for (std::uint32_t seed = 1; seed <= 500; ++seed) {
        World world{origins_of("A: ref"), {}, seed * 2654435761U};
        world.run(kStart + Duration{50});
        const Duration pause = world.selector().due() - kStart;
        least = std::min(least, pause);
        most = std::max(most, pause);
    }
    assert_in_range(least.count(), 100, 105);
    assert_in_range(most.count(), 195, 200);
}

void pauses_of_nothing_still_let_the_loop_turn(void**) {
    SelectorPolicy policy;
    policy.backoff_max = Duration{0};
    World world{origins_of("A: ref"), policy};
    world.run(kStart + Duration{100});
    assert_int_equal(world.dials, 101);
}

void a_tick_that_comes_too_early_changes_nothing(void**) {
    Selector selector{{Kind::pull}, {}, {}};
    assert_int_equal(selector.start(kStart).size(), 1);
    selector.ready(0, kStart);
    selector.packet(0, Packet::sync, kStart);
    const TimePoint due = selector.due();
    assert_true(due == kStart + Duration{5001});
    assert_true(selector.tick(due - Duration{1}).empty());
    assert_true(selector.due() == due);
    assert_true(selector.on_air() == 0);
    // The loss, and no dial: the stream had not run for min_uptime.
    assert_int_equal(selector.tick(due).size(), 1);
    assert_false(selector.on_air().has_value());
}

void in_one_answer_a_link_is_let_go_before_the_next_is_dialled_and_after_another_is_on_air(void**) {
    Selector selector{{Kind::pull, Kind::pull}, {}, {}};
    selector.start(kStart);
    selector.ready(0, kStart);
    selector.packet(0, Packet::sync, kStart);
    selector.packet(0, Packet::sync, kStart + Duration{6000});
    auto now = kStart + Duration{11'001};
    auto actions = selector.tick(now);
    assert_int_equal(actions.size(), 2);
    assert_true((actions[0] == Selector::Action{Act::drop, 0, Cause::silent}));
    assert_true((actions[1] == Selector::Action{.kind = Act::dial, .source = 1}));

    selector.ready(1, now);
    selector.packet(1, Packet::sync, now);
    selector.packet(1, Packet::filler, now += Duration{5001});
    selector.tick(now);  // B starves on a link that lives, and A is dialled beside it
    assert_true(selector.state(1) == State::starving);
    selector.ready(0, now);
    actions = selector.packet(0, Packet::sync, now);
    assert_int_equal(actions.size(), 2);
    assert_true((actions[0] == Selector::Action{Act::on_air, 0, Cause::silent}));
    assert_true((actions[1] == Selector::Action{Act::drop, 1, Cause::silent}));
}

// Late events of a connection that was let go, and of a source that never began.
void events_of_a_source_that_is_not_connected_change_nothing(void**) {
    Selector selector{{Kind::pull, Kind::push}, {}, {}};
    assert_int_equal(selector.start(kStart).size(), 1);
    assert_int_equal(selector.packet(1, Packet::sync, kStart).size(), 0);
    assert_int_equal(selector.lost(1, Cause::closed, kStart).size(), 0);
    assert_int_equal(selector.packet(0, Packet::sync, kStart).size(), 0);
    assert_true(selector.state(0) == State::dialling);
    assert_true(selector.lost(0, Cause::unreachable, kStart).empty());
    assert_true(selector.state(0) == State::failed);
    assert_true(selector.ready(0, kStart).empty());
    assert_true(selector.state(0) == State::failed);
    assert_true(selector.lost(0, Cause::unreachable, kStart).empty());
    assert_true(selector.state(0) == State::failed);
}

void a_channel_without_a_list_grows_by_pushes(void**) {
    Selector selector{{}, {}, {}};
    assert_true(selector.start(kStart).empty());
    assert_true(selector.phase() == Selector::Phase::closed);
    assert_true(selector.due() == kNever);
    selector.grow(2);
    selector.grow(1);
    assert_int_equal(selector.size(), 2);
    assert_true(selector.ready(1, kStart).empty());
    assert_int_equal(selector.packet(1, Packet::sync, kStart).size(), 1);
    assert_true(selector.on_air() == 1);
    selector.ready(0, kStart);
    assert_int_equal(selector.packet(0, Packet::sync, kStart).size(), 1);
    assert_true(selector.on_air() == 0);
}

// Any list, any policy, sources that do anything. What must hold at each event the world asserts by itself:
// never two connections of one source, on air only by the source's own sync packet, no link that brings
// fillers closed while it is the only one, no timer in the past, no packet without a connection.
class Dice {
  public:
    explicit Dice(std::uint32_t seed) : state_(seed * 2654435761U | 1) {}
    std::uint32_t below(std::uint32_t n) {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::uint32_t>(state_ >> 33) % n;
    }

  private:
    std::uint64_t state_;
};

constexpr Doing kPullDoings[] = {Doing::ok,    Doing::ref,  Doing::status, Doing::silent, Doing::filler,
                                 Doing::hang,  Doing::dumb, Doing::flap,   Doing::slow,   Doing::nosync,
                                 Doing::close, Doing::end,  Doing::again};
constexpr Doing kPushDoings[] = {Doing::ok,     Doing::away,  Doing::silent, Doing::filler,
                                 Doing::nosync, Doing::close, Doing::end,    Doing::again};

SelectorPolicy any_policy(Dice& dice) {
    SelectorPolicy policy;
    if (dice.below(2)) policy.failover_on = SelectorPolicy::FailoverOn::article;
    policy.failback = static_cast<SelectorPolicy::Failback>(dice.below(3));
    policy.failback_after = Duration{dice.below(20'000)};
    if (dice.below(2)) policy.hold = Duration{dice.below(30'000)};
    policy.end_with_source = dice.below(2) == 0;
    if (dice.below(4) == 0) policy.stall_timeout = Duration{1000 + dice.below(60'000)};
    if (dice.below(4) == 0)
        policy.backoff_max = policy.refused_backoff_max = Duration{dice.below(3000) + 100};
    return policy;
}

constexpr Duration kUnrest{120'000};

std::vector<Origin> any_origins(Dice& dice) {
    std::vector<Origin> origins(1 + dice.below(5));
    for (auto& o : origins) {
        constexpr Kind kKinds[] = {Kind::pull, Kind::pull, Kind::pull, Kind::push, Kind::local, Kind::fill};
        o.kind = kKinds[dice.below(std::size(kKinds))];
        o.standby = dice.below(3) == 0;
        for (Duration at{dice.below(3) * 1000}; at < kUnrest; at += Duration{1 + dice.below(20'000)}) {
            const auto what = o.kind == Kind::pull ? kPullDoings[dice.below(std::size(kPullDoings))]
                                                   : kPushDoings[dice.below(std::size(kPushDoings))];
            o.plan.push_back({kStart + at, what});
        }
    }
    return origins;
}

void whatever_sources_do_the_invariants_hold(void**) {
    for (std::uint32_t seed = 1; seed <= 6000; ++seed) {
        Dice dice{seed};
        auto origins = any_origins(dice);
        const auto policy = any_policy(dice);
        // In the end one pull accepts and streams, whatever the others go on doing.
        const auto good = dice.below(static_cast<std::uint32_t>(origins.size()));
        origins[good].kind = Kind::pull;
        origins[good].plan.push_back({kStart + kUnrest, Doing::ok});
        const std::size_t sources = origins.size();
        World world{std::move(origins), policy, seed};
        world.quiet = true;
        world.measured_from = kStart + kUnrest;
        world.run(kStart + kUnrest + Duration{600'000});
        assert_true(world.most_actions <= 4 * sources + 4);
        assert_int_equal(world.allocated, 0);
        // With the article's rule a source whose answers refuse is asked for ever.
        if (policy.failover_on == SelectorPolicy::FailoverOn::article) continue;
        // One walk past all the others, each as slow as it can be, a stream of theirs that starves, a pause.
        const Duration each = 3 * policy.connect_timeout + 2 * policy.stall_timeout + Duration{2000};
        const Duration most = each * (sources + 1) + policy.refused_backoff_max;
        if (world.longest_gap > most) print_error("seed %u\n", seed);
        assert_true(world.longest_gap <= most);
    }
}

// The same without a world: events in any order, also those that no connection would bring.
void no_order_of_events_breaks_it(void**) {
    for (std::uint32_t seed = 1; seed <= 3000; ++seed) {
        Dice dice{seed};
        std::vector<Selector::Entry> kinds(1 + dice.below(5), Kind::push);
        for (auto& entry : kinds) entry = {static_cast<Kind>(dice.below(4)), dice.below(2) == 0};
        std::vector<bool> dialled(kinds.size()), holds(kinds.size());
        Selector selector{kinds, any_policy(dice), {}};
        auto now = kStart;
        for (int n = 0; n < 500; ++n) {
            const std::size_t i = dice.below(static_cast<std::uint32_t>(kinds.size()));
            const auto event = dice.below(7);
            Selector::Actions actions;
            if (event == 0) actions = selector.start(now);
            if (event == 1) holds[i] = false, actions = selector.ready(i, now);
            if (event == 2) holds[i] = true;
            if (event == 2) actions = selector.packet(i, Packet::sync, now);
            if (event == 3) actions = selector.packet(i, dice.below(2) ? Packet::media : Packet::filler, now);
            if (event == 4)
                dialled[i] = holds[i] = false,
                actions = selector.lost(i, static_cast<Cause>(dice.below(4)), now);
            if (event == 5) now += Duration{dice.below(3000)};
            if (event == 6) {
                if (selector.due() < kNever && dice.below(2)) now = std::max(now, selector.due());
                actions = selector.tick(now);
                assert_true(selector.due() > now);
            }
            assert_true(actions.size() <= 4 * kinds.size() + 4);
            for (const auto& action : actions) {
                assert_true(action.source < kinds.size());
                if (action.kind == Act::on_air) {
                    assert_true(holds[action.source]);
                    assert_true(kinds[action.source].kind != Kind::fill ||
                                (event == 2 && action.source == i));
                }
                if (action.kind == Act::drop) dialled[action.source] = holds[action.source] = false;
                if (action.kind != Act::dial) continue;
                assert_true(kinds[action.source].kind == Kind::pull);
                assert_false(dialled[action.source]);
                dialled[action.source] = true;
            }
            const auto on_air = selector.on_air();
            if (on_air) {
                const auto state = selector.state(*on_air);
                assert_true(state == State::live || state == State::starving);
            }
        }
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_without_a_source_costs_a_bounded_number_of_dials_and_no_memory),
        cmocka_unit_test(a_flapping_source_is_contacted_less_than_25_times_in_5_minutes),
        cmocka_unit_test(pauses_are_drawn_from_half_to_the_whole),
        cmocka_unit_test(pauses_of_nothing_still_let_the_loop_turn),
        cmocka_unit_test(a_tick_that_comes_too_early_changes_nothing),
        cmocka_unit_test(
            in_one_answer_a_link_is_let_go_before_the_next_is_dialled_and_after_another_is_on_air),
        cmocka_unit_test(events_of_a_source_that_is_not_connected_change_nothing),
        cmocka_unit_test(a_channel_without_a_list_grows_by_pushes),
        cmocka_unit_test(whatever_sources_do_the_invariants_hold),
        cmocka_unit_test(no_order_of_events_breaks_it),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
