// weir status: how a running weir is, asked at its admin port.
#pragma once

#include "cli/options.hpp"

namespace weir::cli {

// Reads the configuration, asks at the address of its [admin], prints a table or the JSON as it came. Returns
// the exit code.
int status_command(const StatusOptions& options);

}  // namespace weir::cli
