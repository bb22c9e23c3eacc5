// How a protocol writes a packet on the wire: a pure function and its cost. A Rendition applies it once per
// packet for all clients that read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/media/stream_place.hpp"

namespace weir {

struct FrameNumbers {
    std::uint64_t number = 0;  // what the channel calls the packet towards others
    std::uint64_t count = 0;   // and in this rendition, from 0
    std::uint64_t format = 0;  // the number of the channel's header that it is under
    // Not null: from this packet on another provenance holds, this one. Told to other relays only.
    const Provenance* change = nullptr;
};

struct Framing {
    std::string_view name;     // the Rendition's key
    std::size_t overhead = 0;  // bytes added to a packet, at most
    // Writes the framed packet into `out` (packet.size() + overhead bytes) and returns its length. Null: the
    // packet goes out as it stands in the log, and the log itself is read.
    std::size_t (*encode)(Bytes packet, const FrameNumbers& numbers, MutableBytes out) noexcept = nullptr;
};

}  // namespace weir
