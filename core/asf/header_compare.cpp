// Is a new header one that clients of the old one may go on under (asf.md section 8)?
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/asf/codec_data.hpp"
#include "core/asf/header.hpp"

namespace weir::asf {

namespace {

constexpr std::uint64_t kMaxPrerollStep = 10'000;  // ms; more would starve or flood the players' buffers

std::string number_list(const Header& h) {
    std::string text;
    for (const auto& s : h.streams) text += fmt::format("{}{}", text.empty() ? "" : " ", s.number);
    return text;
}

// All that clients need to know of a stream but for its number.
auto contents(const Stream& s) noexcept {
    return std::tie(s.type, s.codec_data, s.ec_type, s.ec_data, s.encrypted, s.time_offset, s.extensions,
                    s.no_clean_points);
}

// What is the same stands side by side, by number.
std::vector<const Stream*> by_contents(const Header& h) {
    std::vector<const Stream*> out;
    for (const auto& s : h.streams) out.push_back(&s);
    std::sort(out.begin(), out.end(), [](const Stream* a, const Stream* b) {
        return contents(*a) == contents(*b) ? a->number < b->number : contents(*a) < contents(*b);
    });
    return out;
}

std::vector<Exclusion> renumbered(std::vector<Exclusion> exclusions, const StreamMap& map) {
    for (auto& e : exclusions) {
        for (auto& number : e.streams) {
            if (number <= kMaxStreamNumber) number = map[number];
        }
        std::sort(e.streams.begin(), e.streams.end());
    }
    std::sort(exclusions.begin(), exclusions.end());
    return exclusions;
}

std::string stream_difference(const Stream& a, const Stream& b) {
    if (a.type != b.type) return fmt::format("type {} instead of {}", name_of(b.type), name_of(a.type));
    if (a.codec_data != b.codec_data) return codec_difference(a, b);
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

// Compared by their numbers, as people would.
std::string streams_difference(const Header& old, const Header& newer) {
    if (number_list(old) != number_list(newer))
        return fmt::format("stream numbers: {} instead of {}", number_list(newer), number_list(old));
    for (std::size_t i = 0; i < old.streams.size(); ++i) {
        const auto field = stream_difference(old.streams[i], newer.streams[i]);
        if (!field.empty()) return fmt::format("stream {}: {}", old.streams[i].number, field);
    }
    return {};
}

}  // namespace

std::optional<StreamMap> map_streams(const Header& old, const Header& newer) {
    const auto from = by_contents(newer), to = by_contents(old);
    if (from.size() != to.size()) return std::nullopt;
    const auto same = [](const Stream* a, const Stream* b) { return contents(*a) == contents(*b); };
    if (!std::equal(from.begin(), from.end(), to.begin(), same)) return std::nullopt;
    StreamMap map;
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (from[i]->number == to[i]->number) continue;
        // Of streams that are alike (two languages, say) only the number tells which is which.
        if ((i > 0 && same(to[i - 1], to[i])) || (i + 1 < to.size() && same(to[i], to[i + 1])))
            return std::nullopt;
        map.give(from[i]->number, to[i]->number);
    }
    // The objects of content protection name streams by their numbers, and go to clients as they are.
    if (!map.is_identity() && !(old.content_keys.empty() && newer.content_keys.empty())) return std::nullopt;
    return map;
}

std::string header_difference(const Header& old, const Header& newer) {
    const auto map = map_streams(old, newer);
    if (!map) return streams_difference(old, newer);
    if (renumbered(newer.exclusions, *map) != old.exclusions) return "mutual exclusion of streams";
    if (old.content_keys != newer.content_keys)
        return "content encryption: " + bytes_difference(old.content_keys, newer.content_keys);
    const auto step = old.preroll > newer.preroll ? old.preroll - newer.preroll : newer.preroll - old.preroll;
    if (step > kMaxPrerollStep)
        return fmt::format("preroll: {} ms instead of {}, at most {} apart may follow", newer.preroll,
                           old.preroll, kMaxPrerollStep);
    return {};
}

}  // namespace weir::asf
