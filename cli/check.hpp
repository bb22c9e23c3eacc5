// weir check: is the configuration good?
#pragma once

#include <string>

#include "cli/options.hpp"
#include "weir/config.hpp"

namespace weir::cli {

// Prints every problem to standard error, or the warnings about its recordings, and one line of summary to
// standard output. Returns the exit code.
int check_command(const CheckOptions& options);

// "weir.toml: ok, 1 listener, 2 channels"
std::string summary(const std::string& path, const Config& config);

}  // namespace weir::cli
