// Channels on demand, and the channel "*", in weir.toml.
#include "cli/config_demand.hpp"

#include <string>

#include "cli/config_toml.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::cli;

static constexpr std::string_view kProtocols[] = {"http", "msbd"};

static LoadedConfig parse(const std::string& channel) {
    return parse_config("[[listen]]\n[[channel]]\n" + channel + "\n", "weir.toml", kProtocols);
}
static void expect(const std::string& channel, const std::string& problems) {
    std::string out;
    for (const auto& problem : parse(channel).problems) out += to_string(problem) + '\n';
    assert_string_equal(out.c_str(), problems.c_str());
}

static void a_channel_on_demand_pulls(void**) {
    const std::string good =
        "name = \"a\"\nsources = [\"http://h/a\", \"mmsh://h/a\", {url = \"msbd://h/a\", standby = true}]\n"
        "on_demand = true\nidle_timeout = \"2m\"";
    expect(good, "");
    const ChannelConfig channel = parse(good).config.channels.at(0);
    assert_true(channel.on_demand);
    assert_int_equal(channel.idle_timeout.count(), 120'000);
    for (const char* source : {"push:", "push:main", "test:", "file:a.asf"})
        expect("name = \"a\"\non_demand = true\nsources = [\"http://h/a\", \"" + std::string(source) + "\"]",
               "weir.toml:5:11: channel.sources: \"" + std::string(source) +
                   "\" is not pulled, and a channel on demand connects to its sources; expected URLs such as "
                   "\"http://host/path\" only\n");
    expect(
        "name = \"a\"\nsources = [\"http://h/a\"]\non_demand = true\npush_to = [\"http://e/a\"]",
        "weir.toml:6:11: channel.push_to: a channel on demand has a stream only while somebody asks for it "
        "here, expected no push_to, or a channel that is always connected\n");
}

static void a_star_is_every_other_name(void**) {
    const std::string good =
        "name = \"*\"\nsources = [\"msbd://h/{name}\", \"http://u:p@h/x?c={name}\"]\n"
        "title = \"{name}!\"\nmax_channels = 3";
    expect(good, "");
    const ChannelConfig channel = parse(good).config.channels.at(0);
    assert_string_equal(channel.name.c_str(), "*");
    assert_string_equal(channel.sources.at(0).url.c_str(), "msbd://h/{name}");
    assert_int_equal(channel.max_channels, 3);
    expect("name = \"*\"\nsources = [\"http://u:secret@h/{name}\", \"http://u:secret@h/live\"]",
           "weir.toml:4:11: channel.sources: \"http://...\" lacks {name}: every channel would be the same; "
           "expected "
           "a URL such as \"msbd://host/{name}\"\n");
    expect(
        "name = \"*\"\nsources = [\"push:\"]",
        "weir.toml:4:11: channel.sources: \"push:\" is not pulled, and a channel on demand connects to its "
        "sources; expected URLs such as \"http://host/path\" only\n");
    expect("name = \"a\"\nsources = [\"http://h/{name}\"]",
           "weir.toml:4:11: channel.sources: \"http://...\" has {name} in it, which only the channel \"*\" "
           "knows; "
           "expected a whole URL\n");
    expect("name = \"a*\"\nsources = [\"push:\"]",
           "weir.toml:3:8: channel.name: \"a*\" has a character that a name in a URL may not have, expected "
           "letters, digits, '-', '_' and '.' only\n");
    expect(good + "\n[[channel]]\nname = \"*\"\nsources = [\"http://h/{name}\"]",
           "weir.toml:8:8: channel.name: \"*\" is the channel of line 3 already, expected another name\n");
}

static void a_port_of_its_own_may_give_a_channel_that_a_star_makes(void**) {
    const auto loaded = parse_config(
        "[[listen]]\nprotocol = \"msbd\"\nchannel = \"news\"\n[[channel]]\nname = \"*\"\n"
        "sources = [\"msbd://h/{name}\"]\n",
        "weir.toml", kProtocols);
    assert_true(loaded.problems.empty());
    const auto star = parse_config(
        "[[listen]]\nprotocol = \"msbd\"\nchannel = \"*\"\n[[channel]]\nname = \"*\"\n"
        "sources = [\"msbd://h/{name}\"]\n",
        "weir.toml", kProtocols);
    assert_int_equal(star.problems.size(), 1);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_channel_on_demand_pulls),
        cmocka_unit_test(a_star_is_every_other_name),
        cmocka_unit_test(a_port_of_its_own_may_give_a_channel_that_a_star_makes),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
