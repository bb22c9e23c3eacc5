#include "core/asf/streams.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace weir::asf {

namespace {

// Places in the type-specific data: WAVEFORMATEX (ASF 9.1); width, height and a BITMAPINFOHEADER (9.2).
constexpr std::size_t kChannelsAt = 2, kRateAt = 4, kBytesPerSecondAt = 8, kWaveFormat = 16;
constexpr std::size_t kHeightAt = 4, kFourCcAt = 27, kPictureFormat = kFourCcAt + 4;
constexpr double kFrameTimesPerSecond = 10'000'000;  // of 100 ns

struct AudioTag {
    std::uint16_t tag;
    std::string_view name;
};
constexpr AudioTag kAudioTags[] = {{0x0001, "PCM"},         {0x000A, "WMA voice"}, {0x0055, "MP3"},
                                   {0x0160, "WMA1"},        {0x0161, "WMA2"},      {0x0162, "WMA Pro"},
                                   {0x0163, "WMA lossless"}};

bool says_audio(const Stream& s) noexcept {
    return s.kind == StreamKind::audio && s.codec_data.size() >= kWaveFormat;
}
bool says_video(const Stream& s) noexcept {
    return s.kind == StreamKind::video && s.codec_data.size() >= kPictureFormat;
}

StreamInfo::Kind public_kind(StreamKind kind) noexcept {
    switch (kind) {
        case StreamKind::audio:
            return StreamInfo::Kind::audio;
        case StreamKind::video:
            return StreamInfo::Kind::video;
        case StreamKind::script:
            return StreamInfo::Kind::script;
        case StreamKind::other:
        case StreamKind::none:
            break;
    }
    return StreamInfo::Kind::other;
}

std::string_view kind_name(StreamKind kind) noexcept {
    switch (kind) {
        case StreamKind::audio:
            return "audio";
        case StreamKind::video:
            return "video";
        case StreamKind::script:
            return "script";
        case StreamKind::other:
        case StreamKind::none:
            break;
    }
    return "data";
}

StreamInfo info_of(const Stream& s) {
    StreamInfo info;
    info.kind = public_kind(s.kind);
    info.number = s.number;
    info.codec = codec_name(s);
    info.bit_rate = s.bit_rate;
    const auto* p = s.codec_data.data();
    if (says_audio(s)) {
        info.channels = load_u16le(p + kChannelsAt);
        info.sample_rate = load_u32le(p + kRateAt);
        if (info.bit_rate == 0)
            info.bit_rate = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(std::uint64_t{load_u32le(p + kBytesPerSecondAt)} * 8, 0xFFFFFFFFU));
    } else if (says_video(s)) {
        info.width = load_u32le(p);
        info.height = load_u32le(p + kHeightAt);
    }
    if (s.kind == StreamKind::video && s.frame_time != 0)
        info.frame_rate = kFrameTimesPerSecond / static_cast<double>(s.frame_time);
    return info;
}

}  // namespace

std::string codec_name(const Stream& s) {
    const auto* p = s.codec_data.data();
    if (says_audio(s)) {
        const auto tag = load_u16le(p);
        for (const auto& known : kAudioTags)
            if (known.tag == tag) return fmt::format("{} (0x{:04X})", known.name, tag);
        return fmt::format("0x{:04X}", tag);
    }
    return says_video(s) ? printable(as_text({p + kFourCcAt, 4})) : std::string{};
}

std::string describe_codec(const Stream& s) {
    const auto* p = s.codec_data.data();
    if (says_audio(s))
        return fmt::format(" {} {} Hz x{}", codec_name(s), load_u32le(p + kRateAt),
                           load_u16le(p + kChannelsAt));
    if (says_video(s))
        return fmt::format(" {} {}x{}", codec_name(s), load_u32le(p), load_u32le(p + kHeightAt));
    return {};
}

std::string describe_streams(const Header& header) {
    std::string text;
    for (const auto& s : header.streams)
        text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", s.number, kind_name(s.kind),
                            describe_codec(s));
    return text;
}

std::vector<StreamInfo> stream_infos(const Header& header) {
    std::vector<StreamInfo> infos;
    infos.reserve(header.streams.size());
    for (const auto& s : header.streams) infos.push_back(info_of(s));
    return infos;
}

}  // namespace weir::asf
