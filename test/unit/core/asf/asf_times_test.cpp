// Times of packets and numbers of objects: what is told of them, how a packet is moved (asf.md 4.6, 7.1, 12.3
// to 12.5).
#include "core/asf/container.hpp"
#include "core/asf/packet.hpp"
#include "core/asf/retime.hpp"
#include "core/media/timeline.hpp"
#include "test/support/bytes.hpp"
#include "test/unit/core/asf/vectors.hpp"

// always last
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::asf;
using namespace weir::asf::vectors;

namespace {

const StreamFormat& format() {
    static const auto f = container().parse_header(kHeaderBlob, {}).value();
    return *f;
}

PacketInfo inspected(Bytes packet) {
    const auto info = format().inspect(packet);
    if (!info) print_error("%s\n", info.error().detail.c_str());
    assert_true(info.ok());
    return info.value();
}

// Its times only.
Move by(std::uint32_t delta) {
    Move move;
    move.send = move.presentation = delta;
    return move;
}

Buffer moved(Bytes packet, const Move& move) {
    auto out = test::copy(packet);
    assert_true(format().retime(out, move).ok());
    return out;
}
Buffer moved(Bytes packet, std::uint32_t delta) {
    return moved(packet, by(delta));
}

// Objects' numbers only.
Move renumber(unsigned stream, std::uint32_t delta) {
    Move move;
    move.numbers[stream] = delta;
    move.moves_numbers = true;
    return move;
}

// kSingle with its object's number in so many bytes: its property flags say so.
Buffer single_numbered(std::size_t width, std::uint32_t number) {
    constexpr std::uint8_t kFlags[] = {0x4D, 0x5D, 0x6D, 0, 0x7D};
    auto out = joined({Bytes{kSingle}.first(13), Buffer(width), Bytes{kSingle}.subspan(14)});
    out[4] = kFlags[width];
    out[5] = static_cast<std::uint8_t>(0x16 - width);
    out.resize(64);
    for (std::size_t i = 0; i < width; ++i) out[13 + i] = static_cast<std::uint8_t>(number >> (8 * i));
    return out;
}

// kTwo with another presentation time for its second payload.
Buffer two_with_second_at(std::uint32_t time) {
    auto out = test::copy(kTwo);
    store_u32le(out.data() + 45, time);
    return out;
}

// kCompressed with a presentation time of two bytes: its property flags say so.
Buffer compressed_with_short_time() {
    auto out = joined({test::hex<"82 00 00 08 59 25">(), Bytes{kCompressed}.subspan(6, 10),
                       Bytes{kCompressed}.subspan(18)});
    out.resize(64);
    return out;
}

void the_duration_and_the_presentation_times_are_told(void**) {
    const auto single = inspected(kSingle);
    assert_int_equal(single.duration, 40);
    assert_true(single.has_presentation);
    assert_int_equal(single.presentation_first, 5096);
    assert_int_equal(single.presentation_last, 5096);
    const auto two = inspected(two_with_second_at(5120));
    assert_int_equal(two.presentation_first, 5120);
    assert_int_equal(two.presentation_last, 5136);
}

void compressed_payloads_count_from_their_first_to_their_last_object(void**) {
    const auto info = inspected(kCompressed);
    assert_int_equal(info.duration, 60);
    assert_int_equal(info.presentation_first, 5176);
    assert_int_equal(info.presentation_last, 5216);
    assert_false(inspected(compressed_with_short_time()).has_presentation);
}

void earliest_and_latest_hold_across_the_wrap(void**) {
    auto packet = two_with_second_at(0x10);
    store_u32le(packet.data() + 24, 0xFFFFFFF0);
    const auto info = inspected(packet);
    assert_int_equal(info.presentation_first, 0xFFFFFFF0);
    assert_int_equal(info.presentation_last, 0x10);
}

void what_has_no_presentation_time_tells_none(void**) {
    assert_false(inspected(kFiller).has_presentation);
    auto untimed = test::copy(kSingle);
    untimed[18] = 0;  // no replicated data
    assert_true(inspected(untimed).media);
    assert_false(inspected(untimed).has_presentation);
    auto unknown = test::copy(kSingle);
    unknown[12] = 0x85;  // a stream that is not in the header
    assert_false(inspected(unknown).has_presentation);
}

void send_time_and_all_presentation_times_are_moved(void**) {
    assert_true(test::same(moved(kTwo, 1000), kTwoLater));
    assert_true(test::same(moved(kTwoLater, 0U - 1000), kTwo));
    const auto filler = moved(kFiller, 1000);
    assert_int_equal(inspected(filler).send_time, 5136);
    assert_true(test::same(Bytes{filler}.subspan(12), Bytes{kFiller}.subspan(12)));
}

void times_wrap_at_2_to_the_32(void**) {
    const auto before = moved(kSingle, 0xFFFFFF00 - 4096);
    assert_int_equal(inspected(before).send_time, 0xFFFFFF00);
    assert_int_equal(inspected(before).presentation_first, 0x2E8);
    const auto after = moved(before, 0x200);
    assert_int_equal(inspected(after).send_time, 0x100);
    assert_int_equal(inspected(after).presentation_first, 0x4E8);
}

void a_compressed_payload_is_moved_by_its_offset_field(void**) {
    const auto out = moved(kCompressed, 0x10000);
    auto expected = test::copy(kCompressed);
    expected[8] = 1;
    expected[16] = 1;
    assert_true(test::same(out, expected));
}

void what_has_no_room_for_a_time_is_refused_and_left_as_it_is(void**) {
    const auto original = compressed_with_short_time();
    auto packet = original;
    const auto done = format().retime(packet, by(1));
    assert_false(done.ok());
    assert_int_equal(done.error().code, Errc::unsupported);
    assert_non_null(std::strstr(done.error().detail.c_str(), "has 2 bytes, expected 4"));
    assert_true(packet == original);

    auto parity = test::copy(kSingle);
    parity[0] = 0x92;
    assert_true(format().inspect(parity).ok());
    assert_int_equal(format().retime(parity, by(1)).error().code, Errc::unsupported);
    Buffer cut(kSingle.begin(), kSingle.begin() + 20);
    assert_int_equal(format().retime(cut, by(1)).error().code, Errc::bad_input);
}

void payloads_without_a_time_are_left(void**) {
    auto packet = test::copy(kSingle);
    packet[18] = 0;
    const auto out = moved(packet, 7);
    assert_int_equal(inspected(out).send_time, 4103);
    assert_true(test::same(Bytes{out}.subspan(10), Bytes{packet}.subspan(10)));
}

std::vector<Unit> units_of(Bytes packet) {
    std::vector<Unit> out;
    format().units(packet, out);
    return out;
}

void same_unit(const Unit& unit, unsigned stream, std::uint32_t presentation, std::uint32_t number,
               bool begins = true) {
    assert_int_equal(unit.stream, stream);
    assert_int_equal(unit.presentation, presentation);
    assert_int_equal(unit.number, number);
    assert_int_equal(unit.begins, begins);
}

void the_objects_that_begin_or_go_on_in_a_packet_are_listed(void**) {
    const auto single = units_of(kSingle);
    assert_int_equal(single.size(), 1);
    same_unit(single[0], 2, 5096, 7);
    const auto two = units_of(kTwo);
    assert_int_equal(two.size(), 2);
    same_unit(two[0], 1, 5136, 3);
    same_unit(two[1], 2, 5136, 8, false);
    const auto parts = units_of(kCompressed);
    assert_int_equal(parts.size(), 3);
    same_unit(parts[0], 1, 5176, 254);
    same_unit(parts[1], 1, 5196, 255);
    same_unit(parts[2], 1, 5216, 0);
    assert_true(units_of(kFiller).empty());
    assert_true(units_of(Bytes{kSingle}.first(20)).empty());
    assert_true(units_of(compressed_with_short_time()).empty());
    auto unknown = test::copy(kSingle);
    unknown[12] = 0x85;
    assert_true(units_of(unknown).empty());
    std::vector<Unit> both;
    format().units(kSingle, both);
    format().units(kCompressed, both);
    assert_int_equal(both.size(), 4);
}

void numbers_are_told_as_wide_as_their_field(void**) {
    same_unit(units_of(single_numbered(0, 0))[0], 2, 5096, 0);
    same_unit(units_of(single_numbered(1, 0xFE))[0], 2, 5096, 0xFE);
    same_unit(units_of(single_numbered(2, 0xFEDC))[0], 2, 5096, 0xFEDC);
    same_unit(units_of(single_numbered(4, 0xFEDCBA98))[0], 2, 5096, 0xFEDCBA98);
}

void object_numbers_are_moved_modulo_the_width_of_their_field(void**) {
    struct Case {
        std::size_t width;
        std::uint32_t number, delta, expected;
    };
    const Case cases[] = {
        {0, 0, 5, 0},
        {1, 7, 2, 9},
        {1, 254, 2, 0},
        {1, 255, 0xFFFFFF00, 255},
        {1, 0, 0xFFFFFFFF, 255},
        {1, 3, 0x12345678, 0x7B},
        {2, 0x00FF, 1, 0x0100},
        {2, 0xFFFE, 3, 1},
        {2, 0, 0xFFFFFFFF, 0xFFFF},
        {2, 1, 0x00010000, 1},
        {4, 0xFFFFFFFE, 3, 1},
        {4, 0x00FFFFFF, 1, 0x01000000},
        {4, 0x01000000, 0xFFFFFFFF, 0x00FFFFFF},
        {4, 0, 0x80000000, 0x80000000},
    };
    for (const auto& c : cases) {
        const auto packet = single_numbered(c.width, c.number);
        assert_true(moved(packet, renumber(2, c.delta)) == single_numbered(c.width, c.expected));
        // By its own stream's number only.
        assert_true(moved(packet, renumber(1, c.delta)) == packet);
    }
}

void a_packet_with_several_streams_is_moved_by_each_ones_constant(void**) {
    auto move = renumber(1, 5);
    move.numbers[2] = 0U - 8;
    move.send = 0x100;
    move.presentation = 1000;
    auto expected = test::copy(kTwoLater);
    store_u32le(expected.data() + 6, 4136 + 0x100);
    expected[14] = 8;
    expected[35] = 0;
    assert_true(test::same(moved(kTwo, move), expected));
    // So is an object without a time of its own.
    auto untimed = test::copy(kSingle);
    untimed[18] = 0;
    assert_int_equal(moved(untimed, renumber(2, 3))[13], 10);
}

void a_compressed_payloads_first_number_moves_its_others(void**) {
    const auto out = moved(kCompressed, renumber(1, 4));
    auto expected = test::copy(kCompressed);
    expected[13] = 2;
    assert_true(test::same(out, expected));
    same_unit(units_of(out)[2], 1, 5216, 4);
}

void only_a_presentation_time_that_would_move_needs_room(void**) {
    const auto original = compressed_with_short_time();
    auto move = renumber(1, 1);
    move.send = 16;
    auto expected = original;
    expected[6] = 0x60;
    expected[13] = 0xFF;
    assert_true(moved(original, move) == expected);
    move.presentation = 1;
    auto packet = original;
    assert_int_equal(format().retime(packet, move).error().code, Errc::unsupported);
    assert_true(packet == original);
}

// Streams 1 and 2 have each other's number.
Move swap_streams() {
    Move move;
    move.streams.give(1, 2);
    move.moves_streams = true;
    return move;
}

// `packet` with other bytes at these places.
Buffer with(Bytes packet, std::initializer_list<std::pair<std::size_t, std::uint8_t>> bytes) {
    auto out = test::copy(packet);
    for (const auto& [at, byte] : bytes) out[at] = byte;
    return out;
}

void stream_numbers_change_in_every_form_of_payload_and_nothing_else_does(void**) {
    const auto move = swap_streams();
    assert_false(move.is_none());
    assert_true(moved(kSingle, move) == with(kSingle, {{12, 0x81}}));
    assert_true(moved(kTwo, move) == with(kTwo, {{13, 0x02}, {34, 0x01}}));
    assert_true(moved(kCompressed, move) == with(kCompressed, {{12, 0x02}}));
    assert_true(test::same(moved(kSingleStripped, move), with(kSingleStripped, {{11, 0x81}})));
    assert_true(test::same(moved(kFiller, move), kFiller));
    const auto short_time = compressed_with_short_time();
    assert_true(moved(short_time, move) == with(short_time, {{12, 0x02}}));
    auto untimed = test::copy(kSingle);
    untimed[18] = 0;
    assert_true(moved(untimed, move) == with(untimed, {{12, 0x81}}));
}

void each_stream_number_and_the_key_bit_are_kept_apart(void**) {
    for (unsigned n = 0; n < kMaxStreams; ++n) {
        Move move;
        move.streams.give(n, 127);
        move.moves_streams = true;
        for (const unsigned key : {0x00U, 0x80U}) {
            const auto packet = with(kSingle, {{12, static_cast<std::uint8_t>(n | key)}});
            assert_true(moved(packet, move) == with(kSingle, {{12, static_cast<std::uint8_t>(127 | key)}}));
        }
    }
}

void objects_are_numbered_by_the_stream_that_they_become(void**) {
    auto move = swap_streams();
    move.numbers[1] = 5;
    move.numbers[2] = 0U - 1;
    move.send = move.presentation = 1000;
    assert_true(moved(kTwo, move) == with(kTwoLater, {{13, 0x02}, {14, 2}, {34, 0x01}, {35, 13}}));
    assert_true(moved(kCompressed, renumber(1, 4)) != moved(kCompressed, move));
}

// kSingle at another time, with another number.
Buffer single_at(std::uint32_t send_time, std::uint32_t presentation, std::uint8_t number) {
    auto out = test::copy(kSingle);
    store_u32le(out.data() + 6, send_time);
    out[13] = number;
    store_u32le(out.data() + 23, presentation);
    return out;
}

// The packet as it is served.
Buffer served(Timeline& timeline, Bytes packet) {
    return moved(packet, timeline.next(inspected(packet), units_of(packet)));
}

void another_run_continues_byte_for_byte_as_the_vectors_say(void**) {
    // kTwo is a second later than kTwo where what went before ended a second later.
    Timeline timeline;
    assert_true(served(timeline, single_at(5096, 6096, 6)) == single_at(5096, 6096, 6));
    timeline.begin_run(Duration{0});
    assert_true(test::same(served(timeline, kTwo), kTwoLater));
}

void another_run_with_other_stream_numbers_continues_byte_for_byte_too(void**) {
    Timeline timeline;
    served(timeline, single_at(5096, 6096, 6));
    timeline.begin_run(Duration{0}, swap_streams().streams);
    // The picture is stream 1 there, the sound is 2.
    const auto packet = with(kTwo, {{13, 0x02}, {34, 0x01}});
    assert_true(test::same(served(timeline, packet), kTwoLater));
    timeline.begin_run(Duration{0}, {});
    assert_true(
        test::same(served(timeline, with(kTwo, {{35, 9}})), with(moved(kTwoLater, 40), {{14, 5}, {35, 10}})));
}

void another_run_continues_across_the_wrap(void**) {
    // The first ends at 0x100, the second begins at 0xFFFFFF00 with presentation times that have wrapped.
    Timeline timeline;
    served(timeline, single_at(0x100 - 40, 0x4E8 - 40, 255));
    timeline.begin_run(Duration{0});
    const auto second = moved(kSingle, 0xFFFFFF00 - 4096);
    assert_true(served(timeline, second) == single_at(0x100, 0x4E8, 1));
}

void sounds_in_compressed_payloads_continue(void**) {
    Timeline timeline;
    served(timeline, kCompressed);
    timeline.begin_run(Duration{0});
    const auto out = served(timeline, kCompressed);
    // Sent until 4176 + 60, heard until 5216 + 20: each is 60 later, and the last number was 0.
    assert_int_equal(inspected(out).send_time, 4236 - 4176 + inspected(kCompressed).send_time);
    const auto parts = units_of(out);
    same_unit(parts[0], 1, 5236, 2);
    same_unit(parts[2], 1, 5276, 4);
}

void a_run_that_goes_on_is_served_as_it_came(void**) {
    Timeline timeline;
    served(timeline, kSingle);
    // Of object 8 the beginning, and then what kTwo holds of it.
    served(timeline, single_at(4100, 5136, 8));
    timeline.begin_run(Duration{0});
    auto next = test::copy(kTwo);
    next[12] = 0x81;  // of the stream with the picture alone
    next = joined({Bytes{next}.first(13), Bytes{next}.subspan(34)});
    next[5] = 29;
    next.resize(64);
    assert_true(served(timeline, next) == next);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_duration_and_the_presentation_times_are_told),
        cmocka_unit_test(compressed_payloads_count_from_their_first_to_their_last_object),
        cmocka_unit_test(earliest_and_latest_hold_across_the_wrap),
        cmocka_unit_test(what_has_no_presentation_time_tells_none),
        cmocka_unit_test(send_time_and_all_presentation_times_are_moved),
        cmocka_unit_test(times_wrap_at_2_to_the_32),
        cmocka_unit_test(a_compressed_payload_is_moved_by_its_offset_field),
        cmocka_unit_test(what_has_no_room_for_a_time_is_refused_and_left_as_it_is),
        cmocka_unit_test(payloads_without_a_time_are_left),
        cmocka_unit_test(the_objects_that_begin_or_go_on_in_a_packet_are_listed),
        cmocka_unit_test(numbers_are_told_as_wide_as_their_field),
        cmocka_unit_test(object_numbers_are_moved_modulo_the_width_of_their_field),
        cmocka_unit_test(a_packet_with_several_streams_is_moved_by_each_ones_constant),
        cmocka_unit_test(a_compressed_payloads_first_number_moves_its_others),
        cmocka_unit_test(only_a_presentation_time_that_would_move_needs_room),
        cmocka_unit_test(stream_numbers_change_in_every_form_of_payload_and_nothing_else_does),
        cmocka_unit_test(each_stream_number_and_the_key_bit_are_kept_apart),
        cmocka_unit_test(objects_are_numbered_by_the_stream_that_they_become),
        cmocka_unit_test(another_run_continues_byte_for_byte_as_the_vectors_say),
        cmocka_unit_test(another_run_with_other_stream_numbers_continues_byte_for_byte_too),
        cmocka_unit_test(another_run_continues_across_the_wrap),
        cmocka_unit_test(sounds_in_compressed_payloads_continue),
        cmocka_unit_test(a_run_that_goes_on_is_served_as_it_came),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
