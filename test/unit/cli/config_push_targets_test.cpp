// push_to in weir.toml: what is taken, and where each error is said to stand.
#include "cli/config_push_targets.hpp"

#include <string>
#include <vector>

#include "cli/config_toml.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::cli;

static constexpr std::string_view kProtocols[] = {"http"};
static const std::string kForms =
    "expected a server such as \"http://host/path\" or {url = \"http://host/path\", form = \"wm\"}";

static LoadedConfig parse(const std::string& push_to) {
    return parse_config(
        "[[listen]]\n[[channel]]\nname = \"a\"\nsources = [\"push:\"]\npush_to = " + push_to + "\n",
        "weir.toml", kProtocols);
}
static void expect(const std::string& push_to, const std::string& problems) {
    std::string out;
    for (const auto& problem : parse(push_to).problems) out += to_string(problem) + '\n';
    assert_string_equal(out.c_str(), problems.c_str());
}
static std::vector<PushTargetConfig> good(const std::string& push_to) {
    expect(push_to, "");
    return parse(push_to).config.channels.at(0).push_to;
}

static void a_server_is_text_or_a_table(void**) {
    assert_true(
        (good("[\"http://edge:8080/news\", {url = \"http://me:secret@b/news?source=x\", form = \"wm\"},"
              " {form = \"raw\", url = \"http://c/news\"}]") ==
         std::vector<PushTargetConfig>{"http://edge:8080/news", wm_push("http://me:secret@b/news?source=x"),
                                       "http://c/news"}));
    assert_true(good("[]").empty());
}

static void each_error_has_its_own_place_and_key(void**) {
    expect("\"http://a/b\"",
           "weir.toml:5:11: channel.push_to: found text, expected a list of servers such as "
           "[\"http://edge:8080/news\"]\n");
    expect("[3]", "weir.toml:5:12: channel.push_to: found integer, " + kForms + "\n");
    expect("[{}]", "weir.toml:5:12: channel.push_to.url: missing, " + kForms + "\n");
    expect(
        "[{url = 3}]",
        "weir.toml:5:19: channel.push_to.url: found integer, expected text such as \"http://host/path\"\n");
    expect(
        "[{url = \"http://a/b\", form = \"rtmp\"}]",
        "weir.toml:5:40: channel.push_to.form: \"rtmp\" is no form of pushing, expected \"raw\" or \"wm\"\n");
    expect("[{url = \"http://a/b\", form = true}]",
           "weir.toml:5:40: channel.push_to.form: found boolean, expected \"raw\" or \"wm\"\n");
    expect("[{ulr = \"http://a/b\"}]",
           "weir.toml:5:13: channel.push_to.ulr: unknown key, did you mean \"url\"?\n");
    expect("[{url = \"http://a/b\", standby = true}]",
           "weir.toml:5:33: channel.push_to.standby: unknown key, a server takes url, form\n");
    expect("[\"push:\"]",
           "weir.toml:5:12: channel.push_to: 'push:': a URL begins with http://, mmsh:// or mms://\n");
}

static void passwords_are_not_told(void**) {
    expect(
        "[\"http://me:secret@h:0/x\"]",
        "weir.toml:5:12: channel.push_to: 'http://***@h:0/x': after the host comes ':' and a port from 1 to "
        "65535\n");
    expect("[\"mms://me:secret@h/x\"]",
           "weir.toml:5:12: channel.push_to: 'mms://***@h/x': pushes go over HTTP, expected "
           "\"http://host:port/path\"\n");
    expect("[\"http://h/x\", {url = \"http://me:secret@h/x\", form = \"wm\"}]",
           "weir.toml:5:33: channel.push_to.url: \"http://h/x\" stands twice, list each once\n");
}

static void there_are_sixteen_at_most(void**) {
    std::string list = "[";
    for (int i = 0; i < 16; ++i) list += "\"http://h/" + std::to_string(i) + "\",";
    assert_int_equal(good(list + "]").size(), 16);
    expect(list + "\"http://h/16\"]", "weir.toml:5:11: channel.push_to: 17 servers, expected up to 16\n");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_server_is_text_or_a_table), cmocka_unit_test(each_error_has_its_own_place_and_key),
        cmocka_unit_test(passwords_are_not_told), cmocka_unit_test(there_are_sixteen_at_most)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
