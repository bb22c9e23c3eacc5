// Is a new header one that clients of the old one may go on under (asf.md section 8)?
#include <fmt/format.h>

#include <algorithm>

#include "core/asf/header.hpp"
#include "core/asf/streams.hpp"

namespace weir::asf {

namespace {

constexpr std::uint64_t kMaxPrerollStep = 10'000;  // ms; more would starve or flood the players' buffers

std::string number_list(const Header& h) {
    std::string text;
    for (const auto& s : h.streams) text += fmt::format("{}{}", text.empty() ? "" : " ", s.number);
    return text;
}

std::string bytes_difference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
    if (a.size() != b.size()) return fmt::format("{} bytes instead of {}", b.size(), a.size());
    const auto at = std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin();
    return fmt::format("another value at byte {} of {}", at, a.size());
}

std::string stream_difference(const Stream& a, const Stream& b) {
    if (a.type != b.type) return fmt::format("type {} instead of {}", name_of(b.type), name_of(a.type));
    if (a.codec_data != b.codec_data) {
        const auto old_codec = describe_codec(a), new_codec = describe_codec(b);
        if (old_codec != new_codec) return fmt::format("codec{} instead of{}", new_codec, old_codec);
        return "codec data: " + bytes_difference(a.codec_data, b.codec_data);
    }
    if (a.ec_type != b.ec_type) return "error-correction type";
    if (a.ec_data != b.ec_data) return "error-correction data: " + bytes_difference(a.ec_data, b.ec_data);
    if (a.encrypted != b.encrypted) return b.encrypted ? "encrypted now" : "no longer encrypted";
    if (a.time_offset != b.time_offset)
        return fmt::format("time offset {} instead of {}", b.time_offset, a.time_offset);
    if (a.extensions != b.extensions)
        return "payload extensions: " + bytes_difference(a.extensions, b.extensions);
    if (a.no_clean_points != b.no_clean_points) return "the no-clean-points flag";
    return {};
}

}  // namespace

std::string header_difference(const Header& old, const Header& newer) {
    if (number_list(old) != number_list(newer))
        return fmt::format("stream numbers: {} instead of {}", number_list(newer), number_list(old));
    for (std::size_t i = 0; i < old.streams.size(); ++i) {
        const auto field = stream_difference(old.streams[i], newer.streams[i]);
        if (!field.empty()) return fmt::format("stream {}: {}", old.streams[i].number, field);
    }
    if (old.exclusions != newer.exclusions) return "mutual exclusion of streams";
    if (old.content_keys != newer.content_keys)
        return "content encryption: " + bytes_difference(old.content_keys, newer.content_keys);
    const auto step = old.preroll > newer.preroll ? old.preroll - newer.preroll : newer.preroll - old.preroll;
    if (step > kMaxPrerollStep)
        return fmt::format("preroll: {} ms instead of {}, at most {} apart may follow", newer.preroll,
                           old.preroll, kMaxPrerollStep);
    return {};
}

}  // namespace weir::asf
