// The paths in "file:" sources.
#include <string>

#include "core/relay/sources/file_source.hpp"

// always last
#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

void the_path_is_what_stands_behind_the_scheme(void**) {
    const std::pair<const char*, const char*> forms[] = {{"file:/srv/a.asf", "/srv/a.asf"},
                                                         {"file:a.asf", "a.asf"},
                                                         {"file:../a b%20.asf", "../a b%20.asf"},
                                                         {"file:///srv/a.asf", "/srv/a.asf"},
                                                         {"file:////srv/a.asf", "//srv/a.asf"}};
    for (const auto& [source, path] : forms) assert_string_equal(file_path_of(source).value().c_str(), path);
}

void what_names_no_local_file_is_refused_and_told_what_would_be_right(void**) {
    for (const std::string_view source :
         {std::string_view{"file:"}, std::string_view{"file://"}, std::string_view{"file://host/a.asf"},
          std::string_view{"a.asf"}, std::string_view{"file:a\0b", 8}, std::string_view{}}) {
        const auto path = file_path_of(source);
        assert_false(path.ok());
        assert_true(path.error().detail.find("expected \"file:PATH\"") != std::string::npos);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_path_is_what_stands_behind_the_scheme),
        cmocka_unit_test(what_names_no_local_file_is_refused_and_told_what_would_be_right),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
