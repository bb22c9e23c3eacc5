// The table that `weir status` prints, made from what an admin port answered. Any program may have answered:
// what is missing or of another type shows as "-". Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace weir::cli {

// Error: it is no weir's status.
Result<std::string> status_table(std::string_view json);

}  // namespace weir::cli
