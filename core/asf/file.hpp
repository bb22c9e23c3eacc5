// Turning a capture of a live stream into a file: header() and packets, written one after the other, become a
// valid .asf with a duration when the header is replaced by what finish_header() makes of it.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace weir::asf {

struct Capture {
    std::uint64_t packets = 0;
    std::uint64_t duration_ms = 0;  // from the first packet's send time to the last one's
};

// From two send times as packets carry them, less than 49 days apart.
constexpr std::uint64_t capture_duration(std::uint32_t first_send_time,
                                         std::uint32_t last_send_time) noexcept {
    return static_cast<std::uint32_t>(last_send_time - first_send_time);
}

// `served` is StreamFormat::header() of the stream captured. The result has the same length.
Result<std::vector<std::uint8_t>> finish_header(Bytes served, const Capture& capture);

}  // namespace weir::asf
