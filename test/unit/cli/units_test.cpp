#include "cli/units.hpp"

#include <string>

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::cli;

static void expect_duration(const char* text, Duration::rep milliseconds) {
    const auto parsed = parse_duration(text);
    assert_true(parsed.ok());
    assert_int_equal(parsed.value().count(), milliseconds);
}

static void expect_size(const char* text, std::size_t bytes) {
    const auto parsed = parse_size(text);
    assert_true(parsed.ok());
    assert_true(parsed.value() == bytes);
}

static void a_duration_is_a_whole_number_with_its_unit(void**) {
    expect_duration("0s", 0);
    expect_duration("0ms", 0);
    expect_duration("500ms", 500);
    expect_duration("10s", 10000);
    expect_duration("2m", 120000);
    expect_duration("1h", 3600000);
    expect_duration("007s", 7000);
}

static void what_is_not_a_duration_is_refused(void**) {
    for (const char* text : {"", "s", "3", "3 s", " 3s", "3s ", "-3s", "+3s", "1.5s", "3S", "3sec", "3d",
                             "0x3s", "3ss", "99999999999999999999"}) {
        const auto parsed = parse_duration(text);
        assert_false(parsed.ok());
        assert_int_equal(parsed.error().code, Errc::bad_input);
    }
    assert_string_equal(
        parse_duration("3 s").error().detail.c_str(),
        "\"3 s\" is not a duration, expected a whole number with ms, s, m or h such as \"3s\"");
}

static void a_duration_ends_at_a_thousand_years(void**) {
    expect_duration("8784000h", 8784000LL * 3600000);
    for (const char* text :
         {"8784001h", "31622400000001ms", "18446744073709551615ms", "99999999999999999999s"}) {
        const auto parsed = parse_duration(text);
        assert_false(parsed.ok());
        assert_int_equal(parsed.error().code, Errc::too_large);
    }
}

static void a_size_is_bytes_or_has_a_unit(void**) {
    expect_size("0", 0);
    expect_size("1000", 1000);
    expect_size("64KiB", 65536);
    expect_size("8MiB", std::size_t{8} << 20);
    expect_size("1GiB", std::size_t{1} << 30);
}

static void what_is_not_a_size_is_refused(void**) {
    for (const char* text : {"", "KiB", "64 KiB", "64KB", "64kib", "64K", "-1", "1.5MiB", "64B", "1TiB"}) {
        const auto parsed = parse_size(text);
        assert_false(parsed.ok());
        assert_int_equal(parsed.error().code, Errc::bad_input);
    }
}

static void a_size_ends_at_what_no_machine_has(void**) {
    expect_size("8388608GiB", std::size_t{1} << 53);
    expect_size("9007199254740992", std::size_t{1} << 53);
    for (const char* text : {"8388609GiB", "9007199254740993", "99999999999999999999"}) {
        const auto parsed = parse_size(text);
        assert_false(parsed.ok());
        assert_int_equal(parsed.error().code, Errc::too_large);
    }
}

static void what_is_formatted_reads_back_the_same(void**) {
    for (Duration::rep ms : {0LL, 1LL, 5LL, 999LL, 1000LL, 1500LL, 60000LL, 61000LL, 3600000LL, 5400000LL}) {
        expect_duration(format_duration(Duration{ms}).c_str(), ms);
    }
    for (std::size_t n :
         {std::size_t{0}, std::size_t{1}, std::size_t{1000}, std::size_t{1024}, std::size_t{1025},
          std::size_t{65536}, std::size_t{8} << 20, std::size_t{3} << 30}) {
        expect_size(format_size(n).c_str(), n);
    }
}

static void the_largest_exact_unit_is_written(void**) {
    assert_string_equal(format_duration(Duration{0}).c_str(), "0s");
    assert_string_equal(format_duration(Duration{1500}).c_str(), "1500ms");
    assert_string_equal(format_duration(Duration{90000}).c_str(), "90s");
    assert_string_equal(format_duration(Duration{120000}).c_str(), "2m");
    assert_string_equal(format_duration(Duration{-5}).c_str(), "-5ms");
    assert_string_equal(format_size(1000).c_str(), "1000");
    assert_string_equal(format_size(65536).c_str(), "64KiB");
    assert_string_equal(format_size(std::size_t{1} << 30).c_str(), "1GiB");
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(a_duration_is_a_whole_number_with_its_unit),
                                cmocka_unit_test(what_is_not_a_duration_is_refused),
                                cmocka_unit_test(a_duration_ends_at_a_thousand_years),
                                cmocka_unit_test(a_size_is_bytes_or_has_a_unit),
                                cmocka_unit_test(what_is_not_a_size_is_refused),
                                cmocka_unit_test(a_size_ends_at_what_no_machine_has),
                                cmocka_unit_test(what_is_formatted_reads_back_the_same),
                                cmocka_unit_test(the_largest_exact_unit_is_written)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
