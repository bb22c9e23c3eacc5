// A channel's list of sources as weir.toml writes it: "push:", or {url = "http://...", standby = true}. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "cli/config_node.hpp"
#include "cli/config_problems.hpp"
#include "weir/config.hpp"

namespace weir::cli {

// The entries of `list` that are right; what is wrong with the others is reported under `path`
// ("channel.sources") or a key within ("channel.sources.url").
std::vector<SourceConfig> read_source_list(const ConfigNode& list, std::string_view path, Problems& problems);

}  // namespace weir::cli
