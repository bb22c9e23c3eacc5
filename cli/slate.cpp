#include "cli/slate.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "cli/child.hpp"
#include "cli/file_header.hpp"
#include "cli/slate_plan.hpp"
#include "cli/stream_header.hpp"
#include "core/asf/container.hpp"
#include "core/asf/format.hpp"
#include "core/asf/header.hpp"
#include "core/base/text.hpp"
#include "protocols/http/url.hpp"

namespace weir::cli {

namespace {

constexpr Duration kAnswerWithin{10000};
constexpr std::size_t kShownError = 300;

// A file that goes with this, unless it got its name.
class Draft {
  public:
    explicit Draft(const std::string& path) : path_(path + ".part"), name_(path) {}
    ~Draft() {
        if (!is_kept_) ::unlink(path_.c_str());
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    const std::string& path() const noexcept { return path_; }
    Result<> keep() {
        if (std::rename(path_.c_str(), name_.c_str()) != 0) return Error{Errc::system, std::strerror(errno)};
        is_kept_ = true;
        return Ok{};
    }

  private:
    std::string path_, name_;
    bool is_kept_ = false;
};

class SlateMaker {
  public:
    explicit SlateMaker(const SlateOptions& options)
        : options_(options), shown_(printable(http::hide_credentials(options.like), kShownError)) {}

    int run() {
        auto wanted = header();
        if (!wanted) {
            say(fmt::format("{}: {}", shown_, printable(wanted.error().detail, kShownError)));
            return wanted.error().code == Errc::bad_input && is_url() ? kExitUsage : kExitFailed;
        }
        wanted_ = std::move(wanted).value();
        if (&wanted_->container() != &asf::container()) return cannot("it is no ASF stream");
        auto plan = plan_slate(static_cast<const asf::Format&>(*wanted_).parsed(), wanted_->max_packet());
        if (!plan) return cannot(plan.error().detail);
        plan_ = std::move(plan).value();
        return make();
    }

  private:
    bool is_url() const { return options_.like.find("://") != std::string::npos; }
    Result<StreamFormatPtr> header() const {
        return is_url() ? fetch_stream_header(options_.like, kAnswerWithin)
                        : read_file_header(options_.like, asf::kMaxHeaderBlob);
    }

    static void say(const std::string& what) { fmt::print(stderr, "weir slate: {}\n", what); }
    int cannot(const std::string& why) const {
        say(fmt::format("ffmpeg cannot make a stream like {}: {}", shown_, why));
        return advise();
    }
    // What fits whatever the stream is.
    int advise() const {
        say(fmt::format("let the encoder itself show the slate, and record that: weir get -t {} -o {} {}",
                        (options_.duration.count() + 999) / 1000, shell_quoted({options_.output}),
                        is_url() ? shell_quoted({shown_}) : "URL"));
        return kExitFailed;
    }

    std::vector<std::string> with_program(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), options_.ffmpeg);
        return arguments;
    }

    // Colour bars where the legend cannot be written: a build without text, a machine without fonts.
    Result<SlateLook> look() const {
        if (!options_.picture.empty()) return SlateLook{SlateLook::Kind::picture, options_.picture};
        SlateLook look;
        if (!plan_.picture) return look;
        const auto tried = run_child(with_program(look_arguments(plan_, look)), ChildOutput::dropped);
        if (!tried) return tried.error();
        if (tried.value().interrupted) return Error{Errc::closed, "interrupted"};
        if (tried.value().exit_code != 0) look.kind = SlateLook::Kind::card;
        return look;
    }

    int make() {
        Draft draft{options_.output};
        const auto command = [&](const SlateLook& look, const std::string& path) {
            return with_program(slate_arguments(plan_, look, options_.duration, path));
        };
        auto chosen = look();
        if (!chosen) {
            // To be run where there is one; nobody compares the headers then.
            if (chosen.error().code == Errc::not_found)
                fmt::print(stderr, "{}\n", shell_quoted(command({}, options_.output)));
            return no_run(chosen.error());
        }
        const auto words = command(chosen.value(), draft.path());
        fmt::print(stderr, "{}\n", shell_quoted(words));
        const auto end = run_child(words, ChildOutput::shown);
        if (!end) return no_run(end.error());
        if (end.value().interrupted) return no_run({Errc::closed, "interrupted"});
        if (end.value().exit_code != 0) {
            say(fmt::format("ffmpeg failed (exit code {}); {} is not written", end.value().exit_code,
                            options_.output));
            return kExitFailed;
        }
        return verify(draft);
    }

    int no_run(const Error& why) const {
        if (why.code == Errc::not_found) {
            say(fmt::format(
                "there is no {}: install ffmpeg, name it with --ffmpeg, or run the line above where it "
                "is (\"weir check\" compares what it makes with another recording of the stream)",
                options_.ffmpeg));
        } else {
            say(why.detail);
        }
        return kExitFailed;
    }

    int verify(Draft& draft) {
        const auto made = read_file_header(draft.path(), asf::kMaxHeaderBlob);
        if (!made) {
            say(fmt::format("what ffmpeg made cannot be read: {}",
                            printable(made.error().detail, kShownError)));
            return kExitFailed;
        }
        auto differs = wanted_->difference(*made.value());
        // Where the slate is on air first the stream has to follow it.
        if (differs.empty()) differs = made.value()->difference(*wanted_);
        if (!differs.empty()) {
            say(fmt::format("what ffmpeg made does not fit {}: {}; {} is not written", shown_, differs,
                            options_.output));
            return advise();
        }
        if (const auto kept = draft.keep(); !kept) {
            say(fmt::format("{}: {}", options_.output, kept.error().detail));
            return kExitFailed;
        }
        fmt::print("{}: fits {}: {}\n", options_.output, shown_, made.value()->describe());
        return kExitOk;
    }

    const SlateOptions& options_;
    std::string shown_;  // what it is to be like, without credentials
    StreamFormatPtr wanted_;
    SlatePlan plan_;
};

}  // namespace

int slate_command(const SlateOptions& options) {
    return SlateMaker{options}.run();
}

}  // namespace weir::cli
