// One ASF data packet, understood (asf.md section 4; ASF specification 5.2). Nothing is copied and nothing is
// allocated unless there is an error to tell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/asf/header.hpp"
#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/media/container.hpp"

namespace weir::asf {

inline constexpr std::uint32_t kMaxObjectSize = 16 * 1024 * 1024;    // ffmpeg takes no larger media object
inline constexpr std::size_t kErrorCorrection = 3;                   // 82 00 00, as weir writes it
inline constexpr std::uint8_t kStreamNumber = 0x7F, kKeyBit = 0x80;  // of a payload's first byte

// A field whose width a two-bit code in the flags states.
struct Field {
    std::size_t at = 0;
    std::size_t width = 0;  // 0 (absent), 1, 2, 4
};

// Positions count from the packet's first byte.
struct Packet {
    std::size_t size = 0;     // bytes held
    std::size_t ec_size = 0;  // the error-correction part, its first byte included; 0 where there is none
    bool parity = false;      // nothing behind the EC part is understood then
    std::uint8_t length_flags = 0;  // as on the wire
    std::uint8_t property_flags = 0;
    Field packet_length, sequence, padding;
    std::size_t padding_size = 0;  // what the padding field says
    std::size_t stated_size = 0;   // what the Packet Length field says, 0 where it says nothing
    std::size_t total = 0;         // where the packet ends by its own account
    std::size_t send_time_at = 0;
    std::uint32_t send_time = 0;    // ms
    std::uint16_t duration = 0;     // ms
    std::size_t payloads_at = 0;    // the payload flags byte, or the single payload
    std::size_t payloads_end = 0;   // the end of the last payload
    std::size_t payload_count = 0;  // 0: a filler

    bool multiple() const noexcept { return (length_flags & 1) != 0; }
    bool filler() const noexcept { return !parity && payload_count == 0; }
};

struct Payload {
    std::uint8_t stream = 0;
    std::size_t stream_at = 0;  // the byte with its number, bit 7 is the key bit
    bool key = false;
    bool compressed = false;  // several whole small objects; asf.md 4.6
    Field object_number;
    Field offset_field;                    // holds the presentation time where compressed
    std::uint32_t offset = 0;              // into the media object; 0 where compressed
    std::uint32_t object_size = 0;         // 0 where not stated
    std::size_t presentation_time_at = 0;  // a DWORD, 0 where not stated (or compressed)
    std::size_t parts = 1;                 // compressed: so many objects,
    std::uint8_t part_step = 0;            // each presented so many ms after the one before
    Bytes data;

    // Where the (first) object's presentation time stands, a DWORD; 0 where there is none, or only some of
    // it.
    std::size_t time_at() const noexcept {
        if (!compressed) return presentation_time_at;
        return offset_field.width == 4 ? offset_field.at : 0;
    }
};

// Checks the whole packet, payloads included. `limit` is the header's packet size.
Result<Packet> parse_packet(Bytes packet, std::size_t limit);

// Goes through the payloads of a packet that parse_packet() accepted.
class Payloads {
  public:
    Payloads(Bytes packet, const Packet& parsed) noexcept;
    // The next one; nothing behind the last.
    std::optional<Payload> next();

  private:
    Bytes packet_;
    const Packet& parsed_;
    std::size_t position_;
    std::size_t left_;
};

// What a parsed packet means under `header`: media or not, a place to begin or not (asf.md section 6).
PacketInfo judge_packet(Bytes packet, const Packet& parsed, const Header& header);

// Appends the objects of streams in `header` that begin or go on in the packet and have a time.
void append_units(Bytes packet, const Packet& parsed, const Header& header, std::vector<Unit>& out);

}  // namespace weir::asf
