// weir version.
#pragma once

#include <string_view>

#include "cli/options.hpp"

namespace weir::cli {

std::string_view version() noexcept;  // "0.1.0"

// Prints "weir 0.1.0" to standard output. Returns the exit code.
int version_command(const VersionOptions& options);

}  // namespace weir::cli
