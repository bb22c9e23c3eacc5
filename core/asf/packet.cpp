#include "core/asf/packet.hpp"

#include <fmt/format.h>

namespace weir::asf {

namespace {

// Length Type Flags and Property Flags (ASF 5.2.2), Error Correction Flags (5.2.1).
constexpr std::uint8_t kEcPresent = 0x80, kEcLengthType = 0x60, kEcOpaque = 0x10, kEcLength = 0x0F;
constexpr std::size_t kTimes = 6;  // Send Time (DWORD), Duration (WORD)

constexpr std::size_t width_of(unsigned code) noexcept {
    constexpr std::size_t widths[] = {0, 1, 2, 4};
    return widths[code & 3];
}

std::uint32_t load(Bytes packet, const Field& f) noexcept {
    const auto* p = packet.data() + f.at;
    switch (f.width) {
        case 1:
            return p[0];
        case 2:
            return load_u16le(p);
        case 4:
            return load_u32le(p);
        default:
            return 0;
    }
}

// The bits that a number in the field can have.
std::uint32_t mask_of(const Field& f) noexcept {
    return f.width == 4 ? 0xFFFFFFFFU : (1U << (8 * f.width)) - 1;
}

// A Reader that hands out positions as well; the end is that of the payloads, not of the bytes held.
class Cursor {
  public:
    Cursor(std::size_t position, std::size_t end) noexcept : position_(position), end_(end) {}
    // The position of the next n bytes; ok() is false for good where fewer are left.
    std::size_t take(std::size_t n) noexcept {
        if (!ok_ || n > end_ - position_) {
            ok_ = false;
            return 0;
        }
        return (position_ += n) - n;
    }
    // A field of the width that `code` says and that is there: reading it needs no further check.
    Field field(unsigned code) noexcept {
        const auto width = width_of(code);
        const auto at = take(width);
        return ok_ ? Field{.at = at, .width = width} : Field{};
    }
    bool ok() const noexcept { return ok_; }
    std::size_t position() const noexcept { return position_; }
    std::size_t left() const noexcept { return end_ - position_; }

  private:
    std::size_t position_, end_;
    bool ok_ = true;
};

Error bad(std::string detail) {
    return Error{Errc::bad_input, "ASF packet: " + std::move(detail)};
}

// How many there are.
Result<std::size_t> check_sub_payloads(Bytes data, std::size_t at) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < data.size(); ++count) {
        const std::size_t size = data[i];
        if (size > data.size() - i - 1)
            return bad(fmt::format("compressed payload at byte {}: part of {} bytes, {} are left", at + i,
                                   size, data.size() - i - 1));
        i += 1 + size;
    }
    return count;
}

// Reads the payload at the cursor. In single-payload form (length_type < 0) its data reach to the cursor's
// end.
Result<Payload> read_payload(Bytes packet, std::uint8_t property, int length_type, Cursor& c) {
    Payload p;
    const auto start = c.position();
    const auto past_end = [&] {
        return bad(fmt::format("payload at byte {} passes the end of the packet", start));
    };
    const Field stream = c.field(1);
    const auto stream_byte = static_cast<std::uint8_t>(load(packet, stream));
    p.stream = stream_byte & kStreamNumber;
    p.stream_at = stream.at;
    p.key = (stream_byte & kKeyBit) != 0;
    p.object_number = c.field(property >> 4);
    p.offset_field = c.field(property >> 2);
    const std::size_t replicated = load(packet, c.field(property));
    if (!c.ok()) return past_end();
    if (replicated > 1 && replicated < 8)
        return bad(fmt::format("replicated data of {} bytes before byte {}, expected 0, 1, or 8 and more",
                               replicated, c.position()));
    const auto replicated_at = c.take(replicated);
    if (!c.ok()) return past_end();
    std::size_t size = c.left();
    if (length_type >= 0) {
        size = load(packet, c.field(static_cast<unsigned>(length_type)));
        if (!c.ok()) return past_end();
    }
    const auto data_at = c.take(size);
    if (!c.ok())
        return bad(
            fmt::format("payload at byte {}: {} bytes of data, expected at most {}", start, size, c.left()));
    p.data = packet.subspan(data_at, size);
    p.offset = load(packet, p.offset_field);
    if (replicated == 1) {
        p.compressed = true;
        p.offset = 0;
        p.part_step = packet[replicated_at];
        const auto parts = check_sub_payloads(p.data, data_at);
        if (!parts) return parts.error();
        p.parts = parts.value();
    } else if (replicated >= 8) {
        p.object_size = load_u32le(packet.data() + replicated_at);
        p.presentation_time_at = replicated_at + 4;
        if (p.object_size == 0 || p.object_size > kMaxObjectSize)
            return bad(fmt::format("media object of {} bytes at byte {}, expected 1 to {}", p.object_size,
                                   replicated_at, kMaxObjectSize));
        if (std::uint64_t{p.offset} + size > p.object_size)
            return bad(fmt::format("payload at byte {}: bytes {} to {} of a media object of {}", start,
                                   p.offset, std::uint64_t{p.offset} + size, p.object_size));
    }
    return p;
}

// Payload flags: count in the low six bits, width of the payload lengths in the high two.
int length_type_of(Bytes packet, const Packet& p) noexcept {
    return p.multiple() ? packet[p.payloads_at] >> 6 : -1;
}

Result<> check_payloads(Bytes packet, std::size_t end, Packet& p) {
    Cursor c{p.payloads_at, end};
    p.payload_count = 1;
    if (p.multiple()) {
        c.take(1);
        if (!c.ok()) return bad(fmt::format("it ends at byte {}, expected the payload flags", end));
        p.payload_count = packet[p.payloads_at] & 0x3F;
        if (p.payload_count == 0) {
            if (c.left() != 0)
                return bad(fmt::format("payload count 0 at byte {}, but {} bytes that are no padding follow",
                                       p.payloads_at, c.left()));
        } else if (length_type_of(packet, p) == 0) {
            return bad(fmt::format("payload flags 0x{:02X} at byte {} state no payload lengths",
                                   packet[p.payloads_at], p.payloads_at));
        }
    }
    for (std::size_t i = 0; i < p.payload_count; ++i) {
        const auto payload = read_payload(packet, p.property_flags, length_type_of(packet, p), c);
        if (!payload) return payload.error();
    }
    p.payloads_end = c.position();
    return Ok{};
}

// The error-correction part (ASF 5.2.1).
Result<> read_error_correction(Bytes packet, Packet& p) {
    const auto first = packet[0];
    if ((first & kEcPresent) == 0) return Ok{};
    if ((first & kEcLengthType) != 0)
        return bad(fmt::format("error-correction flags 0x{:02X} at byte 0, expected length type 0", first));
    p.ec_size = 1U + (first & kEcLength);
    p.parity = (first & kEcOpaque) != 0;
    if (p.ec_size > packet.size())
        return bad(fmt::format("error-correction part of {} bytes, {} are there", p.ec_size, packet.size()));
    return Ok{};
}

bool is_before(std::uint32_t a, std::uint32_t b) noexcept {
    return static_cast<std::int32_t>(a - b) < 0;
}

void add_times(Bytes packet, const Payload& p, PacketInfo& info) noexcept {
    if (p.time_at() == 0 || p.parts == 0) return;
    const auto first = load_u32le(packet.data() + p.time_at());
    const auto last = first + static_cast<std::uint32_t>(p.parts - 1) * p.part_step;
    if (!info.has_presentation || is_before(first, info.presentation_first)) info.presentation_first = first;
    if (!info.has_presentation || is_before(info.presentation_last, last)) info.presentation_last = last;
    info.has_presentation = true;
}

}  // namespace

Result<Packet> parse_packet(Bytes packet, std::size_t limit) {
    if (packet.empty()) return bad("it is empty");
    if (packet.size() > limit)
        return Error{Errc::too_large,
                     fmt::format("ASF packet: {} bytes, the header says {}", packet.size(), limit)};
    Packet p;
    p.size = p.total = packet.size();
    if (auto done = read_error_correction(packet, p); !done) return done.error();
    if (p.parity) {
        p.payloads_at = p.payloads_end = p.ec_size;
        return p;
    }
    Cursor c{p.ec_size, packet.size()};
    const auto flags_at = c.take(2);
    if (!c.ok()) return bad(fmt::format("{} bytes, too short for its flags", packet.size()));
    p.length_flags = packet[flags_at];
    p.property_flags = packet[flags_at + 1];
    if ((p.length_flags & 0x80) != 0)
        return bad(
            fmt::format("length flags 0x{:02X} at byte {}, expected bit 7 clear", p.length_flags, flags_at));
    if ((p.property_flags >> 6) != 1)
        return bad(fmt::format("property flags 0x{:02X} at byte {}, expected stream numbers of one byte",
                               p.property_flags, flags_at + 1));
    p.packet_length = c.field(p.length_flags >> 5);
    p.sequence = c.field(p.length_flags >> 1);
    p.padding = c.field(p.length_flags >> 3);
    p.send_time_at = c.take(kTimes);
    if (!c.ok()) return bad(fmt::format("{} bytes, too short for its times", packet.size()));
    p.send_time = load_u32le(packet.data() + p.send_time_at);
    p.duration = load_u16le(packet.data() + p.send_time_at + 4);
    p.payloads_at = c.position();
    const std::size_t padding = p.padding_size = load(packet, p.padding);
    p.stated_size = load(packet, p.packet_length);
    if (p.stated_size > packet.size())
        return bad(fmt::format("Packet Length {} at byte {}, {} are there", p.stated_size, p.packet_length.at,
                               packet.size()));
    // GStreamer 1.22's muxer leaves the padding out of the Packet Length. With several payloads, each with a
    // length of its own, nothing is lost where a packet only looks so.
    if (p.stated_size != 0 && !(p.multiple() && padding == packet.size() - p.stated_size))
        p.total = p.stated_size;
    if (p.total < p.payloads_at || padding > p.total - p.payloads_at)
        return bad(fmt::format("{} bytes of padding in a packet of {}, its payloads begin at byte {}",
                               padding, p.total, p.payloads_at));
    if (auto done = check_payloads(packet, p.total - padding, p); !done) return done.error();
    return p;
}

Payloads::Payloads(Bytes packet, const Packet& parsed) noexcept
    : packet_(packet),
      parsed_(parsed),
      position_(parsed.payloads_at + (parsed.multiple() ? 1 : 0)),
      left_(parsed.payload_count) {}

std::optional<Payload> Payloads::next() {
    if (left_ == 0) return std::nullopt;
    --left_;
    Cursor c{position_, parsed_.payloads_end};
    auto payload = read_payload(packet_, parsed_.property_flags, length_type_of(packet_, parsed_), c);
    position_ = c.position();
    if (!payload) return std::nullopt;
    return std::move(payload).value();
}

PacketInfo judge_packet(Bytes packet, const Packet& parsed, const Header& header) {
    PacketInfo info{.media = false,
                    .filler = parsed.filler(),
                    .send_time = parsed.send_time,
                    .duration = parsed.duration};
    bool audio_seen = false;
    Payloads payloads{packet, parsed};
    while (const auto p = payloads.next()) {
        const auto kind = header.kinds[p->stream];
        if (kind == StreamKind::none) continue;  // not in the header: players ignore it, so does this
        info.media = true;
        add_times(packet, *p, info);
        if (header.has_video) {
            // All fragments of a key frame carry the bit, so that alone is not enough.
            if (kind == StreamKind::video && p->offset == 0 && (p->key || header.no_clean_points[p->stream]))
                info.sync = true;
        } else if (header.has_audio) {
            // ffmpeg's muxer leaves the key bit clear on audio.
            if (kind == StreamKind::audio && !audio_seen) {
                audio_seen = true;
                info.sync = p->offset == 0;
            }
        } else if (p->offset == 0) {
            info.sync = true;
        }
    }
    return info;
}

void append_units(Bytes packet, const Packet& parsed, const Header& header, std::vector<Unit>& out) {
    Payloads payloads{packet, parsed};
    while (const auto p = payloads.next()) {
        if (header.kinds[p->stream] == StreamKind::none || p->time_at() == 0) continue;
        Unit unit{.stream = p->stream,
                  .presentation = load_u32le(packet.data() + p->time_at()),
                  .number = load(packet, p->object_number),
                  .begins = p->offset == 0};
        for (std::size_t i = 0; i < p->parts; ++i) {
            out.push_back(unit);
            unit.presentation += p->part_step;
            unit.number = (unit.number + 1) & mask_of(p->object_number);
        }
    }
}

}  // namespace weir::asf
