#include "protocols/wmsp/play_style.hpp"

#include <algorithm>
#include <string>

#include "core/asf/chunk.hpp"

namespace weir::wmsp {

namespace {

constexpr std::uint8_t kIncarnation = 0;  // receivers ignore it on TCP; weir never changes it

// LocationId is the channel's packet number, AFFlags the count within the rendition: both are made once for
// all clients, not per client.
std::size_t encode_packet(Bytes packet, const FrameNumbers& numbers, MutableBytes out) noexcept {
    return asf::encode_data({.location_id = static_cast<std::uint32_t>(numbers.number),
                             .incarnation = kIncarnation,
                             .af_flags = static_cast<std::uint8_t>(numbers.count)},
                            packet, out);
}

constexpr Framing kFraming{.name = "wmsp", .overhead = asf::kDataOverhead, .encode = encode_packet};

// For another weir: in front of a packet from which on the stream is called otherwise stands a $M that says
// so.
std::size_t encode_for_weir(Bytes packet, const FrameNumbers& numbers, MutableBytes out) noexcept {
    std::size_t told = 0;
    if (numbers.change) {
        const std::string text = std::string(kProvenanceMark) + to_string(*numbers.change);
        asf::encode_head(asf::ChunkType::metadata, {.af_flags = asf::kOnlyFragment}, text.size(), out);
        std::copy(text.begin(), text.end(), out.begin() + asf::kDataOverhead);
        told = asf::kDataOverhead + text.size();
    }
    return told + encode_packet(packet, numbers, out.subspan(told));
}

constexpr Framing kWeirFraming{.name = "wmsp-weir",
                               .overhead = 2 * asf::kDataOverhead + kProvenanceMark.size() + kMaxProvenance,
                               .encode = encode_for_weir};

void append_end(std::uint32_t reason, std::vector<std::uint8_t>& out) {
    const std::size_t at = out.size();
    out.resize(at + asf::kReasonChunk);
    asf::encode_end(reason, MutableBytes{out}.subspan(at));
}

void append_stream_change(std::vector<std::uint8_t>& out) {
    const std::size_t at = out.size();
    out.resize(at + asf::kReasonChunk);
    asf::encode_stream_change(0, MutableBytes{out}.subspan(at));
}

// A new header in mid-stream follows a $C (3.2.4.2).
void header(const StreamFormat& format, const HeaderPlace& place, std::vector<std::uint8_t>& out) {
    if (!place.is_first) append_stream_change(out);
    append_header(format, out);
}

// "$E 1, $C 0, $H again before data" (3.2.5.6, for old clients whose context was lost).
void header_with_reset(const StreamFormat& format, const HeaderPlace& place, std::vector<std::uint8_t>& out) {
    if (place.is_first) {
        append_header(format, out);
        append_end(asf::kEndEntryFinished, out);
    }
    header(format, {.number = place.number, .is_first = false}, out);
}

// $E 1 makes libmms and xine come back by themselves; the others end as they do with $E 0.
void end(EndReason reason, std::vector<std::uint8_t>& out) {
    append_end(reason == EndReason::new_header ? asf::kEndEntryFinished : asf::kEndFinished, out);
}

struct Manner {
    bool fillers = true;
    bool header_in_band = true;
    bool is_link = false;
    bool reset = false;
    const Framing* framing = &kFraming;
};

constexpr PlayStyle style(const Manner& manner) {
    return {.protocol = "wmsp",
            .framing = manner.framing,
            .wants_fillers = manner.fillers,
            .header_in_band = manner.header_in_band,
            .is_link = manner.is_link,
            .header = manner.reset ? header_with_reset : header,
            .end = end};
}

// No $C to free players: VLC's picture stops for good on it, MPlayer dies.
constexpr PlayStyle kFree = style({.header_in_band = false});
constexpr PlayStyle kPlayer = style({});
constexpr PlayStyle kPlayerReset = style({.reset = true});
// Servers get the specification's means only; a weir gets fillers, which tell it that the link is alive.
constexpr PlayStyle kServerStyle = style({.fillers = false, .is_link = true});
constexpr PlayStyle kServerReset = style({.fillers = false, .is_link = true, .reset = true});
constexpr PlayStyle kWeir = style({.is_link = true, .framing = &kWeirFraming});

}  // namespace

void append_header(const StreamFormat& format, std::vector<std::uint8_t>& out) {
    const Bytes blob = format.header();
    const std::size_t at = out.size();
    out.resize(at + asf::encoded_header_size(blob.size()));
    asf::encode_header(kIncarnation, blob, MutableBytes{out}.subspan(at));
}

const PlayStyle& play_style(const UserAgent& agent, bool reset) noexcept {
    if (agent.free) return kFree;
    if (agent.weir) return kWeir;
    if (agent.kind == UserAgent::Kind::player) return reset ? kPlayerReset : kPlayer;
    return reset ? kServerReset : kServerStyle;
}

bool needs_stream_reset(const Request& request) noexcept {
    if (request.agent.free || request.agent.major >= 7) return false;
    const std::uint32_t first = request.agent.kind == UserAgent::Kind::player ? 2 : 3;
    return request.request_context == first;
}

}  // namespace weir::wmsp
