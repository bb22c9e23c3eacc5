// Reads the text of weir.toml into a Config. Finds every problem, not only the first, each with its place in
// the file. Its source is the only part of weir that knows toml++; the rest sees ConfigNode and Config. Pure.
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

// Where each source of each channel stands, as "weir.toml:12:3", in the order of the Config.
using SourceOrigins = std::vector<std::vector<ConfigOrigin>>;

struct LoadedConfig {
    Config config;                        // complete only where there are no problems
    SourceOrigins source_origins;         // likewise
    std::vector<ConfigProblem> problems;  // in the order of the file
};

// file_name is for messages only; known_protocols: the names that [[listen]] may use.
LoadedConfig parse_config(std::string_view text, std::string_view file_name,
                          std::span<const std::string_view> known_protocols);

}  // namespace weir::cli
