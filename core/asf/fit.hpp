// Giving a packet the form that a channel serves: `82 00 00` in front, padded to the header's packet size
// (asf.md 5.3), and the keep-alive packet in that form (5.5).
#pragma once

#include "core/asf/packet.hpp"

namespace weir::asf {

// The shortest filler: everything up to the payload flags.
inline constexpr std::size_t kFillerContent = 14;

// Writes the packet into `out`, exactly `size` bytes long (out.size() >= size). `parsed` is what
// parse_packet() made of it. Error: incompatible where its payloads do not fit, unsupported for a parity
// packet.
Result<std::size_t> fit_packet(Bytes packet, const Packet& parsed, std::size_t size, MutableBytes out);

// Has the packet optional fields of so many bytes that the error-correction part could stand in their place?
bool has_room_for_error_correction(const Packet& parsed) noexcept;

// Writes a filler of `size` bytes (kMinPacketSize to kMaxPacketSize, out.size() >= size).
std::size_t make_filler(std::uint32_t send_time, std::size_t size, MutableBytes out);

}  // namespace weir::asf
