// The command line's Log: lines like "2026-11-22T08:37:16.123Z info  message" on standard error, written by a
// thread of its own. The caller never waits for whoever reads them: when the queue is full the oldest line is
// dropped, and the number dropped is written once there is room. write() may be called from any thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/log.hpp"

namespace weir::cli {

struct StderrLogOptions {
    LogLevel lowest = LogLevel::info;  // lines below it are not written
    int fd = 2;                        // not closed
    std::size_t queue_lines = 4096;
    Duration flush_limit{1000};  // how long destruction may take to write what is queued
};

class StderrLog final : public Log {
  public:
    explicit StderrLog(const StderrLogOptions& options = {});
    ~StderrLog() override;  // writes what is queued, for at most flush_limit; what is left then is dropped
    StderrLog(const StderrLog&) = delete;
    StderrLog& operator=(const StderrLog&) = delete;

    void write(LogLevel level, std::string_view line) noexcept override;

  private:
    struct Writer;
    std::unique_ptr<Writer> writer_;
};

enum class Colour { off, on };

// One line as it is written, line feed included. Control characters in it become '?', so that a log line
// stays one.
std::string format_log_line(std::chrono::system_clock::time_point when, LogLevel level, std::string_view line,
                            Colour colour);

}  // namespace weir::cli
