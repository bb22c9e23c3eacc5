// The servers that a channel is pushed to, as they are written.
#include "core/relay/push_spec.hpp"

#include "core/relay/modules.hpp"
#include "weir/weir.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {
Result<std::vector<PushSpec>> parse(std::vector<PushTargetConfig> targets) {
    return parse_push_targets(targets, builtin_modules().pushes);
}
void expect_error(std::vector<PushTargetConfig> targets, const std::string& detail) {
    const auto parsed = parse(std::move(targets));
    assert_false(parsed.ok());
    assert_string_equal(parsed.error().detail.c_str(), detail.c_str());
}
}  // namespace

static void a_url_alone_is_a_raw_push(void**) {
    const auto specs = parse({"http://a:81/b?source=c", wm_push("http://me:secret@a/b")}).value();
    assert_int_equal(specs.size(), 2);
    assert_true(specs[0].form->name == "raw");
    assert_string_equal(specs[0].shown.c_str(), "http://a:81/b?source=c");
    assert_true(specs[1].form->name == "wm");
    assert_string_equal(specs[1].url.c_str(), "http://me:secret@a/b");
    assert_string_equal(specs[1].shown.c_str(), "http://a/b");
    assert_true(parse({}).value().empty());
}

static void what_is_wrong_is_told_without_the_password(void**) {
    expect_error({"http://me:secret@h:0/x"},
                 "push_to: 'http://***@h:0/x': after the host comes ':' and a port from 1 to 65535");
    expect_error({"mmsh://me:secret@h/x"},
                 "push_to: 'mmsh://***@h/x': pushes go over HTTP, expected \"http://host:port/path\"");
    expect_error({""}, "push_to: '': a URL begins with http://, mmsh:// or mms://");
    PushTargetConfig odd{"http://h/x"};
    odd.form = "rtmp";
    expect_error({odd}, "push_to: \"rtmp\" is no form of pushing, expected \"raw\" or \"wm\"");
}

static void a_place_is_pushed_to_once(void**) {
    // By whatever form and as whoever.
    expect_error({"http://h/x", "http://h/y", wm_push("http://me:secret@h/x")},
                 "push_to: \"http://h/x\" is listed twice");
    assert_true(parse({"http://h/x", "http://h/x?source=b"}).ok());
}

static void there_are_sixteen_at_most(void**) {
    std::vector<PushTargetConfig> targets;
    for (int i = 0; i < 16; ++i) targets.push_back("http://h/" + std::to_string(i));
    assert_int_equal(parse(targets).value().size(), 16);
    targets.push_back("http://h/16");
    expect_error(targets, "push_to lists 17 servers, expected up to 16");
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(a_url_alone_is_a_raw_push),
                                cmocka_unit_test(what_is_wrong_is_told_without_the_password),
                                cmocka_unit_test(a_place_is_pushed_to_once),
                                cmocka_unit_test(there_are_sixteen_at_most)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
