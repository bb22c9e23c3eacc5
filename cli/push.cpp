#include "cli/push.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "core/io/loop.hpp"
#include "core/io/signals.hpp"
#include "core/relay/loop_outbound.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/push.hpp"
#include "core/relay/sources/paced_file.hpp"
#include "weir/weir.hpp"

namespace weir::cli {

namespace {

constexpr Duration kProgressEvery{500};
// A connection that breaks after the server took the stream is dialled again, ever more slowly, and not for
// ever.
constexpr Duration kFirstRetry{200};
constexpr Duration kLastRetry{5000};
constexpr int kMaxRetries = 20;

class Pusher final : private PacedFile::Listener, private PushListener {
  public:
    Pusher(Loop& loop, const PushOptions& options, const PushForm& form, std::string shown)
        : loop_(loop),
          outbound_(loop, builtin_modules().containers),
          form_(form),
          url_(options.url),
          shown_(std::move(shown)),
          retry_(loop.timers(), Callback<void()>::of<&Pusher::dial>(this)),
          progress_(loop.timers(), Callback<void()>::of<&Pusher::show_progress>(this)),
          file_(loop, outbound_.containers(), options.input,
                options.loop ? PacedFile::Repeat::loop : PacedFile::Repeat::once,
                static_cast<PacedFile::Listener&>(*this), {.header_bytes = std::size_t{1} << 20}) {
        if (isatty(STDERR_FILENO)) progress_.start(kProgressEvery);
    }

    void on_signal(int) {
        if (is_ending_ || !push_ || !is_ready_) return stop();
        end();
    }

    // After the loop ended. Returns the exit code.
    int report() {
        if (progress_shown_) std::fputc('\n', stderr);
        fmt::print(stderr, "weir push: {}\n", totals());
        if (failure_) fmt::print(stderr, "weir push: {}\n", failure_->detail);
        return failure_ ? kExitFailed : kExitOk;
    }

  private:
    // --- the recording

    void on_format(StreamFormatPtr format) override {
        format_ = std::move(format);
        fitted_.resize(format_->max_packet());
        clear_waiting();
        wants_sync_ = true;
        if (!push_) return dial();
        push_->begin(format_);
    }

    Result<> on_packet(Bytes packet, const PacketInfo& info) override {
        const auto length = format_->fit(packet, *format_, fitted_);
        if (!length) {
            ++dropped_;
            return Ok{};
        }
        send_or_wait(Bytes{fitted_}.first(length.value()), info.sync);
        last_send_time_ = info.send_time;
        if (!first_send_time_) first_send_time_ = info.send_time;
        return Ok{};
    }

    void on_flush() override {}

    void on_end(Result<> why) override {
        if (!why) {
            failure_ = why.error();
            if (!push_ || !is_ready_) return stop();
        }
        is_over_ = true;
        if (is_ready_ && waiting_.empty()) end();
    }

    // --- the server

    void dial() {
        is_ready_ = false;
        push_ = form_.open(outbound_, url_, memory_, static_cast<PushListener&>(*this));
        push_->begin(format_);
    }

    void on_ready() override {
        is_ready_ = true;
        has_been_ready_ = true;
        flush_waiting();
    }

    void on_room() override { flush_waiting(); }

    void on_done(Result<> why) override {
        is_ready_ = false;
        wants_sync_ = true;  // what was in flight is lost
        if (is_done_) return;
        if (is_ending_) {
            if (!why) failure_ = {why.error().code, fmt::format("{}: {}", shown_, why.error().detail)};
            return stop();
        }
        const Error lost = why ? Error{Errc::closed, "the server ended the push"} : why.error();
        // A server that answered no will do so again.
        const bool is_final = lost.code == Errc::refused || lost.code == Errc::not_found ||
                              lost.code == Errc::unsupported || lost.code == Errc::bad_input;
        if (!has_been_ready_ || is_final || retries_ >= kMaxRetries) {
            failure_ = {lost.code, fmt::format("{}: {}", shown_, lost.detail)};
            return stop();
        }
        // Not here: the push is in the middle of its own call.
        ++reconnects_;
        retry_.start(std::min(kFirstRetry * (1 << std::min(retries_, 5)), kLastRetry));
        ++retries_;
    }

    // What was dropped leaves a hole that a decoder passes only at a sync point.
    void send_or_wait(Bytes packet, bool is_sync) {
        if (wants_sync_ && !is_sync && has_sync_) {
            ++dropped_;
            return;
        }
        has_sync_ |= is_sync;
        wants_sync_ = false;
        if (is_ready_ && waiting_.empty()) {
            if (push_->append(packet)) {
                ++packets_;
                bytes_ += packet.size();
                retries_ = 0;
            } else {
                ++dropped_;
                wants_sync_ = true;
            }
            return;
        }
        // Before the server is ready, or while the link is down: as much as a server takes at once.
        if (waiting_bytes_ + packet.size() > Push::kMaxQueued) {
            dropped_ += waiting_.size() + 1;
            clear_waiting();
            wants_sync_ = true;
            return;
        }
        waiting_bytes_ += packet.size();
        waiting_.emplace_back(packet.begin(), packet.end());
    }

    void flush_waiting() {
        while (is_ready_ && !waiting_.empty() && push_->append(waiting_.front())) {
            ++packets_;
            bytes_ += waiting_.front().size();
            waiting_bytes_ -= waiting_.front().size();
            waiting_.pop_front();
        }
        if (is_over_ && is_ready_ && waiting_.empty() && !is_ending_) end();
    }

    void clear_waiting() {
        waiting_.clear();
        waiting_bytes_ = 0;
    }

    void end() {
        is_ending_ = true;
        retry_.stop();
        push_->end();
    }

    void stop() {
        is_done_ = true;
        retry_.stop();
        progress_.stop();
        loop_.stop();
    }

    std::string totals() const {
        const double seconds =
            first_send_time_ ? static_cast<double>(last_send_time_ - *first_send_time_) / 1000.0 : 0.0;
        return fmt::format("{:.1f} s, {} bytes, {} packets, {} dropped, {} reconnects", seconds, bytes_,
                           packets_, dropped_, reconnects_);
    }

    void show_progress() {
        progress_shown_ = true;
        fmt::print(stderr, "\r{}\033[K", totals());
        progress_.start(kProgressEvery);
    }

    Loop& loop_;
    LoopOutbound outbound_;
    const PushForm& form_;
    std::string url_;    // may hold credentials
    std::string shown_;  // the same without them
    PushMemory memory_;
    Timer retry_;
    Timer progress_;
    StreamFormatPtr format_;
    std::vector<std::uint8_t> fitted_;
    std::deque<std::vector<std::uint8_t>> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::unique_ptr<Push> push_;
    PacedFile file_;
    std::uint64_t packets_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t dropped_ = 0;
    std::uint64_t reconnects_ = 0;
    std::optional<std::uint32_t> first_send_time_;
    std::uint32_t last_send_time_ = 0;
    int retries_ = 0;
    bool wants_sync_ = false;
    bool has_sync_ = false;  // the recording marks sync points at all
    bool is_ready_ = false;
    bool has_been_ready_ = false;
    bool is_over_ = false;    // the recording has ended
    bool is_ending_ = false;  // the server is being told
    bool is_done_ = false;
    bool progress_shown_ = false;
    std::optional<Error> failure_;
};

}  // namespace

int push_command(const PushOptions& options) {
    const PushForm& form = *find_push_form(builtin_modules().pushes, options.as_windows_media ? "wm" : "raw");
    auto shown = form.check(options.url);
    if (!shown) {
        fmt::print(stderr, "weir push: {}\n", shown.error().detail);
        return kExitUsage;
    }
    ::signal(SIGPIPE, SIG_IGN);
    auto loop = Loop::open(nullptr);
    if (!loop) {
        fmt::print(stderr, "weir push: {}\n", loop.error().detail);
        return kExitFailed;
    }
    Pusher pusher{*loop.value(), options, form, std::move(shown).value()};
    auto signals = Signals::open(*loop.value(), Callback<void(int)>::of<&Pusher::on_signal>(&pusher));
    loop.value()->run();
    return pusher.report();
}

}  // namespace weir::cli
