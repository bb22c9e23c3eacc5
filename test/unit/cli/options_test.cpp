#include "cli/options.hpp"

#include <string>
#include <vector>

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::cli;

static std::variant<Options, Exit> parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "weir");
    return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

template <class Command>
static Command command(std::vector<const char*> arguments) {
    const auto parsed = parse(std::move(arguments));
    const auto* options = std::get_if<Options>(&parsed);
    assert_non_null(options);
    const auto* wanted = std::get_if<Command>(options);
    assert_non_null(wanted);
    return *wanted;
}

static Exit refused(std::vector<const char*> arguments) {
    const auto parsed = parse(std::move(arguments));
    const auto* exit = std::get_if<Exit>(&parsed);
    assert_non_null(exit);
    return *exit;
}

static bool contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

static void run_takes_a_file_and_verbose(void**) {
    const auto plain = command<RunOptions>({"run"});
    assert_string_equal(plain.config_file.c_str(), "");
    assert_false(plain.verbose);
    const auto full = command<RunOptions>({"run", "-c", "a.toml", "-v"});
    assert_string_equal(full.config_file.c_str(), "a.toml");
    assert_true(full.verbose);
    assert_true(command<RunOptions>({"run", "--verbose", "--config=a.toml"}).verbose);
}

static void check_takes_a_file(void**) {
    assert_string_equal(command<CheckOptions>({"check"}).config_file.c_str(), "");
    assert_string_equal(command<CheckOptions>({"check", "-c", "b.toml"}).config_file.c_str(), "b.toml");
    assert_false(command<CheckOptions>({"check"}).verbose);
    assert_false(command<CheckOptions>({"check"}).strict);
    assert_true(command<CheckOptions>({"check", "-v"}).verbose);
    assert_true(command<CheckOptions>({"check", "--strict"}).strict);
}

static void probe_takes_a_url(void**) {
    const auto plain = command<ProbeOptions>({"probe", "mmsh://localhost:8080/demo"});
    assert_string_equal(plain.url.c_str(), "mmsh://localhost:8080/demo");
    assert_false(plain.as_json);
    assert_true(command<ProbeOptions>({"probe", "--json", "mms://h/x"}).as_json);
    assert_string_equal(command<ProbeOptions>({"probe", "msbd://h/x"}).url.c_str(), "msbd://h/x");
}

static void slate_takes_what_it_is_like_and_a_file(void**) {
    const auto plain = command<SlateOptions>({"slate", "--like", "mmsh://h/x", "-o", "s.asf"});
    assert_string_equal(plain.like.c_str(), "mmsh://h/x");
    assert_string_equal(plain.output.c_str(), "s.asf");
    assert_string_equal(plain.picture.c_str(), "");
    assert_string_equal(plain.ffmpeg.c_str(), "ffmpeg");
    assert_true(plain.duration == Duration{10000});
    const auto full = command<SlateOptions>({"slate", "--like", "a.asf", "-o", "s.asf", "--picture", "p.png",
                                             "--duration", "1m", "--ffmpeg", "/opt/ffmpeg"});
    assert_string_equal(full.picture.c_str(), "p.png");
    assert_string_equal(full.ffmpeg.c_str(), "/opt/ffmpeg");
    assert_true(full.duration == Duration{60000});
    assert_int_equal(refused({"slate", "-o", "s.asf"}).code, kExitUsage);
    assert_int_equal(refused({"slate", "--like", "a.asf"}).code, kExitUsage);
    for (const char* duration : {"999ms", "3601s", "5", "x"}) {
        const auto exit = refused({"slate", "--like", "a.asf", "-o", "s.asf", "--duration", duration});
        assert_int_equal(exit.code, kExitUsage);
        assert_true(contains(exit.err, "--duration: "));
    }
}

static void push_takes_a_file_and_a_url(void**) {
    const auto plain = command<PushOptions>({"push", "show.asf", "http://h/x"});
    assert_string_equal(plain.input.c_str(), "show.asf");
    assert_string_equal(plain.url.c_str(), "http://h/x");
    assert_false(plain.loop || plain.as_windows_media);
    const auto full = command<PushOptions>({"push", "-", "HTTP://h/x", "--wm", "--loop"});
    assert_string_equal(full.input.c_str(), "-");
    assert_true(full.loop && full.as_windows_media);
}

static void a_password_in_a_wrong_url_is_not_shown(void**) {
    for (const auto* name : {"get", "probe"})
        assert_false(contains(refused({name, "rtsp://me:secret@h/x"}).err, "secret"));
    assert_false(contains(refused({"push", "a.asf", "mmsh://me:secret@h/x"}).err, "secret"));
}

static void get_takes_a_url_a_file_and_a_time(void**) {
    const auto plain = command<GetOptions>({"get", "mmsh://localhost:8080/demo"});
    assert_true(plain.urls == std::vector<std::string>{"mmsh://localhost:8080/demo"});
    assert_string_equal(plain.output.c_str(), "");
    assert_int_equal(plain.time_limit.count(), 0);
    assert_int_equal(plain.connection_timeout.count(), 60000);
    assert_false(plain.randomize || plain.verbose);
    const auto full = command<GetOptions>({"get", "-t", "2.5", "HTTP://h/x", "-o", "-"});
    assert_true(full.urls == std::vector<std::string>{"HTTP://h/x"});
    assert_string_equal(full.output.c_str(), "-");
    assert_int_equal(full.time_limit.count(), 2500);
}

static void get_takes_a_list_of_urls_in_their_order(void**) {
    const auto list = command<GetOptions>({"get", "http://b/x", "-v", "mmsh://a/x", "--connection-timeout",
                                           "300ms", "http://c/x", "--randomize", "-t", "1"});
    assert_true(list.urls == (std::vector<std::string>{"http://b/x", "mmsh://a/x", "http://c/x"}));
    assert_int_equal(list.connection_timeout.count(), 300);
    assert_true(list.randomize && list.verbose);
    assert_true(command<GetOptions>({"get", "http://b/x", "--verbose"}).verbose);
    assert_int_equal(
        command<GetOptions>({"get", "http://b/x", "--connection-timeout=24h"}).connection_timeout.count(),
        86400000);
    assert_true(contains(refused({"get", "http://b/x", "rtsp://a/x"}).err, "rtsp://a/x"));
    for (const char* odd : {"0s", "60", "-1s", "60.5s", "25h", "soon", ""}) {
        const auto exit = refused({"get", "http://b/x", "--connection-timeout", odd});
        assert_int_equal(exit.code, kExitUsage);
        assert_true(contains(exit.err, "--connection-timeout"));
    }
}

static void a_time_limit_is_never_rounded_to_none(void**) {
    assert_int_equal(command<GetOptions>({"get", "http://h/x", "-t", "0.0001"}).time_limit.count(), 1);
    assert_int_equal(command<GetOptions>({"get", "http://h/x", "-t", "10000000"}).time_limit.count(),
                     10000000000);
}

static void status_takes_a_file_and_json(void**) {
    const auto plain = command<StatusOptions>({"status"});
    assert_string_equal(plain.config_file.c_str(), "");
    assert_false(plain.json);
    const auto full = command<StatusOptions>({"status", "-c", "a.toml", "--json"});
    assert_string_equal(full.config_file.c_str(), "a.toml");
    assert_true(full.json);
}

static void version_takes_nothing(void**) {
    command<VersionOptions>({"version"});
    assert_int_equal(refused({"version", "x"}).code, kExitUsage);
}

static void weir_alone_prints_help_and_fails(void**) {
    const auto exit = refused({});
    assert_int_equal(exit.code, kExitUsage);
    assert_string_equal(exit.out.c_str(), "");
    for (const char* name : {"run", "check", "get", "probe", "status", "version"})
        assert_true(contains(exit.err, name));
}

static void help_is_everywhere_and_is_no_failure(void**) {
    for (const auto& arguments : std::vector<std::vector<const char*>>{{"--help"},
                                                                       {"-h"},
                                                                       {"run", "--help"},
                                                                       {"check", "--help"},
                                                                       {"get", "--help"},
                                                                       {"status", "--help"},
                                                                       {"version", "--help"}}) {
        const auto exit = refused(arguments);
        assert_int_equal(exit.code, kExitOk);
        assert_string_equal(exit.err.c_str(), "");
        assert_true(contains(exit.out, "Usage: weir"));
    }
    assert_true(contains(refused({"get", "--help"}).out, "SECONDS"));
    assert_true(contains(refused({"run", "--help"}).out, "/etc/weir/weir.toml"));
}

static void usage_errors_say_what_is_wrong_and_exit_2(void**) {
    const struct {
        std::vector<const char*> arguments;
        const char* part;
    } cases[] = {{{"rnu"}, "rnu"},
                 {{"run", "-x"}, "-x"},
                 {{"run", "-c"}, "--config"},
                 {{"run", "check"}, "check"},
                 {{"get"}, "URL"},
                 {{"status", "now"}, "now"},
                 {{"get", "http://h/x", "y"}, "y"},
                 {{"probe"}, "URL"},
                 {{"push", "a.asf"}, "URL"},
                 {{"push", "a.asf", "mmsh://h/x"}, "expected http://..."},
                 {{"probe", "file:x"}, "expected http://..., mmsh://... or msbd://..."},
                 {{"get", "rtsp://h/x"}, "expected http://..., mmsh://... or msbd://..."},
                 {{"get", "http://h/x", "-t", "soon"}, "soon"},
                 {{"get", "http://h/x", "-t", "0"}, "above 0"},
                 {{"get", "http://h/x", "-t", "-1"}, "above 0"},
                 {{"get", "http://h/x", "-t", "nan"}, "above 0"},
                 {{"get", "http://h/x", "-t", "10000001"}, "up to 10000000"}};
    for (const auto& one : cases) {
        const auto exit = refused(one.arguments);
        assert_int_equal(exit.code, kExitUsage);
        assert_string_equal(exit.out.c_str(), "");
        assert_true(contains(exit.err, one.part));
    }
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(run_takes_a_file_and_verbose),
                                cmocka_unit_test(check_takes_a_file),
                                cmocka_unit_test(probe_takes_a_url),
                                cmocka_unit_test(slate_takes_what_it_is_like_and_a_file),
                                cmocka_unit_test(push_takes_a_file_and_a_url),
                                cmocka_unit_test(a_password_in_a_wrong_url_is_not_shown),
                                cmocka_unit_test(get_takes_a_url_a_file_and_a_time),
                                cmocka_unit_test(get_takes_a_list_of_urls_in_their_order),
                                cmocka_unit_test(a_time_limit_is_never_rounded_to_none),
                                cmocka_unit_test(status_takes_a_file_and_json),
                                cmocka_unit_test(version_takes_nothing),
                                cmocka_unit_test(weir_alone_prints_help_and_fails),
                                cmocka_unit_test(help_is_everywhere_and_is_no_failure),
                                cmocka_unit_test(usage_errors_say_what_is_wrong_and_exit_2)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
