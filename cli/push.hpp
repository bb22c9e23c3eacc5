// weir push: a recording, or what comes on standard input, pushed to a server at its own pace.
#pragma once

#include "cli/options.hpp"

namespace weir::cli {

// Returns the exit code: 0 where all of it was sent and the server told so, or the user ended it.
int push_command(const PushOptions& options);

}  // namespace weir::cli
