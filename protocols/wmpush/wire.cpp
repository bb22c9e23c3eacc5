#include "protocols/wmpush/wire.hpp"

#include <fmt/format.h>

namespace weir::wmpush {

namespace {

constexpr std::uint8_t kMark = 0x24;
constexpr std::uint8_t kMarkWithB = 0xA4;  // the B bit of WMSP, always 0 here, but harmless

// $E as ffmpeg writes it has a second DWORD; S2MMSH cuts the reason off.
constexpr std::size_t kLongEnd = 8;

Error bad(std::string detail) {
    return Error{Errc::bad_input, "push packets: " + std::move(detail)};
}

bool is_known(std::uint8_t letter) noexcept {
    switch (PacketId{letter}) {
        case PacketId::header:
        case PacketId::data:
        case PacketId::change:
        case PacketId::end:
        case PacketId::filler:
        case PacketId::metadata:
            return true;
    }
    return false;
}

}  // namespace

Parsed<Packet> parse_packet(Bytes in, std::uint64_t body_left) {
    if (!in.empty() && in[0] != kMark && in[0] != kMarkWithB)
        return bad(fmt::format("byte 0x{:02X} where a packet should begin, expected 0x24 ('$')", in[0]));
    if (in.size() > 1 && !is_known(in[1]))
        return bad(fmt::format("a packet of kind 0x{:02X}, expected $H, $D, $C, $E or $F", in[1]));
    if (in.size() < kHead) return Need{kHead - in.size()};
    const auto id = PacketId{in[1]};
    const char letter = static_cast<char>(in[1]);
    const std::size_t length = load_u16le(in.data() + 2);
    if (length > kMaxPayload)
        return bad(fmt::format("a ${} of {} bytes, expected at most {}", letter, length, kMaxPayload));
    if (kHead + length > body_left)
        return bad(fmt::format("a ${} of {} bytes where Content-Length leaves {}", letter, length,
                               body_left - kHead));
    if (id == PacketId::change && length < kReason)
        return bad(fmt::format("a $C of {} bytes, expected {} and a header", length, kReason));
    if (id == PacketId::end && length != 0 && length != kReason && length != kLongEnd)
        return bad(fmt::format("a $E of {} bytes, expected {}", length, kReason));
    if (in.size() < kHead + length) return Need{kHead + length - in.size()};

    Packet packet{.id = id, .reason = 0, .payload = in.subspan(kHead, length)};
    if (id == PacketId::filler) packet.payload = {};
    if ((id == PacketId::change || id == PacketId::end) && length > 0) {
        packet.reason = load_u32le(packet.payload.data());
        packet.payload = packet.payload.subspan(kReason);
    }
    if (id == PacketId::end) packet.payload = {};
    return Got<Packet>{.value = packet, .used = kHead + length};
}

void encode_head(PacketId id, std::size_t length, MutableBytes out) noexcept {
    out[0] = kMark;
    out[1] = static_cast<std::uint8_t>(id);
    store_u16le(out.data() + 2, static_cast<std::uint16_t>(length));
}

void encode_end(std::uint32_t reason, MutableBytes out) noexcept {
    encode_head(PacketId::end, kReason, out);
    store_u32le(out.data() + kHead, reason);
}

void encode_change_head(std::size_t blob_size, MutableBytes out) noexcept {
    encode_head(PacketId::change, kReason + blob_size, out);
    store_u32le(out.data() + kHead, 0);
}

}  // namespace weir::wmpush
