// Times of packets: what is told of them, how a packet is moved (asf.md 4.6, 7.1, 12.3 to 12.5).
#include "core/asf/container.hpp"
#include "core/asf/packet.hpp"
#include "core/asf/retime.hpp"
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

void the_objects_that_begin_in_a_packet_are_listed(void**) {
    const auto single = units_of(kSingle);
    assert_int_equal(single.size(), 1);
    assert_int_equal(single[0].stream, 2);
    assert_int_equal(single[0].presentation, 5096);
    // The second payload only ends one.
    const auto two = units_of(kTwo);
    assert_int_equal(two.size(), 1);
    assert_int_equal(two[0].stream, 1);
    const auto parts = units_of(kCompressed);
    assert_int_equal(parts.size(), 3);
    assert_int_equal(parts[2].presentation, 5216);
    assert_true(units_of(kFiller).empty());
    assert_true(units_of(Bytes{kSingle}.first(20)).empty());
    std::vector<Unit> both;
    format().units(kSingle, both);
    format().units(kCompressed, both);
    assert_int_equal(both.size(), 4);
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
        cmocka_unit_test(the_objects_that_begin_in_a_packet_are_listed),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
