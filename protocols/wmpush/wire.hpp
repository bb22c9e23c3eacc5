// The packets in the body of a PushStart ([MS-WMHTTP] 2.2.3): '$', a letter, the length (WORD) of what
// follows. Like WMSP's, except that $H and $D have no MMS data packet header and $C carries the new header
// itself. Pure; integers are little-endian.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/parsed.hpp"

namespace weir::wmpush {

enum class PacketId : std::uint8_t {
    header = 'H',
    data = 'D',
    change = 'C',  // Reason 0, then the new header blob
    end = 'E',
    filler = 'F',  // what fills a body up; says nothing
    // Between weirs, as in WMSP: what the next $D is called. Of [MS-WMHTTP] it is no part.
    metadata = 'M',
};

inline constexpr std::size_t kHead = 4;
inline constexpr std::size_t kReason = 4;          // in front of what $C and $E carry
inline constexpr std::size_t kMaxPayload = 65531;  // a whole packet has at most 65 535 bytes
inline constexpr std::size_t kMaxPacket = kHead + kMaxPayload;
inline constexpr std::size_t kMaxChangeBlob = kMaxPayload - kReason;
inline constexpr std::size_t kEndPacket = kHead + kReason;

// Reasons of $E ([MS-WMHTTP] 2.2.3.4). Any other is a finish too, by a failure.
inline constexpr std::uint32_t kFinished = 0;
inline constexpr std::uint32_t kEntryFinished = 1;  // $C follows

struct Packet {
    PacketId id = PacketId::filler;
    std::uint32_t reason = 0;  // of $C $E
    Bytes payload;             // of $H $D $C $M, of $C without the reason; a view into the input
};

// One whole packet at the start of `in`, of which the body has `body_left` bytes left. Error: there is no way
// to find the next packet then.
Parsed<Packet> parse_packet(Bytes in, std::uint64_t body_left);

// The first four bytes of a packet with `length` (<= kMaxPayload) bytes behind them. out.size() >= kHead.
void encode_head(PacketId id, std::size_t length, MutableBytes out) noexcept;
// A whole $E. out.size() >= kEndPacket.
void encode_end(std::uint32_t reason, MutableBytes out) noexcept;
// A $C up to its blob of `blob_size` (<= kMaxChangeBlob) bytes. out.size() >= kHead + kReason.
void encode_change_head(std::size_t blob_size, MutableBytes out) noexcept;

}  // namespace weir::wmpush
