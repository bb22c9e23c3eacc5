// What a channel's section says that does not go together with being on demand, or with the name "*".
#pragma once

#include "cli/config_problems.hpp"
#include "weir/config.hpp"

namespace weir::cli {

// table: where the section begins.
void report_demand(const ChannelConfig& channel, const Seen& seen, Place table, Problems& problems);

}  // namespace weir::cli
