#include "cli/options.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <sstream>

#include "cli/units.hpp"
#include "core/base/text.hpp"
#include "core/media/follower.hpp"
#include "protocols/http/url.hpp"

namespace weir::cli {

namespace {

constexpr Duration kLeastSlate{1000}, kMostSlate{3'600'000};
constexpr double kMaxSeconds = 1e7;  // more than a hundred days

struct Raw {
    RunOptions run;
    CheckOptions check;
    GetOptions get;
    ProbeOptions probe;
    PushOptions push;
    SlateOptions slate;
    StatusOptions status;
    double seconds = 0;
    std::string connection_timeout;
    std::string slate_duration;
};

std::string check_url(const std::string& url) {
    for (const char* scheme : {"http://", "mmsh://", "mms://", "msbd://"}) {
        if (starts_with_ignoring_case(url, scheme)) return {};
    }
    return "\"" + printable(http::hide_credentials(url)) +
           "\" is not a URL that weir gets, expected http://..., mmsh://... or msbd://...";
}

std::string check_push_url(const std::string& url) {
    if (starts_with_ignoring_case(url, "http://")) return {};
    // What stands between "//" and "@" may be a password.
    return "\"" + printable(http::hide_credentials(url)) +
           "\" is not a URL that weir pushes to, expected http://...";
}

void add_url_argument(CLI::App& command, std::string& url) {
    command
        .add_option("URL", url,
                    "http://host:port/channel, mmsh://host:port/channel or msbd://host:port/channel")
        ->required()
        ->check(CLI::Validator(check_url, ""))
        ->type_name("");
}

void add_config_option(CLI::App& command, std::string& file) {
    command
        .add_option("-c,--config", file,
                    "configuration file; without it ./weir.toml, then /etc/weir/weir.toml")
        ->type_name("FILE");
}

void add_slate_options(CLI::App& command, Raw& raw) {
    command
        .add_option(
            "--like", raw.slate.like,
            "the stream to be like: http://host:port/channel, mmsh://host:port/channel, or an .asf file")
        ->required()
        ->type_name("URL|FILE");
    command.add_option("-o,--output", raw.slate.output, "the .asf file to write")
        ->required()
        ->type_name("FILE");
    command
        .add_option("--picture", raw.slate.picture,
                    "the picture, or the clip, to show, any that ffmpeg reads; without it a dark picture "
                    "with a line of text")
        ->type_name("IMAGE");
    command
        .add_option("--duration", raw.slate_duration, "how long it is before it begins again; 10s without it")
        ->type_name("DURATION");
    command.add_option("--ffmpeg", raw.slate.ffmpeg, "the ffmpeg program; without it the one in PATH")
        ->type_name("PATH");
}

Exit usage_error(const std::string& what) {
    return {.code = kExitUsage, .out = {}, .err = what + "\nRun with --help for more information.\n"};
}

}  // namespace

std::variant<Options, Exit> parse_options(int argc, const char* const* argv) {
    Raw raw;
    CLI::App app("weir relays live streams: an encoder pushes, any number of players play.", "weir");
    app.require_subcommand(0, 1);

    CLI::App* run = app.add_subcommand(
        "run", "Relay in the foreground until SIGINT or SIGTERM; logs go to standard error.");
    add_config_option(*run, raw.run.config_file);
    run->add_flag("-v,--verbose", raw.run.verbose, "log debug lines too");

    CLI::App* check = app.add_subcommand(
        "check",
        "Read the configuration and print everything that is wrong with it; warn of recordings that could "
        "not be played, or not one after the other to the same clients.");
    add_config_option(*check, raw.check.config_file);
    check->add_flag("-v,--verbose", raw.check.verbose, "print what each recording is, too");
    check->add_flag("--strict", raw.check.strict, "a warning is an error: exit with 2");

    CLI::App* get = app.add_subcommand("get", "Receive a stream as a player would, and write it to a file.");
    get->add_option("URL", raw.get.urls,
                    "http://host:port/channel or mmsh://host:port/channel; of several the first that answers")
        ->required()
        ->check(CLI::Validator(check_url, ""))
        ->type_name("");
    get->add_option(
           "-o,--output", raw.get.output,
           "file to write, - for standard output; without it the stream is only received and counted")
        ->type_name("FILE");
    const auto* time = get->add_option("-t,--time", raw.seconds,
                                       "stop after so many seconds; without it at the stream's end")
                           ->type_name("SECONDS");
    const auto* wait = get->add_option("--connection-timeout", raw.connection_timeout,
                                       "how long a server may take to accept, and again to answer, before "
                                       "the next URL is tried; 60s without it")
                           ->type_name("DURATION");
    get->add_flag("--randomize", raw.get.randomize, "put the URLs into an order of chance first");
    get->add_flag("-v,--verbose", raw.get.verbose, "tell each step");

    CLI::App* probe = app.add_subcommand("probe", "Print what is at a URL: streams, codecs, rates.");
    add_url_argument(*probe, raw.probe.url);
    probe->add_flag("--json", raw.probe.as_json, "print JSON");
    CLI::App* push =
        app.add_subcommand("push", "Push a recording, or standard input, to a server at its own pace.");
    push->add_option("FILE", raw.push.input, "an .asf file, - for standard input")->required()->type_name("");
    push->add_option("URL", raw.push.url, "http://host:port/channel")
        ->required()
        ->check(CLI::Validator(check_push_url, ""))
        ->type_name("");
    push->add_flag("--loop", raw.push.loop, "over and over, as one continuous stream");
    push->add_flag("--wm", raw.push.as_windows_media, "push as Windows Media Encoder 9 does");

    CLI::App* slate = app.add_subcommand("slate",
                                         "Make a recording that may go on air while a channel has no "
                                         "encoder: a still picture and silence under "
                                         "the header of the encoder's stream, made by ffmpeg, whose command "
                                         "is printed. List it behind the live "
                                         "sources, as \"file:slate.asf\".");
    add_slate_options(*slate, raw);

    CLI::App* status = app.add_subcommand(
        "status", "Ask a running weir how it is, at the [admin] port of its configuration.");
    add_config_option(*status, raw.status.config_file);
    status->add_flag("--json", raw.status.json, "print the answer as it came, for programs");

    const CLI::App* version = app.add_subcommand("version", "Print the version.");

    // CLI11 reports help and mistakes alike by throwing; this is the one place that sees it.
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        std::ostringstream err;
        const int code = app.exit(error, out, err);
        return Exit{.code = code == 0 ? kExitOk : kExitUsage, .out = out.str(), .err = err.str()};
    }

    if (run->parsed()) return Options{raw.run};
    if (check->parsed()) return Options{raw.check};
    if (probe->parsed()) return Options{raw.probe};
    if (push->parsed()) return Options{raw.push};
    if (slate->parsed()) {
        if (!raw.slate_duration.empty()) {
            const auto duration = parse_duration(raw.slate_duration);
            if (!duration) return usage_error("--duration: " + duration.error().detail);
            if (duration.value() < kLeastSlate || duration.value() > kMostSlate)
                return usage_error("--duration: expected 1s to 1h");
            raw.slate.duration = duration.value();
        }
        return Options{raw.slate};
    }
    if (status->parsed()) return Options{raw.status};
    if (version->parsed()) return Options{VersionOptions{}};
    if (get->parsed()) {
        if (time->count() > 0) {
            const double milliseconds = std::ceil(raw.seconds * 1000);
            // Written so that "nan" is refused as well.
            if (!(raw.seconds > 0 && raw.seconds <= kMaxSeconds)) {
                return usage_error("--time: expected a number of seconds above 0, up to 10000000");
            }
            raw.get.time_limit = Duration{static_cast<Duration::rep>(milliseconds)};
        }
        if (wait->count() > 0) {
            const auto timeout = parse_duration(raw.connection_timeout);
            if (!timeout) return usage_error("--connection-timeout: " + timeout.error().detail);
            if (timeout.value() != Follower::bounded(timeout.value()))
                return usage_error("--connection-timeout: expected 1ms to 24h");
            raw.get.connection_timeout = timeout.value();
        }
        return Options{raw.get};
    }
    return Exit{.code = kExitUsage, .out = {}, .err = app.help()};
}

}  // namespace weir::cli
