// A channel's push_to as weir.toml writes it: "http://edge/news", or {url = "http://edge/news", form = "wm"}.
// Pure.
#pragma once

#include <string_view>
#include <vector>

#include "cli/config_node.hpp"
#include "cli/config_problems.hpp"
#include "weir/config.hpp"

namespace weir::cli {

// The entries of `list` that are right; what is wrong with the others is reported under `path`
// ("channel.push_to") or a key within ("channel.push_to.url").
std::vector<PushTargetConfig> read_push_targets(const ConfigNode& list, std::string_view path,
                                                Problems& problems);

}  // namespace weir::cli
