// The `$` framing (wmsp.md 5, 12 item 8, 13).
#include "core/asf/chunk.hpp"

#include "test/support/bytes.hpp"
#include "test/unit/core/asf/vectors.hpp"

// always last
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::asf;
using namespace weir::asf::vectors;

namespace {

Chunk read(Bytes in) {
    const auto parsed = parse_chunk(in);
    const auto* got = std::get_if<Got<Chunk>>(&parsed);
    assert_non_null(got);
    assert_int_equal(got->used, in.size());
    return got->value;
}

void refused(Bytes in) {
    const auto parsed = parse_chunk(in);
    assert_true(std::holds_alternative<Error>(parsed));
}

// parse_chunk() of every shorter prefix asks for more, and never for more than is missing.
void check_prefixes(Bytes in) {
    for (std::size_t n = 0; n < in.size(); ++n) {
        const auto parsed = parse_chunk(in.first(n));
        const auto* need = std::get_if<Need>(&parsed);
        assert_non_null(need);
        assert_in_range(need->more, 1, in.size() - n);
    }
}

void a_data_chunk_is_read_whole(void**) {
    const auto c = read(kSingleChunk);
    assert_int_equal(c.type, ChunkType::data);
    assert_int_equal(c.location_id, 5);
    assert_int_equal(c.af_flags, 5);
    assert_int_equal(c.incarnation, 0);
    assert_false(c.no_delay);
    assert_true(test::same(c.payload, kSingle));
    check_prefixes(kSingleChunk);
}

void the_b_bit_is_told_and_changes_nothing_else(void**) {
    auto b = test::copy(kSingleChunk);
    b[0] = 0xA4;
    const auto c = read(b);
    assert_true(c.no_delay);
    assert_true(test::same(c.payload, kSingle));
}

void a_data_chunk_comes_back_from_encode(void**) {
    Buffer out(kDataOverhead + kSingle.size());
    assert_int_equal(encode_data({.location_id = 5, .incarnation = 0, .af_flags = 5}, kSingle, out),
                     out.size());
    assert_true(test::same(out, kSingleChunk));
    const auto stripped = read(kTwoStrippedChunk);
    assert_int_equal(stripped.payload.size(), 55);
    Buffer again(kTwoStrippedChunk.size());
    encode_data({.location_id = 6, .incarnation = 0, .af_flags = 6}, stripped.payload, again);
    assert_true(test::same(again, kTwoStrippedChunk));
}

void a_header_goes_into_one_chunk(void**) {
    Buffer out(encoded_header_size(kHeaderBlob.size()));
    assert_int_equal(out.size(), 467);
    assert_int_equal(encode_header(0, kHeaderBlob, out), 467);
    assert_true(test::same(Bytes{out}.first(12), kHeaderChunkHead));
    const auto c = read(out);
    assert_int_equal(c.af_flags, kOnlyFragment);
    assert_true(test::same(c.payload, kHeaderBlob));
}

void heads_of_header_fragments_are_those_of_the_vectors(void**) {
    constexpr auto kFirst = test::hex<"24 48 34 01 00 00 00 00 00 04 34 01">();
    constexpr auto kSecond = test::hex<"24 48 A3 00 01 00 00 00 00 08 A3 00">();
    Buffer head(kDataOverhead);
    encode_head(ChunkType::header, {.location_id = 0, .incarnation = 0, .af_flags = kFirstFragment}, 300,
                head);
    assert_true(test::same(head, kFirst));
    encode_head(ChunkType::header, {.location_id = 1, .incarnation = 0, .af_flags = kLastFragment}, 155,
                head);
    assert_true(test::same(head, kSecond));
}

void a_header_longer_than_a_chunk_is_split(void**) {
    const Buffer blob_bytes(100'000, 0x55);
    Buffer out(encoded_header_size(blob_bytes.size()));
    assert_int_equal(encode_header(7, blob_bytes, out), 100'024);
    assert_int_equal(load_u16le(out.data() + 2), 65535);
    const auto first = read(Bytes{out}.first(kMaxChunk));
    assert_int_equal(first.af_flags, kFirstFragment);
    assert_int_equal(first.incarnation, 7);
    const auto second = read(Bytes{out}.subspan(kMaxChunk));
    assert_int_equal(second.length, 34481);
    assert_int_equal(second.af_flags, kLastFragment);
    assert_int_equal(second.location_id, 1);
    assert_int_equal(encoded_header_size(kMaxChunkPayload), kMaxChunk);
    assert_int_equal(encoded_header_size(kMaxChunkPayload + 1), kMaxChunk + kDataOverhead + 1);
}

void the_middle_one_of_three_fragments_is_marked_so(void**) {
    const Buffer blob_bytes(2 * kMaxChunkPayload + 1);
    Buffer out(encoded_header_size(blob_bytes.size()));
    encode_header(0, blob_bytes, out);
    assert_int_equal(read(Bytes{out}.subspan(kMaxChunk, kMaxChunk)).af_flags, kMiddleFragment);
    assert_int_equal(read(Bytes{out}.subspan(2 * kMaxChunk)).af_flags, kLastFragment);
}

void ends_and_changes_are_those_of_the_vectors(void**) {
    constexpr auto kChange = test::hex<"24 43 04 00 00 00 00 00">();
    constexpr auto kEnd = test::hex<"24 45 04 00 00 00 00 00">();
    constexpr auto kEndOfEntry = test::hex<"24 45 04 00 01 00 00 00">();
    constexpr auto kFailed = test::hex<"24 45 04 00 29 00 0D C0">();
    Buffer out(kReasonChunk);
    assert_int_equal(encode_stream_change(0, out), 8);
    assert_true(test::same(out, kChange));
    assert_int_equal(read(kChange).type, ChunkType::stream_change);
    encode_end(kEndFinished, out);
    assert_true(test::same(out, kEnd));
    encode_end(kEndEntryFinished, out);
    assert_true(test::same(out, kEndOfEntry));
    assert_int_equal(read(kEndOfEntry).reason, 1);
    encode_end(0xC00D0029, out);
    assert_true(test::same(out, kFailed));
    assert_int_equal(read(kFailed).reason, 0xC00D0029);
    check_prefixes(kFailed);
}

void ffmpegs_longer_end_is_read_by_its_length(void**) {
    constexpr auto kEnd = test::hex<"24 45 08 00 4D 00 00 00 00 00 08 00">();
    const auto c = read(kEnd);
    assert_int_equal(c.length, 8);
    assert_int_equal(c.reason, 0x4D);
    check_prefixes(kEnd);
}

void metadata_and_an_empty_pipeline_test_are_read(void**) {
    const auto m = read(kMetadataChunk);
    assert_int_equal(m.type, ChunkType::metadata);
    assert_int_equal(m.payload.size(), 97);
    check_prefixes(kMetadataChunk);
    constexpr auto kTest = test::hex<"24 54 00 00">();
    assert_int_equal(read(kTest).type, ChunkType::pipeline_test);
}

void what_is_no_chunk_is_refused_at_its_first_wrong_byte(void**) {
    refused(test::hex<"25">());
    refused(test::hex<"64 44">());
    refused(test::hex<"24 50">());
    refused(test::hex<"24 00">());
}

void a_letter_without_a_meaning_is_passed_over_by_its_length(void**) {
    constexpr auto kUnknown = test::hex<"24 58 05 00 01 02 03 04 05">();
    const auto c = read(kUnknown);
    assert_int_equal(c.type, ChunkType::other);
    assert_int_equal(c.length, 5);
    assert_true(c.payload.empty());
    check_prefixes(kUnknown);
    assert_int_equal(read(test::hex<"A4 41 00 00">()).type, ChunkType::other);
    refused(test::hex<"24 68 00 00">());
}

void lengths_are_held_to_their_limits(void**) {
    refused(test::hex<"24 44 07 00">());
    refused(test::hex<"24 48 07 00">());
    refused(test::hex<"24 4D 00 00">());
    refused(test::hex<"24 45 03 00">());
    refused(test::hex<"24 43 00 00">());
    assert_int_equal(read(test::hex<"24 44 08 00 01 00 00 00 00 00 08 00">()).payload.size(), 0);
    refused(test::hex<"24 44 08 00 01 00 00 00 00 00 09 00">());
    Buffer largest(kMaxChunk);
    encode_head(ChunkType::data, {}, kMaxChunkPayload, largest);
    assert_int_equal(read(largest).payload.size(), kMaxChunkPayload);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_data_chunk_is_read_whole),
        cmocka_unit_test(the_b_bit_is_told_and_changes_nothing_else),
        cmocka_unit_test(a_data_chunk_comes_back_from_encode),
        cmocka_unit_test(a_header_goes_into_one_chunk),
        cmocka_unit_test(heads_of_header_fragments_are_those_of_the_vectors),
        cmocka_unit_test(a_header_longer_than_a_chunk_is_split),
        cmocka_unit_test(the_middle_one_of_three_fragments_is_marked_so),
        cmocka_unit_test(ends_and_changes_are_those_of_the_vectors),
        cmocka_unit_test(ffmpegs_longer_end_is_read_by_its_length),
        cmocka_unit_test(metadata_and_an_empty_pipeline_test_are_read),
        cmocka_unit_test(what_is_no_chunk_is_refused_at_its_first_wrong_byte),
        cmocka_unit_test(a_letter_without_a_meaning_is_passed_over_by_its_length),
        cmocka_unit_test(lengths_are_held_to_their_limits),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
