// Directory: which worker is a channel's home. Fixed when the configuration is loaded, read-only afterwards,
// so any thread may ask.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "weir/config.hpp"

namespace weir {

class Directory {
  public:
    Directory(const Config& config, std::size_t workers) {
        std::size_t next = 0;
        for (const ChannelConfig& channel : config.channels) homes_.emplace(channel.name, next++ % workers);
    }
    std::optional<std::size_t> home(std::string_view channel) const {
        const auto it = homes_.find(channel);
        return it == homes_.end() ? std::nullopt : std::optional{it->second};
    }

  private:
    std::map<std::string, std::size_t, std::less<>> homes_;
};

}  // namespace weir
