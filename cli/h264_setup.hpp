// What the parameter sets of an H.264 stream say (ITU-T H.264, 7.3.2) as far as an encoder can be told to
// write the same. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"

namespace weir::cli {

struct H264Setup {
    unsigned profile = 0;           // profile_idc: 66, 77, 100 ...
    unsigned level = 0;             // ten times the level's number; 9 is 1b
    unsigned order_bits = 0;        // how wide picture order counts are; 0: order is not counted
    unsigned reference_frames = 0;  // kept at most
    // How a sample is shaped; 0: not said.
    std::uint32_t aspect_width = 0, aspect_height = 0;
    bool full_range = false;
    bool has_colour = false;
    unsigned primaries = 0, transfer = 0, matrix = 0;  // as the specification numbers them
    bool has_timing = false;
    bool fixed_rate = false;
    std::uint32_t tick_units = 0, time_scale = 0;  // two ticks are a frame
    unsigned reordered = 0;                        // frames that may come before an earlier one
    unsigned buffered = 0;                         // frames that a decoder holds
    bool cabac = false;
    unsigned references = 1;  // a P picture's, unless it says else
    bool weighted = false, weighted_both_ways = false;
    int first_qp = 26;
    int chroma_offset = 0;
    bool constrained_intra = false;
    bool transform_8x8 = false;
};

// `setup`: the sets behind start codes (00 00 01), as ASF's H.264 streams have them. Nothing where there is
// not one of each, or where they say more than this: other chroma than 4:2:0 of 8 bits, fields, slice groups,
// scaling matrices, a model of the decoder's buffer.
std::optional<H264Setup> read_h264_setup(Bytes setup);

}  // namespace weir::cli
