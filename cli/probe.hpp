// weir probe: what is at a URL?
#pragma once

#include "cli/options.hpp"

namespace weir::cli {

// Receives a few seconds of a stream and prints what it is. Returns the exit code: 0 where media came.
int probe_command(const ProbeOptions& options);

}  // namespace weir::cli
