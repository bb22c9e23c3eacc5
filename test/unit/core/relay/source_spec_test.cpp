// A channel's sources as they are written.
#include "core/relay/source_spec.hpp"

#include "core/base/text.hpp"
#include "core/relay/modules.hpp"
#include "weir/weir.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {
Result<std::vector<SourceSpec>> parse(std::vector<SourceConfig> sources) {
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
    for (const char* bad : {"", "push", "PUSH:", "push:a b", "push:\xc3\xa4", "test: ", "file:", "ftp:x"}) {
        const auto specs = parse({"push:", bad});
        assert_false(specs.ok());
        assert_true(specs.error().detail.find("\"" + printable(bad) + "\"") != std::string::npos);
    }
}

static void a_source_listed_twice_is_an_error(void**) {
    assert_false(parse({"push:", "test:", "push:"}).ok());
    assert_false(parse({"test:", "test:"}).ok());
    assert_false(parse({"push:a", "push:", "push:a"}).ok());
    assert_false(parse({"http://a/b", standby_source("http://a/b")}).ok());
}

static void push_slots_have_names_and_ranks(void**) {
    const auto specs = parse({"push:main", "push:back-up_2.x", "push:", "push:MAIN"}).value();
    const char* names[] = {"main", "back-up_2.x", "", "MAIN"};
    for (std::size_t i = 0; i < specs.size(); ++i) {
        assert_int_equal(specs[i].kind, SourceSpec::Kind::push);
        assert_int_equal(specs[i].rank, i);
        assert_int_equal(specs[i].role, Feed::Role::source);
        assert_string_equal(specs[i].slot.c_str(), names[i]);
        assert_string_equal(specs[i].shown.c_str(), ("push:" + std::string(names[i])).c_str());
    }
}

static void a_slots_name_has_up_to_64_characters(void**) {
    const std::string longest = "push:" + std::string(kMaxSlotName, 'x');
    assert_int_equal(parse({longest}).value()[0].slot.size(), 64);
    const auto longer = parse({longest + 'x'});
    assert_false(longer.ok());
    assert_true(longer.error().detail.find("65 characters, expected up to 64") != std::string::npos);
}

static void a_pull_may_stand_by_and_nothing_else(void**) {
    const auto specs = parse({"push:", "http://a/b", standby_source("mmsh://a/b"), "test:"}).value();
    for (std::size_t i = 0; i < specs.size(); ++i) assert_int_equal(specs[i].standby, i == 2);
    for (const char* other : {"push:", "push:main", "file:a.asf", "test:"}) {
        const auto wrong = parse({standby_source(other)});
        assert_false(wrong.ok());
        assert_true(wrong.error().detail.find("leave the word out") != std::string::npos);
    }
    // What is no source at all is told as that.
    assert_true(parse({standby_source("pushh:")}).error().detail.find("did you mean") != std::string::npos);
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
        cmocka_unit_test(a_source_listed_twice_is_an_error),
        cmocka_unit_test(push_slots_have_names_and_ranks),
        cmocka_unit_test(a_slots_name_has_up_to_64_characters),
        cmocka_unit_test(a_pull_may_stand_by_and_nothing_else)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
