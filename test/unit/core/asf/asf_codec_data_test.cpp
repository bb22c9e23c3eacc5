// Codec data as real encoders write them, and what is told of two that differ.
#include <string>

#include "core/asf/codec_data.hpp"
#include "test/support/bytes.hpp"

// always last
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::asf;

namespace {

// libavcodec: wmv2 320x240, 25 pictures/s, 250 kbit/s; wmav2 44100 Hz x1, 64 kbit/s; H.264.
constexpr auto kWmv2 = test::hex<
    "40010000 f0000000 022c002c 00000040 010000f0 00000001 00180057 4d563200 84030000 00000000 00000000 "
    "00000000 000000c8 f4b480">();
constexpr auto kWma2 = test::hex<"61010100 44ac0000 401f0000 73011000 0a000000 00000100 00000000">();
constexpr auto kH264 = test::hex<
    "40010000 f0000000 024a004a 00000040 010000f0 00000001 00180048 32363400 84030000 00000000 00000000 "
    "00000000 00000000 00000167 42c00dda 0507ec04 40000003 00400000 0ca3c50a a8000000 0168ce3c 80">();

Stream stream(StreamKind kind, Bytes data) {
    Stream s;
    s.kind = kind;
    s.codec_data.assign(data.begin(), data.end());
    return s;
}
Stream patched(Stream s, std::size_t at, std::uint8_t value) {
    s.codec_data.at(at) = value;
    return s;
}

void told(const Stream& old, const Stream& newer, const char* wanted) {
    assert_string_equal(codec_difference(old, newer).c_str(), wanted);
}

void sound_and_picture_are_read_as_far_as_they_reach(void**) {
    const auto sound = sound_format(stream(StreamKind::audio, kWma2));
    assert_true(sound.has_value());
    assert_int_equal(sound->tag, 0x161);
    assert_int_equal(sound->channels, 1);
    assert_int_equal(sound->sample_rate, 44100);
    assert_int_equal(sound->bytes_per_second, 8000);
    assert_int_equal(sound->block_size, 0x173);
    assert_int_equal(sound->sample_bits, 16);
    const auto picture = picture_format(stream(StreamKind::video, kWmv2));
    assert_true(picture.has_value());
    assert_int_equal(picture->width, 320);
    assert_int_equal(picture->height, 240);
    assert_true(picture->codec == "WMV2");
    assert_false(picture_format(stream(StreamKind::audio, kWmv2)).has_value());
    assert_false(sound_format(stream(StreamKind::video, kWma2)).has_value());
    for (std::size_t n = 0; n <= kWmv2.size(); ++n) {
        const auto s = stream(StreamKind::video, Bytes{kWmv2}.first(n));
        assert_int_equal(picture_format(s).has_value(), n >= 31);
        assert_int_equal(decoder_setup(s).size(), n > 51 ? n - 51 : 0);
        assert_int_equal(wmv2_setup(s).has_value(), n == kWmv2.size());
    }
    for (std::size_t n = 0; n <= kWma2.size(); ++n) {
        const auto s = stream(StreamKind::audio, Bytes{kWma2}.first(n));
        assert_int_equal(sound_format(s).has_value(), n >= 16);
        assert_int_equal(decoder_setup(s).size(), n > 18 ? n - 18 : 0);
    }
    assert_true(decoder_setup(stream(StreamKind::script, kWma2)).empty());
}

void the_setup_of_wmv2_holds_the_rates(void**) {
    const auto setup = wmv2_setup(stream(StreamKind::video, kWmv2));
    assert_true(setup.has_value());
    assert_int_equal(setup->frame_rate, 25);
    assert_int_equal(setup->kib_rate, 250000 / 1024);
    assert_false(setup->loop_filter);
    assert_int_equal(setup->flags, 0xB480);
    assert_true(wmv2_setup(patched(stream(StreamKind::video, kWmv2), 53, 0xF4))->loop_filter);
    assert_false(wmv2_setup(stream(StreamKind::video, kH264)).has_value());
}

void a_difference_is_told_with_both_values(void**) {
    const auto video = stream(StreamKind::video, kWmv2), audio = stream(StreamKind::audio, kWma2);
    told(video, patched(video, 52, 0xC3),
         "codec data: C8 C3 B4 80 instead of C8 F4 B4 80 (25 pictures/s, 195 x 1024 bit/s instead of 25 "
         "pictures/s, 244 x 1024 bit/s)");
    told(video, patched(video, 53, 0xF4), "codec data: C8 F4 F4 80 instead of C8 F4 B4 80");
    told(video, patched(video, 0, 0x42), "codec WMV2 322x240 instead of WMV2 320x240");
    told(video, patched(video, 31, 1),
         "codec data: from byte 31 of 55: 01 84 03 00 00 00 00 00 instead of 00 84 "
         "03 00 00 00 00 00");
    told(audio, patched(audio, 4, 0x45),
         "codec WMA2 (0x0161) 44101 Hz x1 instead of WMA2 (0x0161) 44100 Hz x1");
    told(stream(StreamKind::video, Bytes{kWmv2}.first(30)), video, "codec WMV2 320x240 instead of none");
    told(audio, patched(audio, 8, 0x41), "codec data: 64008 bit/s instead of 64000");
    told(audio, patched(audio, 12, 0x74), "codec data: blocks of 372 bytes instead of 371");
    told(audio, patched(audio, 14, 8), "codec data: 8 bits a sample instead of 16");
    told(audio, patched(audio, 22, 3),
         "codec data: 00 00 00 00 03 00 00 00 00 00 instead of 00 00 00 00 01 00 00 00 00 00");
}

void of_long_setups_only_the_place_is_shown_where_they_part(void**) {
    const auto video = stream(StreamKind::video, kH264);
    told(video, patched(video, 51 + 7, 0x1E),
         "codec data: from byte 7 of 34: 1E DA 05 07 EC 04 40 00 instead of 0D DA 05 07 EC 04 40 00");
    auto longer = patched(patched(video, 9, 0x4B), 11, 0x4B);
    longer.codec_data.push_back(1);
    told(video, longer, "codec data: from byte 34 of 35 instead of 34: 01 instead of none");
    // A size that does not belong to what follows is a difference itself.
    told(video, patched(video, 11, 0x4B),
         "codec data: from byte 11 of 85: 4B 00 00 00 40 01 00 00 instead of 4A 00 00 00 40 01 00 00");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(sound_and_picture_are_read_as_far_as_they_reach),
        cmocka_unit_test(the_setup_of_wmv2_holds_the_rates),
        cmocka_unit_test(a_difference_is_told_with_both_values),
        cmocka_unit_test(of_long_setups_only_the_place_is_shown_where_they_part),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
