#include "core/base/bytes.hpp"

#include <array>

#include "test/support/bytes.hpp"
#include "test/support/cmocka.hpp"
#undef skip  // cmocka's macro; Reader has a member of that name

using namespace weir;

// u8 01, u16 0302, u32 07060504, u64 0f0e0d0c0b0a0908
static constexpr auto kSixteen = test::hex<"01 0203 04050607 08090a0b0c0d0e0f ff">();

static void a_reader_reads_little_endian_and_forward(void**) {
    Reader r{kSixteen};
    assert_int_equal(r.u8(), 0x01);
    assert_int_equal(r.u16le(), 0x0302);
    assert_true(r.u32le() == 0x07060504u);
    assert_true(r.u64le() == 0x0f0e0d0c0b0a0908u);
    assert_int_equal(r.position(), 15);
    assert_int_equal(r.left(), 1);
    assert_int_equal(r.rest()[0], 0xff);
    assert_true(r.ok());
}

static void every_shorter_prefix_makes_a_reader_not_ok(void**) {
    for (std::size_t n = 0; n < 15; ++n) {
        Reader r{Bytes{kSixteen}.first(n)};
        r.u8();
        r.u16le();
        r.u32le();
        r.u64le();
        assert_false(r.ok());
    }
}

static void a_read_past_the_end_gives_zero_and_nothing_is_read_after_it(void**) {
    Reader r{Bytes{kSixteen}.first(3)};
    assert_true(r.u32le() == 0);
    assert_false(r.ok());
    assert_int_equal(r.u8(), 0);
    assert_int_equal(r.position(), 0);
    assert_int_equal(r.left(), 3);
    assert_false(r.ok());
}

static void a_view_of_bytes_is_whole_or_empty(void**) {
    Reader r{kSixteen};
    assert_true(test::same(r.bytes(3), Bytes{kSixteen}.first(3)));
    assert_true(r.bytes(0).empty());
    assert_true(r.ok());
    assert_true(r.bytes(14).empty());
    assert_false(r.ok());
}

static void skip_stops_at_the_end(void**) {
    Reader r{kSixteen};
    r.skip(16);
    assert_true(r.ok());
    assert_int_equal(r.left(), 0);
    r.skip(0);
    assert_true(r.ok());
    r.skip(1);
    assert_false(r.ok());
}

static void a_length_near_the_end_of_the_number_range_does_not_wrap(void**) {
    Reader r{kSixteen};
    r.u8();
    assert_true(r.bytes(UINT64_MAX).empty());
    assert_false(r.ok());
    Reader s{kSixteen};
    s.u8();
    s.skip(UINT64_MAX);
    assert_false(s.ok());
    assert_int_equal(s.position(), 1);
}

static void an_empty_view_reads_as_nothing(void**) {
    Reader r{Bytes{}};
    assert_int_equal(r.left(), 0);
    assert_true(r.bytes(0).empty());
    assert_true(r.ok());
    assert_int_equal(r.u8(), 0);
    assert_false(r.ok());
}

static void what_is_stored_loads_back_the_same(void**) {
    std::array<std::uint8_t, 8> b{};
    store_u16le(b.data(), 0xfedc);
    assert_int_equal(load_u16le(b.data()), 0xfedc);
    store_u32le(b.data(), 0xfedcba98u);
    assert_true(load_u32le(b.data()) == 0xfedcba98u);
    store_u64le(b.data(), 0xfedcba9876543210u);
    assert_true(load_u64le(b.data()) == 0xfedcba9876543210u);
    assert_true(test::same(b, test::hex<"10325476 98badcfe">()));
}

static void text_and_bytes_are_two_views_of_the_same(void**) {
    assert_true(as_text(as_bytes("a\xff")) == "a\xff");
    assert_int_equal(as_bytes("a\xff")[1], 0xff);
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(a_reader_reads_little_endian_and_forward),
                                cmocka_unit_test(every_shorter_prefix_makes_a_reader_not_ok),
                                cmocka_unit_test(a_read_past_the_end_gives_zero_and_nothing_is_read_after_it),
                                cmocka_unit_test(a_view_of_bytes_is_whole_or_empty),
                                cmocka_unit_test(skip_stops_at_the_end),
                                cmocka_unit_test(a_length_near_the_end_of_the_number_range_does_not_wrap),
                                cmocka_unit_test(an_empty_view_reads_as_nothing),
                                cmocka_unit_test(what_is_stored_loads_back_the_same),
                                cmocka_unit_test(text_and_bytes_are_two_views_of_the_same)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
