// Byte streams cut into headers and packets, in every split (asf.md 1.1, 5, 11; clients.md 2).
#include "core/asf/reader.hpp"

#include <algorithm>
#include <string>

#include "core/asf/chunk.hpp"
#include "core/asf/container.hpp"
#include "core/asf/guid.hpp"
#include "core/asf/header.hpp"
#include "test/support/bytes.hpp"
#include "test/unit/core/asf/vectors.hpp"

// always last
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::asf;
using namespace weir::asf::vectors;

namespace {

// What came out, as text: F<served packet size>, P (packet), S (sync), K (keep-alive or parity), B (bad).
struct Record final : StreamReader::Output {
    std::string log;
    std::vector<Buffer> packets;
    StreamFormatPtr format;
    std::string error;
    bool finished = false, ended_well = false;
    bool refuse_bad = false;

    Result<> on_format(StreamFormatPtr f) override {
        format = std::move(f);
        log += "F" + std::to_string(format->max_packet()) + " ";
        return Ok{};
    }
    Result<> on_packet(Bytes packet, const PacketInfo& info) override {
        const auto again = format->inspect(packet);
        assert_true(again.ok());
        assert_int_equal(again.value().sync, info.sync);
        log += info.sync ? 'S' : info.media ? 'P' : 'K';
        packets.push_back(test::copy(packet));
        return Ok{};
    }
    Result<> on_bad_packet(const Error& why) override {
        assert_false(why.detail.empty());
        log += 'B';
        if (refuse_bad) return Error{Errc::refused, "enough"};
        return Ok{};
    }
};

Record run(std::initializer_list<Bytes> parts, std::size_t limit = 64 * 1024) {
    Record out;
    const auto reader = container().open_reader({.header_bytes = limit});
    for (auto part : parts) {
        // A copy of the exact size, so that the sanitizer sees every byte read too many.
        const auto exact = test::copy(part);
        const auto done = reader->feed(exact, out);
        if (!done && out.error.empty()) out.error = done.error().detail;
    }
    const auto ended = reader->end();
    out.ended_well = ended.ok();
    if (!ended && out.error.empty()) out.error = ended.error().detail;
    out.finished = reader->finished();
    return out;
}

void same(const Record& a, const Record& b) {
    assert_string_equal(a.log.c_str(), b.log.c_str());
    // "not ASF" names the first bytes, of which one may have come.
    const bool refused_at_once = a.error.starts_with("not ASF") && b.error.starts_with("not ASF");
    if (!refused_at_once) assert_string_equal(a.error.c_str(), b.error.c_str());
    assert_int_equal(a.finished, b.finished);
    assert_true(a.packets == b.packets);
}

// Whole, in two at every place, and byte by byte: always the same comes out.
Record check(Bytes in, std::string_view log) {
    const auto whole = run({in});
    if (whole.log != log) print_error("'%s' (%s)\n", whole.log.c_str(), whole.error.c_str());
    assert_true(whole.log == log);
    for (std::size_t n = 1; n < in.size(); ++n) same(run({in.first(n), in.subspan(n)}), whole);
    Record single;
    const auto reader = container().open_reader({});
    for (auto byte : in) {
        if (const auto done = reader->feed({&byte, 1}, single); !done) single.error = done.error().detail;
    }
    if (const auto ended = reader->end(); !ended && single.error.empty()) single.error = ended.error().detail;
    single.finished = reader->finished();
    same(single, whole);
    return whole;
}

Buffer data(Bytes packet, std::uint32_t n) {
    Buffer out(kDataOverhead + packet.size());
    encode_data({.location_id = n, .incarnation = 0, .af_flags = static_cast<std::uint8_t>(n)}, packet, out);
    return out;
}
Buffer head(Bytes b) {
    Buffer out(encoded_header_size(b.size()));
    encode_header(0, b, out);
    return out;
}
Buffer fragment(Bytes part, std::uint32_t n, std::uint8_t flags) {
    Buffer out(kDataOverhead);
    encode_head(ChunkType::header, {.location_id = n, .incarnation = 0, .af_flags = flags}, part.size(), out);
    out.insert(out.end(), part.begin(), part.end());
    return out;
}
Buffer reason(char letter, std::uint32_t value) {
    Buffer out(kReasonChunk);
    letter == 'E' ? encode_end(value, out) : encode_stream_change(value, out);
    return out;
}
constexpr auto kFfmpegEnd = test::hex<"24 45 08 00 4D 00 00 00 00 00 08 00">();

void a_raw_stream_is_cut_into_header_and_packets(void**) {
    const auto r = check(joined({kHeaderBlob, kTwo, kSingle, kCompressed, kFiller}), "F64 PSPK");
    assert_true(test::same(r.packets[1], kSingle));
    assert_true(r.ended_well);
    assert_false(r.finished);
}

void whole_packets_are_handed_on_where_they_lie(void**) {
    struct Place final : StreamReader::Output {
        const std::uint8_t* at = nullptr;
        Result<> on_format(StreamFormatPtr) override { return Ok{}; }
        Result<> on_packet(Bytes packet, const PacketInfo&) override { return at = packet.data(), Ok{}; }
        Result<> on_bad_packet(const Error&) override { return Ok{}; }
    } place;
    const auto in = joined({kHeaderBlob, kSingle});
    const auto reader = container().open_reader({});
    assert_true(reader->feed(in, place).ok());
    assert_ptr_equal(place.at, in.data() + kHeaderBlob.size());
}

void the_format_waits_for_the_first_packet(void**) {
    check(kHeaderBlob, "");
    assert_true(run({kHeaderBlob}).ended_well);
    check(joined({kHeaderBlob, Bytes{kSingle}.first(63)}), "");
}

void a_run_without_the_error_correction_part_is_served_with_it(void**) {
    const auto b = blob_for(61);
    const auto r = check(joined({b, Bytes{kTwo}.subspan(3), Bytes{kSingle}.subspan(3)}), "F64 PS");
    const auto served = asf::parse_header(r.format->header(), 1024);
    assert_int_equal(served.value().packet_size, 64);
    Buffer out(64);
    assert_true(r.format->fit(r.packets[1], *r.format, out).ok());
    assert_true(test::same(out, kSingle));
    assert_true(r.format->inspect(out).ok());
    // The source itself may not send longer ones than it said.
    Buffer longer = test::copy(Bytes{kSingle}.subspan(3));
    longer.push_back(0);
    assert_false(r.format->inspect(longer).ok());
}

void a_run_whose_packets_would_become_too_long_is_refused(void**) {
    const auto b = blob_for(kMaxPacketSize);
    Buffer packet = test::copy(Bytes{kSingleAsMultiple}.subspan(3));
    packet.resize(kMaxPacketSize);
    const auto r = run({b, packet});
    assert_true(r.error.find("65511") != std::string::npos);
}

void indexes_and_ffmpegs_end_behind_the_packets_are_recognised(void**) {
    for (const auto& g : {kSimpleIndex, kIndex, kMediaObjectIndex, kTimecodeIndex}) {
        const auto index = object(g.bytes.data(), Buffer(86, 0x82));
        const auto r = check(joined({kHeaderBlob, kSingle, index, kFfmpegEnd}), "F64 S");
        assert_true(r.finished);
    }
    assert_true(check(joined({kHeaderBlob, kSingle, reason('E', 0)}), "F64 S").finished);
    assert_false(run({joined({kHeaderBlob, kSingle, object(kSimpleIndex.bytes.data(), {})})}).finished);
}

void what_follows_the_end_is_ignored(void**) {
    check(joined({kHeaderBlob, kSingle, kFfmpegEnd, kSingle, kHeaderBlob}), "F64 S");
}

void an_index_of_senseless_size_ends_the_reading(void**) {
    for (std::uint64_t size : {std::uint64_t{23}, std::uint64_t{64 * 1024 * 1024 + 1}, ~std::uint64_t{0}}) {
        auto index = object(kSimpleIndex.bytes.data(), {});
        store_u64le(index.data() + 16, size);
        const auto r = check(joined({kHeaderBlob, kSingle, index, kSingle}), "F64 S");
        assert_true(r.error.find("Simple Index") != std::string::npos);
    }
}

void a_new_header_at_a_border_begins_a_new_run(void**) {
    check(joined({kHeaderBlob, kSingle, kHeaderBlob, kSingle, kTwo}), "F64 SF64 SP");
    const auto smaller = blob_for(61);
    check(joined({kHeaderBlob, kSingle, smaller, Bytes{kSingle}.subspan(3), kHeaderBlob, kTwo}),
          "F64 SF64 SF64 P");
}

void a_damaged_packet_is_told_and_its_neighbours_live(void**) {
    auto bad = test::copy(kTwo);
    bad[4] = 0;
    check(joined({kHeaderBlob, kSingle, bad, kSingle, kTwo}), "F64 SBSP");
    check(joined({kHeaderBlob, kSingle, bad, bad, kSingle}), "F64 SBBS");
    check(joined({kHeaderBlob, bad, kSingle}), "BF64 S");
    check(joined({kHeaderBlob, kSingle, bad, kHeaderBlob, kSingle}), "F64 SBF64 S");
}

void lost_bytes_are_told_once_and_the_next_packet_is_found(void**) {
    for (const unsigned lost : {1U, 5U, 30U, 63U}) {
        const auto in = joined({kHeaderBlob, kSingle, Bytes{kTwo}.subspan(lost), kSingle, kTwo, kSingle});
        const auto r = run({in});
        assert_true(r.log.starts_with("F64 SB") && r.log.ends_with("SPS"));
        assert_int_equal(std::count(r.log.begin(), r.log.end(), 'B'), 1);
    }
    check(joined({kHeaderBlob, kSingle, Bytes{kTwo}.subspan(5), kSingle, kTwo}), "F64 SBSP");
    // Too many bytes, among them ones that look like the beginning of a packet.
    const auto junk = test::hex<"01 02 82 00 00 03 82 82 00 00 04 05">();
    check(joined({kHeaderBlob, kSingle, junk, kSingle, kTwo}), "F64 SBSP");
    check(joined({kHeaderBlob, kSingle, junk, kHeaderBlob, kTwo}), "F64 SBF64 P");
}

void a_run_without_the_part_is_found_again_too(void**) {
    const auto b = blob_for(61);
    const auto p = Bytes{kSingle}.subspan(3);
    check(joined({b, p, p.subspan(7), p, p}), "F64 SBSS");
}

void a_stream_that_becomes_something_else_is_given_up(void**) {
    Buffer in = joined({kHeaderBlob, kSingle});
    in.resize(in.size() + 1024 * 1024, 0x11);
    assert_string_equal(run({in}).error.c_str(), "");
    in.resize(in.size() + 1024, 0x11);
    const auto r = run({in});
    assert_string_equal(r.log.c_str(), "F64 SB");
    assert_true(r.error.find("without a packet") != std::string::npos);
}

void a_files_last_packet_is_known_by_its_data_object(void**) {
    auto b = blob();
    store_u32le(b.data() + kFilePropertiesAt + 88, 2);
    store_u64le(b.data() + kDataObjectAt + 16, 50 + 128);
    store_u64le(b.data() + kDataObjectAt + 40, 2);
    const Guid unknown = guid("00112233-4455-6677-8899-AABBCCDDEEFF");
    const auto other = object(unknown.bytes.data(), Buffer(100, 0x82));
    const auto index = object(kSimpleIndex.bytes.data(), Buffer(10));
    check(joined({b, kSingle, kTwo, other, index, kFfmpegEnd}), "F64 SP");
    check(joined({b, kSingle, kTwo, index, other, b, kSingle}), "F64 SPF64 S");
    const auto r = check(joined({b, kSingle, kTwo, kSingle}), "F64 SP");
    assert_true(r.error.find("behind the packets") != std::string::npos);
    // Where bytes are lost in front of it nobody knows where it ends.
    check(joined({b, Bytes{kTwo}.subspan(9), kSingle, kTwo, index, kFfmpegEnd}), "BF64 SP");
    // A live header's numbers are not believed.
    store_u32le(b.data() + kFilePropertiesAt + 88, 3);
    check(joined({b, kSingle, kTwo, kSingle}), "F64 SPS");
}

void a_framed_stream_is_cut_into_header_and_packets(void**) {
    const auto r =
        check(joined({head(kHeaderBlob), data(kTwo, 0), data(kSingle, 1), data(kFiller, 1), kFfmpegEnd}),
              "F64 PSK");
    assert_true(r.finished);
    assert_true(test::same(r.packets[1], kSingle));
}

void a_header_in_fragments_is_put_together(void**) {
    const Bytes b{kHeaderBlob};
    const auto first = fragment(b.first(300), 0, kFirstFragment);
    const auto middle = fragment(b.subspan(300, 100), 1, kMiddleFragment);
    const auto last = fragment(b.subspan(400), 2, kLastFragment);
    check(joined({first, middle, last, data(kSingle, 0)}), "F64 S");
    assert_true(run({joined({first, last})}).error.find("expected fragment 1") != std::string::npos);
    assert_true(run({joined({middle, last})}).error.find("expected a first fragment") != std::string::npos);
    assert_true(run({joined({first, data(kSingle, 0)})}).error.find("inside a header") != std::string::npos);
    assert_true(run({joined({first, middle, last})}, 399).error.find("limit") != std::string::npos);
}

void a_second_header_chunk_begins_a_new_run(void**) {
    check(joined({head(kHeaderBlob), data(kSingle, 0), head(kHeaderBlob), data(kSingle, 1)}), "F64 SF64 S");
    check(joined({head(kHeaderBlob), data(kSingle, 0), reason('E', 1), reason('C', 0), kMetadataChunk,
                  head(kHeaderBlob), data(kTwo, 1), reason('E', 0), data(kTwo, 2)}),
          "F64 SF64 P");
}

void stripped_packets_in_chunks_are_made_whole(void**) {
    auto truncated = Bytes{kSingle}.first(43);  // padding cut, its length left in place
    auto truncated_multiple = Bytes{kTwo}.first(56);
    const auto r =
        check(joined({head(kHeaderBlob), data(kSingleStripped, 0), data(truncated, 1), kTwoStrippedChunk,
                      data(truncated_multiple, 3), data(Bytes{kFiller}.first(14), 3)}),
              "F64 SSPPK");
    assert_true(test::same(r.packets[0], kSingle));
    assert_true(test::same(r.packets[1], kSingle));
    assert_true(test::same(r.packets[2], kTwo));
    assert_true(test::same(r.packets[3], kTwo));
    assert_true(test::same(r.packets[4], kFiller));
}

void stripped_packets_without_the_part_are_made_whole(void**) {
    const auto r = check(joined({head(blob_for(61)), data(Bytes{kSingleStripped}.subspan(3), 0)}), "F64 S");
    assert_true(test::same(r.packets[0], kSingle));
}

void packets_that_lost_media_are_not_made_whole(void**) {
    check(joined({head(kHeaderBlob), data(kSingle, 0), data(Bytes{kTwo}.first(54), 1), data(kTwo, 2)}),
          "F64 SBP");
}

void packets_that_are_too_long_are_dropped(void**) {
    auto longer = test::copy(kSingle);
    longer.push_back(0);
    check(joined({head(kHeaderBlob), data(longer, 0), data({}, 1), data(kSingle, 2)}), "BBF64 S");
}

void parity_packets_are_told_apart(void**) {
    auto parity = test::copy(kSingle);
    parity[0] = 0x92;
    check(joined({head(kHeaderBlob), data(kSingle, 0), data(parity, 1), data(Bytes{parity}.first(20), 2)}),
          "F64 SKK");
}

void chunks_out_of_order_end_the_reading(void**) {
    assert_true(check(data(kSingle, 0), "").error.find("not ASF") != std::string::npos);
    const auto r = check(joined({kMetadataChunk, data(kSingle, 0)}), "");
    assert_true(r.error.find("before any $H") != std::string::npos);
    const auto junk = check(joined({head(kHeaderBlob), data(kSingle, 0), kTwo}), "F64 S");
    assert_true(junk.error.find("0x82") != std::string::npos);
}

void endless_stream_changes_end_the_reading(void**) {
    Buffer in = head(kHeaderBlob);
    for (int i = 0; i < 10; ++i) in = joined({in, reason('C', 0)});
    assert_string_equal(run({in}).error.c_str(), "");
    in = joined({in, reason('C', 0)});
    assert_true(run({in}).error.find("11 $C") != std::string::npos);
}

void what_is_no_asf_is_refused_at_once(void**) {
    const auto r = check(as_bytes("GET / HTTP/1.1\r\n"), "");
    assert_true(r.error.starts_with("not ASF: the first bytes are "));
    Record out;
    const auto reader = container().open_reader({});
    const auto done = reader->feed(as_bytes("OggS"), out);
    assert_int_equal(done.error().code, Errc::unsupported);
    assert_true(reader->feed(kHeaderBlob, out).ok());
    assert_string_equal(out.log.c_str(), "");
}

void a_header_cut_short_is_told_at_the_end(void**) {
    for (std::size_t n = 0; n < kHeaderBlob.size(); ++n) {
        const auto r = run({Bytes{kHeaderBlob}.first(n)});
        assert_false(r.ended_well);
        assert_true(r.error.find(std::to_string(n) + " bytes") != std::string::npos);
    }
    assert_false(run({Bytes{head(kHeaderBlob)}.first(466)}).ended_well);
}

void a_header_over_the_limit_is_refused_before_it_is_kept(void**) {
    assert_string_equal(run({kHeaderBlob}, 455).error.c_str(), "");
    assert_true(run({kHeaderBlob}, 454).error.find("454") != std::string::npos);
    auto b = blob();
    store_u64le(b.data() + 16, 70'000);
    assert_true(run({Bytes{b}.first(30)}).error.find("size 70000") != std::string::npos);
    assert_true(run({head(kHeaderBlob)}, 454).error.find("454") != std::string::npos);
}

void an_error_of_the_receiver_ends_the_reading(void**) {
    Record out;
    out.refuse_bad = true;
    const auto reader = container().open_reader({});
    auto longer = test::copy(kSingle);
    longer.push_back(0);
    const auto in = joined({head(kHeaderBlob), data(longer, 0), data(kSingle, 1)});
    const auto done = reader->feed(in, out);
    assert_int_equal(done.error().code, Errc::refused);
    assert_true(reader->feed(data(kSingle, 2), out).ok());
    assert_string_equal(out.log.c_str(), "B");
}

void both_forms_are_detected_by_their_first_bytes(void**) {
    using D = Container::Detected;
    const auto detect = [](Bytes b) { return container().detect(b); };
    assert_int_equal(detect({}), D::need_more);
    const auto framed = head(kHeaderBlob);
    for (std::size_t n = 1; n < 40; ++n) {
        assert_int_equal(detect(Bytes{kHeaderBlob}.first(n)), n < 16 ? D::need_more : D::yes);
        assert_int_equal(detect(Bytes{framed}.first(n)), n < 12 ? D::need_more : D::yes);
    }
    // What breaks off later was never a yes: the answer must not depend on how the bytes were cut.
    const auto another_guid = test::hex<"30 26 B2 75 8E 66 CF 11 A6 D9 00 AA 00 62 CE 6D">();
    const auto two_sizes = test::hex<"24 48 AF 02 00 00 00 00 00 00 00 00">();
    for (std::size_t n = 1; n <= 16; ++n)
        assert_int_equal(detect(Bytes{another_guid}.first(n)), n < 16 ? D::need_more : D::no);
    for (std::size_t n = 1; n <= 12; ++n)
        assert_int_equal(detect(Bytes{two_sizes}.first(n)), n < 12 ? D::need_more : D::no);
    assert_int_equal(detect(as_bytes("G")), D::no);
    assert_int_equal(detect(as_bytes("0x")), D::no);
    assert_int_equal(detect(as_bytes("$5")), D::no);
    assert_int_equal(detect(test::hex<"30 26 B2 74">()), D::no);
    assert_int_equal(detect(test::hex<"24 48 00 00">()), D::no);
    assert_int_equal(detect(test::hex<"24 48 CF 01 00 00 00 00 00 0C CF 02">()), D::no);
    assert_int_equal(container().name() == "asf", 1);
    assert_int_equal(container().content_type() == "video/x-ms-asf", 1);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_raw_stream_is_cut_into_header_and_packets),
        cmocka_unit_test(whole_packets_are_handed_on_where_they_lie),
        cmocka_unit_test(the_format_waits_for_the_first_packet),
        cmocka_unit_test(a_run_without_the_error_correction_part_is_served_with_it),
        cmocka_unit_test(a_run_whose_packets_would_become_too_long_is_refused),
        cmocka_unit_test(indexes_and_ffmpegs_end_behind_the_packets_are_recognised),
        cmocka_unit_test(what_follows_the_end_is_ignored),
        cmocka_unit_test(an_index_of_senseless_size_ends_the_reading),
        cmocka_unit_test(a_new_header_at_a_border_begins_a_new_run),
        cmocka_unit_test(a_damaged_packet_is_told_and_its_neighbours_live),
        cmocka_unit_test(lost_bytes_are_told_once_and_the_next_packet_is_found),
        cmocka_unit_test(a_run_without_the_part_is_found_again_too),
        cmocka_unit_test(a_stream_that_becomes_something_else_is_given_up),
        cmocka_unit_test(a_files_last_packet_is_known_by_its_data_object),
        cmocka_unit_test(a_framed_stream_is_cut_into_header_and_packets),
        cmocka_unit_test(a_header_in_fragments_is_put_together),
        cmocka_unit_test(a_second_header_chunk_begins_a_new_run),
        cmocka_unit_test(stripped_packets_in_chunks_are_made_whole),
        cmocka_unit_test(stripped_packets_without_the_part_are_made_whole),
        cmocka_unit_test(packets_that_lost_media_are_not_made_whole),
        cmocka_unit_test(packets_that_are_too_long_are_dropped),
        cmocka_unit_test(parity_packets_are_told_apart),
        cmocka_unit_test(chunks_out_of_order_end_the_reading),
        cmocka_unit_test(endless_stream_changes_end_the_reading),
        cmocka_unit_test(what_is_no_asf_is_refused_at_once),
        cmocka_unit_test(a_header_cut_short_is_told_at_the_end),
        cmocka_unit_test(a_header_over_the_limit_is_refused_before_it_is_kept),
        cmocka_unit_test(an_error_of_the_receiver_ends_the_reading),
        cmocka_unit_test(both_forms_are_detected_by_their_first_bytes),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
