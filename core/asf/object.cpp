#include "core/asf/object.hpp"

#include <fmt/format.h>

namespace weir::asf {

Result<Object> object_at(Bytes blob, std::size_t at, std::size_t end) {
    if (end - at < kObjectHead)
        return Error{Errc::bad_input,
                     fmt::format("ASF header: {} bytes left at byte {}, expected an object of at "
                                 "least {} or nothing",
                                 end - at, at, kObjectHead)};
    const Guid g = load_guid(blob.data() + at);
    const std::uint64_t size = load_u64le(blob.data() + at + kGuidSize);
    if (size < kObjectHead || size > end - at)
        return Error{Errc::bad_input, fmt::format("ASF header: {} at byte {} has size {}, expected {} to {}",
                                                  name_of(g), at, size, kObjectHead, end - at)};
    return Object{.guid = g, .at = at, .bytes = blob.subspan(at, static_cast<std::size_t>(size))};
}

}  // namespace weir::asf
