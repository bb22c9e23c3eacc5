// Durations and sizes as people write them: "500ms", "3s", "2m", "1h"; "1000" (bytes), "64KiB", "8MiB",
// "1GiB". Whole numbers, no spaces, units exactly so. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace weir::cli {

Result<Duration> parse_duration(std::string_view text);
Result<std::size_t> parse_size(std::string_view text);

// In the largest unit that loses nothing, so that parsing it gives the same value: 1500 ms -> "1500ms".
std::string format_duration(Duration value);
std::string format_size(std::size_t bytes);

}  // namespace weir::cli
