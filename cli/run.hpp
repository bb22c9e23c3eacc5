// weir run: the relay in the foreground.
#pragma once

#include "cli/options.hpp"

namespace weir::cli {

// Relays until SIGINT or SIGTERM. Returns the exit code.
int run_command(const RunOptions& options);

}  // namespace weir::cli
