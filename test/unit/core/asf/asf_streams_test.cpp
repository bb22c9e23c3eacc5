// What a header says of its streams (asf.md 3.3, 3.4).
#include <string>

#include "core/asf/container.hpp"
#include "core/asf/header.hpp"
#include "test/support/bytes.hpp"
#include "test/unit/core/asf/vectors.hpp"

// always last
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::asf;
using namespace weir::asf::vectors;

namespace {

constexpr std::size_t kAudioFormatAt = kAudioStreamAt + 78, kFourCcAt = kVideoStreamAt + 78 + 27;

StreamFormatPtr format_of(Bytes b) {
    auto format = container().parse_header(b, {});
    assert_true(format.ok());
    return std::move(format).value();
}

Buffer extended(std::uint16_t stream, std::uint32_t bit_rate, std::uint64_t frame_time) {
    Buffer body(64);
    store_u32le(body.data() + 16, bit_rate);
    store_u16le(body.data() + 48, stream);
    store_u64le(body.data() + 52, frame_time);
    return object(kExtendedStreamProperties.bytes.data(), body);
}

Buffer bit_rates(std::uint16_t count, std::initializer_list<std::pair<std::uint16_t, std::uint32_t>> rates) {
    Buffer body(2 + 6 * rates.size());
    store_u16le(body.data(), count);
    auto* p = body.data() + 2;
    for (const auto& [stream, rate] : rates) {
        store_u16le(p, stream);
        store_u32le(p + 2, rate);
        p += 6;
    }
    return object(kStreamBitrates.bytes.data(), body);
}

void streams_are_told_with_their_kind_codec_and_size(void**) {
    const auto streams = format_of(kHeaderBlob)->streams();
    assert_int_equal(streams.size(), 2);
    assert_int_equal(streams[0].kind, StreamInfo::Kind::audio);
    assert_int_equal(streams[0].number, 1);
    assert_string_equal(streams[0].codec.c_str(), "PCM (0x0001)");
    assert_int_equal(streams[0].sample_rate, 8000);
    assert_int_equal(streams[0].channels, 1);
    assert_int_equal(streams[0].width, 0);
    assert_int_equal(streams[1].kind, StreamInfo::Kind::video);
    assert_string_equal(streams[1].codec.c_str(), "MP43");
    assert_int_equal(streams[1].width, 16);
    assert_int_equal(streams[1].height, 16);
    assert_int_equal(streams[1].sample_rate, 0);
    assert_true(streams[1].frame_rate == 0);
}

void known_audio_tags_have_names(void**) {
    const std::pair<std::uint16_t, const char*> known[] = {{0x000A, "WMA voice (0x000A)"},
                                                           {0x0055, "MP3 (0x0055)"},
                                                           {0x0160, "WMA1 (0x0160)"},
                                                           {0x0161, "WMA2 (0x0161)"},
                                                           {0x0162, "WMA Pro (0x0162)"},
                                                           {0x0163, "WMA lossless (0x0163)"},
                                                           {0x1234, "0x1234"}};
    for (const auto& [tag, name] : known) {
        auto b = blob();
        store_u16le(b.data() + kAudioFormatAt, tag);
        const auto format = format_of(b);
        assert_string_equal(format->streams()[0].codec.c_str(), name);
        assert_non_null(std::strstr(format->describe().c_str(), name));
    }
}

void a_fourcc_from_outside_is_made_printable(void**) {
    auto b = blob();
    b[kFourCcAt] = 1;
    assert_string_equal(format_of(b)->streams()[1].codec.c_str(), "?P43");
}

void a_bit_rate_comes_from_the_first_place_that_states_it(void**) {
    // Only audio says how many bytes a second it has.
    auto streams = format_of(kHeaderBlob)->streams();
    assert_int_equal(streams[0].bit_rate, 128'000);
    assert_int_equal(streams[1].bit_rate, 0);
    auto b = blob();
    store_u32le(b.data() + kAudioFormatAt + 8, 0xFFFFFFFF);
    assert_int_equal(format_of(b)->streams()[0].bit_rate, 0xFFFFFFFF);

    const auto one = extended(1, 48'000, 0), two = extended(2, 300'000, 400'000);
    b = blob_with_extension(joined({one, two}));
    streams = format_of(b)->streams();
    assert_int_equal(streams[0].bit_rate, 48'000);
    assert_int_equal(streams[1].bit_rate, 300'000);

    const auto rates = bit_rates(1, {{2, 310'000}});
    b.insert(b.end() - 50, rates.begin(), rates.end());
    store_u64le(b.data() + 16, b.size() - 50);
    streams = format_of(b)->streams();
    assert_int_equal(streams[0].bit_rate, 48'000);
    assert_int_equal(streams[1].bit_rate, 310'000);
}

void bit_rates_are_read_as_far_as_they_go(void**) {
    const auto streams = format_of(blob_with(bit_rates(0xFFFF, {{2, 310'000}, {0, 1}, {127, 2}})))->streams();
    assert_int_equal(streams[1].bit_rate, 310'000);
    assert_int_equal(format_of(blob_with(bit_rates(0xFFFF, {})))->streams()[1].bit_rate, 0);
    assert_int_equal(format_of(blob_with(object(kStreamBitrates.bytes.data(), Buffer(1))))->streams().size(),
                     2);
}

void the_frame_rate_is_that_of_the_average_frame_time(void**) {
    const auto b = blob_with_extension(joined({extended(1, 0, 400'000), extended(2, 0, 400'000)}));
    const auto streams = format_of(b)->streams();
    assert_true(streams[1].frame_rate == 25.0);
    assert_true(streams[0].frame_rate == 0);
}

void short_codec_data_and_other_kinds_tell_little_and_harm_nothing(void**) {
    auto b = blob();
    store_u32le(b.data() + kAudioStreamAt + 64, 15);
    store_u32le(b.data() + kVideoStreamAt + 64, 30);
    auto streams = format_of(b)->streams();
    assert_true(streams[0].codec.empty() && streams[1].codec.empty());
    assert_int_equal(streams[0].sample_rate, 0);
    assert_int_equal(streams[1].width, 0);
    b = blob();
    store_guid(b.data() + kAudioStreamAt + 24, kCommand);
    b[kVideoStreamAt + 24] ^= 1;
    streams = format_of(b)->streams();
    assert_int_equal(streams[0].kind, StreamInfo::Kind::script);
    assert_int_equal(streams[1].kind, StreamInfo::Kind::other);
    assert_true(streams[0].codec.empty() && streams[1].codec.empty());
}

void a_header_tells_whether_it_came_from_a_live_stream_and_its_preroll(void**) {
    assert_true(format_of(kHeaderBlob)->is_live());
    assert_int_equal(format_of(kHeaderBlob)->preroll().count(), 1000);
    auto b = blob();
    b[kFilePropertiesAt + 88] = 2;
    store_u64le(b.data() + kFilePropertiesAt + 80, 0xFFFFFFFFFFFFFFFF);
    assert_false(format_of(b)->is_live());
    assert_int_equal(format_of(b)->preroll().count(), 0xFFFFFFFF);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(streams_are_told_with_their_kind_codec_and_size),
        cmocka_unit_test(known_audio_tags_have_names),
        cmocka_unit_test(a_fourcc_from_outside_is_made_printable),
        cmocka_unit_test(a_bit_rate_comes_from_the_first_place_that_states_it),
        cmocka_unit_test(bit_rates_are_read_as_far_as_they_go),
        cmocka_unit_test(the_frame_rate_is_that_of_the_average_frame_time),
        cmocka_unit_test(short_codec_data_and_other_kinds_tell_little_and_harm_nothing),
        cmocka_unit_test(a_header_tells_whether_it_came_from_a_live_stream_and_its_preroll),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
