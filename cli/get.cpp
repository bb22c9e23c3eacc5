#include "cli/get.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <optional>

#include "cli/capture.hpp"
#include "core/io/loop.hpp"
#include "core/io/signals.hpp"
#include "core/relay/loop_outbound.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/protocol.hpp"
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
// Nothing at all for so long: the link is dead. (A server sends keep-alive packets once a second.)
constexpr Duration kSilenceLimit{30000};

class Getter final : private PullListener, private StreamReader::Output {
  public:
    Getter(Loop& loop, const Protocol& protocol, std::string url, std::string shown, Capture capture,
           Duration limit)
        : loop_(loop),
          outbound_(loop, builtin_modules().containers),
          protocol_(protocol),
          url_(std::move(url)),
          shown_(std::move(shown)),
          capture_(std::move(capture)),
          limit_(limit),
          silence_(loop.timers(), Callback<void()>::of<&Getter::on_silence>(this)),
          retry_(loop.timers(), Callback<void()>::of<&Getter::dial>(this)),
          progress_(loop.timers(), Callback<void()>::of<&Getter::show_progress>(this)),
          began_(loop.timers().now()) {
        if (isatty(STDERR_FILENO)) progress_.start(kProgressEvery);
        dial();
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
        if (failure_) fmt::print(stderr, "weir get: {}: {}\n", shown_, failure_->detail);
        const bool came = limit_.count() > 0 ? media_ >= limit_ : packets_ > 0 && (ended_ || interrupted_);
        if (!came && !failure_) fmt::print(stderr, "weir get: what was asked for did not come\n");
        return came && !failure_ ? kExitOk : kExitFailed;
    }

  private:
    void dial() {
        silence_.start(kSilenceLimit);
        pull_ = protocol_.pull(outbound_, url_, {.as = PullAs::player}, static_cast<PullListener&>(*this));
    }

    Result<> on_stream(StreamReader& reader, Bytes bytes) override {
        silence_.start(kSilenceLimit);
        bytes_ += bytes.size();
        return reader.feed(bytes, *this);
    }

    void on_silence() {
        pull_.reset();
        on_done(Error{Errc::timed_out, "nothing came for 30 s"});
    }

    Result<> on_format(StreamFormatPtr format) override {
        format_ = std::move(format);
        has_last_ = false;
        if (!capture_.served()) return capture_.begin(format_);
        const std::string differs = capture_.served()->difference(*format_);
        if (differs.empty()) return Ok{};
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
        if (packets_ == 0 || final_ || retries_ >= kMaxRetries) {
            failure_ = result.error();
            return stop();
        }
        // Not here: the pull is in the middle of its own callback.
        silence_.stop();
        ++reconnects_;
        retry_.start(std::min(kFirstRetry * (1 << std::min(retries_, 5)), kLastRetry));
        ++retries_;
    }

    void stop() {
        done_ = true;
        silence_.stop();
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
    const Protocol& protocol_;
    std::string url_;    // may hold credentials
    std::string shown_;  // without them
    Capture capture_;
    Duration limit_;
    Timer silence_;
    Timer retry_;
    Timer progress_;
    TimePoint began_;
    std::unique_ptr<Pull> pull_;
    StreamFormatPtr format_;
    Duration media_{0};
    std::uint64_t bytes_ = 0;
    std::uint64_t packets_ = 0;
    std::uint64_t bad_ = 0;
    std::uint64_t gaps_ = 0;
    std::uint64_t fillers_ = 0;
    std::uint64_t reconnects_ = 0;
    std::uint32_t last_send_time_ = 0;
    int retries_ = 0;
    bool has_last_ = false;
    bool final_ = false;  // no reconnect can mend it
    bool done_ = false;
    bool ended_ = false;  // the stream itself said so
    bool interrupted_ = false;
    bool progress_shown_ = false;
    std::optional<Error> failure_;
};

}  // namespace

int get_command(const GetOptions& options) {
    const Protocol* protocol = find_puller(builtin_modules().protocols, options.url);
    auto shown = protocol ? protocol->check_pull(options.url)
                          : Result<std::string>{Error{Errc::bad_input, "not a URL that weir gets"}};
    if (!shown) {
        fmt::print(stderr, "weir get: {}\n", shown.error().detail);
        return kExitUsage;
    }
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
    Getter getter{
        *loop.value(),     *protocol, options.url, std::move(shown).value(), std::move(capture).value(),
        options.time_limit};
    auto signals = Signals::open(*loop.value(), Callback<void(int)>::of<&Getter::on_signal>(&getter));
    loop.value()->run();
    return getter.report();
}

}  // namespace weir::cli
