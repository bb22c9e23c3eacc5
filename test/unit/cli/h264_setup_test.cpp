// Parameter sets as x264 writes them, and what is told of others.
#include "cli/h264_setup.hpp"

#include <vector>

#include "test/support/bytes.hpp"

// always last
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::cli;

namespace {

// libx264: ultrafast and zerolatency at 320x240, 25 pictures/s; medium.
constexpr auto kBaseline =
    test::hex<"00000001 6742c00d da0507ec 04400000 03004000 000ca3c5 0aa80000 000168ce 3c80">();
// The same with other settings; some that weir makes nothing of.
constexpr auto kRich =
    test::hex<"00000001 67640029 acd98141 fb026e02 02028000 01f48000 7530078c 18cd0000 000168e9 786cba2c">();
constexpr auto kBufferModel = test::hex<
    "00000001 6764000d acd94141 fb011000 00030010 00000303 2600003d 08001e84 e4c30078 a14cb000 00000168 "
    "ebecb22c">();
constexpr auto kFields =
    test::hex<"00000001 67640015 acd94141 0fcb8088 00000300 08000003 0190f8a1 4cb00000 000168fb a3cb22c0">();
constexpr auto kFullChroma =
    test::hex<"00000001 67f4000d 919b2828 3f602200 00030002 00000300 641e2853 2c000000 0168ebe3 c44844">();
constexpr auto kMatrices =
    test::hex<"00000001 6764000d acd94141 fb011000 00030010 00000303 20f14299 60000000 0168ebe3 cb3002c0">();

void a_set_of_each_kind_is_read(void**) {
    const auto setup = read_h264_setup(kBaseline);
    assert_true(setup.has_value());
    assert_int_equal(setup->profile, 66);
    assert_int_equal(setup->level, 13);
    assert_int_equal(setup->order_bits, 0);
    assert_int_equal(setup->reference_frames, 1);
    assert_int_equal(setup->aspect_width, 1);
    assert_int_equal(setup->aspect_height, 1);
    assert_false(setup->full_range);
    assert_false(setup->has_colour);
    assert_true(setup->has_timing);
    assert_int_equal(setup->time_scale, 50);
    assert_int_equal(setup->tick_units, 1);
    assert_int_equal(setup->reordered, 0);
    assert_false(setup->cabac);
    assert_int_equal(setup->references, 1);
    assert_false(setup->weighted);
    assert_int_equal(setup->first_qp, 26);
    assert_int_equal(setup->chroma_offset, 0);
    assert_false(setup->transform_8x8);
}

void what_a_richer_encoder_sets_is_read(void**) {
    const auto setup = read_h264_setup(kRich);
    assert_true(setup.has_value());
    assert_int_equal(setup->profile, 100);
    assert_int_equal(setup->level, 41);
    assert_int_equal(setup->order_bits, 6);
    assert_int_equal(setup->reference_frames, 5);
    assert_int_equal(setup->aspect_width, 12);
    assert_int_equal(setup->aspect_height, 11);
    assert_true(setup->full_range);
    assert_true(setup->has_colour);
    assert_int_equal(setup->primaries, 1);
    assert_int_equal(setup->transfer, 1);
    assert_int_equal(setup->matrix, 1);
    assert_int_equal(setup->time_scale, 60000);
    assert_int_equal(setup->tick_units, 1001);
    assert_int_equal(setup->reordered, 2);
    assert_int_equal(setup->buffered, 5);
    assert_true(setup->cabac);
    assert_int_equal(setup->references, 5);
    assert_true(setup->weighted);
    assert_true(setup->weighted_both_ways);
    assert_int_equal(setup->first_qp, 20);
    assert_int_equal(setup->chroma_offset, -2);
    assert_true(setup->constrained_intra);
    assert_true(setup->transform_8x8);
}

void start_codes_of_three_bytes_do_and_other_units_are_passed_over(void**) {
    std::vector<std::uint8_t> bytes{0, 0, 1, 9, 0xF0};
    bytes.insert(bytes.end(), kBaseline.begin() + 1, kBaseline.end());
    const auto setup = read_h264_setup(bytes);
    assert_true(setup.has_value());
    assert_int_equal(setup->time_scale, 50);
}

void every_cut_is_either_read_or_refused(void**) {
    for (const Bytes whole : {Bytes{kBaseline}, Bytes{kRich}}) {
        std::size_t read = 0;
        for (std::size_t n = 0; n <= whole.size(); ++n) read += read_h264_setup(whole.first(n)).has_value();
        // The end of the second set is filling, and an optional part.
        assert_true(read >= 1 && read <= 4);
    }
}

void what_says_more_than_can_be_told_is_refused(void**) {
    for (const Bytes bytes : {Bytes{kBufferModel}, Bytes{kFields}, Bytes{kFullChroma}, Bytes{kMatrices}})
        assert_false(read_h264_setup(bytes).has_value());
    assert_false(read_h264_setup({}).has_value());
    // As MP4 has them: with lengths in place of start codes.
    assert_false(
        read_h264_setup(
            test::hex<
                "0142c00d ffe10016 6742c00d da0507ec 04400000 03004000 000ca3c5 0aa80100 0468ce3c 80">())
            .has_value());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_set_of_each_kind_is_read),
        cmocka_unit_test(what_a_richer_encoder_sets_is_read),
        cmocka_unit_test(start_codes_of_three_bytes_do_and_other_units_are_passed_over),
        cmocka_unit_test(every_cut_is_either_read_or_refused),
        cmocka_unit_test(what_says_more_than_can_be_told_is_refused),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
