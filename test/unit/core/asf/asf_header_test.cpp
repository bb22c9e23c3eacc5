// Header blobs: what is read, what is refused and why, what is served instead (asf.md 3, 11, 12.1).
#include <string>

#include "core/asf/container.hpp"
#include "core/asf/file.hpp"
#include "core/asf/header.hpp"
#include "test/support/bytes.hpp"
#include "test/unit/core/asf/vectors.hpp"

// always last
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::asf;
using namespace weir::asf::vectors;

namespace {

constexpr std::size_t kLimit = 64 * 1024;

StreamFormatPtr format_of(Bytes b) {
    auto format = container().parse_header(b, ReaderLimits{});
    if (!format) print_error("%s\n", format.error().detail.c_str());
    assert_true(format.ok());
    return std::move(format).value();
}

bool says(const std::string& text, std::string_view part) {
    const bool found = text.find(part) != std::string::npos;
    if (!found) print_error("'%s' does not say '%s'\n", text.c_str(), std::string{part}.c_str());
    return found;
}

void refused(Bytes b, Errc code, std::string_view part) {
    const auto header = asf::parse_header(b, kLimit);
    assert_false(header.ok());
    assert_int_equal(header.error().code, code);
    assert_true(says(header.error().detail, part));
}

void the_vector_is_read_whole(void**) {
    const auto header = asf::parse_header(kHeaderBlob, kLimit);
    assert_true(header.ok());
    const auto& h = header.value();
    assert_int_equal(h.object_size, kDataObjectAt);
    assert_int_equal(h.blob_size, kHeaderBlob.size());
    assert_int_equal(h.packet_size, 64);
    assert_int_equal(h.preroll, 1000);
    assert_int_equal(h.bit_rate, 48000);
    assert_true(h.broadcast);
    assert_int_equal(h.streams.size(), 2);
    assert_int_equal(h.kinds[1], StreamKind::audio);
    assert_int_equal(h.kinds[2], StreamKind::video);
    assert_int_equal(h.streams[0].codec_data.size(), 18);
    assert_int_equal(h.streams[1].codec_data.size(), 51);
}

void every_shorter_prefix_is_refused_as_bad_input(void**) {
    for (std::size_t n = 0; n < kHeaderBlob.size(); ++n) {
        const auto header = asf::parse_header(Bytes{kHeaderBlob}.first(n), kLimit);
        assert_false(header.ok());
        assert_int_equal(header.error().code, Errc::bad_input);
    }
}

void every_shorter_prefix_asks_for_no_more_than_is_missing(void**) {
    for (std::size_t n = 0; n < kHeaderBlob.size(); ++n) {
        const auto found = find_header_blob(Bytes{kHeaderBlob}.first(n), kLimit);
        const auto* need = std::get_if<Need>(&found);
        assert_non_null(need);
        assert_in_range(need->more, 1, kHeaderBlob.size() - n);
    }
}

void bytes_behind_the_blob_are_ignored(void**) {
    auto longer = joined({kHeaderBlob, kSingle});
    assert_int_equal(asf::parse_header(longer, kLimit).value().blob_size, kHeaderBlob.size());
}

void objects_between_header_and_data_are_walked_over_and_not_served(void**) {
    auto b = blob();
    const auto between = object(kPadding.bytes.data(), Buffer(10));
    b.insert(b.begin() + kDataObjectAt, between.begin(), between.end());
    assert_int_equal(asf::parse_header(b, kLimit).value().data_object_at, kDataObjectAt + 34);
    assert_true(test::same(format_of(b)->header(), format_of(kHeaderBlob)->header()));
}

void the_served_vector_differs_in_the_packet_count_only(void**) {
    auto expected = blob();
    store_u64le(expected.data() + 86, 0xFFFFFFFF);
    const auto format = format_of(kHeaderBlob);
    assert_true(test::same(format->header(), expected));
    assert_int_equal(format->max_packet(), 64);
    assert_int_equal(format->bit_rate(), 48000);
}

void what_is_served_is_served_again_unchanged(void**) {
    const auto once = format_of(kHeaderBlob);
    assert_true(test::same(format_of(once->header())->header(), once->header()));
}

void sizes_durations_and_the_seekable_flag_of_a_file_are_not_served(void**) {
    auto b = patched(kFilePropertiesAt + 40, 123456, 8);
    b = patched(kFilePropertiesAt + 56, 77, 8, b);
    b = patched(kFilePropertiesAt + 64, 99, 8, b);
    b = patched(kFilePropertiesAt + 72, 98, 8, b);
    b = patched(kFilePropertiesAt + 88, 2, 4, b);
    b = patched(kDataObjectAt + 16, 0, 8, b);
    b = patched(kDataObjectAt + 24, 0x42, 1, b);
    b = patched(kDataObjectAt + 40, 77, 8, b);
    assert_true(test::same(format_of(b)->header(), format_of(kHeaderBlob)->header()));
}

void padding_and_index_parameters_are_left_out(void**) {
    auto more = joined(
        {object(kPadding.bytes.data(), Buffer(100)), object(kIndexParameters.bytes.data(), Buffer(10))});
    assert_true(test::same(format_of(blob_with(more))->header(), format_of(kHeaderBlob)->header()));
    assert_true(test::same(format_of(blob_with_extension(more))->header(), format_of(kHeaderBlob)->header()));
}

void small_metadata_is_kept(void**) {
    const auto title = object(kContentDescription.bytes.data(), Buffer(10));
    assert_int_equal(format_of(blob_with(title))->header().size(), kHeaderBlob.size() + title.size());
}

void large_optional_objects_go_in_order_until_16_kib_are_met(void**) {
    const auto library = object(kMetadataLibrary.bytes.data(), Buffer(9000));
    const auto codecs = object(kCodecList.bytes.data(), Buffer(9000));
    const auto title = object(kContentDescription.bytes.data(), Buffer(300));
    auto b = blob_with_extension(library);
    const auto more = joined({codecs, title});
    b.insert(b.end() - 50, more.begin(), more.end());
    store_u64le(b.data() + 16, b.size() - 50);
    const auto served = test::copy(format_of(b)->header());
    assert_int_equal(served.size(), kHeaderBlob.size() + codecs.size() + title.size());
    assert_int_equal(load_u64le(served.data() + 16), served.size() - 50);
    assert_int_equal(load_u64le(served.data() + kExtensionAt + 16), 46);
    assert_int_equal(load_u32le(served.data() + kExtensionAt + 42), 0);
    assert_int_equal(load_u32le(served.data() + 24), 6);
    assert_true(asf::parse_header(served, kLimit).ok());
}

void unknown_objects_go_last_and_needed_ones_never(void**) {
    const Guid unknown = guid("00112233-4455-6677-8899-AABBCCDDEEFF");
    const auto big = object(unknown.bytes.data(), Buffer(17000));
    assert_int_equal(format_of(blob_with(big))->header().size(), kHeaderBlob.size());
    const auto key = object(kContentEncryption.bytes.data(), Buffer(17000));
    assert_int_equal(format_of(blob_with(key))->header().size(), kHeaderBlob.size() + key.size());
}

void a_wrong_data_size_in_the_extension_is_survived_and_made_right(void**) {
    auto b = blob_with_extension(extended(1, 0, 0, 0, {}));
    store_u32le(b.data() + kExtensionAt + 42, 7);
    const auto format = format_of(b);
    assert_int_equal(load_u32le(format->header().data() + kExtensionAt + 42), 88);
}

void what_is_no_asf_is_told_so_with_its_first_bytes(void**) {
    refused(as_bytes("RIFF....WAVE........................................"), Errc::unsupported,
            "52 49 46 46");
}

void object_sizes_that_are_too_small_or_pass_the_end_are_refused(void**) {
    refused(patched(16, 29, 8), Errc::bad_input, "size 29, expected 30 or more");
    refused(patched(kFilePropertiesAt + 16, 23, 8), Errc::bad_input,
            "File Properties at byte 30 has size 23");
    refused(patched(kFilePropertiesAt + 16, 376, 8), Errc::bad_input, "expected 24 to 375");
    refused(patched(kVideoStreamAt + 16, 130, 8), Errc::bad_input, "Stream Properties at byte 276");
    refused(patched(kVideoStreamAt + 16, 0xFFFFFFFFFFFFFFF0, 8), Errc::bad_input, "byte 276");
    refused(patched(kExtensionAt + 16, 45, 8), Errc::bad_input, "byte 134");
    refused(patched(kFilePropertiesAt + 16, 103, 8), Errc::bad_input, "has size 103, expected 104");
    refused(patched(16, 410, 8), Errc::bad_input, "expected");
}

void a_header_at_the_limit_is_read_and_one_byte_more_refused(void**) {
    const auto size = kHeaderBlob.size();
    assert_true(asf::parse_header(kHeaderBlob, size).ok());
    const auto header = asf::parse_header(kHeaderBlob, size - 1);
    assert_int_equal(header.error().code, Errc::too_large);
    refused(patched(16, 0xFFFFFFFFFFFFFFFF, 8), Errc::too_large, "the limit is 65536");
    // The configuration cannot raise it past 1 MiB.
    const auto huge = patched(16, kMaxHeaderBlob + 1, 8);
    assert_int_equal(asf::parse_header(huge, 1ULL << 40).error().code, Errc::too_large);
}

void the_second_reserved_byte_must_be_2(void**) {
    refused(patched(29, 1, 1), Errc::bad_input, "byte 29 is 1, expected 2");
}

void packet_sizes_are_held_to_their_limits(void**) {
    refused(patched(kFilePropertiesAt + 96, 65, 4), Errc::bad_input, "64 to 65");
    refused(blob_for(0), Errc::bad_input, "packet size 0");
    refused(blob_for(kMinPacketSize - 1), Errc::bad_input, "packet size 23");
    refused(blob_for(kMaxPacketSize + 1), Errc::bad_input, "packet size 65512");
    assert_true(asf::parse_header(blob_for(kMinPacketSize), kLimit).ok());
    assert_true(asf::parse_header(blob_for(kMaxPacketSize), kLimit).ok());
}

void headers_without_file_or_stream_properties_are_refused(void**) {
    auto b = blob();
    b[kFilePropertiesAt] ^= 1;
    refused(b, Errc::bad_input, "no File Properties");
    b = blob();
    b[kAudioStreamAt] ^= 1;
    assert_true(asf::parse_header(b, kLimit).ok());
    b[kVideoStreamAt] ^= 1;
    refused(b, Errc::bad_input, "no Stream Properties");
}

void a_second_file_properties_is_refused(void**) {
    refused(blob_with(Bytes{kHeaderBlob}.subspan(kFilePropertiesAt, 104)), Errc::bad_input,
            "a second File Properties");
}

void stream_numbers_are_unique_and_not_zero(void**) {
    refused(patched(kVideoStreamAt + 72, 1, 2), Errc::bad_input, "stream number 1 a second time");
    refused(patched(kVideoStreamAt + 72, 0x8000, 2), Errc::bad_input, "stream number 0");
    assert_int_equal(asf::parse_header(patched(kVideoStreamAt + 72, 127, 2), kLimit).value().kinds[127],
                     StreamKind::video);
}

void stream_data_may_not_pass_their_object(void**) {
    refused(patched(kVideoStreamAt + 64, 52, 4), Errc::bad_input, "52 + 0 bytes");
    refused(patched(kVideoStreamAt + 68, 1, 4), Errc::bad_input, "51 + 1 bytes");
    // The sum would wrap in 32 bits.
    auto b = patched(kVideoStreamAt + 64, 0xFFFFFFFF, 4);
    refused(patched(kVideoStreamAt + 68, 1, 4, b), Errc::bad_input, "4294967295 + 1");
}

void extended_stream_properties_may_not_pass_their_end(void**) {
    const auto limit = [](Bytes o, std::string_view part) {
        refused(blob_with_extension(o), Errc::bad_input, part);
    };
    limit(extended(2, 0, 1, 0, {}), "1 stream names");
    const std::uint8_t name[] = {0, 0, 2, 0, 'x', 0};
    assert_true(asf::parse_header(blob_with_extension(extended(2, 0, 1, 0, name)), kLimit).ok());
    limit(extended(2, 0, 1, 0, Bytes{name}.first(5)), "1 stream names");
    limit(extended(2, 0, 0xFFFF, 0, name), "65535 stream names");
    Buffer extension(22);
    assert_true(asf::parse_header(blob_with_extension(extended(2, 0, 0, 1, extension)), kLimit).ok());
    limit(extended(2, 0, 0, 2, extension), "2 payload extensions");
    store_u32le(extension.data() + 18, 0xFFFFFFFF);
    limit(extended(2, 0, 0, 1, extension), "1 payload extensions");
    limit(extended(0, 0, 0, 0, {}), "stream number 0");
    limit(extended(128, 0, 0, 0, {}), "stream number 128");
    limit(object(kExtendedStreamProperties.bytes.data(), Buffer(63)), "size 87");
}

void a_stream_hidden_in_extended_properties_counts(void**) {
    auto hidden = test::copy(Bytes{kHeaderBlob}.subspan(kVideoStreamAt, 129));
    hidden[72] = 3;
    auto header = asf::parse_header(blob_with_extension(extended(3, 4, 0, 0, hidden)), kLimit);
    assert_true(header.ok());
    assert_int_equal(header.value().streams.size(), 3);
    assert_true(header.value().no_clean_points[3]);
    hidden[72] = 2;
    refused(blob_with_extension(extended(2, 0, 0, 0, hidden)), Errc::bad_input,
            "stream number 2 a second time");
}

void exclusions_may_not_pass_their_end(void**) {
    assert_int_equal(
        asf::parse_header(blob_with(exclusion(2, {2, 1})), kLimit).value().exclusions[0].streams[0], 1);
    refused(blob_with(exclusion(3, {1, 2})), Errc::bad_input, "3 streams stated");
    refused(blob_with(object(kAdvancedExclusion.bytes.data(), Buffer(17))), Errc::bad_input, "size 41");
}

void the_bit_rate_comes_from_wherever_it_is_stated(void**) {
    auto b = patched(kFilePropertiesAt + 100, 0, 4);
    assert_int_equal(format_of(b)->bit_rate(), 0);
    Buffer rates(14);
    rates[0] = 2;
    store_u32le(rates.data() + 4, 1000);
    store_u32le(rates.data() + 10, 500);
    b = blob_with(object(kStreamBitrates.bytes.data(), rates));
    store_u32le(b.data() + kFilePropertiesAt + 100, 0);
    assert_int_equal(format_of(b)->bit_rate(), 1500);
}

void a_format_describes_itself_in_one_line(void**) {
    const auto text = format_of(kHeaderBlob)->describe();
    assert_true(
        says(text, "1 audio PCM (0x0001) 8000 Hz x1, 2 video MP43 16x16; packets of 64 bytes; 48 kbit/s"));
}

void a_finished_file_states_its_size_and_duration(void**) {
    const auto format = format_of(kHeaderBlob);
    const auto done =
        finish_header(format->header(), {.packets = 10, .duration_ms = capture_duration(0xFFFFFF00, 0x100)});
    assert_true(done.ok());
    const auto* p = done.value().data() + kFilePropertiesAt;
    assert_int_equal(done.value().size(), format->header().size());
    assert_int_equal(load_u64le(p + 40), 455 + 640);
    assert_int_equal(load_u64le(p + 56), 10);
    assert_int_equal(load_u64le(p + 64), (512 + 1000) * 10000);
    assert_int_equal(load_u64le(p + 72), 512 * 10000);
    assert_int_equal(load_u32le(p + 88), 0);
    assert_int_equal(load_u64le(done.value().data() + kDataObjectAt + 16), 50 + 640);
    assert_int_equal(load_u64le(done.value().data() + kDataObjectAt + 40), 10);
    assert_false(finish_header(Bytes{kHeaderBlob}.first(100), {}).ok());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_vector_is_read_whole),
        cmocka_unit_test(every_shorter_prefix_is_refused_as_bad_input),
        cmocka_unit_test(every_shorter_prefix_asks_for_no_more_than_is_missing),
        cmocka_unit_test(bytes_behind_the_blob_are_ignored),
        cmocka_unit_test(objects_between_header_and_data_are_walked_over_and_not_served),
        cmocka_unit_test(the_served_vector_differs_in_the_packet_count_only),
        cmocka_unit_test(what_is_served_is_served_again_unchanged),
        cmocka_unit_test(sizes_durations_and_the_seekable_flag_of_a_file_are_not_served),
        cmocka_unit_test(padding_and_index_parameters_are_left_out),
        cmocka_unit_test(small_metadata_is_kept),
        cmocka_unit_test(large_optional_objects_go_in_order_until_16_kib_are_met),
        cmocka_unit_test(unknown_objects_go_last_and_needed_ones_never),
        cmocka_unit_test(a_wrong_data_size_in_the_extension_is_survived_and_made_right),
        cmocka_unit_test(what_is_no_asf_is_told_so_with_its_first_bytes),
        cmocka_unit_test(object_sizes_that_are_too_small_or_pass_the_end_are_refused),
        cmocka_unit_test(a_header_at_the_limit_is_read_and_one_byte_more_refused),
        cmocka_unit_test(the_second_reserved_byte_must_be_2),
        cmocka_unit_test(packet_sizes_are_held_to_their_limits),
        cmocka_unit_test(headers_without_file_or_stream_properties_are_refused),
        cmocka_unit_test(a_second_file_properties_is_refused),
        cmocka_unit_test(stream_numbers_are_unique_and_not_zero),
        cmocka_unit_test(stream_data_may_not_pass_their_object),
        cmocka_unit_test(extended_stream_properties_may_not_pass_their_end),
        cmocka_unit_test(a_stream_hidden_in_extended_properties_counts),
        cmocka_unit_test(exclusions_may_not_pass_their_end),
        cmocka_unit_test(the_bit_rate_comes_from_wherever_it_is_stated),
        cmocka_unit_test(a_format_describes_itself_in_one_line),
        cmocka_unit_test(a_finished_file_states_its_size_and_duration),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
