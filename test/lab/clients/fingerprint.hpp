// What a packet is, whatever a relay made of its times, its object numbers and its padding: a hash of its
// payloads' bytes and of their places in their media objects. A stream whose content never repeats itself has
// no two packets with the same fingerprint.
#pragma once

#include <cstdint>

#include "core/asf/packet.hpp"
#include "core/base/bytes.hpp"

namespace weir::lab {

struct Fingerprint {
    bool is_media = false;  // else a filler, or something that no decoder would see
    bool is_sync = false;
    std::uint32_t send_time = 0;  // ms
    std::uint64_t hash = 0;
};

// Nothing where the packet breaks its format.
std::optional<Fingerprint> fingerprint_of(Bytes packet, const asf::Header& header);

}  // namespace weir::lab
