// Giving packets the form a channel serves (asf.md 5, 7.1 item 7, 12; decisions D9).
#include "core/asf/fit.hpp"

#include "core/asf/container.hpp"
#include "core/asf/format.hpp"
#include "test/support/bytes.hpp"
#include "test/unit/core/asf/vectors.hpp"

// always last
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::asf;
using namespace weir::asf::vectors;

namespace {

Buffer fitted(Bytes packet, std::size_t size) {
    const auto parsed = parse_packet(packet, kMaxPacketSize);
    assert_true(parsed.ok());
    Buffer out(size, 0xEE);
    const auto done = fit_packet(packet, parsed.value(), size, out);
    if (!done) print_error("%s\n", done.error().detail.c_str());
    assert_true(done.ok());
    assert_int_equal(done.value(), size);
    return out;
}

void does_not_fit(Bytes packet, std::size_t size, Errc code = Errc::incompatible) {
    const auto parsed = parse_packet(packet, kMaxPacketSize);
    assert_true(parsed.ok());
    Buffer out(size);
    const auto done = fit_packet(packet, parsed.value(), size, out);
    assert_false(done.ok());
    assert_int_equal(done.error().code, code);
}

Buffer patched(Bytes packet, std::size_t at, std::initializer_list<std::uint8_t> bytes) {
    auto out = test::copy(packet);
    for (auto b : bytes) out[at++] = b;
    return out;
}

// Everything a decoder sees: streams, flags, times, data.
void same_payloads(Bytes a, Bytes b) {
    const auto pa = parse_packet(a, kMaxPacketSize);
    const auto pb = parse_packet(b, kMaxPacketSize);
    assert_true(pa.ok() && pb.ok());
    assert_int_equal(pa.value().send_time, pb.value().send_time);
    assert_int_equal(pa.value().duration, pb.value().duration);
    assert_int_equal(pa.value().payload_count, pb.value().payload_count);
    Payloads la{a, pa.value()}, lb{b, pb.value()};
    while (const auto x = la.next()) {
        const auto y = lb.next();
        assert_true(y.has_value());
        assert_int_equal(x->stream, y->stream);
        assert_int_equal(x->key, y->key);
        assert_int_equal(x->offset, y->offset);
        assert_int_equal(x->object_size, y->object_size);
        assert_true(test::same(x->data, y->data));
    }
    assert_false(lb.next().has_value());
}

void a_packet_in_form_stays_byte_for_byte(void**) {
    for (Bytes p : {Bytes{kSingle}, Bytes{kTwo}, Bytes{kCompressed}, Bytes{kFiller}, Bytes{kTwoFirstOnly}})
        assert_true(test::same(fitted(p, 64), p));
}

void a_stripped_single_payload_gets_its_padding_field_back(void**) {
    assert_true(test::same(fitted(kSingleStripped, 64), kSingle));
}

void a_stripped_multiple_payload_packet_is_padded(void**) {
    const auto stripped = Bytes{kTwoStrippedChunk}.subspan(12);
    assert_true(test::same(fitted(stripped, 64), kTwo));
    same_payloads(fitted(kSingleAsMultiple, 64), kSingleAsMultiple);
}

void every_amount_of_padding_from_none_to_the_widest_works(void**) {
    // 42 bytes of content: none, one byte, the last byte field, the first word field, and the largest packet.
    for (const unsigned size : {42U, 43U, 44U, 297U, 298U, 299U, 300U, 1000U}) {
        const auto out = fitted(kSingleStripped, size);
        same_payloads(out, kSingleStripped);
        const auto parsed = parse_packet(out, size).value();
        assert_int_equal(parsed.padding.width, size == 42 ? 0 : size <= 298 ? 1 : 2);
        assert_int_equal(parsed.total, size);
    }
    same_payloads(fitted(kSingleStripped, kMaxPacketSize), kSingleStripped);
}

void a_longer_packet_shrinks_by_its_padding_only(void**) {
    const auto wide = fitted(kSingleStripped, 1000);
    assert_true(test::same(fitted(wide, 64), kSingle));
    same_payloads(fitted(wide, 42), kSingle);
    does_not_fit(wide, 41);
    does_not_fit(kTwo, 54);
    same_payloads(fitted(kTwo, 55), kTwo);
}

void slack_behind_the_last_payload_is_given_up(void**) {
    // The last payload one byte shorter than the padding leaves room for.
    const auto slack = patched(kTwo, 49, {4});
    same_payloads(fitted(slack, 54), slack);
}

void error_correction_bytes_are_made_zeros(void**) {
    assert_true(test::same(fitted(patched(kSingle, 1, {0x11, 0x22}), 64), kSingle));
    const auto longer = joined({test::hex<"83 01 02 03">(), Bytes{kSingleStripped}.subspan(3)});
    assert_true(test::same(fitted(longer, 64), kSingle));
    const auto shorter = joined({test::hex<"80">(), Bytes{kSingleStripped}.subspan(3)});
    assert_true(test::same(fitted(shorter, 64), kSingle));
}

void a_missing_error_correction_part_is_put_in_front(void**) {
    // Three more bytes in all, as the served header says.
    assert_true(test::same(fitted(Bytes{kSingle}.subspan(3), 64), kSingle));
    assert_true(test::same(fitted(Bytes{kTwo}.subspan(3), 64), kTwo));
}

// Two flags bytes, Packet Length, padding length, one payload of four bytes: 34 bytes, then padding.
Buffer gstreamer_packet(std::size_t size, bool with_padding_in_length) {
    auto p = test::copy(
        test::hex<"51 5D 00 00 00 00 28 10 00 00 00 00 81 01 03 00 00 00 00 08 04 00 00 00 10 14 00 00"
                  "04 00 A0 A1 A2 A3">());
    p.resize(size);
    store_u16le(p.data() + 2, static_cast<std::uint16_t>(with_padding_in_length ? size : 34));
    store_u16le(p.data() + 4, static_cast<std::uint16_t>(size - 34));
    return p;
}

void a_packet_length_is_made_that_of_the_served_packet(void**) {
    for (const bool with_padding : {true, false}) {
        const auto p = gstreamer_packet(61, with_padding);
        const auto out = fitted(p, 64);
        same_payloads(out, p);
        const auto parsed = parse_packet(out, 64).value();
        assert_int_equal(parsed.packet_length.width, 2);
        assert_int_equal(parsed.stated_size, 64);
        assert_true(test::same(fitted(out, 64), out));
    }
}

void a_full_packet_gives_up_its_length_fields_for_the_part(void**) {
    const auto full = gstreamer_packet(34, true);
    assert_true(has_room_for_error_correction(parse_packet(full, 64).value()));
    // The part takes three bytes, the two fields can give four: 34 and 33 do without the Packet Length.
    for (const unsigned size : {37U, 36U, 35U, 34U, 33U}) {
        const auto out = fitted(full, size);
        same_payloads(out, full);
        assert_int_equal(parse_packet(out, size).value().packet_length.width, size >= 35 ? 2 : 0);
    }
    does_not_fit(full, 32);
}

void a_packet_length_of_zero_is_not_passed_on(void**) {
    auto p = gstreamer_packet(61, true);
    store_u16le(p.data() + 2, 0);
    const auto with_part = joined({test::hex<"82 00 00">(), p});
    assert_int_equal(parse_packet(fitted(with_part, 64), 64).value().stated_size, 64);
}

void a_packet_length_in_a_byte_goes_where_it_cannot_hold_the_size(void**) {
    const auto p = joined({test::hex<"82 00 00 20 5D 2B">(), Bytes{kSingleStripped}.subspan(5)});
    assert_int_equal(parse_packet(fitted(p, 255), 255).value().stated_size, 255);
    assert_int_equal(parse_packet(fitted(p, 256), 256).value().packet_length.width, 0);
    same_payloads(fitted(p, 256), p);
}

void a_sequence_field_stays(void**) {
    const auto p = joined({test::hex<"82 00 00 04 5D 34 12">(), Bytes{kSingleStripped}.subspan(5)});
    const auto out = fitted(p, 64);
    same_payloads(out, p);
    const auto parsed = parse_packet(out, 64).value();
    assert_int_equal(load_u16le(out.data() + parsed.sequence.at), 0x1234);
}

void parity_packets_are_not_served(void**) {
    does_not_fit(patched(kSingle, 0, {0x92}), 64, Errc::unsupported);
}

void fillers_are_those_of_the_vector(void**) {
    Buffer out(64, 0xEE);
    assert_int_equal(make_filler(4136, 64, out), 64);
    assert_true(test::same(out, kFiller));
    const auto format = container().parse_header(kHeaderBlob, {}).value();
    out.assign(64, 0xEE);
    assert_int_equal(format->make_filler(kTwo, out), 64);
    assert_true(test::same(out, kFiller));
    assert_int_equal(format->make_filler({}, out), 64);
    assert_int_equal(format->inspect(out).value().send_time, 0);
}

void fillers_of_every_size_pass_inspection(void**) {
    for (const unsigned size : {24U, 25U, 255U, 256U, 3200U, 65511U}) {
        Buffer out(size);
        assert_int_equal(make_filler(7, size, out), size);
        assert_true(parse_packet(out, size).value().filler());
        assert_true(test::same(fitted(out, size), out));
    }
}

void a_format_fits_a_later_runs_packets_to_what_it_serves(void**) {
    const auto served = container().parse_header(kHeaderBlob, {}).value();
    const auto smaller = container().parse_header(blob_for(50), {}).value();
    assert_true(served->difference(*smaller).empty());
    Buffer out(64);
    assert_true(smaller->fit(kSingleStripped, *served, out).ok());
    assert_true(test::same(out, kSingle));
    assert_false(smaller->fit(kSingle, *served, out).ok());
}

StreamFormatPtr format_of(Bytes blob, ErrorCorrection ec) {
    return Format::make(blob, parse_header(blob, kMaxHeaderBlob).value(), ec).value();
}

// The packet of a run as a channel serves it that had another run before: fitted, then moved.
Buffer served_after(const StreamFormat& run, Bytes packet, const StreamFormat& served) {
    assert_string_equal(served.difference(run).c_str(), "");
    Buffer out(served.max_packet(), 0xEE);
    assert_int_equal(run.fit(packet, served, out).value(), out.size());
    Move move;
    move.send = move.presentation = 1000;
    move.numbers[1] = 5;
    move.numbers[2] = 0xFFFFFFFF;
    move.moves_numbers = true;
    assert_true(run.retime(out, move).ok());
    return out;
}

// kTwo, as served_after() moves it.
Buffer two_moved() {
    return patched(patched(kTwoLater, 14, {8}), 35, {7});
}

void an_encoder_without_error_correction_is_followed_by_one_with_it(void**) {
    // The first run is served with the part in front, in packets of three bytes more.
    const auto first = format_of(blob_for(61), ErrorCorrection::missing);
    assert_int_equal(first->max_packet(), 64);
    const auto second = format_of(kHeaderBlob, ErrorCorrection::present);
    assert_true(served_after(*second, kTwo, *first) == two_moved());
    // Its own error-correction bytes do not come through.
    assert_true(served_after(*second, patched(kTwo, 1, {0x11, 0x22}), *first) == two_moved());
    // The first one again.
    assert_true(served_after(*first, Bytes{kTwo}.subspan(3), *first) == two_moved());
}

void an_encoder_with_error_correction_is_followed_by_one_without_it(void**) {
    const auto first = format_of(kHeaderBlob, ErrorCorrection::present);
    // Packets of three bytes less, and packets as long that have padding to spare.
    const auto smaller = format_of(blob_for(61), ErrorCorrection::missing);
    assert_true(served_after(*smaller, Bytes{kTwo}.subspan(3), *first) == two_moved());
    const auto same_size = format_of(kHeaderBlob, ErrorCorrection::missing_but_fits);
    auto packet = joined({Bytes{kTwo}.subspan(3), Buffer(3)});
    packet[2] = 11;
    assert_true(served_after(*same_size, packet, *first) == two_moved());
    // One that has none to spare could not follow.
    assert_true(
        first->difference(*format_of(kHeaderBlob, ErrorCorrection::missing)).find("error-correction part") !=
        std::string::npos);
}

void packets_with_a_length_of_their_own_are_fitted_and_moved(void**) {
    const auto first = format_of(kHeaderBlob, ErrorCorrection::present);
    const auto second = format_of(blob_for(61), ErrorCorrection::missing_but_fits);
    const auto out = served_after(*second, gstreamer_packet(61, true), *first);
    const auto parsed = parse_packet(out, 64).value();
    assert_int_equal(parsed.stated_size, 64);
    assert_int_equal(parsed.send_time, 5136);
    std::vector<Unit> units;
    second->units(out, units);
    assert_int_equal(units.size(), 1);
    assert_int_equal(units[0].presentation, 6136);
    assert_int_equal(units[0].number, 8);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_in_form_stays_byte_for_byte),
        cmocka_unit_test(a_stripped_single_payload_gets_its_padding_field_back),
        cmocka_unit_test(a_stripped_multiple_payload_packet_is_padded),
        cmocka_unit_test(every_amount_of_padding_from_none_to_the_widest_works),
        cmocka_unit_test(a_longer_packet_shrinks_by_its_padding_only),
        cmocka_unit_test(slack_behind_the_last_payload_is_given_up),
        cmocka_unit_test(error_correction_bytes_are_made_zeros),
        cmocka_unit_test(a_missing_error_correction_part_is_put_in_front),
        cmocka_unit_test(a_packet_length_is_made_that_of_the_served_packet),
        cmocka_unit_test(a_full_packet_gives_up_its_length_fields_for_the_part),
        cmocka_unit_test(a_packet_length_of_zero_is_not_passed_on),
        cmocka_unit_test(a_packet_length_in_a_byte_goes_where_it_cannot_hold_the_size),
        cmocka_unit_test(a_sequence_field_stays),
        cmocka_unit_test(parity_packets_are_not_served),
        cmocka_unit_test(fillers_are_those_of_the_vector),
        cmocka_unit_test(fillers_of_every_size_pass_inspection),
        cmocka_unit_test(a_format_fits_a_later_runs_packets_to_what_it_serves),
        cmocka_unit_test(an_encoder_without_error_correction_is_followed_by_one_with_it),
        cmocka_unit_test(an_encoder_with_error_correction_is_followed_by_one_without_it),
        cmocka_unit_test(packets_with_a_length_of_their_own_are_fitted_and_moved),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
