// With which settings ffmpeg's encoders write the codec data that a stream's header has. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/asf/header.hpp"
#include "core/base/result.hpp"

namespace weir::cli {

struct Ratio {
    std::uint32_t over = 0, under = 1;
};

// Options of ffmpeg for one stream of its output: name without "-" and ":N", value.
using EncoderOptions = std::vector<std::pair<std::string, std::string>>;

struct PicturePlan {
    std::uint32_t width = 0, height = 0;
    Ratio rate;          // pictures a second
    Ratio aspect{1, 1};  // of a sample; 0: not said
    EncoderOptions options;
};

struct SoundPlan {
    std::uint32_t sample_rate = 0;
    EncoderOptions options;
};

// bit_rate: of this stream, for what its codec data do not say; 0: unknown. Error: ffmpeg has no encoder that
// writes this.
Result<PicturePlan> plan_picture(const asf::Stream& stream, std::uint32_t bit_rate);
Result<SoundPlan> plan_sound(const asf::Stream& stream);

}  // namespace weir::cli
