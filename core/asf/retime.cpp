#include "core/asf/retime.hpp"

#include <fmt/format.h>

namespace weir::asf {

namespace {

constexpr std::size_t kTimeWidth = 4;

// Modulo what the field can hold.
void add(MutableBytes packet, const Field& field, std::uint32_t delta) noexcept {
    for (std::size_t i = 0; i < field.width; ++i) {
        delta += packet[field.at + i];
        packet[field.at + i] = static_cast<std::uint8_t>(delta);
        delta >>= 8;
    }
}

void add_to_time(MutableBytes packet, std::size_t at, std::uint32_t delta) noexcept {
    store_u32le(packet.data() + at, load_u32le(packet.data() + at) + delta);
}

}  // namespace

Result<> retime_packet(MutableBytes packet, const Packet& parsed, const Move& move) {
    static_assert(kMaxStreamNumber < kMaxStreams);
    if (parsed.parity)
        return Error{Errc::unsupported, "ASF packet: a parity packet has no times that could be moved"};
    // All is looked at before anything is written: a packet is moved as a whole or not at all.
    Payloads check{packet, parsed};
    while (const auto p = check.next()) {
        if (move.presentation != 0 && p->compressed && p->offset_field.width != kTimeWidth)
            return Error{Errc::unsupported,
                         fmt::format("ASF packet: it cannot be moved in time: a compressed payload's "
                                     "presentation time has {} bytes, expected {}",
                                     p->offset_field.width, kTimeWidth)};
    }
    add_to_time(packet, parsed.send_time_at, move.send);
    // Structure never depends on a time, a stream's number or an object's, so the walk is not disturbed by
    // what it writes.
    Payloads payloads{packet, parsed};
    while (const auto p = payloads.next()) {
        if (p->time_at() != 0) add_to_time(packet, p->time_at(), move.presentation);
        const std::uint8_t stream = move.streams[p->stream];
        packet[p->stream_at] = static_cast<std::uint8_t>((packet[p->stream_at] & kKeyBit) | stream);
        add(packet, p->object_number, move.numbers[stream]);
    }
    return Ok{};
}

}  // namespace weir::asf
