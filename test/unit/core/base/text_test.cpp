#include "core/base/text.hpp"

#include <string>

#include "test/support/cmocka.hpp"

using namespace weir;

static void case_is_ignored_for_ascii_only(void**) {
    assert_true(equal_ignoring_case("Content-TYPE", "content-type"));
    assert_true(equal_ignoring_case("", ""));
    assert_false(equal_ignoring_case("a", "ab"));
    assert_false(equal_ignoring_case("[", "{"));
    assert_false(equal_ignoring_case("\xc4", "\xe4"));
    assert_true(starts_with_ignoring_case("HTTP://x", "http://"));
    assert_true(starts_with_ignoring_case("x", ""));
    assert_false(starts_with_ignoring_case("htt", "http"));
}

static void trim_takes_spaces_and_tabs_off_both_ends(void**) {
    assert_true(trim(" \t a b\t ") == "a b");
    assert_true(trim("a") == "a");
    assert_true(trim(" \t").empty());
    assert_true(trim("").empty());
    assert_true(trim("\na") == "\na");
}

static void leading_digits_are_a_number_up_to_32_bits(void**) {
    assert_int_equal(leading_u32("0").value(), 0);
    assert_int_equal(leading_u32("12,34").value(), 12);
    assert_int_equal(leading_u32("0000000001").value(), 1);
    assert_true(leading_u32("4294967295").value() == UINT32_MAX);
    for (const char* text :
         {"", "x", "-1", "+1", " 1", "4294967296", "9999999999", "00000000001", "42949672950"}) {
        assert_false(leading_u32(text).has_value());
    }
}

static void text_for_a_log_line_is_printable_and_short(void**) {
    assert_string_equal(printable("plain ~").c_str(), "plain ~");
    assert_string_equal(printable(std::string_view("a\0b\n\x1b\x7f\xc3", 7)).c_str(), "a?b????");
    assert_string_equal(printable("abc", 3).c_str(), "abc");
    assert_string_equal(printable("abcd", 3).c_str(), "abc...");
}

static void markup_is_escaped(void**) {
    assert_string_equal(escape_markup("<a href=\"x\">'&'</a>").c_str(),
                        "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
}

static void percent_escapes_are_decoded_or_refused(void**) {
    assert_string_equal(percent_decode("a%20b%2Fc%2f").value().c_str(), "a b/c/");
    assert_string_equal(percent_decode("").value().c_str(), "");
    assert_string_equal(percent_decode("%01+").value().c_str(), "\x01+");
    for (const char* text : {"%", "%2", "a%2", "%zz", "%2z", "%00", "%%20"}) {
        assert_false(percent_decode(text).has_value());
    }
}

static void the_nearest_candidate_is_suggested(void**) {
    static constexpr std::string_view kNames[] = {"latency", "latency_max", "name", "drain"};
    assert_true(nearest("latancy", kNames) == "latency");
    assert_true(nearest("latency_mx", kNames) == "latency_max");
    assert_true(nearest("nmae", kNames) == "name");
    assert_true(nearest("drain", kNames) == "drain");
}

static void nothing_is_suggested_where_nothing_is_near(void**) {
    static constexpr std::string_view kNames[] = {"latency", "name"};
    assert_false(nearest("burst", kNames).has_value());
    assert_false(nearest("", kNames).has_value());
    assert_false(nearest("name", {}).has_value());
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(case_is_ignored_for_ascii_only),
                                cmocka_unit_test(trim_takes_spaces_and_tabs_off_both_ends),
                                cmocka_unit_test(leading_digits_are_a_number_up_to_32_bits),
                                cmocka_unit_test(text_for_a_log_line_is_printable_and_short),
                                cmocka_unit_test(markup_is_escaped),
                                cmocka_unit_test(percent_escapes_are_decoded_or_refused),
                                cmocka_unit_test(the_nearest_candidate_is_suggested),
                                cmocka_unit_test(nothing_is_suggested_where_nothing_is_near)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
