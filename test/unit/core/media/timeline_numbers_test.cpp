// How Timeline numbers the objects of one run after another, and how it knows a run that goes on (asf.md 7.1,
// step 6; decisions D6, D9).
#include "core/media/timeline.hpp"

#include "test/unit/core/media/timeline_packets.hpp"

// always last
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::test;

namespace {

void object_numbers_leave_out_the_one_behind_the_last(void**) {
    struct Case {
        std::uint32_t mask, last, first, expected;
    };
    const Case cases[] = {
        {0xFF, 7, 0, 9},
        {0xFF, 253, 0, 255},
        {0xFF, 254, 77, 0},
        {0xFF, 255, 255, 1},
        {0xFF, 0, 0, 2},
        {0xFFFF, 0xFFFE, 3, 0},
        {0xFFFF, 0x00FF, 0x00FF, 0x0101},
        {0xFFFFFFFF, 0xFFFFFFFE, 5, 0},
        {0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 1},
        {0xFFFFFFFF, 0x12345678, 0, 0x1234567A},
        // A number that would go on by chance: the times do not.
        {0xFF, 7, 8, 9},
        {0xFF, 7, 9, 9},
    };
    for (const auto& c : cases) {
        Timeline timeline;
        served(timeline, packet(60'000, {object(kPicture, 61'000, c.last)}));
        timeline.begin_run(Duration{0});
        auto p = served(timeline, packet(0, {object(kPicture, 1000, c.first)}));
        assert_int_equal(p.units[0].number & c.mask, c.expected);
        // The run's own steps stay, over its own wrap too.
        p = served(timeline, packet(40, {object(kPicture, 1040, (c.first + 1) & c.mask)}));
        assert_int_equal(p.units[0].number & c.mask, (c.expected + 1) & c.mask);
    }
}

void each_stream_has_a_constant_of_its_own_from_its_first_object_on(void**) {
    Timeline timeline;
    served(timeline, packet(60'000, {object(kPicture, 61'000, 10), object(kSound, 61'000, 200)}));
    timeline.begin_run(Duration{0});
    // The packet with the key frame holds the rest of the picture before it: that takes the first number.
    auto p = served(timeline, packet(0, {rest_of(object(kPicture, 960, 30)), object(kPicture, 1000, 31)}));
    assert_int_equal(p.units[0].number, 12);
    assert_int_equal(p.units[1].number, 13);
    // A stream that the old run did not have keeps its own.
    p = served(timeline, packet(40, {object(3, 1040, 5), object(kPicture, 1040, 32)}));
    assert_int_equal(p.units[0].number, 5);
    assert_int_equal(p.units[1].number, 14);
    // The sound comes late; by then another run could have ended.
    timeline.begin_run(Duration{0});
    p = served(timeline, packet(0, {object(kSound, 1000, 3), object(kSound, 1020, 4)}));
    assert_int_equal(p.units[0].number, 202);
    assert_int_equal(p.units[1].number, 203);
}

void numbers_differ_where_their_width_changes_between_runs(void**) {
    constexpr std::uint32_t kMasks[] = {0xFF, 0xFFFF, 0xFFFFFFFF};
    for (const auto before : kMasks) {
        for (const auto after : kMasks) {
            for (const std::uint32_t last : {0U, 1U, 253U, 254U, 255U, 0xFFFDU, 0xFFFFU, 0xFFFFFFFFU}) {
                Timeline timeline;
                // Numbers that have moved and wrapped already, then the run that they are compared with.
                served(timeline, packet(60'000, {object(kPicture, 61'000, last & before)}));
                timeline.begin_run(Duration{0});
                auto p = served(timeline, packet(0, {object(kPicture, 1000, 250 & before)}));
                for (std::uint32_t n = 1; n < 10; ++n)
                    p = served(timeline,
                               packet(n * 40, {object(kPicture, 1000 + n * 40, (250 + n) & before)}));
                const auto old_number = p.units[0].number & before;
                timeline.begin_run(Duration{0});
                p = served(timeline, packet(0, {object(kPicture, 1000, 7)}));
                assert_true((p.units[0].number & after) != old_number);
                assert_int_equal(p.units[0].number & 0xFF, (old_number + 2) & 0xFF);
            }
        }
    }
}

// Two runs, the second of which is moved; then a third that begins with `first`.
struct Resumed {
    Resumed() {
        served(timeline, packet(60'000, {object(kPicture, 61'000, 10), object(kSound, 60'980, 90)}));
        timeline.begin_run(Duration{0});
        served(timeline, packet(0, {object(kPicture, 1000, 254), object(kSound, 980, 65534)}));
        move = timeline.next(packet(40, {}).info, last().units);
    }
    static Packet last() { return packet(40, {object(kPicture, 1040, 255), object(kSound, 1020, 65535)}); }
    bool goes_on(const Packet& first, Duration preroll_step = Duration{0}) {
        timeline.begin_run(preroll_step);
        const Move& now = timeline.next(first.info, first.units);
        return now.send == move.send && now.presentation == move.presentation && now.numbers == move.numbers;
    }
    Timeline timeline;
    Move move;
};

void a_run_that_goes_on_where_it_was_is_not_touched(void**) {
    // Lost and back again, nothing missing: a chain stays byte for byte.
    Timeline timeline;
    play(timeline, 1000, 10);
    for (std::uint32_t n = 0; n < 3; ++n) {
        timeline.begin_run(Duration{0});
        const auto p = picture(1400 + n * 40, kPreroll, 0);
        assert_true(timeline.next(p.info, p.units).is_none());
    }
    const Packet same_run[] = {
        packet(80, {object(kPicture, 1080, 0)}),
        packet(80, {object(kPicture, 1080, 0), object(kSound, 1060, 0), object(kSound, 1100, 1)}),
        // The rest of the last picture, and the next one.
        packet(40, {rest_of(object(kPicture, 1040, 255)), object(kPicture, 1080, 0)}),
        packet(1040, {object(kPicture, 2040, 0)}),
    };
    for (const auto& p : same_run) assert_true(Resumed{}.goes_on(p));
    assert_true(Resumed{}.move.moves_numbers);
}

void what_only_looks_like_the_same_run_is_moved(void**) {
    const Packet others[] = {
        // Some packets are missing, or are there again.
        packet(120, {object(kPicture, 1120, 1)}),
        packet(40, {object(kPicture, 1040, 255)}),
        packet(0, {object(kPicture, 1000, 254)}),
        // One of the streams is another.
        packet(80, {object(kPicture, 1080, 0), object(kSound, 1060, 7)}),
        packet(80, {object(kPicture, 1080, 0), object(3, 1060, 0)}),
        // Numbers that go on by chance, at other times.
        packet(1041, {object(kPicture, 2041, 0)}),
        packet(39, {object(kPicture, 1080, 0)}),
        packet(80, {object(kPicture, 1040, 0)}),
        packet(80, {rest_of(object(kPicture, 1041, 255))}),
        packet(80, {rest_of(object(kPicture, 1040, 0))}),
    };
    for (const auto& p : others) assert_false(Resumed{}.goes_on(p));
    assert_false(Resumed{}.goes_on(packet(80, {object(kPicture, 1080, 0)}), Duration{1}));
    for (const std::uint32_t number : {26U, 29U}) {
        Timeline timeline;
        play(timeline, 1000, 2);
        timeline.begin_run(Duration{0});
        const auto p = packet(1080, {object(kPicture, 2080, number)});
        assert_false(timeline.next(p.info, p.units).is_none());
    }
    // A stream that was in the run before the last, or in none, could not go on in this one.
    for (const std::uint32_t number : {1U, 91U}) {
        Timeline timeline;
        if (number == 91) {
            served(timeline, packet(900, {object(kSound, 1900, 90)}));
            timeline.begin_run(Duration{0});
        }
        play(timeline, 1000, 2);
        timeline.begin_run(Duration{0});
        const auto p = packet(1080, {object(kPicture, 2080, 27), object(kSound, 2080, number)});
        assert_int_equal(served(timeline, p).units[0].number, 28);
    }
    // Without objects nothing shows that a run goes on; here it fits all the same.
    Resumed untimed;
    assert_true(untimed.goes_on(packet(80, {})));
}

void objects_go_on_in_the_stream_that_they_become(void**) {
    Timeline timeline;
    served(timeline, packet(60'000, {object(kPicture, 61'000, 10), object(kSound, 61'000, 200)}));
    timeline.begin_run(Duration{0}, swapped());
    auto p = served(timeline, packet(0, {object(kSound, 1000, 70), object(kPicture, 1000, 3)}));
    assert_int_equal(p.units[0].stream, kPicture);
    assert_int_equal(p.units[0].number, 12);
    assert_int_equal(p.units[1].stream, kSound);
    assert_int_equal(p.units[1].number, 202);
    // A step back inside the run is none of its numbers.
    p = served(timeline, packet(20'000, {object(kSound, 21'000, 71)}));
    assert_int_equal(p.units[0].stream, kPicture);
    assert_int_equal(p.units[0].number, 14);
    timeline.begin_run(Duration{0});
    p = served(timeline, packet(0, {object(kPicture, 1000, 0), object(kSound, 1000, 0)}));
    assert_int_equal(p.units[0].stream, kPicture);
    assert_int_equal(p.units[0].number, 16);
    assert_int_equal(p.units[1].number, 204);
}

void a_run_that_goes_on_under_other_stream_numbers_keeps_its_times(void**) {
    for (const bool is_same : {true, false}) {
        Timeline timeline;
        served(timeline, packet(60'000, {object(kPicture, 61'000, 10), object(kSound, 61'020, 90)}));
        timeline.begin_run(Duration{0}, swapped());
        // Without the change of numbers the other one would seem to go on.
        const auto p = is_same ? packet(60'040, {object(kSound, 61'040, 11), object(kPicture, 61'060, 91)})
                               : packet(60'040, {object(kPicture, 61'040, 11), object(kSound, 61'060, 91)});
        const Move& move = timeline.next(p.info, p.units);
        assert_true(move.moves_streams);
        assert_false(move.is_none());
        assert_int_equal(move.moves_numbers, !is_same);
        if (is_same) assert_int_equal(move.send, 0);
    }
}

void a_run_under_a_header_that_another_one_announced_gets_its_stream_numbers(void**) {
    Timeline timeline;
    timeline.begin_run(Duration{0}, swapped());
    auto p = served(timeline, packet(0, {object(kSound, 1000, 1)}));
    assert_int_equal(p.units[0].stream, kPicture);
    timeline.begin_run(Duration{0});
    p = served(timeline, packet(0, {object(kPicture, 1000, 1)}));
    assert_int_equal(p.units[0].number, 3);
    // They go with the header.
    timeline.begin_run(Duration{0}, swapped());
    served(timeline, packet(0, {object(kSound, 1000, 1)}));
    timeline.begin_run(Duration{0}, swapped());
    timeline.reset();
    p = packet(0, {object(kSound, 1000, 1)});
    assert_true(timeline.next(p.info, p.units).is_none());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(object_numbers_leave_out_the_one_behind_the_last),
        cmocka_unit_test(each_stream_has_a_constant_of_its_own_from_its_first_object_on),
        cmocka_unit_test(numbers_differ_where_their_width_changes_between_runs),
        cmocka_unit_test(a_run_that_goes_on_where_it_was_is_not_touched),
        cmocka_unit_test(what_only_looks_like_the_same_run_is_moved),
        cmocka_unit_test(objects_go_on_in_the_stream_that_they_become),
        cmocka_unit_test(a_run_that_goes_on_under_other_stream_numbers_keeps_its_times),
        cmocka_unit_test(a_run_under_a_header_that_another_one_announced_gets_its_stream_numbers),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
