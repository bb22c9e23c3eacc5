// Names that a channel "*" asked its sources for, and that they did not know: for a moment they are not asked
// again, however often clients do. Bounded. Pure.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"

namespace weir {

class UnknownNames {
  public:
    static constexpr std::size_t kMost = 1024;
    static constexpr Duration kPause{5000};

    bool has(std::string_view name, TimePoint now) const {
        const auto it = until_.find(name);
        return it != until_.end() && now < it->second;
    }
    // Where there are too many, it is not kept: its next client asks the sources again.
    void add(std::string_view name, TimePoint now) {
        if (until_.size() >= kMost)
            std::erase_if(until_, [now](const auto& one) { return now >= one.second; });
        if (until_.size() < kMost) until_.insert_or_assign(std::string(name), now + kPause);
    }

  private:
    std::map<std::string, TimePoint, std::less<>> until_;
};

}  // namespace weir
