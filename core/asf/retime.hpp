// Moving a packet in time (asf.md 7.1, steps 4 and 5), so that what comes from another run or another pass of
// a file continues what was sent before.
#pragma once

#include "core/asf/packet.hpp"

namespace weir::asf {

// Adds `delta` (mod 2^32) to the Send Time and to the presentation time of every payload that states one.
// `parsed` is what parse_packet() made of it and holds for the moved packet too, but for the send time.
// Error: unsupported for a parity packet, and where a compressed payload has no room for a whole presentation
// time; nothing is changed then.
Result<> retime_packet(MutableBytes packet, const Packet& parsed, std::uint32_t delta);

}  // namespace weir::asf
