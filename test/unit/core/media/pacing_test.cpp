// When recorded packets are due, and how their times move (asf.md 7.1, 11 item 10).
#include "core/media/pacing.hpp"

#include <algorithm>
#include <vector>

// always last
#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

constexpr TimePoint kStart{Duration{1'000'000}};
constexpr std::uint32_t kPreroll = 3000;

struct Packet {
    PacketInfo info;
    std::vector<Unit> units;
};

// Objects of stream 1, each with a number of its own, presented at these times.
Packet with_objects(std::uint32_t send_time, std::vector<std::uint32_t> times, std::uint32_t duration = 40) {
    static std::uint32_t number = 0;
    Packet p{.info = {.media = true, .send_time = send_time, .duration = duration}, .units = {}};
    for (const auto time : times) {
        p.units.push_back({.stream = 1, .presentation = time, .number = number += 3});
        p.info.has_presentation = true;
    }
    if (!times.empty()) {
        p.info.presentation_first = *std::min_element(times.begin(), times.end());
        p.info.presentation_last = *std::max_element(times.begin(), times.end());
    }
    return p;
}

Packet packet(std::uint32_t send_time, std::uint32_t duration = 40) {
    return with_objects(send_time, {send_time + kPreroll}, duration);
}

Packet without_presentation(std::uint32_t send_time, std::uint32_t duration) {
    return with_objects(send_time, {}, duration);
}

struct Due {
    TimePoint at;
    std::uint32_t delta;
};

Due next(Pacing& pacing, const Packet& p, TimePoint now) {
    const auto due = pacing.next(p.info, p.units, now);
    assert_int_equal(due.move->send, due.move->presentation);
    return {.at = due.at, .delta = due.move->send};
}

void the_first_packet_is_due_at_once_and_the_others_by_their_send_times(void**) {
    Pacing pacing;
    assert_true(next(pacing, packet(5000), kStart).at == kStart);
    for (const std::uint32_t t : {5040U, 5100U, 5100U, 5700U}) {
        const auto due = next(pacing, packet(t), kStart);
        assert_true(due.at == kStart + Duration{t - 5000});
        assert_int_equal(due.delta, 0);
    }
}

void a_small_step_back_is_no_discontinuity(void**) {
    Pacing pacing;
    next(pacing, packet(2000), kStart);
    const auto back = packet(1000);
    const auto waiting = pacing.next(back.info, back.units, kStart);
    assert_int_equal(waiting.move->send, 1000);  // until the last one's time
    assert_int_equal(waiting.move->presentation, 0);
    assert_true(waiting.at == kStart);
    auto due = next(pacing, packet(2040), kStart);
    assert_int_equal(due.delta, 0);
    assert_true(due.at == kStart + Duration{40});
}

void a_pass_continues_where_the_last_one_ended(void**) {
    Pacing pacing;
    std::uint32_t expected = 100;
    for (int pass = 0; pass < 4; ++pass) {
        for (std::uint32_t n = 0; n < 5; ++n) {
            const auto due = next(pacing, packet(100 + n * 40), kStart);
            assert_int_equal(100 + n * 40 + due.delta, expected);
            assert_true(due.at == kStart + Duration{expected - 100});
            expected += 40;
        }
        pacing.restart();
    }
}

void a_duration_that_is_not_stated_is_the_smallest_step_between_packets(void**) {
    Pacing pacing;
    for (const std::uint32_t t : {0U, 100U, 120U, 200U}) next(pacing, without_presentation(t, 0), kStart);
    pacing.restart();
    assert_int_equal(next(pacing, without_presentation(0, 0), kStart).delta, 220);
}

void a_single_packet_that_says_nothing_still_takes_its_time(void**) {
    Pacing pacing;
    for (std::uint32_t pass = 0; pass < 3; ++pass) {
        const auto due = next(pacing, without_presentation(7, 0), kStart);
        assert_int_equal(due.delta, pass * Timeline::kUnknownDuration);
        assert_true(due.at == kStart + Duration{pass * Timeline::kUnknownDuration});
        pacing.restart();
    }
}

void presentation_times_do_not_go_back_where_they_reach_further_than_send_times(void**) {
    Pacing pacing;
    next(pacing, with_objects(0, {3000}), kStart);
    auto two = with_objects(40, {3040, 3500});
    two.units[1].stream = 2;
    next(pacing, two, kStart);
    next(pacing, with_objects(80, {3080}), kStart);
    pacing.restart();
    // Sent until 120; the second stream, of one object only, is seen until 3500 and the packet's duration.
    const auto due = next(pacing, with_objects(0, {3000}), kStart);
    assert_int_equal(due.delta, 540);
    assert_true(due.at == kStart + Duration{540});
}

void send_times_do_not_go_back_where_they_reach_further_than_presentation_times(void**) {
    Pacing pacing;
    next(pacing, with_objects(0, {3000}), kStart);
    next(pacing, with_objects(1000, {3010}, 500), kStart);
    pacing.restart();
    assert_int_equal(next(pacing, with_objects(0, {3000}), kStart).delta, 1500);
}

void an_object_lasts_as_long_as_the_step_in_or_between_packets(void**) {
    // Eight sounds of 46 ms in each packet, which says that it spans nothing.
    Pacing pacing;
    const auto eight = [](std::uint32_t from) {
        return with_objects(
            from, {from, from + 46, from + 92, from + 138, from + 184, from + 230, from + 276, from + 322},
            1);
    };
    next(pacing, eight(0), kStart);
    next(pacing, eight(368), kStart);
    pacing.restart();
    assert_int_equal(next(pacing, eight(0), kStart).delta, 736);
    // A picture in several packets.
    Pacing other;
    const auto part = [](std::uint32_t send_time, std::uint32_t time, bool begins) {
        auto p = with_objects(send_time, {time}, 1);
        p.units[0].begins = begins;
        return p;
    };
    next(other, part(0, 0, true), kStart);
    next(other, part(10, 0, false), kStart);
    auto two = with_objects(20, {0, 40}, 1);
    two.units[0].begins = false;
    next(other, two, kStart);
    next(other, part(30, 40, false), kStart);
    other.restart();
    assert_int_equal(next(other, part(0, 0, true), kStart).delta, 80);
}

void presentation_times_beyond_belief_do_not_move_a_pass(void**) {
    Pacing pacing;
    next(pacing, packet(0), kStart);
    next(pacing, with_objects(40, {0x40000000}), kStart);
    pacing.restart();
    assert_int_equal(next(pacing, packet(0), kStart).delta, 80);
    // The next turn no longer knows of it.
    next(pacing, packet(40), kStart);
    pacing.restart();
    assert_int_equal(next(pacing, packet(0), kStart).delta, 160);
}

void a_jump_inside_a_pass_leaves_no_gap(void**) {
    for (const std::uint32_t jump : {40U + 5001U, 40U + 3'600'000U, 40U - 1001U}) {
        Pacing pacing;
        next(pacing, packet(0), kStart);
        next(pacing, packet(40), kStart);
        const auto due = next(pacing, packet(jump), kStart);
        assert_int_equal(jump + due.delta, 80);
        assert_true(due.at == kStart + Duration{80});
        // It goes on from there.
        const auto after = next(pacing, packet(jump + 40), kStart);
        assert_int_equal(after.delta, due.delta);
        assert_true(after.at == kStart + Duration{120});
    }
    Pacing pacing;
    next(pacing, packet(0), kStart);
    assert_int_equal(next(pacing, packet(5000), kStart).delta, 0);
}

void times_wrap_inside_a_pass_and_between_passes(void**) {
    Pacing pacing;
    const std::uint32_t first = 0U - 100;
    std::uint32_t expected = first;
    for (int pass = 0; pass < 3; ++pass) {
        for (std::uint32_t n = 0; n < 5; ++n) {
            const auto due = next(pacing, packet(first + n * 40), kStart);
            assert_int_equal(first + n * 40 + due.delta, expected);
            assert_true(due.at == kStart + Duration{static_cast<std::int32_t>(expected - first)});
            expected += 40;
        }
        pacing.restart();
    }
}

void an_endless_loop_outlives_the_32_bits(void**) {
    Pacing pacing;
    // 4 s a pass: past 2^32 ms after 1 073 742 of them.
    constexpr std::int64_t kPasses = 1'100'000;
    TimePoint now = kStart;
    for (std::int64_t pass = 0; pass < kPasses; ++pass) {
        const auto due = next(pacing, packet(0, 4000), now);
        assert_true(due.at == kStart + Duration{pass * 4000});
        assert_int_equal(due.delta, static_cast<std::uint32_t>(pass * 4000));
        now = due.at;
        pacing.restart();
    }
}

void what_is_a_little_late_is_caught_up(void**) {
    Pacing pacing;
    next(pacing, packet(0), kStart);
    const auto due = next(pacing, packet(40), kStart + Duration{2040});
    assert_true(due.at == kStart + Duration{40});
    assert_true(next(pacing, packet(2080), kStart + Duration{2040}).at == kStart + Duration{2080});
}

void after_a_long_stop_the_rest_is_due_later_and_not_all_at_once(void**) {
    Pacing pacing;
    next(pacing, packet(0), kStart);
    const TimePoint late = kStart + Duration{3'600'000};
    assert_true(next(pacing, packet(40), late).at == late);
    const auto due = next(pacing, packet(80), late);
    assert_true(due.at == late + Duration{40});
    assert_int_equal(due.delta, 0);
}

void what_carries_no_media_is_due_with_the_packet_before_it_and_changes_nothing(void**) {
    Pacing pacing;
    Packet filler{.info = {.media = false, .send_time = 77}, .units = {}};
    assert_true(next(pacing, filler, kStart).at == kStart);
    const TimePoint later = kStart + Duration{500};
    next(pacing, packet(0), later);
    next(pacing, packet(40), later);
    filler.info.send_time = 123'456;
    assert_true(next(pacing, filler, later).at == later + Duration{40});
    assert_true(next(pacing, packet(80), later).at == later + Duration{80});
    pacing.restart();
    next(pacing, filler, later);
    assert_int_equal(next(pacing, packet(0), later).delta, 120);
}

void a_restart_before_the_first_packet_changes_nothing(void**) {
    Pacing pacing;
    pacing.restart();
    assert_int_equal(next(pacing, packet(100), kStart).delta, 0);
    assert_int_equal(next(pacing, packet(140), kStart).delta, 0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_first_packet_is_due_at_once_and_the_others_by_their_send_times),
        cmocka_unit_test(a_small_step_back_is_no_discontinuity),
        cmocka_unit_test(a_pass_continues_where_the_last_one_ended),
        cmocka_unit_test(a_duration_that_is_not_stated_is_the_smallest_step_between_packets),
        cmocka_unit_test(a_single_packet_that_says_nothing_still_takes_its_time),
        cmocka_unit_test(presentation_times_do_not_go_back_where_they_reach_further_than_send_times),
        cmocka_unit_test(send_times_do_not_go_back_where_they_reach_further_than_presentation_times),
        cmocka_unit_test(an_object_lasts_as_long_as_the_step_in_or_between_packets),
        cmocka_unit_test(presentation_times_beyond_belief_do_not_move_a_pass),
        cmocka_unit_test(a_jump_inside_a_pass_leaves_no_gap),
        cmocka_unit_test(times_wrap_inside_a_pass_and_between_passes),
        cmocka_unit_test(an_endless_loop_outlives_the_32_bits),
        cmocka_unit_test(what_is_a_little_late_is_caught_up),
        cmocka_unit_test(after_a_long_stop_the_rest_is_due_later_and_not_all_at_once),
        cmocka_unit_test(what_carries_no_media_is_due_with_the_packet_before_it_and_changes_nothing),
        cmocka_unit_test(a_restart_before_the_first_packet_changes_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
