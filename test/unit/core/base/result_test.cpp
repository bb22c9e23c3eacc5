#include "core/base/result.hpp"

#include <memory>
#include <string>

#include "core/base/parsed.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;

static Result<int> half(int n) {
    if (n % 2 != 0) return Error{Errc::bad_input, "odd"};
    return n / 2;
}

static void a_result_holds_a_value(void**) {
    const auto r = half(42);
    assert_true(r.ok());
    assert_true(static_cast<bool>(r));
    assert_int_equal(r.value(), 21);
}

static void or_an_error_that_says_why(void**) {
    const auto r = half(1);
    assert_false(r.ok());
    assert_false(static_cast<bool>(r));
    assert_int_equal(r.error().code, Errc::bad_input);
    assert_string_equal(r.error().detail.c_str(), "odd");
}

static void a_result_without_a_value_is_ok_or_an_error(void**) {
    const Result<> good = Ok{};
    const Result<> bad = Error{Errc::closed, ""};
    assert_true(good.ok());
    assert_false(bad.ok());
}

static void a_value_can_be_moved_out_and_changed(void**) {
    Result<std::unique_ptr<int>> r = std::make_unique<int>(5);
    *r.value() = 6;
    const std::unique_ptr<int> out = std::move(r).value();
    assert_int_equal(*out, 6);
}

static void text_as_a_value_is_no_error(void**) {
    const Result<std::string> r = std::string("text");
    assert_true(r.ok());
    assert_string_equal(r.value().c_str(), "text");
}

static void a_parser_that_needs_more_asks_for_one_byte_at_least(void**) {
    const Parsed<int> parsed = Need{};
    assert_int_equal(std::get<Need>(parsed).more, 1);
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(a_result_holds_a_value),
                                cmocka_unit_test(or_an_error_that_says_why),
                                cmocka_unit_test(a_result_without_a_value_is_ok_or_an_error),
                                cmocka_unit_test(a_value_can_be_moved_out_and_changed),
                                cmocka_unit_test(text_as_a_value_is_no_error),
                                cmocka_unit_test(a_parser_that_needs_more_asks_for_one_byte_at_least)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
