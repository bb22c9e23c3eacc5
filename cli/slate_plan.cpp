#include "cli/slate_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <utility>

#include "core/asf/codec_data.hpp"

namespace weir::cli {

namespace {

using asf::StreamKind;
using Words = std::vector<std::string>;

constexpr std::size_t kLeastPacket = 100, kMostPacket = 65536;  // what ffmpeg's ASF muxer takes

constexpr const char* kLegend = "Please stand by";

// What a picture stream has for itself: what the header says, else what the others leave of the whole.
std::uint32_t picture_bit_rate(const asf::Header& header, const asf::Stream& picture) {
    if (picture.bit_rate > 0) return picture.bit_rate;
    std::uint64_t others = 0;
    for (const auto& stream : header.streams) {
        if (const auto sound = asf::sound_format(stream))
            others += std::uint64_t{sound->bytes_per_second} * 8;
    }
    return others < header.bit_rate ? static_cast<std::uint32_t>(header.bit_rate - others) : 0;
}

Error cannot(std::string why) {
    return {Errc::unsupported, std::move(why)};
}

std::string text(const Ratio& ratio) {
    return ratio.under == 1 ? std::to_string(ratio.over) : fmt::format("{}/{}", ratio.over, ratio.under);
}

// A name that ffmpeg does not take for an option or another protocol's.
std::string file_name(const std::string& path) {
    return path.find(':') != std::string::npos || path.starts_with('-') ? "file:" + path : path;
}

Words picture_input(const PicturePlan& picture, const SlateLook& look) {
    if (look.kind == SlateLook::Kind::picture) return {"-i", file_name(look.file)};
    const auto rate = text(picture.rate);
    const auto size = fmt::format("{}x{}", picture.width, picture.height);
    std::string graph = look.kind == SlateLook::Kind::card
                            ? fmt::format("smptebars=s={}:r={}", size, rate)
                            : fmt::format("color=c=0x101820:s={}:r={}", size, rate);
    if (look.kind == SlateLook::Kind::legend)
        graph += fmt::format(
            ",drawtext=text='{}':fontcolor=0xD0D8E0:fontsize=h/12:x=(w-text_w)/2:y=(h-text_h)/2", kLegend);
    return {"-f", "lavfi", "-i", std::move(graph)};
}

std::string picture_filter(const PicturePlan& picture, const SlateLook& look) {
    std::string filter;
    // One picture lasts for ever, and so does the last one of a clip.
    if (look.kind == SlateLook::Kind::picture)
        filter = fmt::format(
            "fps={2},scale={0}:{1}:force_original_aspect_ratio=decrease,pad={0}:{1}:(ow-iw)/2:(oh-ih)/"
            "2:black,"
            "tpad=stop=-1:stop_mode=clone,",
            picture.width, picture.height, text(picture.rate));
    return filter + fmt::format("setsar={}/{},format=yuv420p", picture.aspect.over, picture.aspect.under);
}

void append(Words& to, Words from) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
}

}  // namespace

Result<SlatePlan> plan_slate(const asf::Header& header, std::size_t packet_size) {
    SlatePlan plan;
    plan.packet_size = packet_size;
    if (packet_size < kLeastPacket || packet_size > kMostPacket)
        return cannot(fmt::format("its packets have {} bytes, and ffmpeg makes packets of {} to {}",
                                  packet_size, kLeastPacket, kMostPacket));
    if (!header.content_keys.empty()) return cannot("it is encrypted");
    if (!header.exclusions.empty())
        return cannot(
            "it has streams of which only one is sent at a time (several bit rates), and ffmpeg writes none");
    for (const auto& stream : header.streams) {
        const auto failed = [&](const Error& error) {
            return cannot(fmt::format("stream {} is {}", stream.number, error.detail));
        };
        if (stream.kind == StreamKind::video) {
            if (plan.picture) return cannot("it has more than one picture stream");
            auto picture = plan_picture(stream, picture_bit_rate(header, stream));
            if (!picture) return failed(picture.error());
            plan.picture = std::move(picture).value();
            plan.streams.push_back(plan.picture->options);
        } else if (stream.kind == StreamKind::audio) {
            auto sound = plan_sound(stream);
            if (!sound) return failed(sound.error());
            plan.streams.push_back(sound.value().options);
            if (!plan.sound) plan.sound = std::move(sound).value();
        } else {
            return cannot(fmt::format(
                "stream {} is neither pictures nor sound, and ffmpeg writes no such stream", stream.number));
        }
        plan.is_picture.push_back(stream.kind == StreamKind::video);
    }
    if (plan.streams.empty()) return cannot("it has no streams");
    return plan;
}

std::vector<std::string> slate_arguments(const SlatePlan& plan, const SlateLook& look, Duration duration,
                                         const std::string& output) {
    Words words{"-nostdin", "-hide_banner", "-v", "error", "-y"};
    if (plan.picture) append(words, picture_input(*plan.picture, look));
    if (plan.sound)
        append(words, {"-f", "lavfi", "-i", fmt::format("anullsrc=r={}:cl=mono", plan.sound->sample_rate)});
    const char* const sound_input = plan.picture ? "1:a" : "0:a";
    for (const bool is_picture : plan.is_picture) append(words, {"-map", is_picture ? "0:v:0" : sound_input});
    for (std::size_t n = 0; n < plan.streams.size(); ++n) {
        if (plan.is_picture[n])
            append(words, {fmt::format("-filter:{}", n), picture_filter(*plan.picture, look)});
        for (const auto& option : plan.streams[n])
            append(words, {fmt::format("-{}:{}", option.first, n), option.second});
    }
    append(words, {"-t", fmt::format("{:.3f}", static_cast<double>(duration.count()) / 1000), "-packet_size",
                   std::to_string(plan.packet_size), "-f", "asf", file_name(output)});
    return words;
}

std::vector<std::string> look_arguments(const SlatePlan& plan, const SlateLook& look) {
    Words words{"-nostdin", "-v", "error"};
    append(words, picture_input(*plan.picture, look));
    append(words, {"-frames:v", "1", "-f", "null", "-"});
    return words;
}

std::string shell_quoted(const std::vector<std::string>& words) {
    constexpr std::string_view kPlain = "-_./:=,+@%";
    const auto is_plain = [&](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || kPlain.find(c) != std::string_view::npos;
    };
    std::string line;
    for (const auto& word : words) {
        if (!line.empty()) line += ' ';
        if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) {
            line += word;
            continue;
        }
        line += '\'';
        for (const char c : word) {
            if (c == '\'') {
                line += "'\\''";
            } else {
                line += c;
            }
        }
        line += '\'';
    }
    return line;
}

}  // namespace weir::cli
