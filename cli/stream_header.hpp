// The header of the stream at a URL, asked for as a player asks.
#pragma once

#include <string>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/media/container.hpp"

namespace weir::cli {

// Runs a loop of its own until the header is there, the time is over or a signal ends it. Error: bad_input
// where the URL is none that weir pulls from; it shows no credentials.
Result<StreamFormatPtr> fetch_stream_header(const std::string& url, Duration time_limit);

}  // namespace weir::cli
