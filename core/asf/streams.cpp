#include "core/asf/streams.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/asf/codec_data.hpp"
#include "core/base/text.hpp"

namespace weir::asf {

namespace {

constexpr double kFrameTimesPerSecond = 10'000'000;  // of 100 ns

struct AudioTag {
    std::uint16_t tag;
    std::string_view name;
};
constexpr AudioTag kAudioTags[] = {{0x0001, "PCM"},         {0x000A, "WMA voice"}, {0x0055, "MP3"},
                                   {0x0160, "WMA1"},        {0x0161, "WMA2"},      {0x0162, "WMA Pro"},
                                   {0x0163, "WMA lossless"}};

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
    if (const auto sound = sound_format(s)) {
        info.channels = sound->channels;
        info.sample_rate = sound->sample_rate;
        if (info.bit_rate == 0)
            info.bit_rate = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(std::uint64_t{sound->bytes_per_second} * 8, 0xFFFFFFFFU));
    } else if (const auto picture = picture_format(s)) {
        info.width = picture->width;
        info.height = picture->height;
    }
    if (s.kind == StreamKind::video && s.frame_time != 0)
        info.frame_rate = kFrameTimesPerSecond / static_cast<double>(s.frame_time);
    return info;
}

}  // namespace

std::string codec_name(const Stream& s) {
    if (const auto sound = sound_format(s)) {
        for (const auto& known : kAudioTags)
            if (known.tag == sound->tag) return fmt::format("{} (0x{:04X})", known.name, sound->tag);
        return fmt::format("0x{:04X}", sound->tag);
    }
    const auto picture = picture_format(s);
    return picture ? printable(picture->codec) : std::string{};
}

std::string describe_codec(const Stream& s) {
    if (const auto sound = sound_format(s))
        return fmt::format(" {} {} Hz x{}", codec_name(s), sound->sample_rate, sound->channels);
    if (const auto picture = picture_format(s))
        return fmt::format(" {} {}x{}", codec_name(s), picture->width, picture->height);
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
