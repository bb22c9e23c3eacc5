// A Log that keeps its lines, as "warning: text".
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/log.hpp"

namespace weir::test {

class FakeLog final : public Log {
  public:
    void write(LogLevel level, std::string_view line) noexcept override {
        static constexpr std::string_view kNames[] = {"debug: ", "info: ", "warning: ", "error: "};
        lines.push_back(std::string(kNames[static_cast<std::size_t>(level)]) + std::string(line));
    }
    std::size_t count(std::string_view text) const {
        return static_cast<std::size_t>(
            std::count_if(lines.begin(), lines.end(),
                          [&](const std::string& line) { return line.find(text) != std::string::npos; }));
    }
    bool has(std::string_view text) const { return count(text) > 0; }

    std::vector<std::string> lines;
};

}  // namespace weir::test
