// How ffmpeg is called so that it makes a recording with a given stream header. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/slate_codecs.hpp"
#include "core/asf/header.hpp"
#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace weir::cli {

struct SlatePlan {
    std::optional<PicturePlan> picture;
    std::optional<SoundPlan> sound;       // of the first sound stream; it says what the silence is
    std::vector<EncoderOptions> streams;  // in the order of their numbers
    std::vector<bool> is_picture;         // of each of them
    std::size_t packet_size = 0;          // bytes
};

// What is to be seen.
struct SlateLook {
    enum class Kind {
        legend,   // a dark picture with a line of text; needs a font
        card,     // colour bars
        picture,  // a file with a picture or a clip, in the middle of a black picture
    } kind = Kind::legend;
    std::string file;
};

// packet_size: the longest packet that may be served under `header`. Error: ffmpeg cannot make such a stream;
// why.
Result<SlatePlan> plan_slate(const asf::Header& header, std::size_t packet_size);

// The arguments, without the program's own name.
std::vector<std::string> slate_arguments(const SlatePlan& plan, const SlateLook& look, Duration duration,
                                         const std::string& output);
// Of a run that makes one picture and writes nothing: it succeeds where the look can be made.
std::vector<std::string> look_arguments(const SlatePlan& plan, const SlateLook& look);

// One line that a shell takes apart into these words again.
std::string shell_quoted(const std::vector<std::string>& words);

}  // namespace weir::cli
