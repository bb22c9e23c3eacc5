// weir slate: a recording with the header of a given stream, for the time without an encoder.
#pragma once

#include "cli/options.hpp"

namespace weir::cli {

// Asks for the header, has ffmpeg make the recording and compares the two. The file is there afterwards only
// where clients of the stream may go on with it. Returns the exit code.
int slate_command(const SlateOptions& options);

}  // namespace weir::cli
