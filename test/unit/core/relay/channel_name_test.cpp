// Names of channels, and of those that a channel "*" was asked for in vain.
#include "core/relay/channel_name.hpp"
#include "core/relay/unknown_names.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

void names_are_what_may_stand_in_a_url(void**) {
    for (const std::string& good :
         {std::string("a"), std::string("News-1_b.c"), std::string("-"), std::string("_"),
          std::string(64, 'x'), std::string("apis"), std::string("a.asf")})
        assert_true(check_channel_name(good).ok());
    for (const std::string& bad :
         {std::string(), std::string(65, 'x'), std::string("*"), std::string("a b"), std::string("a/b"),
          std::string("\xC3\xA4"), std::string(1, '\0'), std::string(".a"), std::string(".."),
          std::string("api"), std::string("metrics"), std::string("health"), std::string("a.asx")})
        assert_false(check_channel_name(bad).ok());
}

void the_name_stands_wherever_it_is_wanted(void**) {
    assert_string_equal(with_name("http://a/{name}?x={name}", "news").c_str(), "http://a/news?x=news");
    assert_string_equal(with_name("{name}", "{name}").c_str(), "{name}");
    assert_string_equal(with_name("{nam}", "x").c_str(), "{nam}");
    assert_string_equal(with_name("", "x").c_str(), "");
}

void unknown_names_are_kept_for_a_moment(void**) {
    UnknownNames names;
    const TimePoint start{Duration{1000}};
    assert_false(names.has("a", start));
    names.add("a", start);
    assert_true(names.has("a", start + UnknownNames::kPause - Duration{1}));
    assert_false(names.has("a", start + UnknownNames::kPause));
    assert_false(names.has("b", start));
    names.add("a", start + Duration{4000});
    assert_true(names.has("a", start + Duration{8000}));
}

void they_are_bounded(void**) {
    UnknownNames names;
    const TimePoint start{Duration{1000}};
    for (std::size_t i = 0; i < 2 * UnknownNames::kMost; ++i) names.add("name" + std::to_string(i), start);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < 2 * UnknownNames::kMost; ++i)
        kept += names.has("name" + std::to_string(i), start) ? 1 : 0;
    assert_int_equal(kept, UnknownNames::kMost);
    // Those whose time is over make room.
    names.add("new", start + UnknownNames::kPause);
    assert_true(names.has("new", start + UnknownNames::kPause));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(names_are_what_may_stand_in_a_url),
        cmocka_unit_test(the_name_stands_wherever_it_is_wanted),
        cmocka_unit_test(unknown_names_are_kept_for_a_moment),
        cmocka_unit_test(they_are_bounded),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
