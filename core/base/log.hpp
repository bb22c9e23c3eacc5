// Where log lines go. An embedder hands over its own; the command line's writes to stderr from a thread of
// its own and never blocks the loop. write() must not block and may be called from the worker's thread only.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace weir {

enum class LogLevel { debug, info, warning, error };

class Log {
  public:
    virtual ~Log() = default;
    virtual void write(LogLevel level, std::string_view line) noexcept = 0;

    template <class... Args>
    void debug(fmt::format_string<Args...> f, Args&&... args) {
        write(LogLevel::debug, fmt::format(f, std::forward<Args>(args)...));
    }
    template <class... Args>
    void info(fmt::format_string<Args...> f, Args&&... args) {
        write(LogLevel::info, fmt::format(f, std::forward<Args>(args)...));
    }
    template <class... Args>
    void warning(fmt::format_string<Args...> f, Args&&... args) {
        write(LogLevel::warning, fmt::format(f, std::forward<Args>(args)...));
    }
    template <class... Args>
    void error(fmt::format_string<Args...> f, Args&&... args) {
        write(LogLevel::error, fmt::format(f, std::forward<Args>(args)...));
    }
};

}  // namespace weir
