// Reads weir.toml into a Config. Finds every problem, not only the first, each with its place in the file.
// Its source is the only part of weir that knows toml++; the rest sees ConfigNode and Config. Pure except for
// reading the file.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/config.hpp"

namespace weir::cli {

struct ConfigProblem {
    std::string where;  // "weir.toml:12:3"
    std::string key;   // "channel.burst"; "syntax" where the file is not TOML, "file" where it cannot be read
    std::string what;  // what is wrong, what would be right
};

// "weir.toml:12:3: channel.burst: what is wrong, what would be right"
std::string to_string(const ConfigProblem& problem);

struct LoadedConfig {
    Config config;                        // complete only where there are no problems
    std::vector<ConfigProblem> problems;  // in the order of the file
};

// A longer file is refused unread.
inline constexpr std::size_t kMaxConfigFile = std::size_t{1} << 20;

// known_protocols: the names that [[listen]] may use.
LoadedConfig load_config(const std::string& path, std::span<const std::string_view> known_protocols);
// file_name is for messages only.
LoadedConfig parse_config(std::string_view text, std::string_view file_name,
                          std::span<const std::string_view> known_protocols);

}  // namespace weir::cli
