#include "cli/slate_codecs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "cli/h264_setup.hpp"
#include "core/asf/codec_data.hpp"
#include "core/asf/streams.hpp"
#include "core/base/text.hpp"

namespace weir::cli {

namespace {

struct PictureCodec {
    std::string_view letters;
    const char* encoder;
};
constexpr PictureCodec kPictureCodecs[] = {
    {"WMV1", "wmv1"}, {"WMV2", "wmv2"}, {"MP43", "msmpeg4v3"}, {"MP42", "msmpeg4v2"}, {"H264", "libx264"}};
struct SoundCodec {
    std::uint16_t tag;
    const char* encoder;
};
constexpr std::uint16_t kAac = 0x00FF;
constexpr SoundCodec kSoundCodecs[] = {
    {0x0055, "libmp3lame"}, {kAac, "aac"}, {0x0160, "wmav1"}, {0x0161, "wmav2"}};

constexpr Ratio kUsualRate{25, 1};
constexpr std::uint32_t kMostPictures = 120;  // a second
constexpr std::uint32_t kMostSide = 8192;     // pixels
constexpr std::uint32_t kLeastBitRate = 32 * 1024;

Ratio reduced(std::uint64_t over, std::uint64_t under) {
    const auto common = std::gcd(over, under);
    if (common == 0) return {0, 1};
    over /= common;
    under /= common;
    if (over > 0xFFFFFFFFU || under > 0xFFFFFFFFU) return {0, 1};
    return {static_cast<std::uint32_t>(over), static_cast<std::uint32_t>(under)};
}

// Something that can be encoded: from one picture a second on.
bool is_rate(const Ratio& rate) noexcept {
    return rate.under > 0 && rate.over >= rate.under && rate.over / rate.under <= kMostPictures;
}

// As the header states it, else nothing.
Ratio stated_rate(const asf::Stream& stream) {
    constexpr std::uint64_t kTicks = 10'000'000;  // frame times count 100 ns
    return stream.frame_time == 0 ? Ratio{0, 1} : reduced(kTicks, stream.frame_time);
}

// Where neither the header nor the codec data say it: a tenth of a bit for each pixel.
std::uint32_t usual_bit_rate(const PicturePlan& plan) {
    const auto pixels = std::uint64_t{plan.width} * plan.height * plan.rate.over / plan.rate.under;
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(pixels / 10, kLeastBitRate, 8'000'000));
}

std::string text(std::uint64_t number) {
    return std::to_string(number);
}

Result<> set_wmv2(const asf::Stream& stream, std::uint32_t bit_rate, PicturePlan& plan) {
    constexpr unsigned kFlags = 0xB480, kLoopFilter = 0x4000;  // all that the encoder writes
    constexpr unsigned kRateEnd = 32, kMostKibRate = 2047;
    const auto setup = asf::wmv2_setup(stream);
    if (!setup || (setup->flags & ~kLoopFilter) != kFlags)
        return Error{Errc::unsupported, "WMV2 with a decoder setup that ffmpeg's encoder does not write"};
    if (!is_rate(plan.rate) || plan.rate.over / plan.rate.under % kRateEnd != setup->frame_rate)
        plan.rate = {setup->frame_rate == 0 ? kRateEnd : setup->frame_rate, 1};
    const auto least = setup->kib_rate * 1024;
    const bool is_known = bit_rate >= least && (bit_rate < least + 1024 || setup->kib_rate == kMostKibRate);
    plan.options.emplace_back("b", text(is_known ? bit_rate : std::max(least + 512, 1024U)));
    if (setup->loop_filter) plan.options.emplace_back("flags", "+loop");
    return Ok{};
}

// B pictures change the stream's setup by how many there may be and by what refers to them; the least number
// that gives the same (x264's encoder/set.c: the counts' width is twice the farthest distance, rounded up).
std::string b_pictures(const H264Setup& setup) {
    if (setup.reordered == 0) return "bframes=0";
    const bool is_pyramid = setup.reordered > 1;
    const unsigned step = is_pyramid ? 8 : 4;
    const unsigned distance = (1U << (std::max(setup.order_bits, 4U) - 1)) / step;
    const unsigned least = is_pyramid ? 2 : 1;
    const char* const pyramid = !is_pyramid                                ? "none"
                                : setup.reference_frames == setup.buffered ? "normal"
                                                                           : "strict";
    return fmt::format("bframes={}:b-pyramid={}", std::clamp(distance, least + 2, 18U) - 2, pyramid);
}

Result<> set_h264(const asf::Stream& stream, std::uint32_t bit_rate, PicturePlan& plan) {
    constexpr int kAverageRateQp = 26;  // what x264 writes unless a quality is asked for
    const auto setup = read_h264_setup(asf::decoder_setup(stream));
    if (!setup)
        return Error{Errc::unsupported,
                     "H264 with parameter sets that weir cannot have written again (not behind start codes, "
                     "fields, other "
                     "chroma than 4:2:0 of 8 bits, scaling matrices, or nal-hrd)"};
    if (setup->has_timing) {
        const auto rate = reduced(setup->time_scale, std::uint64_t{setup->tick_units} * 2);
        if (is_rate(rate)) plan.rate = rate;
    }
    if (!is_rate(plan.rate)) plan.rate = kUsualRate;
    plan.aspect = setup->aspect_height == 0 ? Ratio{0, 1} : Ratio{setup->aspect_width, setup->aspect_height};
    plan.options.emplace_back("preset", "veryfast");
    if (setup->first_qp == kAverageRateQp) {
        plan.options.emplace_back("b", text(bit_rate > 0 ? bit_rate : usual_bit_rate(plan)));
    } else {
        plan.options.emplace_back("crf", text(static_cast<std::uint64_t>(setup->first_qp)));
    }
    if (setup->full_range) plan.options.emplace_back("color_range", "pc");
    if (setup->has_colour) {
        plan.options.emplace_back("color_primaries", text(setup->primaries));
        plan.options.emplace_back("color_trc", text(setup->transfer));
        plan.options.emplace_back("colorspace", text(setup->matrix));
    }
    plan.options.emplace_back(
        "x264-params",
        fmt::format("level={}:force-cfr={:d}:ref={}:{}:cabac={:d}:8x8dct={:d}:weightp={}:weightb={:d}:"
                    "constrained-intra={:d}:psy=0:chroma-qp-offset={}",
                    setup->level == 9 ? "1b" : text(setup->level), setup->fixed_rate, setup->references,
                    b_pictures(*setup), setup->cabac, setup->transform_8x8, setup->weighted ? 2 : 0,
                    setup->weighted_both_ways, setup->constrained_intra, setup->chroma_offset));
    return Ok{};
}

Error no_encoder(const asf::Stream& stream) {
    const auto name = asf::codec_name(stream);
    return {Errc::unsupported, fmt::format("{}, for which ffmpeg has no encoder that weir knows",
                                           name.empty() ? "no codec" : name)};
}

}  // namespace

Result<PicturePlan> plan_picture(const asf::Stream& stream, std::uint32_t bit_rate) {
    const auto picture = asf::picture_format(stream);
    const auto codec = std::find_if(std::begin(kPictureCodecs), std::end(kPictureCodecs), [&](const auto& c) {
        return picture && equal_ignoring_case(c.letters, picture->codec);
    });
    if (codec == std::end(kPictureCodecs)) return no_encoder(stream);
    if (picture->width == 0 || picture->height == 0 || picture->width > kMostSide ||
        picture->height > kMostSide)
        return Error{Errc::unsupported, fmt::format("pictures of {}x{}, expected up to {} each",
                                                    picture->width, picture->height, kMostSide)};
    PicturePlan plan{
        .width = picture->width, .height = picture->height, .rate = stated_rate(stream), .options = {}};
    plan.options.emplace_back("c", codec->encoder);
    if (picture->codec != codec->letters) plan.options.emplace_back("tag", picture->codec);
    if (codec->letters == "WMV2") {
        if (auto set = set_wmv2(stream, bit_rate, plan); !set) return set.error();
    } else if (codec->letters == "H264") {
        if (auto set = set_h264(stream, bit_rate, plan); !set) return set.error();
    } else {
        if (!is_rate(plan.rate)) plan.rate = kUsualRate;
        plan.options.emplace_back("b", text(bit_rate > 0 ? bit_rate : usual_bit_rate(plan)));
    }
    // A client that comes while the slate is on air waits for a key picture.
    plan.options.emplace_back("g", text((plan.rate.over + plan.rate.under / 2) / plan.rate.under));
    return plan;
}

Result<SoundPlan> plan_sound(const asf::Stream& stream) {
    constexpr unsigned kLowComplexity = 2;  // AAC's object type
    const auto sound = asf::sound_format(stream);
    const auto codec = std::find_if(std::begin(kSoundCodecs), std::end(kSoundCodecs),
                                    [&](const auto& c) { return sound && c.tag == sound->tag; });
    if (codec == std::end(kSoundCodecs)) return no_encoder(stream);
    const Bytes setup = asf::decoder_setup(stream);
    if (sound->tag == kAac && (setup.empty() || setup[0] >> 3 != kLowComplexity))
        return Error{Errc::unsupported, "AAC of another kind than LC, which ffmpeg's own encoder makes"};
    SoundPlan plan{.sample_rate = sound->sample_rate, .options = {}};
    plan.options.emplace_back("c", codec->encoder);
    plan.options.emplace_back("ar", text(sound->sample_rate));
    plan.options.emplace_back("ac", text(sound->channels));
    if (sound->bytes_per_second > 0)
        plan.options.emplace_back("b", text(std::uint64_t{sound->bytes_per_second} * 8));
    return plan;
}

}  // namespace weir::cli
