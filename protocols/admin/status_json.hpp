// A Status as JSON, the answer of /api/v1/status. Names are promised: they may be added to, not changed.
// Pure.
#pragma once

#include <string>

#include "protocols/admin/status.hpp"

namespace weir::admin {

// Always valid UTF-8: what a title has of other bytes is replaced by U+FFFD.
std::string to_json(const Status& status);

}  // namespace weir::admin
