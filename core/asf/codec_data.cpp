#include "core/asf/codec_data.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/asf/streams.hpp"

namespace weir::asf {

namespace {

constexpr std::size_t kChannelsAt = 2, kRateAt = 4, kBytesPerSecondAt = 8, kBlockSizeAt = 12,
                      kSampleBitsAt = 14, kWaveFormat = 16, kWaveFormatEx = 18;
constexpr std::size_t kHeightAt = 4, kFourCcAt = 27, kPictureFormat = kFourCcAt + 4, kBitmapHeaderEnd = 51;
constexpr std::size_t kShownWhole = 16, kShown = 8;  // bytes of a difference

std::string hex(Bytes bytes) {
    return bytes.empty() ? "none" : fmt::format("{:02X}", fmt::join(bytes, " "));
}

std::string words(const Wmv2Setup& setup) {
    return fmt::format("{} pictures/s, {} x 1024 bit/s", setup.frame_rate, setup.kib_rate);
}

bool same_front(const Stream& a, const Stream& b) {
    const auto front_of = [](const Stream& s) {
        return Bytes{s.codec_data}.first(s.codec_data.size() - decoder_setup(s).size());
    };
    const Bytes left = front_of(a), right = front_of(b);
    return std::equal(left.begin(), left.end(), right.begin(), right.end());
}

// The size of what follows stands in front of it, and differs with it.
bool same_but_for_sizes(const Stream& a, const Stream& b) {
    constexpr std::size_t kSizeAt = 9, kBitmapSizeAt = 11, kWaveExtraAt = 16;
    auto left = a, right = b;
    for (Stream* s : {&left, &right}) {
        auto* p = s->codec_data.data();
        if (picture_format(*s) && s->codec_data.size() >= kBitmapHeaderEnd) {
            store_u16le(p + kSizeAt, 0);
            store_u32le(p + kBitmapSizeAt, 0);
        } else if (sound_format(*s) && s->codec_data.size() >= kWaveFormatEx) {
            store_u16le(p + kWaveExtraAt, 0);
        }
    }
    return same_front(left, right);
}

std::string sound_difference(const SoundFormat& a, const SoundFormat& b) {
    if (a.bytes_per_second != b.bytes_per_second)
        return fmt::format("codec data: {} bit/s instead of {}", std::uint64_t{b.bytes_per_second} * 8,
                           std::uint64_t{a.bytes_per_second} * 8);
    if (a.block_size != b.block_size)
        return fmt::format("codec data: blocks of {} bytes instead of {}", b.block_size, a.block_size);
    if (a.sample_bits != b.sample_bits)
        return fmt::format("codec data: {} bits a sample instead of {}", b.sample_bits, a.sample_bits);
    return {};
}

}  // namespace

std::optional<SoundFormat> sound_format(const Stream& s) noexcept {
    if (s.kind != StreamKind::audio || s.codec_data.size() < kWaveFormat) return std::nullopt;
    const auto* p = s.codec_data.data();
    return SoundFormat{.tag = load_u16le(p),
                       .channels = load_u16le(p + kChannelsAt),
                       .sample_rate = load_u32le(p + kRateAt),
                       .bytes_per_second = load_u32le(p + kBytesPerSecondAt),
                       .block_size = load_u16le(p + kBlockSizeAt),
                       .sample_bits = load_u16le(p + kSampleBitsAt)};
}

std::optional<PictureFormat> picture_format(const Stream& s) {
    if (s.kind != StreamKind::video || s.codec_data.size() < kPictureFormat) return std::nullopt;
    const auto* p = s.codec_data.data();
    return PictureFormat{.width = load_u32le(p),
                         .height = load_u32le(p + kHeightAt),
                         .codec = std::string(as_text({p + kFourCcAt, 4}))};
}

Bytes decoder_setup(const Stream& s) noexcept {
    const std::size_t front = s.kind == StreamKind::audio   ? kWaveFormatEx
                              : s.kind == StreamKind::video ? kBitmapHeaderEnd
                                                            : s.codec_data.size();
    return Bytes{s.codec_data}.subspan(std::min(front, s.codec_data.size()));
}

// As libavcodec's wmv2enc.c writes it and its wmv2dec.c reads it.
std::optional<Wmv2Setup> wmv2_setup(const Stream& s) {
    const auto picture = picture_format(s);
    const Bytes setup = decoder_setup(s);
    if (!picture || picture->codec != "WMV2" || setup.size() != 4) return std::nullopt;
    const unsigned rates = (unsigned{setup[0]} << 8) | setup[1];
    const unsigned flags = (unsigned{setup[2]} << 8) | setup[3];
    return Wmv2Setup{.frame_rate = rates >> 11,
                     .kib_rate = rates & 0x7FFU,
                     .loop_filter = (flags & 0x4000U) != 0,
                     .flags = flags};
}

std::string bytes_difference(Bytes a, Bytes b) {
    if (std::max(a.size(), b.size()) <= kShownWhole) return fmt::format("{} instead of {}", hex(b), hex(a));
    const auto at =
        static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
    const auto shown = [at](Bytes all) { return hex(all.subspan(at, std::min(kShown, all.size() - at))); };
    const auto size = a.size() == b.size() ? fmt::format("{}", a.size())
                                           : fmt::format("{} instead of {}", b.size(), a.size());
    return fmt::format("from byte {} of {}: {} instead of {}", at, size, shown(b), shown(a));
}

std::string codec_difference(const Stream& a, const Stream& b) {
    const auto name = [](const std::string& codec) { return codec.empty() ? " none" : codec; };
    const auto old_codec = describe_codec(a), new_codec = describe_codec(b);
    if (old_codec != new_codec) return fmt::format("codec{} instead of{}", name(new_codec), name(old_codec));
    const auto old_sound = sound_format(a), new_sound = sound_format(b);
    if (old_sound && new_sound) {
        if (auto field = sound_difference(*old_sound, *new_sound); !field.empty()) return field;
    }
    const Bytes setup_before = decoder_setup(a), setup_now = decoder_setup(b);
    const bool same_setup =
        std::equal(setup_before.begin(), setup_before.end(), setup_now.begin(), setup_now.end());
    if (same_setup || !same_but_for_sizes(a, b))
        return "codec data: " + bytes_difference(a.codec_data, b.codec_data);
    const auto bytes = bytes_difference(setup_before, setup_now);
    const auto old_setup = wmv2_setup(a), new_setup = wmv2_setup(b);
    if (old_setup && new_setup && words(*old_setup) != words(*new_setup))
        return fmt::format("codec data: {} ({} instead of {})", bytes, words(*new_setup), words(*old_setup));
    return "codec data: " + bytes;
}

}  // namespace weir::asf
