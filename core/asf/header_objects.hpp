// The objects inside a Header Object that say something about streams. Internal to header*.cpp.
#pragma once

#include "core/asf/header.hpp"
#include "core/asf/object.hpp"

namespace weir::asf {

// What an Extended Stream Properties object adds to a stream that may be described before or after it.
struct StreamExtension {
    std::uint16_t number = 0;
    std::uint32_t bit_rate = 0;
    std::uint64_t frame_time = 0;
    bool no_clean_points = false;
    std::vector<std::uint8_t> extensions;
};

struct BitRates {
    std::uint32_t sum = 0;
    std::array<std::uint32_t, kMaxStreamNumber + 1> of{};  // by stream number; 0 where not stated
};

Result<Stream> parse_stream_properties(const Object& o);
// Adds the stream that may be described inside it to `header`.
Result<StreamExtension> parse_extended_stream_properties(Bytes blob, const Object& o, Header& header);
Result<Exclusion> parse_exclusion(const Object& o);
// The average bit rates of Stream Bitrate Properties, as far as they are whole.
BitRates parse_bit_rates(const Object& o) noexcept;
// Error where the number is already taken.
Result<> add_stream(Header& header, Stream stream, std::size_t at);

}  // namespace weir::asf
