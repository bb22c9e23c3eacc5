// Times in a histogram: what is counted costs an increment, and is exact to 0.05 ms up to 200 ms, to 5 ms
// beyond.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace bench {

class Times {
  public:
    void add(std::int64_t ns) {
        const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 0) / 1000);
        const std::size_t place = us < kFine * 50 ? us / 50 : kFine + (us - kFine * 50) / 5000;
        ++counts_[std::min(place, counts_.size() - 1)];
        ++total_;
        most_ = std::max(most_, ns);
    }
    std::uint64_t total() const { return total_; }
    // Milliseconds: the upper edge of the step in which that share of all lies.
    double at(double share) const {
        std::uint64_t left = static_cast<std::uint64_t>(static_cast<double>(total_) * share);
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            if (left < counts_[i])
                return std::min(static_cast<double>(most_) / 1e6,
                                i < kFine ? static_cast<double>(i + 1) * 0.05
                                          : 200 + static_cast<double>(i + 1 - kFine) * 5);
            left -= counts_[i];
        }
        return static_cast<double>(most_) / 1e6;
    }
    std::string json() const {
        if (total_ == 0) return "null";
        char out[120];
        std::snprintf(out, sizeof out, R"({"p50":%.2f,"p99":%.2f,"max":%.2f,"count":%llu})", at(0.5),
                      at(0.99), static_cast<double>(most_) / 1e6, static_cast<unsigned long long>(total_));
        return out;
    }

  private:
    static constexpr std::size_t kFine = 4000;
    std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(kFine + 20000);
    std::uint64_t total_ = 0;
    std::int64_t most_ = 0;
};

}  // namespace bench
