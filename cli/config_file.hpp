// Finds and reads the configuration for the commands, and tells the user what is wrong with it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/config_toml.hpp"
#include "core/base/result.hpp"
#include "weir/config.hpp"

namespace weir::cli {

// Read without -c, the first that exists.
inline constexpr const char* kUsualConfigFiles[] = {"weir.toml", "/etc/weir/weir.toml"};

// The first of `candidates` that exists; the Error names them all.
Result<std::string> find_config(std::span<const char* const> candidates);

// A longer file is refused unread.
inline constexpr std::size_t kMaxConfigFile = std::size_t{1} << 20;

// protocols: the names that [[listen]] may use.
LoadedConfig load_config(const std::string& path, std::span<const std::string_view> protocols);

struct ConfigFile {
    std::string path;
    Config config;
    SourceOrigins source_origins;
};

// The configuration in `path`, or in the usual places where that is empty. Where there is any problem, prints
// all of them to standard error and gives nothing: exit with kExitUsage.
std::optional<ConfigFile> read_config_file(const std::string& path);

}  // namespace weir::cli
