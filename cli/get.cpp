#include "cli/get.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <optional>

#include "cli/capture.hpp"
#include "cli/get_list.hpp"
#include "cli/units.hpp"
#include "core/io/loop.hpp"
#include "core/io/signals.hpp"
#include "core/media/handout.hpp"
#include "core/relay/loop_outbound.hpp"
#include "core/relay/modules.hpp"
#include "weir/weir.hpp"

namespace weir::cli {

namespace {

constexpr Duration kProgressEvery{500};
// Send times that step so far are another run, not a pause of this one.
constexpr std::int32_t kForwardGap = 5000;
constexpr std::int32_t kBackwardGap = -1000;
// A connection that breaks after media came is dialled again, ever more slowly, and not for ever.
constexpr Duration kFirstRetry{200};
constexpr Duration kLastRetry{5000};
constexpr int kMaxRetries = 20;

class Getter final : private ListPull::Listener, private StreamReader::Output {
  public:
    Getter(Loop& loop, std::vector<GetSource> sources, Capture capture, const GetOptions& options)
        : loop_(loop),
          outbound_(loop, builtin_modules().containers),
          list_(outbound_, std::move(sources), options.connection_timeout,
                static_cast<ListPull::Listener&>(*this)),
          capture_(std::move(capture)),
          limit_(options.time_limit),
          is_verbose_(options.verbose),
          retry_(loop.timers(), Callback<void()>::of<&ListPull::ask>(&list_)),
          progress_(loop.timers(), Callback<void()>::of<&Getter::show_progress>(this)),
          began_(loop.timers().now()) {
        if (isatty(STDERR_FILENO)) progress_.start(kProgressEvery);
        list_.ask();
    }

    void on_signal(int) {
        interrupted_ = true;
        stop();
    }

    // After the loop ended. Returns the exit code.
    int report() {
        if (auto finished = capture_.finish(media_); !finished && !failure_) failure_ = finished.error();
        if (progress_shown_) std::fputc('\n', stderr);
        fmt::print(stderr, "weir get: {}\n", totals());
        if (failure_) fmt::print(stderr, "weir get: {}: {}\n", list_.who(), failure_->detail);
        const bool came = limit_.count() > 0 ? media_ >= limit_ : packets_ > 0 && (ended_ || interrupted_);
        if (!came && !failure_) fmt::print(stderr, "weir get: what was asked for did not come\n");
        return came && !failure_ ? kExitOk : kExitFailed;
    }

  private:
    Result<> on_stream(StreamReader& reader, Bytes bytes) override {
        bytes_ += bytes.size();
        return reader.feed(bytes, *this);
    }

    Result<> on_format(StreamFormatPtr format) override {
        format_ = std::move(format);
        has_last_ = false;
        if (!capture_.served()) return capture_.begin(format_);
        const std::string differs = capture_.served()->difference(*format_);
        if (differs.empty()) {
            capture_.continue_under(*format_);
            return Ok{};
        }
        final_ = true;
        return Error{Errc::incompatible,
                     "the stream goes on with another header (" + differs + "), which one file cannot hold"};
    }

    Result<> on_packet(Bytes packet, const PacketInfo& info) override {
        if (done_) return Ok{};
        if (!info.media) {
            ++fillers_;
            return Ok{};
        }
        if (auto written = capture_.write(*format_, packet); !written) {
            final_ = true;
            return written;
        }
        ++packets_;
        retries_ = 0;
        if (has_last_) {
            const auto step = static_cast<std::int32_t>(info.send_time - last_send_time_);
            if (step > kForwardGap || step < kBackwardGap) {
                ++gaps_;
            } else if (step > 0) {
                media_ += Duration{step};
            }
        }
        has_last_ = true;
        last_send_time_ = info.send_time;
        if (limit_.count() > 0 && media_ >= limit_) stop();
        return Ok{};
    }

    Result<> on_bad_packet(const Error&) override {
        ++bad_;
        return Ok{};
    }

    void on_done(Result<> result) override {
        if (done_) return;
        if (result) {
            ended_ = true;
            return stop();
        }
        // An answer that brings nothing is a wait, and the next of the list's turn.
        if (packets_ == 0 && list_.fell_silent() && ++silent_ < list_.size())
            return retry_.start(Duration{0});
        if (packets_ == 0 || final_ || retries_ >= kMaxRetries) {
            failure_ = result.error();
            return stop();
        }
        ++reconnects_;
        const Duration pause = std::min(kFirstRetry * (1 << std::min(retries_, 5)), kLastRetry);
        on_step("again in " + format_duration(pause));
        retry_.start(pause);
        ++retries_;
    }

    void on_step(const std::string& step) override {
        if (is_verbose_) fmt::print(stderr, "{}weir get: {}\n", progress_shown_ ? "\r\033[K" : "", step);
    }

    void stop() {
        done_ = true;
        retry_.stop();
        progress_.stop();
        loop_.stop();
    }

    std::string totals() const {
        const double seconds = static_cast<double>(media_.count()) / 1000.0;
        const double wall =
            std::max(static_cast<double>((loop_.timers().now() - began_).count()) / 1000.0, 0.001);
        return fmt::format(
            "{:.1f} s, {} bytes, {:.0f} kbit/s, {} packets, {} bad, {} gaps, {} fillers, {} reconnects",
            seconds, bytes_, static_cast<double>(bytes_) * 8 / 1000 / wall, packets_, bad_, gaps_, fillers_,
            reconnects_);
    }

    void show_progress() {
        progress_shown_ = true;
        fmt::print(stderr, "\r{}\033[K", totals());
        progress_.start(kProgressEvery);
    }

    Loop& loop_;
    LoopOutbound outbound_;
    ListPull list_;
    Capture capture_;
    Duration limit_;
    bool is_verbose_;
    Timer retry_;
    Timer progress_;
    TimePoint began_;
    StreamFormatPtr format_;
    Duration media_{0};
    std::uint64_t bytes_ = 0;
    std::uint64_t packets_ = 0;
    std::uint64_t bad_ = 0;
    std::uint64_t gaps_ = 0;
    std::uint64_t fillers_ = 0;
    std::uint64_t reconnects_ = 0;
    std::uint32_t last_send_time_ = 0;
    std::size_t silent_ = 0;  // answers that brought nothing
    int retries_ = 0;
    bool has_last_ = false;
    bool final_ = false;  // no reconnect can mend it
    bool done_ = false;
    bool ended_ = false;  // the stream itself said so
    bool interrupted_ = false;
    bool progress_shown_ = false;
    std::optional<Error> failure_;
};

// Once, as a server would that hands the list out.
std::vector<GetSource> shuffled(const std::vector<GetSource>& sources) {
    struct System {
        std::uint32_t draw() { return random_u32(); }
    } system;
    std::vector<GetSource> drawn;
    for (const std::size_t place : hand_out(sources.size(), {.count = HandoutPolicy::kAll, .randomize = true},
                                            Callback<std::uint32_t()>::of<&System::draw>(&system)))
        drawn.push_back(sources[place]);
    return drawn;
}

}  // namespace

int get_command(const GetOptions& options) {
    auto list = make_get_list(options.urls, builtin_modules().protocols);
    if (!list) {
        fmt::print(stderr, "weir get: {}\n", list.error().detail);
        return kExitUsage;
    }
    for (const std::string& note : list.value().notes) fmt::print(stderr, "weir get: {}\n", note);
    auto sources = std::move(list).value().sources;
    if (options.randomize) sources = shuffled(sources);
    auto capture = Capture::open(options.output);
    if (!capture) {
        fmt::print(stderr, "weir get: {}\n", capture.error().detail);
        return kExitFailed;
    }
    ::signal(SIGPIPE, SIG_IGN);  // a reader of our output that left is an error of the write
    auto loop = Loop::open(nullptr);
    if (!loop) {
        fmt::print(stderr, "weir get: {}\n", loop.error().detail);
        return kExitFailed;
    }
    Getter getter{*loop.value(), std::move(sources), std::move(capture).value(), options};
    auto signals = Signals::open(*loop.value(), Callback<void(int)>::of<&Getter::on_signal>(&getter));
    loop.value()->run();
    return getter.report();
}

}  // namespace weir::cli
