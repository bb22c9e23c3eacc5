// What an ASF header says of its streams, in words and numbers for people and for the core (asf.md 3.3, 3.4).
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/asf/header.hpp"
#include "core/media/container.hpp"

namespace weir::asf {

std::vector<StreamInfo> stream_infos(const Header& header);

// "WMV2", "WMA2 (0x0161)", "0x1234"; empty where the codec data do not reach so far, and for other streams.
std::string codec_name(const Stream& stream);

// " WMV2 320x240", " WMA2 (0x0161) 44100 Hz x2", or nothing.
std::string describe_codec(const Stream& stream);

// "1 video WMV2 320x240, 2 audio WMA2 (0x0161) 44100 Hz x2".
std::string describe_streams(const Header& header);

}  // namespace weir::asf
