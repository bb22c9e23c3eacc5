// weir get: a headless client.
#pragma once

#include "cli/options.hpp"

namespace weir::cli {

// Receives a stream and writes it. Returns the exit code, which tells whether what was asked for came.
int get_command(const GetOptions& options);

}  // namespace weir::cli
