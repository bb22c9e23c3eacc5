// Data packets: what is read, what is refused, where a newcomer may start (asf.md 4, 6, 11, 12).
#include "core/asf/packet.hpp"

#include "core/asf/container.hpp"
#include "test/support/bytes.hpp"
#include "test/unit/core/asf/vectors.hpp"

// always last
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::asf;
using namespace weir::asf::vectors;

namespace {

const Header& header() {
    static const Header h = asf::parse_header(kHeaderBlob, kHeaderBlob.size()).value();
    return h;
}

Packet read(Bytes in, std::size_t limit = kPacketSizeOfBlob) {
    auto parsed = parse_packet(in, limit);
    if (!parsed) print_error("%s\n", parsed.error().detail.c_str());
    assert_true(parsed.ok());
    return parsed.value();
}

PacketInfo judged(Bytes in, const Header& h = header()) {
    return judge_packet(in, read(in), h);
}

void refused(Bytes in, Errc code = Errc::bad_input) {
    const auto parsed = parse_packet(in, kPacketSizeOfBlob);
    assert_false(parsed.ok());
    assert_int_equal(parsed.error().code, code);
    assert_true(parsed.error().detail.size() > 20);
}

Buffer patched(Bytes packet, std::size_t at, std::initializer_list<std::uint8_t> bytes) {
    auto out = test::copy(packet);
    for (auto b : bytes) out[at++] = b;
    return out;
}

void a_single_payload_is_read_whole(void**) {
    const auto p = read(kSingle);
    assert_int_equal(p.ec_size, 3);
    assert_false(p.multiple());
    assert_int_equal(p.send_time, 4096);
    assert_int_equal(p.duration, 40);
    assert_int_equal(p.padding_size, 21);
    assert_int_equal(p.payload_count, 1);
    assert_int_equal(p.payloads_end, 43);
    Payloads payloads{kSingle, p};
    const auto one = payloads.next();
    assert_true(one.has_value());
    assert_int_equal(one->stream, 2);
    assert_true(one->key);
    assert_int_equal(one->offset, 0);
    assert_int_equal(one->object_size, 16);
    assert_int_equal(kSingle[one->object_number.at], 7);
    assert_int_equal(load_u32le(kSingle.data() + one->presentation_time_at), 5096);
    assert_int_equal(one->data.size(), 16);
    assert_int_equal(one->data[15], 0x0F);
    assert_false(payloads.next().has_value());
}

void two_payloads_are_read_in_order(void**) {
    const auto p = read(kTwo);
    assert_int_equal(p.payload_count, 2);
    assert_int_equal(p.payloads_end, 56);
    Payloads payloads{kTwo, p};
    const auto first = payloads.next();
    assert_int_equal(first->stream, 1);
    assert_int_equal(first->data.size(), 4);
    const auto second = payloads.next();
    assert_int_equal(second->stream, 2);
    assert_false(second->key);
    assert_int_equal(second->offset, 6);
    assert_int_equal(second->data.size(), 5);
    assert_false(payloads.next().has_value());
}

void a_compressed_payload_gives_its_presentation_time_as_offset(void**) {
    const auto p = read(kCompressed);
    const auto one = Payloads{kCompressed, p}.next();
    assert_true(one->compressed);
    assert_int_equal(one->offset, 0);
    assert_int_equal(load_u32le(kCompressed.data() + one->offset_field.at), 5176);
    assert_int_equal(one->data.size(), 9);
}

void other_forms_of_the_same_packets_are_read(void**) {
    assert_int_equal(Payloads(kSingleStripped, read(kSingleStripped)).next()->data.size(), 16);
    assert_int_equal(Payloads(kSingleAsMultiple, read(kSingleAsMultiple)).next()->data.size(), 16);
    assert_int_equal(read(kTwoLater).send_time, 5136);
    assert_int_equal(read(kTwoFirstOnly).payload_count, 1);
}

void a_filler_is_read_and_is_no_media(void**) {
    assert_true(read(kFiller).filler());
    const auto info = judged(kFiller);
    assert_false(info.media);
    assert_false(info.sync);
    assert_int_equal(info.send_time, 4136);
}

void every_shorter_prefix_of_a_packet_with_padding_is_refused(void**) {
    for (Bytes whole : {Bytes{kTwo}, Bytes{kFiller}}) {
        for (std::size_t n = 0; n < whole.size() - 8; ++n) {
            const auto parsed = parse_packet(whole.first(n), 64);
            assert_false(parsed.ok());
        }
    }
}

void packets_longer_than_the_header_says_are_refused(void**) {
    auto longer = test::copy(kSingle);
    longer.push_back(0);
    refused(longer, Errc::too_large);
}

void parity_packets_are_no_media(void**) {
    const auto p = read(patched(kSingle, 0, {0x92}));
    assert_true(p.parity);
    assert_false(judge_packet(kSingle, p, header()).media);
    assert_false(judge_packet(kSingle, p, header()).filler);
    assert_true(judge_packet(kFiller, read(kFiller), header()).filler);
}

void error_correction_parts_are_held_to_their_form(void**) {
    refused(patched(kSingle, 0, {0xA2}));
    refused(patched(kSingle, 0, {0xC2}));
    refused(test::hex<"8F 00 00">());
    const auto longer = joined({test::hex<"83 00 00 00">(), Bytes{kSingleStripped}.subspan(3)});
    assert_int_equal(read(longer).ec_size, 4);
    assert_int_equal(read(Bytes{kSingleStripped}.subspan(3)).ec_size, 0);
}

void flags_are_held_to_their_form(void**) {
    refused(patched(kSingle, 3, {0x88}));
    refused(patched(kSingle, 4, {0x1D}));
    refused(patched(kSingle, 4, {0x9D}));
    refused(patched(kSingle, 4, {0xDD}));
}

void padding_may_not_pass_the_payloads(void**) {
    // Replicated data of 8 bytes end at byte 27: 37 bytes of padding leave an empty payload.
    assert_int_equal(read(patched(kSingle, 5, {37})).payloads_end, 27);
    refused(patched(kSingle, 5, {38}));
    refused(patched(kSingle, 5, {53}));
    // As a DWORD that would wrap.
    refused(joined({test::hex<"82 00 00 18 5D FF FF FF FF">(), Bytes{kSingle}.subspan(6, 55)}));
}

void packet_length_rules_where_it_is_there(void**) {
    auto p = joined({test::hex<"82 00 00 20 5D 2B">(), Bytes{kSingleStripped}.subspan(5)});
    assert_int_equal(p.size(), 43);
    assert_int_equal(read(p).total, 43);
    // What is behind it is padding, whatever its length.
    p.resize(64);
    assert_int_equal(read(p).total, 43);
    assert_int_equal(Payloads(p, read(p)).next()->data.size(), 16);
    refused(patched(p, 5, {65}));
    refused(patched(p, 5, {11}));
    // 0 says nothing.
    p = patched(p, 5, {0});
    p.resize(43);
    assert_int_equal(read(p).total, 43);
}

void gstreamers_packet_length_without_the_padding_is_understood(void**) {
    // Packet Length 34 and 6 bytes of padding, in 40.
    constexpr auto kPacket = test::hex<
        "51 5D 22 00 06 00 28 10 00 00 00 00 81 01 03 00 00 00 00 08 04 00 00 00 10 14 00 00 04 00 A0 A1"
        "A2 A3 00 00 00 00 00 00">();
    const auto parsed = read(kPacket);
    assert_int_equal(parsed.total, 40);
    assert_int_equal(parsed.payloads_end, 34);
    // Where it is no such pair, the Packet Length rules: 34 - 5 bytes are too few.
    refused(patched(kPacket, 4, {5}));
}

void replicated_data_of_2_to_7_bytes_are_refused(void**) {
    for (std::uint8_t n = 2; n < 8; ++n) refused(patched(kSingle, 18, {n}));
    refused(patched(kSingle, 18, {25}));
    assert_int_equal(read(patched(kSingle, 18, {0})).payload_count, 1);
}

void payloads_may_not_pass_the_end(void**) {
    refused(patched(kTwo, 49, {6}));
    refused(patched(kTwo, 49, {0xFF, 0xFF}));
    refused(patched(kTwo, 12, {0x83}));
    // Bytes between the last payload and the padding are slack.
    assert_int_equal(read(patched(kTwo, 49, {4})).payloads_end, 55);
    // No payload lengths stated.
    refused(patched(kTwo, 12, {0x02}));
}

void a_count_of_zero_needs_padding_up_to_the_end(void**) {
    refused(patched(kTwo, 12, {0x80}));
    refused(patched(kFiller, 5, {49}));
    refused(patched(kFiller, 5, {51}));
    assert_true(read(patched(kFiller, 13, {0x00})).filler());
}

void media_objects_are_held_to_their_size(void**) {
    refused(patched(kSingle, 19, {15}));
    refused(patched(kSingle, 14, {1}));
    refused(patched(kSingle, 14, {0xFF, 0xFF, 0xFF, 0xFF}));
    refused(patched(kSingle, 19, {0, 0, 0, 0}));
    assert_true(parse_packet(patched(kSingle, 19, {0, 0, 0, 1}), 64).ok());
    refused(patched(kSingle, 19, {1, 0, 0, 1}));
}

void compressed_parts_must_fill_their_payload(void**) {
    refused(patched(kCompressed, 20, {4}));
    refused(patched(kCompressed, 27, {2}));
    refused(patched(kCompressed, 5, {36}));
}

void a_key_frames_first_fragment_is_a_place_to_start(void**) {
    assert_true(judged(kSingle).sync);
    assert_true(judged(kSingle).media);
    assert_int_equal(judged(kSingle).send_time, 4096);
}

void neither_the_key_bit_nor_the_first_fragment_alone_suffices(void**) {
    assert_false(judged(patched(kSingle, 12, {0x02})).sync);
    // A later fragment of a key frame: bytes 1 to 16 of 17.
    assert_false(judged(patched(patched(kSingle, 14, {1}), 19, {17})).sync);
}

void audio_beside_video_is_no_place_to_start(void**) {
    assert_true(judged(kTwo).media);
    assert_false(judged(kTwo).sync);
    assert_false(judged(kCompressed).sync);
}

Header header_of(std::initializer_list<std::pair<int, StreamKind>> streams) {
    Header h;
    h.packet_size = 64;
    for (auto [number, kind] : streams) {
        h.kinds[static_cast<std::size_t>(number)] = kind;
        h.has_audio |= kind == StreamKind::audio;
        h.has_video |= kind == StreamKind::video;
    }
    return h;
}

void without_video_the_first_audio_payload_tells(void**) {
    const auto one = header_of({{1, StreamKind::audio}});
    assert_true(judged(kTwo, one).sync);
    assert_true(judged(kCompressed, one).sync);
    const auto both = header_of({{1, StreamKind::script}, {2, StreamKind::audio}});
    assert_false(judged(kTwo, both).sync);
    const auto swapped = header_of({{1, StreamKind::audio}, {2, StreamKind::audio}});
    assert_true(judged(kTwo, swapped).sync);
}

void without_audio_and_video_any_first_fragment_will_do(void**) {
    assert_true(judged(kTwo, header_of({{1, StreamKind::script}})).sync);
    assert_false(judged(kTwo, header_of({{2, StreamKind::other}})).sync);
}

void a_stream_without_clean_points_starts_at_any_object(void**) {
    auto h = header_of({{2, StreamKind::video}});
    const auto without_key = patched(kSingle, 12, {0x02});
    assert_false(judged(without_key, h).sync);
    h.no_clean_points[2] = true;
    assert_true(judged(without_key, h).sync);
    // Not in the middle of one, though.
    assert_false(judged(patched(patched(without_key, 14, {1}), 19, {17}), h).sync);
}

void payloads_of_streams_not_in_the_header_are_ignored(void**) {
    auto info = judged(kSingle, header_of({{1, StreamKind::audio}}));
    assert_false(info.media);
    assert_false(info.sync);
    info = judged(kTwo, header_of({{1, StreamKind::audio}}));
    assert_true(info.media);
    assert_true(info.sync);
}

void the_format_inspects_by_the_same_rules(void**) {
    const auto format = container().parse_header(kHeaderBlob, {}).value();
    assert_true(format->inspect(kSingle).value().sync);
    assert_false(format->inspect(kFiller).value().media);
    assert_false(format->inspect(Bytes{kSingle}.first(20)).ok());
    // A packet without the part in front may not take the place of it.
    assert_false(format->inspect(Buffer(65)).ok());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_single_payload_is_read_whole),
        cmocka_unit_test(two_payloads_are_read_in_order),
        cmocka_unit_test(a_compressed_payload_gives_its_presentation_time_as_offset),
        cmocka_unit_test(other_forms_of_the_same_packets_are_read),
        cmocka_unit_test(a_filler_is_read_and_is_no_media),
        cmocka_unit_test(every_shorter_prefix_of_a_packet_with_padding_is_refused),
        cmocka_unit_test(packets_longer_than_the_header_says_are_refused),
        cmocka_unit_test(parity_packets_are_no_media),
        cmocka_unit_test(error_correction_parts_are_held_to_their_form),
        cmocka_unit_test(flags_are_held_to_their_form),
        cmocka_unit_test(padding_may_not_pass_the_payloads),
        cmocka_unit_test(packet_length_rules_where_it_is_there),
        cmocka_unit_test(gstreamers_packet_length_without_the_padding_is_understood),
        cmocka_unit_test(replicated_data_of_2_to_7_bytes_are_refused),
        cmocka_unit_test(payloads_may_not_pass_the_end),
        cmocka_unit_test(a_count_of_zero_needs_padding_up_to_the_end),
        cmocka_unit_test(media_objects_are_held_to_their_size),
        cmocka_unit_test(compressed_parts_must_fill_their_payload),
        cmocka_unit_test(a_key_frames_first_fragment_is_a_place_to_start),
        cmocka_unit_test(neither_the_key_bit_nor_the_first_fragment_alone_suffices),
        cmocka_unit_test(audio_beside_video_is_no_place_to_start),
        cmocka_unit_test(without_video_the_first_audio_payload_tells),
        cmocka_unit_test(without_audio_and_video_any_first_fragment_will_do),
        cmocka_unit_test(a_stream_without_clean_points_starts_at_any_object),
        cmocka_unit_test(payloads_of_streams_not_in_the_header_are_ignored),
        cmocka_unit_test(the_format_inspects_by_the_same_rules),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
