// A channel's sources as they are written.
#include "core/relay/source_spec.hpp"

#include "core/relay/modules.hpp"
#include "weir/weir.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {
Result<std::vector<SourceSpec>> parse(std::vector<std::string> sources) {
    return parse_sources(sources, builtin_modules().protocols);
}
}  // namespace

static void the_order_is_the_rank(void**) {
    const auto specs = parse({"push:", "test:"}).value();
    assert_int_equal(specs.size(), 2);
    assert_int_equal(specs[0].kind, SourceSpec::Kind::push);
    assert_int_equal(specs[0].rank, 0);
    assert_string_equal(specs[0].text.c_str(), "push:");
    assert_int_equal(specs[1].kind, SourceSpec::Kind::test);
    assert_int_equal(specs[1].rank, 1);
}

static void a_test_signal_behind_a_live_source_is_fill_and_first_it_is_a_source(void**) {
    assert_int_equal(parse({"push:", "test:"}).value()[1].role, Feed::Role::fill);
    const auto first = parse({"test:", "push:"}).value();
    assert_int_equal(first[0].role, Feed::Role::source);
    assert_int_equal(first[1].role, Feed::Role::source);
}

static void a_recording_is_fill_only_behind_a_live_source(void**) {
    assert_int_equal(parse({"http://a/b", "file:slate.asf"}).value()[1].role, Feed::Role::fill);
    const auto recordings = parse({"file:one.asf", "test:"}).value();
    assert_int_equal(recordings[0].kind, SourceSpec::Kind::file);
    assert_int_equal(recordings[0].role, Feed::Role::source);
    assert_int_equal(recordings[1].role, Feed::Role::source);
}

static void what_is_pulled_knows_its_protocol_and_shows_no_credentials(void**) {
    for (const char* url :
         {"http://me:secret@a:81/b?c=d", "mmsh://me:secret@a:81/b?c=d", "MMS://me:secret@a:81/b?c=d"}) {
        const auto specs = parse({url}).value();
        assert_int_equal(specs[0].kind, SourceSpec::Kind::pull);
        assert_non_null(specs[0].protocol);
        assert_string_equal(specs[0].text.c_str(), url);
        assert_true(specs[0].shown.ends_with("://a:81/b?c=d"));
        assert_true(specs[0].shown.find("secret") == std::string::npos);
    }
}

static void a_url_that_is_wrong_is_told_without_its_password(void**) {
    for (const char* bad :
         {"http://me:secret@", "http://me:secret@a:99999/", "https://me:secret@a/b", "httpx://me:secret@a"}) {
        const auto specs = parse({bad});
        assert_false(specs.ok());
        assert_true(specs.error().detail.find("secret") == std::string::npos);
        assert_true(specs.error().detail.size() > 20);
    }
}

static void no_sources_are_none(void**) {
    assert_int_equal(parse({}).value().size(), 0);
}

static void what_is_no_source_is_named(void**) {
    for (const char* bad : {"", "push", "PUSH:", "push:backup", "test: ", "file:", "ftp:x"}) {
        const auto specs = parse({"push:", bad});
        assert_false(specs.ok());
        assert_true(specs.error().detail.find("\"" + std::string(bad) + "\"") != std::string::npos);
    }
}

static void a_source_listed_twice_is_an_error(void**) {
    assert_false(parse({"push:", "test:", "push:"}).ok());
    assert_false(parse({"test:", "test:"}).ok());
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_order_is_the_rank),
        cmocka_unit_test(a_test_signal_behind_a_live_source_is_fill_and_first_it_is_a_source),
        cmocka_unit_test(a_recording_is_fill_only_behind_a_live_source),
        cmocka_unit_test(what_is_pulled_knows_its_protocol_and_shows_no_credentials),
        cmocka_unit_test(a_url_that_is_wrong_is_told_without_its_password),
        cmocka_unit_test(no_sources_are_none),
        cmocka_unit_test(what_is_no_source_is_named),
        cmocka_unit_test(a_source_listed_twice_is_an_error)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
