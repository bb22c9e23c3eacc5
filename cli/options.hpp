// The command line as plain structs. Parsing it prints nothing: what to print comes back to the caller.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/base/clock.hpp"

namespace weir::cli {

// Exit codes of every command.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;  // the work could not be done
inline constexpr int kExitUsage = 2;   // the command line or the configuration is wrong

struct RunOptions {
    std::string config_file;  // empty: the usual places
    bool verbose = false;     // debug lines too
};
struct CheckOptions {
    std::string config_file;  // empty: the usual places
    bool verbose = false;     // what each recording is, too
    bool strict = false;      // warnings are errors
};
struct GetOptions {
    std::vector<std::string> urls;  // at least one, each begins with http:// or mmsh://
    std::string output;  // a file, "-" for standard output, empty: the stream is only received and counted
    Duration time_limit{0};              // stop after so long; 0: at the stream's end
    Duration connection_timeout{60000};  // for each connection, and then for its answer
    bool randomize = false;              // the order of the URLs
    bool verbose = false;                // each step
};
struct ProbeOptions {
    std::string url;
    bool as_json = false;
    Duration time_limit{10000};  // how long media may take to come
};
struct PushOptions {
    std::string input;              // a file, "-" for standard input
    std::string url;                // begins with http://
    bool loop = false;              // over and over
    bool as_windows_media = false;  // as Windows Media Encoder 9 pushes, else a POST without end
};
struct SlateOptions {
    std::string like;               // a URL or a file
    std::string output;             // a file
    std::string picture;            // a file, a picture or a clip; empty: a picture of weir's own
    std::string ffmpeg = "ffmpeg";  // the program
    Duration duration{10000};
};
struct StatusOptions {
    std::string config_file;  // empty: the usual places
    bool json = false;        // as it came, for programs
};
struct VersionOptions {};

using Options = std::variant<RunOptions, CheckOptions, GetOptions, ProbeOptions, PushOptions, SlateOptions,
                             StatusOptions, VersionOptions>;

// There is nothing to run: help was asked for, or the command line is wrong.
struct Exit {
    int code = kExitOk;
    std::string out;  // for standard output
    std::string err;  // for standard error
};

std::variant<Options, Exit> parse_options(int argc, const char* const* argv);

}  // namespace weir::cli
