// Finds and reads the configuration for the commands, and tells the user what is wrong with it.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/base/result.hpp"
#include "weir/config.hpp"

namespace weir::cli {

// Read without -c, the first that exists.
inline constexpr const char* kUsualConfigFiles[] = {"weir.toml", "/etc/weir/weir.toml"};

// The first of `candidates` that exists; the Error names them all.
Result<std::string> find_config(std::span<const char* const> candidates);

struct ConfigFile {
    std::string path;
    Config config;
};

// The configuration in `path`, or in the usual places where that is empty. Where there is any problem, prints
// all of them to standard error and gives nothing: exit with kExitUsage.
std::optional<ConfigFile> read_config_file(const std::string& path);

}  // namespace weir::cli
