// The channel's name in a REQ_CONNECT is UTF-16 (little-endian), as nothing else in weir is. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace weir::msbd {

// Error: an odd number of bytes, or half of a surrogate pair.
Result<std::string> utf8_of(Bytes utf16);

// `utf8` is valid; what is not becomes U+FFFD.
void append_utf16(std::string_view utf8, std::vector<std::uint8_t>& out);

}  // namespace weir::msbd
