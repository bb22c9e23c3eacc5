#include "cli/h264_setup.hpp"

#include <algorithm>
#include <vector>

namespace weir::cli {

namespace {

constexpr std::size_t kMostBytes = 4096;  // of a parameter set

// Bits, most significant first. Past the end come zeros, and ok() is false for good.
class Bits {
  public:
    explicit Bits(Bytes in) noexcept : in_(in) {}

    std::uint32_t take(unsigned n) noexcept {  // up to 32
        std::uint32_t value = 0;
        for (; n > 0; --n) value = (value << 1) | bit();
        return value;
    }
    bool flag() noexcept { return bit() != 0; }
    // Exp-Golomb (9.1): unsigned, and signed.
    std::uint32_t ue() noexcept {
        unsigned zeros = 0;
        while (ok_ && bit() == 0) ++zeros;
        if (zeros > 31) ok_ = false;
        return ok_ ? ((std::uint32_t{1} << zeros) - 1) + take(zeros) : 0;
    }
    int se() noexcept {
        const auto value = ue();
        const auto half = static_cast<int>(value / 2 + value % 2);
        return value % 2 != 0 ? half : -half;
    }
    bool ok() const noexcept { return ok_; }
    // Is there more than the stop bit and what fills its byte (7.2)?
    bool has_more() const noexcept {
        std::size_t end = in_.size() * 8;
        while (end > at_ && !is_set(end - 1)) --end;
        return ok_ && end > at_ + 1;
    }

  private:
    bool is_set(std::size_t at) const noexcept { return ((in_[at / 8] >> (7 - at % 8)) & 1U) != 0; }
    std::uint32_t bit() noexcept {
        if (at_ >= in_.size() * 8) {
            ok_ = false;
            return 0;
        }
        return is_set(at_++) ? 1 : 0;
    }

    Bytes in_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

// The first unit of this type, without its head and the bytes that keep start codes out of it (7.4.1).
std::optional<std::vector<std::uint8_t>> unit_of(Bytes setup, unsigned type) {
    constexpr std::uint8_t kStart[] = {0, 0, 1};
    for (auto at = setup.begin();;) {
        at = std::search(at, setup.end(), std::begin(kStart), std::end(kStart));
        if (setup.end() - at <= 3) return std::nullopt;
        at += 3;
        if ((*at & 0x1FU) != type) continue;
        const auto end = std::search(at, setup.end(), std::begin(kStart), std::end(kStart));
        std::vector<std::uint8_t> out;
        std::size_t zeros = 0;
        for (++at; at != end; ++at) {
            if (zeros == 2 && *at == 3) {
                zeros = 0;
                continue;
            }
            zeros = *at == 0 ? std::min<std::size_t>(zeros + 1, 2) : 0;
            out.push_back(*at);
        }
        if (out.size() > kMostBytes) return std::nullopt;
        return out;
    }
}

bool is_high(unsigned profile) noexcept {
    constexpr unsigned kHigh[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
    return std::find(std::begin(kHigh), std::end(kHigh), profile) != std::end(kHigh);
}

// E.1.1, up to what is used of it.
bool read_usability(Bits& bits, H264Setup& setup) {
    constexpr std::uint32_t kStated = 255;
    // Table E-1, from code 1 on.
    constexpr struct {
        std::uint8_t width, height;
    } kAspects[] = {{1, 1},   {12, 11}, {10, 11}, {16, 11}, {40, 33},  {24, 11}, {20, 11}, {32, 11},
                    {80, 33}, {18, 11}, {15, 11}, {64, 33}, {160, 99}, {4, 3},   {3, 2},   {2, 1}};
    if (bits.flag()) {
        const auto code = bits.take(8);
        if (code == kStated) {
            setup.aspect_width = bits.take(16);
            setup.aspect_height = bits.take(16);
        } else if (code >= 1 && code <= std::size(kAspects)) {
            setup.aspect_width = kAspects[code - 1].width;
            setup.aspect_height = kAspects[code - 1].height;
        }
    }
    if (bits.flag()) bits.flag();  // overscan
    if (bits.flag()) {             // video signal type
        bits.take(3);
        setup.full_range = bits.flag();
        setup.has_colour = bits.flag();
        if (setup.has_colour) {
            setup.primaries = bits.take(8);
            setup.transfer = bits.take(8);
            setup.matrix = bits.take(8);
        }
    }
    if (bits.flag()) {  // where chroma samples are
        bits.ue();
        bits.ue();
    }
    setup.has_timing = bits.flag();
    if (setup.has_timing) {
        setup.tick_units = bits.take(32);
        setup.time_scale = bits.take(32);
        setup.fixed_rate = bits.flag();
    }
    const bool has_buffer_model = bits.flag(), has_other_model = bits.flag();
    if (has_buffer_model || has_other_model) return false;
    bits.flag();  // picture structure in messages
    if (bits.flag()) {
        bits.flag();
        for (int n = 0; n < 4; ++n) bits.ue();
        setup.reordered = bits.ue();
        setup.buffered = bits.ue();
    }
    return bits.ok();
}

bool read_sequence(Bytes unit, H264Setup& setup) {
    Bits bits(unit);
    setup.profile = bits.take(8);
    const auto constraints = bits.take(8);
    setup.level = bits.take(8);
    if (setup.level == 11 && (constraints & 0x10U) != 0 && !is_high(setup.profile)) setup.level = 9;
    bits.ue();
    if (is_high(setup.profile)) {
        const auto chroma = bits.ue(), luma_bits = bits.ue(), chroma_bits = bits.ue();
        const bool bypass = bits.flag(), has_matrices = bits.flag();
        if (chroma != 1 || luma_bits != 0 || chroma_bits != 0 || bypass || has_matrices) return false;
    }
    bits.ue();  // how wide frame numbers are
    const auto order = bits.ue();
    if (order == 1) return false;
    if (order == 0) {
        const auto above_four = bits.ue();
        if (above_four > 12) return false;
        setup.order_bits = above_four + 4;
    }
    setup.reference_frames = bits.ue();
    bits.flag();                     // gaps
    bits.ue();                       // width
    bits.ue();                       // height
    if (!bits.flag()) return false;  // fields
    bits.flag();
    if (bits.flag()) {
        for (int n = 0; n < 4; ++n) bits.ue();  // cropping
    }
    return bits.flag() ? read_usability(bits, setup) : bits.ok();
}

bool read_picture(Bytes unit, H264Setup& setup) {
    constexpr unsigned kMostReferences = 16;
    Bits bits(unit);
    bits.ue();
    bits.ue();
    setup.cabac = bits.flag();
    bits.flag();
    if (bits.ue() != 0) return false;  // slice groups
    const auto references = bits.ue();
    if (references >= kMostReferences) return false;
    setup.references = references + 1;
    bits.ue();
    setup.weighted = bits.flag();
    setup.weighted_both_ways = bits.take(2) == 2;
    setup.first_qp = 26 + bits.se();
    bits.se();
    setup.chroma_offset = bits.se();
    bits.flag();
    setup.constrained_intra = bits.flag();
    bits.flag();
    if (!bits.ok() || setup.first_qp < 0 || setup.first_qp > 51 || setup.chroma_offset < -12 ||
        setup.chroma_offset > 12)
        return false;
    if (!bits.has_more()) return true;
    setup.transform_8x8 = bits.flag();
    const bool has_matrices = bits.flag();
    return !has_matrices;
}

}  // namespace

std::optional<H264Setup> read_h264_setup(Bytes bytes) {
    constexpr unsigned kSequence = 7, kPicture = 8;
    const auto sequence = unit_of(bytes, kSequence), picture = unit_of(bytes, kPicture);
    H264Setup setup;
    if (!sequence || !picture || !read_sequence(*sequence, setup) || !read_picture(*picture, setup))
        return std::nullopt;
    return setup;
}

}  // namespace weir::cli
