#include "cli/stderr_log.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/sink.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <ctime>

namespace weir::cli {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

spdlog::level::level_enum to_spdlog(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warning:
            return spdlog::level::warn;
        case LogLevel::error:
            break;
    }
    return spdlog::level::err;
}

LogLevel from_spdlog(spdlog::level::level_enum level) noexcept {
    switch (level) {
        case spdlog::level::trace:
        case spdlog::level::debug:
            return LogLevel::debug;
        case spdlog::level::info:
            return LogLevel::info;
        case spdlog::level::warn:
            return LogLevel::warning;
        default:
            return LogLevel::error;
    }
}

// Writes lines on the log thread. It may wait for the reader, but not past the deadline that stop_by() sets.
class FdSink final : public spdlog::sinks::sink {
  public:
    explicit FdSink(int fd) : fd_(fd), colour_(isatty(fd) == 1 ? Colour::on : Colour::off) {}

    // Where the number of lines lost to a full queue is asked for; set before the first line.
    void count_losses_of(spdlog::details::thread_pool& pool) noexcept { pool_ = &pool; }
    void stop_by(SteadyTime deadline) noexcept { deadline_.store(deadline.time_since_epoch().count()); }

    void log(const spdlog::details::log_msg& msg) override {
        const std::size_t dropped = pool_->overrun_counter();
        if (dropped != reported_) {
            put(format_log_line(
                msg.time, LogLevel::warning,
                fmt::format("{} log lines dropped, standard error is read too slowly", dropped - reported_),
                colour_));
            reported_ = dropped;
        }
        put(format_log_line(msg.time, from_spdlog(msg.level), {msg.payload.data(), msg.payload.size()},
                            colour_));
    }
    void flush() override {}
    void set_pattern(const std::string&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  private:
    // Pieces of PIPE_BUF never block where poll() has said that there is room, and the descriptor, which
    // other processes may share, need not be made non-blocking.
    void put(std::string_view text) {
        while (!text.empty()) {
            if (!wait_for_room()) return;
            const ssize_t n = ::write(fd_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
            if (n < 0 && errno != EINTR && errno != EAGAIN) return;
            if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    bool wait_for_room() {
        constexpr int kLookAtDeadline = 20;  // ms
        while (true) {
            pollfd one{.fd = fd_, .events = POLLOUT, .revents = 0};
            if (poll(&one, 1, kLookAtDeadline) > 0) return true;
            if (std::chrono::steady_clock::now().time_since_epoch().count() >= deadline_.load()) return false;
        }
    }

    const int fd_;
    const Colour colour_;
    spdlog::details::thread_pool* pool_ = nullptr;
    std::size_t reported_ = 0;
    std::atomic<SteadyTime::rep> deadline_{SteadyTime::max().time_since_epoch().count()};
};

// Signals are the loop's business; and a reader that is gone must not end the process by SIGPIPE.
void block_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

std::string_view name_of(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warn";
        case LogLevel::error:
            break;
    }
    return "error";
}

std::string_view colour_of(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::debug:
            return "\x1b[2m";
        case LogLevel::info:
            return "";
        case LogLevel::warning:
            return "\x1b[33m";
        case LogLevel::error:
            break;
    }
    return "\x1b[31m";
}

}  // namespace

struct StderrLog::Writer {
    explicit Writer(const StderrLogOptions& options)
        : flush_limit(options.flush_limit),
          sink(std::make_shared<FdSink>(options.fd)),
          pool(std::make_shared<spdlog::details::thread_pool>(options.queue_lines, 1, block_signals)),
          logger(std::make_shared<spdlog::async_logger>("weir", sink, pool,
                                                        spdlog::async_overflow_policy::overrun_oldest)) {
        sink->count_losses_of(*pool);
        logger->set_level(to_spdlog(options.lowest));
    }
    // The pool ends its thread once the queue is empty; past the deadline the sink empties it without
    // writing.
    ~Writer() { sink->stop_by(std::chrono::steady_clock::now() + flush_limit); }

    Duration flush_limit;
    std::shared_ptr<FdSink> sink;
    std::shared_ptr<spdlog::details::thread_pool> pool;
    std::shared_ptr<spdlog::async_logger> logger;
};

StderrLog::StderrLog(const StderrLogOptions& options) : writer_(std::make_unique<Writer>(options)) {}
StderrLog::~StderrLog() = default;

void StderrLog::write(LogLevel level, std::string_view line) noexcept {
    writer_->logger->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

std::string format_log_line(std::chrono::system_clock::time_point when, LogLevel level, std::string_view line,
                            Colour colour) {
    const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(when.time_since_epoch());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
    const std::time_t second = seconds.count();
    std::tm utc{};
    gmtime_r(&second, &utc);
    const auto paint = colour == Colour::on ? colour_of(level) : std::string_view{};
    std::string out =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z {}{:<5}{} ", utc.tm_year + 1900,
                    utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                    (since_epoch - seconds).count(), paint, name_of(level), paint.empty() ? "" : "\x1b[0m");
    for (char c : line) out += (c >= 0 && c < 0x20 && c != '\t') || c == 0x7F ? '?' : c;
    out += '\n';
    return out;
}

}  // namespace weir::cli
