// Walking ASF objects: GUID (16), size (QWORD, these 24 bytes included), body (ASF specification 2.1).
#pragma once

#include <cstdint>

#include "core/asf/guid.hpp"
#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace weir::asf {

inline constexpr std::size_t kObjectHead = 24;

struct Object {
    Guid guid;
    std::size_t at = 0;  // its first byte, counted from the start of the blob
    Bytes bytes;         // the whole object, head included
};

// The object at byte `at`, which has to end by byte `end` (<= blob.size()).
Result<Object> object_at(Bytes blob, std::size_t at, std::size_t end);

}  // namespace weir::asf
