// Makes a Config of a configuration file's sections: their keys, and what must hold between them. Pure.
#pragma once

#include "cli/config_keys.hpp"
#include "cli/config_node.hpp"
#include "cli/config_problems.hpp"
#include "weir/config.hpp"

namespace weir::cli {

// root: the whole file. The Config is complete only where no problem was reported.
Config read_sections(const ConfigNode& root, const CheckContext& context, Problems& problems);

}  // namespace weir::cli
