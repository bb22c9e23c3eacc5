#include "cli/config_toml.hpp"

#include <string>
#include <type_traits>
#include <vector>

#include "cli/config_file.hpp"
#include "core/base/text.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::cli;
using namespace std::chrono_literals;

static constexpr std::string_view kProtocols[] = {"http", "msbd"};

// Six good lines; what is under test follows from line 7, still inside the channel.
static const std::string kGood =
    "[[listen]]\n"
    "address = \"[::]:8080\"\n"
    "\n"
    "[[channel]]\n"
    "name = \"news\"\n"
    "sources = [\"push:\"]\n";

static const std::string kSourceForms =
    "expected a source such as \"push:\" or {url = \"http://host/path\", standby = true}";

static LoadedConfig parse(const std::string& text) {
    return parse_config(text, "weir.toml", kProtocols);
}

static std::string printed(const LoadedConfig& loaded) {
    std::string out;
    for (const auto& problem : loaded.problems) out += to_string(problem) + '\n';
    return out;
}

static void expect_text(const std::string& text, const std::string& problems) {
    assert_string_equal(printed(parse(text)).c_str(), problems.c_str());
}
static void expect_channel(const std::string& lines, const std::string& problems) {
    expect_text(kGood + lines, problems);
}
static void expect_server(const std::string& lines, const std::string& problems) {
    expect_text(kGood + "[server]\n" + lines, problems);
}
static Config good(const std::string& text) {
    auto loaded = parse(text);
    assert_string_equal(printed(loaded).c_str(), "");
    return std::move(loaded.config);
}

static void what_is_left_out_has_the_defaults_of_config_hpp(void**) {
    const Config config = good(kGood);
    assert_string_equal(config.server.name.c_str(), "weir");
    assert_int_equal(config.server.max_connections, 16000);
    assert_string_equal(config.admin.address.c_str(), "");
    assert_int_equal(config.listen.size(), 1);
    assert_true(config.listen[0].protocols == std::vector<std::string>{"http"});
    assert_true(config.listen[0].tcp_nodelay);
    assert_int_equal(config.listen[0].send_buffer, 0);
    assert_int_equal(config.listen[0].pacing, 0);
    assert_int_equal(config.channels.size(), 1);
    assert_true(config.channels[0].burst == 3s);
    assert_true(config.channels[0].latency == 0ms);  // the server's
    assert_true(config.server.latency == 100ms && config.server.latency_max == 400ms);
    assert_string_equal(config.channels[0].title.c_str(), "");
}

static void every_key_fills_its_field(void**) {
    const Config config = good(R"([server]
name = "edge-1"
latency = "20ms"
latency_max = "1s"
drain = "2m"
header_timeout = "3s"
max_connections = 7
[admin]
address = "127.0.0.1:2"
[[listen]]
protocol = ["http", "msbd"]
address = "127.0.0.1:1"
tcp_nodelay = false
send_buffer = "256KiB"
pacing = "2MiB"
[[channel]]
name = "a"
title = "Tïtle"
sources = ["push:", {url = "http://b/live", standby = true}, "test:"]
push_to = ["http://edge/news", {url = "http://b/news", form = "wm"}]
latency = "30ms"
burst = "1s"
slow_client = "close"
log_size = "1MiB"
log_time = "2s"
header_limit = "32KiB"
wait_max = "0s"
keepalive = "500ms"
connect_timeout = "2s"
stall_timeout = "3s"
min_uptime = "4s"
backoff_max = "6s"
refused_backoff_max = "7s"
failover_on = "article"
failback = "after 8s"
randomize = true
on_end = "end"
end_grace = "9s"
hold = "12h"
)");
    const auto& s = config.server;
    assert_string_equal(s.name.c_str(), "edge-1");
    assert_true(s.latency == 20ms && s.latency_max == 1s && s.drain == 2min && s.header_timeout == 3s);
    assert_int_equal(s.max_connections, 7);
    assert_string_equal(config.admin.address.c_str(), "127.0.0.1:2");
    assert_string_equal(config.admin.origin.c_str(), "weir.toml:8:1");
    assert_true((config.listen[0].protocols == std::vector<std::string>{"http", "msbd"}));
    assert_string_equal(config.listen[0].address.c_str(), "127.0.0.1:1");
    assert_false(config.listen[0].tcp_nodelay);
    assert_int_equal(config.listen[0].send_buffer, 256 << 10);
    assert_int_equal(config.listen[0].pacing, 2 << 20);
    const auto& c = config.channels[0];
    assert_string_equal(c.name.c_str(), "a");
    assert_string_equal(c.title.c_str(), "Tïtle");
    assert_true((c.sources == std::vector<SourceConfig>{"push:", standby_source("http://b/live"), "test:"}));
    assert_true((c.push_to == std::vector<PushTargetConfig>{"http://edge/news", wm_push("http://b/news")}));
    assert_true(c.latency == 30ms);
    assert_true(c.burst == 1s && c.log_time == 2s && c.wait_max == 0s && c.keepalive == 500ms);
    assert_int_equal(c.slow_client, SlowClient::close);
    assert_int_equal(c.log_size, 1 << 20);
    assert_int_equal(c.header_limit, 32 << 10);
    assert_true(c.connect_timeout == 2s && c.stall_timeout == 3s && c.min_uptime == 4s);
    assert_true(c.backoff_max == 6s && c.refused_backoff_max == 7s);
    assert_int_equal(c.failover_on, FailoverOn::article);
    assert_int_equal(c.failback.when, Failback::When::after);
    assert_true(c.failback.beside == 8s);
    assert_true(c.randomize);
    assert_int_equal(c.on_end, OnEnd::end);
    assert_true(c.end_grace == 9s && c.hold == 12h);
}

static void listeners_and_channels_remember_where_they_stand(void**) {
    const Config config = good(kGood);
    assert_string_equal(config.listen[0].origin.c_str(), "weir.toml:1:1");
    assert_string_equal(config.channels[0].origin.c_str(), "weir.toml:4:1");
}

static void an_unknown_key_is_refused_with_the_nearest_known(void**) {
    expect_channel("brust = \"3s\"\n",
                   "weir.toml:7:1: channel.brust: unknown key, did you mean \"burst\"?\n");
    expect_server("latancy = 1\n", "weir.toml:8:1: server.latancy: unknown key, did you mean \"latency\"?\n");
    expect_channel(
        "colour = 1\n",
        "weir.toml:7:1: channel.colour: unknown key, [[channel]] takes name, title, sources, push_to, "
        "on_demand, idle_timeout, max_channels, latency, burst, slow_client, log_size, log_time, "
        "header_limit, wait_max, keepalive, connect_timeout, stall_timeout, "
        "min_uptime, backoff_max, refused_backoff_max, failover_on, failback, randomize, on_end, end_grace, "
        "hold\n");
    expect_channel("backof_max = \"1s\"\n",
                   "weir.toml:7:1: channel.backof_max: unknown key, did you mean \"backoff_max\"?\n");
    expect_channel("randomise = true\n",
                   "weir.toml:7:1: channel.randomise: unknown key, did you mean \"randomize\"?\n");
    expect_server("burst = \"3s\"\n",
                  "weir.toml:8:1: server.burst: does not belong in [server], move it to [[channel]]\n");
    expect_server(
        "'' = 1\n",
        "weir.toml:8:1: server.\"\": unknown key, [server] takes name, latency, latency_max, drain, "
        "header_timeout, max_connections, max_links\n");
}

static void a_misspelt_required_key_is_not_reported_as_missing_too(void**) {
    expect_text("[[listen]]\n[[channel]]\nnmae = \"a\"\nsources = [\"push:\"]\n",
                "weir.toml:3:1: channel.nmae: unknown key, did you mean \"name\"?\n");
}

static void an_unknown_section_is_refused_with_the_nearest_known(void**) {
    expect_text("[[listen]]\n[[chanel]]\nname = \"a\"\n",
                "weir.toml:2:3: chanel: unknown section, did you mean [[channel]]?\n");
    expect_channel("[sever]\n", "weir.toml:7:2: sever: unknown section, did you mean [server]?\n");
    expect_channel(
        "[recording]\n",
        "weir.toml:7:2: recording: unknown section, expected [server], [admin], [[listen]] or [[channel]]\n");
    expect_text(
        std::string("''= ''\n") + kGood,
        "weir.toml:1:1: \"\": unknown section, expected [server], [admin], [[listen]] or [[channel]]\n");
}

static void a_section_of_the_wrong_form_is_refused(void**) {
    expect_text("[listen]\n[[channel]]\nname = \"a\"\nsources = [\"push:\"]\n",
                "weir.toml:1:1: listen: found [listen], expected [[listen]]\n");
    expect_channel("[[server]]\n", "weir.toml:7:1: server: found [[server]], expected [server]\n");
    expect_channel("[[admin]]\n", "weir.toml:7:1: admin: found [[admin]], expected [admin]\n");
    expect_text("server = 1\n" + kGood, "weir.toml:1:10: server: found integer, expected [server]\n");
    expect_text("channel = \"a\"\n[[listen]]\n",
                "weir.toml:1:11: channel: found text, expected [[channel]]\n");
    expect_text("channel = [1]\n[[listen]]\n",
                "weir.toml:1:12: channel: found integer, expected [[channel]]\n");
}

static void without_listener_or_channel_there_is_nothing_to_run(void**) {
    expect_text("",
                "weir.toml:1:1: listen: missing, expected at least one [[listen]]\n"
                "weir.toml:1:1: channel: missing, expected at least one [[channel]]\n");
    expect_text("[[listen]]\n", "weir.toml:1:1: channel: missing, expected at least one [[channel]]\n");
    expect_text("[[channel]]\nname = \"a\"\nsources = [\"push:\"]\n",
                "weir.toml:1:1: listen: missing, expected at least one [[listen]]\n");
    expect_text("channel = []\n[[listen]]\n",
                "weir.toml:1:1: channel: missing, expected at least one [[channel]]\n");
}

static void a_wrong_type_names_what_was_found_and_what_is_expected(void**) {
    expect_channel("burst = 3\n",
                   "weir.toml:7:9: channel.burst: found integer, expected a duration such as \"3s\"\n");
    expect_channel(
        "burst = 3.5\n",
        "weir.toml:7:9: channel.burst: found number with a fraction, expected a duration such as \"3s\"\n");
    expect_channel("log_size = 65536\n",
                   "weir.toml:7:12: channel.log_size: found integer, expected a size such as \"8MiB\"\n");
    expect_channel("title = true\n",
                   "weir.toml:7:9: channel.title: found boolean, expected text such as \"Evening news\"\n");
    expect_channel("slow_client = []\n",
                   "weir.toml:7:15: channel.slow_client: found list, expected \"skip\" or \"close\"\n");
    expect_channel(
        "keepalive = 2026-11-22\n",
        "weir.toml:7:13: channel.keepalive: found date or time, expected a duration such as \"1s\"\n");
    expect_server(
        "max_connections = \"10\"\n",
        "weir.toml:8:19: server.max_connections: found text, expected a whole number such as 16000\n");
    expect_server("name = {}\n",
                  "weir.toml:8:8: server.name: found table, expected text such as \"edge-1\"\n");
    expect_text(
        "[[listen]]\nprotocol = 1\n[[channel]]\nname = \"a\"\nsources = \"push:\"\n",
        "weir.toml:2:12: listen.protocol: found integer, expected text or list of text such as \"http\"\n"
        "weir.toml:5:11: channel.sources: found text, expected a list of sources such as [\"push:\"]\n");
}

static void a_malformed_duration_or_size_says_what_one_looks_like(void**) {
    expect_channel(
        "burst = \"3\"\n",
        "weir.toml:7:9: channel.burst: \"3\" is not a duration, expected a whole number with ms, s, m or h "
        "such as \"3s\"\n");
    expect_channel(
        "log_size = \"8MB\"\n",
        "weir.toml:7:12: channel.log_size: \"8MB\" is not a size, expected a whole number of bytes or one "
        "with KiB, MiB or GiB such as \"64KiB\"\n");
}

static void what_is_wrong_with_a_ports_socket_options_is_told_with_its_place(void**) {
    const auto expect_listen = [](const std::string& line, const std::string& problem) {
        expect_text("[[listen]]\n" + line + "\n[[channel]]\nname = \"a\"\nsources = [\"push:\"]\n",
                    "weir.toml:2:" + problem + '\n');
    };
    expect_listen("tcp_nodelay = 1", "15: listen.tcp_nodelay: found integer, expected true or false");
    expect_listen("send_buffer = 65536",
                  "15: listen.send_buffer: found integer, expected \"auto\" or a size such as \"256KiB\"");
    expect_listen("send_buffer = \"1KiB\"",
                  "15: listen.send_buffer: \"1KiB\" is out of range, expected 4KiB to 64MiB or \"auto\"");
    expect_listen("pacing = \"of\"", "10: listen.pacing: \"of\" is unknown, did you mean \"off\"?");
    expect_listen("pacing = false",
                  "10: listen.pacing: found boolean, expected \"off\" or a size such as \"1MiB\"");
    expect_listen("tcp_no_delay = true",
                  "1: listen.tcp_no_delay: unknown key, did you mean \"tcp_nodelay\"?");
}

static void a_choice_is_one_of_its_names(void**) {
    const auto channel = [](const std::string& line) { return good(kGood + line + '\n').channels[0]; };
    assert_int_equal(channel("slow_client = \"skip\"").slow_client, SlowClient::skip);
    assert_int_equal(channel("slow_client = \"close\"").slow_client, SlowClient::close);
    assert_int_equal(channel("failover_on = \"any-error\"").failover_on, FailoverOn::any_error);
    assert_int_equal(channel("failover_on = \"article\"").failover_on, FailoverOn::article);
    assert_int_equal(channel("on_end = \"hold\"").on_end, OnEnd::hold);
    assert_int_equal(channel("on_end = \"end\"").on_end, OnEnd::end);
    expect_channel(
        "slow_client = \"kill\"\n",
        "weir.toml:7:15: channel.slow_client: \"kill\" is unknown, expected \"skip\" or \"close\"\n");
    expect_channel("slow_client = \"Skip\"\n",
                   "weir.toml:7:15: channel.slow_client: \"Skip\" is unknown, did you mean \"skip\"?\n");
    expect_channel(
        "failover_on = \"any_error\"\n",
        "weir.toml:7:15: channel.failover_on: \"any_error\" is unknown, did you mean \"any-error\"?\n");
    expect_channel(
        "failover_on = \"never\"\n",
        "weir.toml:7:15: channel.failover_on: \"never\" is unknown, expected \"any-error\" or \"article\"\n");
    expect_channel("on_end = true\n",
                   "weir.toml:7:10: channel.on_end: found boolean, expected \"hold\" or \"end\"\n");
}

static void a_boolean_is_true_or_false_without_quotes(void**) {
    assert_true(good(kGood + "randomize = true\n").channels[0].randomize);
    assert_false(good(kGood + "randomize = false\n").channels[0].randomize);
    expect_channel("randomize = \"true\"\n",
                   "weir.toml:7:13: channel.randomize: found text, expected true or false\n");
    expect_channel("randomize = 1\n",
                   "weir.toml:7:13: channel.randomize: found integer, expected true or false\n");
}

static void a_value_of_a_form_of_its_own_is_named_by_its_place(void**) {
    expect_channel("failback = \"x\"\n",
                   "weir.toml:7:12: channel.failback: \"x\" is unknown, expected \"on-close\", \"never\" or "
                   "\"after 30s\"\n");
    expect_channel("failback = 30\n",
                   "weir.toml:7:12: channel.failback: found integer, expected \"on-close\", \"never\" or "
                   "\"after 30s\"\n");
    expect_channel(
        "hold = true\n",
        "weir.toml:7:8: channel.hold: found boolean, expected \"forever\" or a duration such as \"1h\"\n");
}

static void what_stands_deeper_than_any_key_reads_is_a_wrong_type(void**) {
    const std::string deep = std::string(100, '[') + std::string(100, ']');
    expect_channel("title = " + deep + '\n',
                   "weir.toml:7:9: channel.title: found list, expected text such as \"Evening news\"\n");
    expect_text("[[listen]]\n[[channel]]\nname = \"a\"\nsources = [" + deep + ", {url = {y = 1}}]\n",
                "weir.toml:4:12: channel.sources: found list, " + kSourceForms +
                    "\n"
                    "weir.toml:4:221: channel.sources.url: found table, expected text such as "
                    "\"http://host/path\"\n");
}

static void each_range_takes_its_ends_and_refuses_one_beyond(void**) {
    const struct {
        std::string key, least, most, below, above, range;
        std::string other;  // keys that must go along
    } server[] = {
        {"latency", "5ms", "2s", "4ms", "2001ms", "5ms to 2s", "latency_max = \"2s\"\n"},
        {"latency_max", "5ms", "2s", "4ms", "2001ms", "5ms to 2s", "latency = \"5ms\"\n"},
        {"drain", "0s", "10m", "", "600001ms", "0s to 10m", ""},
        {"header_timeout", "100ms", "10m", "99ms", "601s", "100ms to 10m", ""},
    };
    const auto quoted = [](const std::string& text) { return '"' + text + '"'; };
    for (const auto& one : server) {
        for (const auto& value : {one.least, one.most}) {
            expect_server(one.other + one.key + " = " + quoted(value) + '\n', "");
        }
        for (const auto& value : {one.below, one.above}) {
            if (value.empty()) continue;
            expect_server(one.key + " = " + quoted(value) + '\n',
                          "weir.toml:8:" + std::to_string(one.key.size() + 4) + ": server." + one.key + ": " +
                              quoted(value) + " is out of range, expected " + one.range + '\n');
        }
    }
    const std::remove_cvref_t<decltype(server[0])> channel[] = {
        {"latency", "5ms", "400ms", "4ms", "2001ms", "5ms to 2s", ""},  // 2s: with a longer latency_max
        {"burst", "0s", "10m", "", "601s", "0s to 10m", "log_time = \"1h\"\n"},
        {"log_size", "256KiB", "1GiB", "262143", "1073741825", "256KiB to 1GiB", ""},
        {"log_time", "1s", "1h", "999ms", "3601s", "1s to 1h", "burst = \"0s\"\n"},
        {"header_limit", "1KiB", "1MiB", "1023", "1048577", "1KiB to 1MiB", ""},
        {"wait_max", "0s", "10m", "", "601s", "0s to 10m", ""},
        {"keepalive", "100ms", "1m", "99ms", "61s", "100ms to 1m", ""},
        {"connect_timeout", "100ms", "10m", "99ms", "601s", "100ms to 10m", ""},
        {"stall_timeout", "500ms", "10m", "499ms", "601s", "500ms to 10m", ""},
        {"min_uptime", "0s", "1h", "", "3601s", "0s to 1h", ""},
        {"backoff_max", "200ms", "1h", "199ms", "3601s", "200ms to 1h", ""},
        {"refused_backoff_max", "1s", "1h", "999ms", "3601s", "1s to 1h", ""},
        {"end_grace", "0s", "1h", "", "3601s", "0s to 1h", ""},
        {"hold", "1s", "8760h", "999ms", "8761h", "1s to 8760h or \"forever\"", ""},
    };
    for (const auto& one : channel) {
        for (const auto& value : {one.least, one.most}) {
            expect_channel(one.other + one.key + " = " + quoted(value) + '\n', "");
        }
        for (const auto& value : {one.below, one.above}) {
            if (value.empty()) continue;
            expect_channel(one.key + " = " + quoted(value) + '\n',
                           "weir.toml:7:" + std::to_string(one.key.size() + 4) + ": channel." + one.key +
                               ": " + quoted(value) + " is out of range, expected " + one.range + '\n');
        }
    }
    for (const char* value : {"1", "1000000"})
        expect_server(std::string("max_connections = ") + value + '\n', "");
    for (const char* value : {"0", "1000001", "-1", "9223372036854775807"}) {
        expect_server(std::string("max_connections = ") + value + '\n',
                      std::string("weir.toml:8:19: server.max_connections: ") + value +
                          " is out of range, expected 1 to 1000000\n");
    }
    expect_channel(
        "burst = \"99999999999999999999s\"\n",
        "weir.toml:7:9: channel.burst: \"99999999999999999999s\" is out of range, expected 0s to 10m\n");
}

static void latency_is_at_most_latency_max(void**) {
    good(kGood + "[server]\nlatency = \"400ms\"\n");
    expect_server(
        "latency = \"401ms\"\n",
        "weir.toml:8:11: server.latency: latency (401ms) is above latency_max (400ms), expected at most "
        "latency_max\n");
    expect_server(
        "latency_max = \"99ms\"\n",
        "weir.toml:8:15: server.latency_max: latency (100ms) is above latency_max (99ms), expected at most "
        "latency_max\n");
    // A value that is wrong by itself is reported once.
    expect_server(
        "latency_max = 1\nlatency = \"500ms\"\n",
        "weir.toml:8:15: server.latency_max: found integer, expected a duration such as \"400ms\"\n");
}

static void a_channels_latency_is_at_most_latency_max(void**) {
    assert_true(good(kGood + "latency = \"400ms\"\n").channels[0].latency == 400ms);
    expect_channel("latency = \"401ms\"\n",
                   "weir.toml:7:11: channel.latency: latency (401ms) is above server.latency_max (400ms), "
                   "expected at most that\n");
    // Wherever [server] stands.
    good(kGood + "latency = \"2s\"\n[server]\nlatency_max = \"2s\"\n");
    expect_channel("latency = \"100ms\"\n[server]\nlatency = \"5ms\"\nlatency_max = \"50ms\"\n",
                   "weir.toml:7:11: channel.latency: latency (100ms) is above server.latency_max (50ms), "
                   "expected at most that\n");
    // A value that is wrong by itself is reported once.
    expect_channel(
        "latency = \"500ms\"\n[server]\nlatency_max = 1\n",
        "weir.toml:9:15: server.latency_max: found integer, expected a duration such as \"400ms\"\n");
}

static void log_time_is_at_least_burst(void**) {
    good(kGood + "burst = \"15s\"\n");
    expect_channel(
        "burst = \"16s\"\n",
        "weir.toml:7:9: channel.burst: burst (16s) is longer than log_time (15s), expected log_time to be "
        "at least burst\n");
    expect_channel(
        "burst = \"5s\"\nlog_time = \"4s\"\n",
        "weir.toml:8:12: channel.log_time: burst (5s) is longer than log_time (4s), expected log_time to be "
        "at least burst\n");
}

static void a_server_name_is_1_to_64_printable_ascii(void**) {
    good(kGood + "[server]\nname = \"" + std::string(64, 'x') + "\"\n");
    expect_server("name = \"" + std::string(65, 'x') + "\"\n",
                  "weir.toml:8:8: server.name: 65 characters, expected 1 to 64\n");
    expect_server("name = \"\"\n", "weir.toml:8:8: server.name: 0 characters, expected 1 to 64\n");
    expect_server(
        "name = \"a\\nb\"\n",
        "weir.toml:8:8: server.name: \"a?b\" has a character that is not printable ASCII, expected a name "
        "such as \"edge-1\"\n");
}

static void expect_name(const std::string& name, const std::string& problem) {
    expect_text("[[listen]]\n[[channel]]\nname = \"" + name + "\"\nsources = [\"push:\"]\n",
                problem.empty() ? "" : "weir.toml:3:8: channel.name: " + problem + '\n');
}

static void a_channel_name_fits_a_url(void**) {
    for (const char* name : {"a", "News-2_b.c", "-", "_", "apis", "a.asf"}) expect_name(name, "");
    expect_name(std::string(64, 'n'), "");
    expect_name(std::string(65, 'n'), "65 characters, expected 1 to 64");
    expect_name("", "0 characters, expected 1 to 64");
    for (const char* name : {"a b", "a/b", "a%20", "ä", "a?"}) {
        const auto problems =
            parse("[[listen]]\n[[channel]]\nname = \"" + std::string(name) + "\"\nsources = [\"push:\"]\n")
                .problems;
        assert_int_equal(problems.size(), 1);
        assert_string_equal(problems[0].where.c_str(), "weir.toml:3:8");
        assert_string_equal(problems[0].key.c_str(), "channel.name");
    }
    expect_name(
        "a b",
        "\"a b\" has a character that a name in a URL may not have, expected letters, digits, '-', '_' and "
        "'.' only");
    expect_name(".a", "\".a\" begins with '.', expected a letter, digit, '-' or '_' first");
    expect_name("a.asx", "\"a.asx\" ends in \".asx\", where weir announces a channel, choose another name");
    for (const char* name : {"api", "metrics", "health"}) {
        expect_name(name,
                    '"' + std::string(name) + "\" is reserved for weir's own pages, choose another name");
    }
}

static void a_channel_has_a_name_and_sources(void**) {
    expect_text("[[listen]]\n[[channel]]\n",
                "weir.toml:2:1: channel.name: missing, expected text such as \"news\"\n"
                "weir.toml:2:1: channel.sources: missing, expected a list of sources such as [\"push:\"]\n");
    expect_text(
        "[[listen]]\n[[channel]]\nname = \"a\"\nsources = []\n",
        "weir.toml:4:11: channel.sources: an empty list, expected a list of sources such as [\"push:\"]\n");
}

static void a_channel_stands_once_and_the_first_ones_line_is_named(void**) {
    expect_channel(
        "[[channel]]\nname = \"news\"\nsources = [\"push:\"]\n",
        "weir.toml:8:8: channel.name: \"news\" is the channel of line 5 already, expected another name\n");
    expect_channel("[[channel]]\nname = \"News\"\nsources = [\"push:\"]\n", "");
}

static void a_title_is_one_line_of_up_to_200_bytes(void**) {
    good(kGood + "title = \"" + std::string(200, 't') + "\"\n");
    expect_channel("title = \"" + std::string(201, 't') + "\"\n",
                   "weir.toml:7:9: channel.title: 201 bytes, expected up to 200\n");
    expect_channel(
        "title = \"a\\tb\"\n",
        "weir.toml:7:9: channel.title: \"a?b\" has a control character, expected one line of plain text\n");
}

static void expect_source(const std::string& source, const std::string& problem) {
    expect_text("[[listen]]\n[[channel]]\nname = \"a\"\nsources = [\"test:\", \"" + source + "\"]\n",
                problem.empty() ? "" : "weir.toml:4:21: channel.sources: " + problem + '\n');
}

static void a_source_is_a_push_a_url_a_recording_or_the_test_signal(void**) {
    for (const char* good : {"push:", "push:backup", "push:-_.09aZ", "http://h/x", "mmsh://user:word@h:81/x",
                             "mms://[::1]/x", "file:a.asf"})
        expect_source(good, "");
    expect_source("push", "\"push\" is not a source, did you mean \"push:\"?");
    expect_source("push:" + std::string(64, 'a'), "");
    expect_source("push:" + std::string(65, 'a'),
                  "\"push:" + std::string(65, 'a') + "\" names a slot with 65 characters, expected up to 64");
    for (const std::string slot : {"studio 2", "a/b", "a?b", "a:b", "n\xc3\xa4ws"}) {
        expect_source("push:" + slot,
                      '"' + printable("push:" + slot) +
                          "\" names a slot with a character that it may not have, expected letters, digits, "
                          "'-', '_' and '.' only, as in \"push:backup\"");
    }
    expect_source(
        "push://me:secret@h/x",
        "\"push://...\" names a slot with a character that it may not have, expected letters, digits, "
        "'-', '_' and '.' only, as in \"push:backup\"");
    expect_source("test:x", "\"test:x\" is not a source, did you mean \"test:\"?");
    expect_source("file:", "\"file:\" names no file, expected \"file:PATH\" or \"file:///PATH\"");
    expect_source(
        "rtmp://me:secret@h/x",
        "\"rtmp://...\" is not a source, expected \"push:\", \"msbd://...\", \"http://...\", \"mmsh://...\", "
        "\"mms://...\", \"file:PATH\" or \"test:\"");
    expect_source("http://me:secret@h:0/x",
                  "'http://***@h:0/x': after the host comes ':' and a port from 1 to 65535");
    expect_source("test:", "\"test:\" stands twice, list each once");
}

static void expect_sources(const std::string& list, const std::string& problems) {
    expect_text("[[listen]]\n[[channel]]\nname = \"a\"\nsources = [" + list + "]\n", problems);
}

static void a_source_may_be_a_table_with_its_url(void**) {
    const auto sources = good(kGood + R"([[channel]]
name = "a"
sources = [
  "push:main", "push:backup",
  {url = "http://b/live", standby = true},
  {standby = false, url = "mmsh://c/live"},
  {url = "push:"},
  {url = "file:slate.asf"},
]
)")
                             .channels[1]
                             .sources;
    assert_true(
        (sources == std::vector<SourceConfig>{"push:main", "push:backup", standby_source("http://b/live"),
                                              "mmsh://c/live", "push:", "file:slate.asf"}));
}

static void each_error_in_a_source_has_its_own_place_and_key(void**) {
    expect_sources("{}", "weir.toml:4:12: channel.sources.url: missing, " + kSourceForms + "\n");
    expect_sources("\"test:\", { standby = true }",
                   "weir.toml:4:21: channel.sources.url: missing, " + kSourceForms + "\n");
    expect_sources("{url = 3}",
                   "weir.toml:4:19: channel.sources.url: found integer, expected text such as "
                   "\"http://host/path\"\n");
    expect_sources("{url = \"http://b/x\", standby = \"yes\"}",
                   "weir.toml:4:43: channel.sources.standby: found text, expected true or false\n");
    expect_sources("{url = \"http://b/x\", stand_by = true}",
                   "weir.toml:4:33: channel.sources.stand_by: unknown key, did you mean \"standby\"?\n");
    expect_sources("{url = \"http://b/x\", weight = 3, \"\" = 1}",
                   "weir.toml:4:33: channel.sources.weight: unknown key, a source takes url, standby\n"
                   "weir.toml:4:45: channel.sources.\"\": unknown key, a source takes url, standby\n");
    // What was meant is clear, and it is not missing, too.
    expect_sources("{ulr = \"http://b/x\"}",
                   "weir.toml:4:13: channel.sources.ulr: unknown key, did you mean \"url\"?\n");
    expect_sources(
        "{standby = 1, url = \"http://me:secret@h:0/x\"}",
        "weir.toml:4:23: channel.sources.standby: found integer, expected true or false\n"
        "weir.toml:4:32: channel.sources.url: 'http://***@h:0/x': after the host comes ':' and a port "
        "from 1 to 65535\n");
    expect_sources("\"http://u:secret@b/x\", {url = \"http://u:secret@b/x\", standby = true}",
                   "weir.toml:4:42: channel.sources.url: \"http://***@b/x\" stands twice, list each once\n");
    expect_sources("\"push:a\", \"push:a\"",
                   "weir.toml:4:22: channel.sources: \"push:a\" stands twice, list each once\n");
    expect_sources("[\"push:\"]", "weir.toml:4:12: channel.sources: found list, " + kSourceForms + "\n");
    expect_text("[[listen]]\n[[channel]]\nname = \"a\"\nsources = {url = \"push:\"}\n",
                "weir.toml:4:11: channel.sources: found table, expected a list of sources such as "
                "[\"push:\"]\n");
    expect_text("[[listen]]\n[[channel]]\nname = \"a\"\n[[channel.sources]]\nurl = \"push:\"\nstandby = 1\n",
                "weir.toml:6:11: channel.sources.standby: found integer, expected true or false\n");
}

static void what_is_no_pull_takes_no_standby(void**) {
    const std::string push =
        " is not pulled, and only what is pulled takes \"standby\": a push stands by by "
        "itself, leave the word out\n";
    const std::string here =
        " is not pulled, and only what is pulled takes \"standby\": it is ready at any "
        "time, leave the word out\n";
    expect_sources("{url = \"push:\", standby = true}",
                   "weir.toml:4:38: channel.sources.standby: \"push:\"" + push);
    // As if it did not stand by then.
    expect_sources("{url = \"push:a\", standby = false}",
                   "weir.toml:4:39: channel.sources.standby: \"push:a\"" + push);
    expect_sources("\"push:\", {standby = true, url = \"file:a.asf\"}",
                   "weir.toml:4:32: channel.sources.standby: \"file:a.asf\"" + here);
    expect_sources("\"push:\", {url = \"test:\", standby = true}",
                   "weir.toml:4:47: channel.sources.standby: \"test:\"" + here);
}

static void a_wrong_item_of_a_list_is_named_by_its_own_place(void**) {
    expect_text("[[listen]]\n[[channel]]\nname = \"a\"\nsources = [\n  \"push:\",\n  3,\n]\n",
                "weir.toml:6:3: channel.sources: found integer, " + kSourceForms + "\n");
}

static void expect_protocol(const std::string& value, const std::string& problem) {
    expect_text("[[channel]]\nname = \"a\"\nsources = [\"push:\"]\n[[listen]]\nprotocol = " + value + '\n',
                problem.empty() ? "" : "weir.toml:5:" + problem + '\n');
}

static void a_port_speaks_known_protocols(void**) {
    expect_protocol("\"http\"", "");
    expect_protocol("[\"msbd\"]", "");
    expect_protocol("\"htpp\"", "12: listen.protocol: unknown protocol \"htpp\", did you mean \"http\"?");
    expect_protocol("[\"http\", \"gopher\"]",
                    "21: listen.protocol: unknown protocol \"gopher\", expected one of \"http\", \"msbd\"");
    expect_protocol("[\"http\", \"http\"]", "21: listen.protocol: \"http\" stands twice, list each once");
    expect_protocol("[]",
                    "12: listen.protocol: an empty list, expected text or list of text such as \"http\"");
}

static void a_port_that_speaks_msbd_alone_is_7007_unless_told_otherwise(void**) {
    const auto address = [](const std::string& lines) {
        return good("[[channel]]\nname = \"a\"\nsources = [\"push:\"]\n[[listen]]\n" + lines)
            .listen[0]
            .address;
    };
    assert_string_equal(address("protocol = \"msbd\"\n").c_str(), "[::]:7007");
    assert_string_equal(address("protocol = [\"msbd\"]\n").c_str(), "[::]:7007");
    assert_string_equal(address("protocol = [\"http\", \"msbd\"]\n").c_str(), "[::]:8080");
    assert_string_equal(address("").c_str(), "[::]:8080");
    assert_string_equal(address("protocol = \"msbd\"\naddress = \"[::]:8080\"\n").c_str(), "[::]:8080");
    expect_text(
        "[[channel]]\nname = \"a\"\nsources = [\"push:\"]\n[[listen]]\nprotocol = \"msbd\"\n"
        "[[listen]]\nprotocol = \"msbd\"\n",
        "weir.toml:6:1: listen.address: \"[::]:7007\" is taken by line 4 already, expected another address "
        "or "
        "port\n");
}

static void a_ports_own_channel_is_one_that_there_is_and_for_msbd(void**) {
    const auto listen = [](const std::string& lines) {
        return "[[listen]]\n" + lines + "\n[[channel]]\nname = \"news\"\nsources = [\"push:\"]\n";
    };
    const std::string kMsbd = "protocol = \"msbd\"\n", kBoth = "protocol = [\"http\", \"msbd\"]\n";
    for (const std::string& protocol : {kMsbd, kBoth}) {
        assert_string_equal(good(listen(protocol + "channel = \"news\"")).listen[0].channel.c_str(), "news");
        expect_text(
            listen(protocol + "channel = \"nws\""),
            "weir.toml:3:11: listen.channel: there is no [[channel]] \"nws\", did you mean \"news\"?\n");
        expect_text(
            listen(protocol + "channel = \"sports\""),
            "weir.toml:3:11: listen.channel: there is no [[channel]] \"sports\", expected the name of "
            "one\n");
        expect_text(
            listen(protocol + "channel = \"a b\""),
            "weir.toml:3:11: listen.channel: \"a b\" has a character that a name in a URL may not have, "
            "expected letters, digits, '-', '_' and '.' only\n");
    }
    expect_text(listen("channel = \"news\""),
                "weir.toml:2:11: listen.channel: this port does not speak \"msbd\", the only protocol whose "
                "clients may name no channel; expected that in its protocol, or no channel\n");
    expect_text(listen("channel = \"news\"\nprotocol = \"mbsd\""),
                "weir.toml:3:12: listen.protocol: unknown protocol \"mbsd\", did you mean \"msbd\"?\n");
}

static void an_address_is_host_and_port(void**) {
    expect_text(
        "[[channel]]\nname = \"a\"\nsources = [\"push:\"]\n[[listen]]\naddress = \"8080\"\n",
        "weir.toml:5:11: listen.address: \"8080\" has no port, expected host:port such as \"[::]:8080\"\n");
    expect_text(
        "[[channel]]\nname = \"a\"\nsources = [\"push:\"]\n[[listen]]\naddress = \"h:65536\"\n",
        "weir.toml:5:11: listen.address: \"65536\" is not a port, expected a number from 0 to 65535\n");
}

static void an_address_stands_once_but_port_0_may_repeat(void**) {
    const std::string first = kGood + "[[listen]]\naddress = ";
    expect_text(first + "\"[::]:8081\"\n", "");
    expect_text(first + "\"[0::0]:8080\"\n",
                "weir.toml:8:11: listen.address: \"[0::0]:8080\" is taken by line 2 already, expected "
                "another address "
                "or port\n");
    expect_text(first + "\"[::]:0\"\n[[listen]]\naddress = \"[::]:0\"\n", "");
    // Two that leave it out have the same default; the place is the section then.
    expect_text("[[listen]]\n[[listen]]\n[[channel]]\nname = \"a\"\nsources = [\"push:\"]\n",
                "weir.toml:2:1: listen.address: \"[::]:8080\" is taken by line 1 already, expected another "
                "address or "
                "port\n");
}

static void expect_admin(const std::string& lines, const std::string& problems) {
    expect_text(kGood + "[admin]\n" + lines, problems);
}

static void the_admin_port_has_an_address_of_its_own(void**) {
    expect_admin("address = \"127.0.0.1:8081\"\n", "");
    expect_admin("", "weir.toml:7:1: admin.address: missing, expected text such as \"127.0.0.1:8081\"\n");
    expect_admin("address = \"127.0.0.1\"\n",
                 "weir.toml:8:11: admin.address: \"127.0.0.1\" has no port, expected host:port such as "
                 "\"[::]:8080\"\n");
    expect_admin("adress = \"127.0.0.1:8081\"\n",
                 "weir.toml:8:1: admin.adress: unknown key, did you mean \"address\"?\n");
    expect_admin("address = \"[::]:8080\"\n",
                 "weir.toml:8:11: admin.address: \"[::]:8080\" is taken by line 2 already, expected another "
                 "address or port\n");
    // Wherever the section stands, the listener was there first.
    expect_text("[admin]\naddress = \"[::]:8080\"\n" + kGood,
                "weir.toml:2:11: admin.address: \"[::]:8080\" is taken by line 4 already, expected another "
                "address or port\n");
    expect_text(
        "[[channel]]\nname = \"a\"\nsources = [\"push:\"]\n[[listen]]\naddress = \"[::]:0\"\n"
        "[admin]\naddress = \"[::]:0\"\n",
        "");
}

static void what_is_not_toml_is_a_syntax_problem_with_its_place(void**) {
    expect_text("[server]\nname = \n",
                "weir.toml:2:8: syntax: Error while parsing key-value pair: expected value, saw '\\n'\n");
    const auto twice = parse("[server]\nname = \"a\"\nname = \"b\"\n").problems;
    assert_int_equal(twice.size(), 1);
    assert_string_equal(twice[0].key.c_str(), "syntax");
    assert_true(twice[0].where.starts_with("weir.toml:3:"));
    expect_text(
        "[=]\n",
        "weir.toml:1:2: syntax: Error while parsing key: expected bare key starting character or string "
        "delimiter, saw '='\n");
    // U+FEF7 and U+00FC: letters outside quotes.
    for (const char* letter : {"\xef\xbb\xb7", "\xc3\xbc"}) {
        const auto problems = parse(std::string("[server]\nname = ") + letter + "\n").problems;
        assert_int_equal(problems.size(), 1);
        assert_string_equal(problems[0].where.c_str(), "weir.toml:2:8");
        assert_string_equal(problems[0].key.c_str(), "syntax");
    }
    assert_int_equal(parse("a = \"\xff\"\n").problems.size(), 1);
    assert_int_equal(parse(std::string("a\0b", 3)).problems.size(), 1);
}

static void every_problem_is_found_in_the_order_of_the_file(void**) {
    expect_text(
        R"([[channel]]
name = "a"
sources = ["test:", "x"]
burst = 1
title = 2
[server]
nme = "x"
drain = "1d"
[[listen]]
address = "x"
protocol = "http"
)",
        "weir.toml:3:21: channel.sources: \"x\" is not a source, expected \"push:\", \"msbd://...\", "
        "\"http://...\", \"mmsh://...\", "
        "\"mms://...\", \"file:PATH\" or \"test:\"\n"
        "weir.toml:4:9: channel.burst: found integer, expected a duration such as \"3s\"\n"
        "weir.toml:5:9: channel.title: found integer, expected text such as \"Evening news\"\n"
        "weir.toml:7:1: server.nme: unknown key, did you mean \"name\"?\n"
        "weir.toml:8:9: server.drain: \"1d\" is not a duration, expected a whole number with ms, s, m or h "
        "such as \"3s\"\n"
        "weir.toml:10:11: listen.address: \"x\" has no port, expected host:port such as \"[::]:8080\"\n");
}

static void no_prefix_of_a_good_file_is_trouble(void**) {
    const std::string whole = kGood + "burst = \"1s\"\n[server]\nname = \"x\"\n";
    for (std::size_t n = 0; n < whole.size(); ++n) {
        for (const auto& problem : parse(whole.substr(0, n)).problems) assert_false(problem.what.empty());
    }
}

static void a_file_that_cannot_be_read_is_a_problem(void**) {
    const auto missing = load_config("/nonexistent/weir.toml", kProtocols);
    assert_string_equal(
        printed(missing).c_str(),
        "/nonexistent/weir.toml:1:1: file: cannot be read (No such file or directory), expected a "
        "readable TOML file\n");
    assert_string_equal(printed(load_config("/", kProtocols)).c_str(),
                        "/:1:1: file: cannot be read (Is a directory), expected a readable TOML file\n");
    assert_string_equal(
        printed(load_config("/dev/zero", kProtocols)).c_str(),
        "/dev/zero:1:1: file: cannot be read (longer than 1MiB), expected a readable TOML file\n");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_has_the_defaults_of_config_hpp),
        cmocka_unit_test(every_key_fills_its_field),
        cmocka_unit_test(listeners_and_channels_remember_where_they_stand),
        cmocka_unit_test(an_unknown_key_is_refused_with_the_nearest_known),
        cmocka_unit_test(a_misspelt_required_key_is_not_reported_as_missing_too),
        cmocka_unit_test(an_unknown_section_is_refused_with_the_nearest_known),
        cmocka_unit_test(a_section_of_the_wrong_form_is_refused),
        cmocka_unit_test(without_listener_or_channel_there_is_nothing_to_run),
        cmocka_unit_test(a_wrong_type_names_what_was_found_and_what_is_expected),
        cmocka_unit_test(a_malformed_duration_or_size_says_what_one_looks_like),
        cmocka_unit_test(a_choice_is_one_of_its_names),
        cmocka_unit_test(a_boolean_is_true_or_false_without_quotes),
        cmocka_unit_test(what_is_wrong_with_a_ports_socket_options_is_told_with_its_place),
        cmocka_unit_test(a_value_of_a_form_of_its_own_is_named_by_its_place),
        cmocka_unit_test(what_stands_deeper_than_any_key_reads_is_a_wrong_type),
        cmocka_unit_test(each_range_takes_its_ends_and_refuses_one_beyond),
        cmocka_unit_test(latency_is_at_most_latency_max),
        cmocka_unit_test(a_channels_latency_is_at_most_latency_max),
        cmocka_unit_test(log_time_is_at_least_burst),
        cmocka_unit_test(a_server_name_is_1_to_64_printable_ascii),
        cmocka_unit_test(a_channel_name_fits_a_url),
        cmocka_unit_test(a_channel_has_a_name_and_sources),
        cmocka_unit_test(a_channel_stands_once_and_the_first_ones_line_is_named),
        cmocka_unit_test(a_title_is_one_line_of_up_to_200_bytes),
        cmocka_unit_test(a_source_is_a_push_a_url_a_recording_or_the_test_signal),
        cmocka_unit_test(a_source_may_be_a_table_with_its_url),
        cmocka_unit_test(each_error_in_a_source_has_its_own_place_and_key),
        cmocka_unit_test(what_is_no_pull_takes_no_standby),
        cmocka_unit_test(a_wrong_item_of_a_list_is_named_by_its_own_place),
        cmocka_unit_test(a_port_speaks_known_protocols),
        cmocka_unit_test(a_port_that_speaks_msbd_alone_is_7007_unless_told_otherwise),
        cmocka_unit_test(a_ports_own_channel_is_one_that_there_is_and_for_msbd),
        cmocka_unit_test(an_address_is_host_and_port),
        cmocka_unit_test(an_address_stands_once_but_port_0_may_repeat),
        cmocka_unit_test(the_admin_port_has_an_address_of_its_own),
        cmocka_unit_test(what_is_not_toml_is_a_syntax_problem_with_its_place),
        cmocka_unit_test(every_problem_is_found_in_the_order_of_the_file),
        cmocka_unit_test(no_prefix_of_a_good_file_is_trouble),
        cmocka_unit_test(a_file_that_cannot_be_read_is_a_problem)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
