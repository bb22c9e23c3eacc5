// Moving a packet in time, and its numbers with it (asf.md 7.1, steps 4 to 6, and section 8), so that what
// comes from another run or another pass of a file continues what was sent before.
#pragma once

#include "core/asf/packet.hpp"

namespace weir::asf {

// Moves the Send Time, the presentation time of every payload that states one, every media object number in
// its field's width, and every stream number. `parsed` is what parse_packet() made of it and holds for the
// moved packet too, but for the send time. Error: unsupported for a parity packet, and where a compressed
// payload has no room for a whole presentation time that would have to move; nothing is changed then.
Result<> retime_packet(MutableBytes packet, const Packet& parsed, const Move& move);

}  // namespace weir::asf
