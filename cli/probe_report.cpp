#include "cli/probe_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace weir::cli {

namespace {

constexpr Duration kEnoughForARate{500};

std::string_view name_of(StreamInfo::Kind kind) noexcept {
    switch (kind) {
        case StreamInfo::Kind::audio:
            return "audio";
        case StreamInfo::Kind::video:
            return "video";
        case StreamInfo::Kind::script:
            return "script";
        case StreamInfo::Kind::other:
            break;
    }
    return "data";
}

std::string bit_rate_text(std::uint64_t bits) {
    return fmt::format("{} kbit/s", (bits + 500) / 1000);
}

std::string describe(const StreamMeter& stream) {
    const StreamInfo& info = stream.info();
    std::string out = fmt::format("{} {}", name_of(info.kind), info.codec);
    if (info.width > 0) out += fmt::format(", {}x{}", info.width, info.height);
    if (const double rate = stream.frame_rate(); rate > 0 && info.kind == StreamInfo::Kind::video)
        out += fmt::format(", {:.2f} pictures/s", rate);
    if (info.sample_rate > 0) out += fmt::format(", {} Hz", info.sample_rate);
    if (info.channels > 0) out += fmt::format(", {} channel{}", info.channels, info.channels == 1 ? "" : "s");
    if (info.bit_rate > 0) out += ", " + bit_rate_text(info.bit_rate);
    return out;
}

}  // namespace

void StreamMeter::see(std::uint32_t presentation) noexcept {
    if (units_++ == 0) first_ = presentation;
    const std::int64_t at = static_cast<std::int32_t>(presentation - first_);
    least_ = std::min(least_, at);
    most_ = std::max(most_, at);
}

double StreamMeter::frame_rate() const noexcept {
    if (info_.frame_rate > 0) return info_.frame_rate;
    if (most_ - least_ < kEnoughForARate.count()) return 0;
    return static_cast<double>(units_ - 1) * 1000 / static_cast<double>(most_ - least_);
}

std::uint64_t ProbeReport::measured_bit_rate() const noexcept {
    if (media < kEnoughForARate) return 0;
    return bytes * 8 * 1000 / static_cast<std::uint64_t>(media.count());
}

std::string to_text(const ProbeReport& report) {
    const StreamFormat& format = *report.format;
    std::string out = report.url + '\n';
    const auto line = [&out](std::string_view name, const std::string& value) {
        out += fmt::format("  {:<13} {}\n", name, value);
    };
    line("container",
         fmt::format("{}, {}", format.container().name(), format.is_live() ? "live" : "recorded"));
    for (const StreamMeter& stream : report.streams)
        line(fmt::format("stream {}", stream.info().number), describe(stream));
    std::string rate = format.bit_rate() > 0 ? bit_rate_text(format.bit_rate()) + " stated" : "not stated";
    if (const auto measured = report.measured_bit_rate(); measured > 0)
        rate += ", " + bit_rate_text(measured) + " measured";
    line("bit rate", rate);
    line("packets", fmt::format("{} bytes", format.max_packet()));
    line("header", fmt::format("{} bytes", format.header().size()));
    line("preroll", fmt::format("{} ms", format.preroll().count()));
    line("first packet", report.first_packet ? fmt::format("after {} ms", report.first_packet->count())
                                             : std::string{"none: the source of this channel is away"});
    return out;
}

std::string to_json(const ProbeReport& report) {
    const StreamFormat& format = *report.format;
    nlohmann::ordered_json streams = nlohmann::ordered_json::array();
    for (const StreamMeter& stream : report.streams) {
        const StreamInfo& info = stream.info();
        nlohmann::ordered_json one{
            {"number", info.number}, {"kind", name_of(info.kind)}, {"codec", info.codec}};
        if (info.bit_rate > 0) one["bit_rate"] = info.bit_rate;
        if (info.width > 0) one["width"] = info.width, one["height"] = info.height;
        if (info.kind == StreamInfo::Kind::video && stream.frame_rate() > 0)
            one["frame_rate"] = stream.frame_rate();
        if (info.sample_rate > 0) one["sample_rate"] = info.sample_rate;
        if (info.channels > 0) one["channels"] = info.channels;
        streams.push_back(std::move(one));
    }
    nlohmann::ordered_json out{{"url", report.url},
                               {"container", format.container().name()},
                               {"live", format.is_live()},
                               {"streams", std::move(streams)},
                               {"bit_rate", format.bit_rate()},
                               {"measured_bit_rate", report.measured_bit_rate()},
                               {"packet_bytes", format.max_packet()},
                               {"header_bytes", format.header().size()},
                               {"preroll_ms", format.preroll().count()},
                               {"packets", report.packets},
                               {"fillers", report.fillers},
                               {"media_ms", report.media.count()}};
    out["first_packet_ms"] =
        report.first_packet ? nlohmann::ordered_json(report.first_packet->count()) : nullptr;
    return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace weir::cli
