// The codec data ("type-specific data") of a stream, field by field: what ASF says of sound and pictures, and
// behind that what the encoder itself has to say to a decoder. Pure; fields that do not reach so far are not
// there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/asf/header.hpp"
#include "core/base/bytes.hpp"

namespace weir::asf {

// WAVEFORMATEX (ASF 9.1).
struct SoundFormat {
    std::uint16_t tag = 0;
    std::uint16_t channels = 0;
    std::uint32_t sample_rate = 0;
    std::uint32_t bytes_per_second = 0;
    std::uint16_t block_size = 0;  // bytes
    std::uint16_t sample_bits = 0;
};

// The size of the picture and a BITMAPINFOHEADER (ASF 9.2).
struct PictureFormat {
    std::uint32_t width = 0, height = 0;
    std::string codec;  // four letters; anything may stand there
};

std::optional<SoundFormat> sound_format(const Stream& stream) noexcept;
std::optional<PictureFormat> picture_format(const Stream& stream);

// What stands behind those; a view of the stream's data.
Bytes decoder_setup(const Stream& stream) noexcept;

// The decoder setup of Windows Media Video 8: four bytes, the first 25 bits count.
struct Wmv2Setup {
    unsigned frame_rate = 0;  // per second, whole; wraps at 32
    unsigned kib_rate = 0;    // 1024 bit/s; 2047 stands for more, too
    bool loop_filter = false;
    unsigned flags = 0;  // all bits behind the rates as they are, the loop filter among them
};
std::optional<Wmv2Setup> wmv2_setup(const Stream& stream);

// What differs between codec data that are not the same, with both values; one line.
std::string codec_difference(const Stream& old, const Stream& newer);

// Bytes that are not the same, for people: few as a whole, of more those from the first that differs.
std::string bytes_difference(Bytes old, Bytes newer);

}  // namespace weir::asf
