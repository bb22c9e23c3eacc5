#include "core/base/callback.hpp"

#include <memory>
#include <string>

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

struct Target {
    int calls = 0;
    std::string last;
    void on_text(const std::string& text) noexcept {
        ++calls;
        last = text;
    }
    int doubled(int n) noexcept { return 2 * n; }
    void take(std::unique_ptr<int> n) noexcept { calls = *n; }
    void raise(int& n) noexcept { ++n; }
};

}  // namespace

static void an_empty_callback_says_so(void**) {
    const Callback<void()> none;
    assert_false(static_cast<bool>(none));
}

static void a_callback_calls_its_object(void**) {
    Target a;
    Target b;
    const auto call = Callback<void(const std::string&)>::of<&Target::on_text>(&a);
    assert_true(static_cast<bool>(call));
    call("one");
    const auto copy = call;
    copy("two");
    assert_int_equal(a.calls, 2);
    assert_string_equal(a.last.c_str(), "two");
    assert_int_equal(b.calls, 0);
}

static void a_callback_gives_back_what_was_returned(void**) {
    Target target;
    assert_int_equal((Callback<int(int)>::of<&Target::doubled>(&target)(21)), 42);
}

static void arguments_are_forwarded_not_copied(void**) {
    Target target;
    Callback<void(std::unique_ptr<int>)>::of<&Target::take> (&target)(std::make_unique<int>(7));
    assert_int_equal(target.calls, 7);
    int n = 1;
    Callback<void(int&)>::of<&Target::raise> (&target)(n);
    assert_int_equal(n, 2);
}

static void a_callback_is_two_words(void**) {
    assert_int_equal(sizeof(Callback<void(int)>), 2 * sizeof(void*));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_callback_says_so), cmocka_unit_test(a_callback_calls_its_object),
        cmocka_unit_test(a_callback_gives_back_what_was_returned),
        cmocka_unit_test(arguments_are_forwarded_not_copied), cmocka_unit_test(a_callback_is_two_words)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
