// When recorded packets are due, and how their times move (asf.md 7.1, 11 item 10).
#include "core/media/pacing.hpp"

#include <vector>

// always last
#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

constexpr TimePoint kStart{Duration{1'000'000}};
constexpr std::uint32_t kPreroll = 3000;

// One object a packet.
PacketInfo packet(std::uint32_t send_time, std::uint32_t duration = 40) {
    return {.media = true,
            .send_time = send_time,
            .duration = duration,
            .has_presentation = true,
            .presentation_first = send_time + kPreroll,
            .presentation_last = send_time + kPreroll};
}

PacketInfo with_presentation(std::uint32_t send_time, std::uint32_t first, std::uint32_t last,
                             std::uint32_t duration = 40) {
    auto info = packet(send_time, duration);
    info.presentation_first = first;
    info.presentation_last = last;
    return info;
}

PacketInfo without_presentation(std::uint32_t send_time, std::uint32_t duration) {
    auto info = packet(send_time, duration);
    info.has_presentation = false;
    return info;
}

void the_first_packet_is_due_at_once_and_the_others_by_their_send_times(void**) {
    Pacing pacing;
    assert_true(pacing.next(packet(5000), kStart).at == kStart);
    for (const std::uint32_t t : {5040U, 5100U, 5100U, 5700U}) {
        const auto due = pacing.next(packet(t), kStart);
        assert_true(due.at == kStart + Duration{t - 5000});
        assert_int_equal(due.delta, 0);
    }
}

void a_small_step_back_is_no_discontinuity(void**) {
    Pacing pacing;
    pacing.next(packet(2000), kStart);
    auto due = pacing.next(packet(1000), kStart);
    assert_int_equal(due.delta, 0);
    assert_true(due.at == kStart - Duration{1000});
    due = pacing.next(packet(2040), kStart);
    assert_int_equal(due.delta, 0);
    assert_true(due.at == kStart + Duration{40});
}

void a_pass_continues_where_the_last_one_ended(void**) {
    Pacing pacing;
    std::uint32_t next = 100;
    for (int pass = 0; pass < 4; ++pass) {
        for (std::uint32_t n = 0; n < 5; ++n) {
            const auto due = pacing.next(packet(100 + n * 40), kStart);
            assert_int_equal(100 + n * 40 + due.delta, next);
            assert_true(due.at == kStart + Duration{next - 100});
            next += 40;
        }
        pacing.restart();
    }
}

void a_duration_that_is_not_stated_is_the_smallest_step_between_packets(void**) {
    Pacing pacing;
    for (const std::uint32_t t : {0U, 100U, 120U, 200U}) pacing.next(without_presentation(t, 0), kStart);
    pacing.restart();
    assert_int_equal(pacing.next(without_presentation(0, 0), kStart).delta, 220);
}

void a_single_packet_that_says_nothing_still_takes_its_time(void**) {
    Pacing pacing;
    for (std::uint32_t pass = 0; pass < 3; ++pass) {
        const auto due = pacing.next(without_presentation(7, 0), kStart);
        assert_int_equal(due.delta, pass * Pacing::kUnknownDuration);
        assert_true(due.at == kStart + Duration{pass * Pacing::kUnknownDuration});
        pacing.restart();
    }
}

void presentation_times_do_not_go_back_where_they_reach_further_than_send_times(void**) {
    Pacing pacing;
    pacing.next(with_presentation(0, 3000, 3000), kStart);
    pacing.next(with_presentation(40, 3040, 3500), kStart);
    pacing.next(with_presentation(80, 3080, 3080), kStart);
    pacing.restart();
    // Sent until 120; seen until 3500 and the smallest step, 40.
    const auto due = pacing.next(with_presentation(0, 3000, 3000), kStart);
    assert_int_equal(due.delta, 540);
    assert_true(due.at == kStart + Duration{540});
}

void send_times_do_not_go_back_where_they_reach_further_than_presentation_times(void**) {
    Pacing pacing;
    pacing.next(with_presentation(0, 3000, 3000), kStart);
    pacing.next(with_presentation(1000, 3010, 3010, 500), kStart);
    pacing.restart();
    assert_int_equal(pacing.next(with_presentation(0, 3000, 3000), kStart).delta, 1500);
}

void an_object_lasts_as_long_as_the_smallest_step_in_or_between_packets(void**) {
    // Eight sounds of 46 ms in each packet, which says that it spans nothing.
    Pacing pacing;
    pacing.next(with_presentation(0, 0, 322, 1), kStart);
    pacing.next(with_presentation(368, 368, 690, 1), kStart);
    pacing.restart();
    assert_int_equal(pacing.next(with_presentation(0, 0, 322, 1), kStart).delta, 736);
    // A picture in several packets.
    Pacing other;
    other.next(with_presentation(0, 0, 0, 1), kStart);
    other.next(with_presentation(10, 0, 0, 1), kStart);
    other.next(with_presentation(20, 0, 40, 1), kStart);
    other.next(with_presentation(30, 40, 40, 1), kStart);
    other.restart();
    assert_int_equal(other.next(with_presentation(0, 0, 0, 1), kStart).delta, 80);
}

void presentation_times_beyond_belief_do_not_move_a_pass(void**) {
    Pacing pacing;
    pacing.next(packet(0), kStart);
    pacing.next(with_presentation(40, 0x40000000, 0x40000000), kStart);
    pacing.restart();
    assert_int_equal(pacing.next(packet(0), kStart).delta, 80);
    // The next turn no longer knows of it.
    pacing.next(packet(40), kStart);
    pacing.restart();
    assert_int_equal(pacing.next(packet(0), kStart).delta, 160);
}

void a_jump_inside_a_pass_leaves_no_gap(void**) {
    for (const std::uint32_t jump : {40U + 5001U, 40U + 3'600'000U, 40U - 1001U}) {
        Pacing pacing;
        pacing.next(packet(0), kStart);
        pacing.next(packet(40), kStart);
        const auto due = pacing.next(packet(jump), kStart);
        assert_int_equal(jump + due.delta, 80);
        assert_true(due.at == kStart + Duration{80});
        // It goes on from there.
        const auto next = pacing.next(packet(jump + 40), kStart);
        assert_int_equal(next.delta, due.delta);
        assert_true(next.at == kStart + Duration{120});
    }
    Pacing pacing;
    pacing.next(packet(0), kStart);
    assert_int_equal(pacing.next(packet(5000), kStart).delta, 0);
}

void times_wrap_inside_a_pass_and_between_passes(void**) {
    Pacing pacing;
    const std::uint32_t first = 0U - 100;
    std::uint32_t expected = first;
    for (int pass = 0; pass < 3; ++pass) {
        for (std::uint32_t n = 0; n < 5; ++n) {
            const auto due = pacing.next(packet(first + n * 40), kStart);
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
        const auto due = pacing.next(packet(0, 4000), now);
        assert_true(due.at == kStart + Duration{pass * 4000});
        assert_int_equal(due.delta, static_cast<std::uint32_t>(pass * 4000));
        now = due.at;
        pacing.restart();
    }
}

void what_is_a_little_late_is_caught_up(void**) {
    Pacing pacing;
    pacing.next(packet(0), kStart);
    const auto due = pacing.next(packet(40), kStart + Duration{2040});
    assert_true(due.at == kStart + Duration{40});
    assert_true(pacing.next(packet(2080), kStart + Duration{2040}).at == kStart + Duration{2080});
}

void after_a_long_stop_the_rest_is_due_later_and_not_all_at_once(void**) {
    Pacing pacing;
    pacing.next(packet(0), kStart);
    const TimePoint late = kStart + Duration{3'600'000};
    assert_true(pacing.next(packet(40), late).at == late);
    const auto due = pacing.next(packet(80), late);
    assert_true(due.at == late + Duration{40});
    assert_int_equal(due.delta, 0);
}

void what_carries_no_media_is_due_with_the_packet_before_it_and_changes_nothing(void**) {
    Pacing pacing;
    PacketInfo filler{.media = false, .send_time = 77};
    assert_true(pacing.next(filler, kStart).at == kStart);
    const TimePoint later = kStart + Duration{500};
    pacing.next(packet(0), later);
    pacing.next(packet(40), later);
    filler.send_time = 123'456;
    assert_true(pacing.next(filler, later).at == later + Duration{40});
    assert_true(pacing.next(packet(80), later).at == later + Duration{80});
    pacing.restart();
    pacing.next(filler, later);
    assert_int_equal(pacing.next(packet(0), later).delta, 120);
}

void a_restart_before_the_first_packet_changes_nothing(void**) {
    Pacing pacing;
    pacing.restart();
    assert_int_equal(pacing.next(packet(100), kStart).delta, 0);
    assert_int_equal(pacing.next(packet(140), kStart).delta, 0);
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
        cmocka_unit_test(an_object_lasts_as_long_as_the_smallest_step_in_or_between_packets),
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
