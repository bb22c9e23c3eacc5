// The `$` framing of Windows Media over HTTP, which ffmpeg's asf_stream writes too (MS-WMSP 2.2.3): 4 bytes
// of framing header, then for $H $D $M 8 bytes of MMS data packet header and the payload, for $C $E a reason.
// Pure; all integers are little-endian.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/parsed.hpp"

namespace weir::asf {

inline constexpr std::size_t kChunkHead = 4;      // '$', letter, length (WORD) of what follows
inline constexpr std::size_t kDataOverhead = 12;  // bytes in front of the payload of $D, $H, $M
inline constexpr std::size_t kReasonChunk = 8;    // a whole $C or $E
inline constexpr std::size_t kMaxChunkPayload = 65527;
inline constexpr std::size_t kMaxChunk = kDataOverhead + kMaxChunkPayload;

enum class ChunkType : std::uint8_t {
    stream_change = 'C',
    data = 'D',
    end = 'E',
    header = 'H',
    metadata = 'M',
    pipeline_test = 'T',  // empty
    other = 'X',          // any other capital but P: to be passed over by its length
};

// AFFlags of $H and $M: where the fragment stands.
inline constexpr std::uint8_t kOnlyFragment = 0x0C, kFirstFragment = 0x04, kMiddleFragment = 0x00,
                              kLastFragment = 0x08;
// Reasons of $E (MS-WMSP 2.2.3.6).
inline constexpr std::uint32_t kEndFinished = 0;       // nothing more until the next Play
inline constexpr std::uint32_t kEndEntryFinished = 1;  // $C and another header follow

struct Chunk {
    ChunkType type = ChunkType::data;
    bool no_delay = false;          // the B bit: the next packet follows without pacing
    std::uint16_t length = 0;       // of everything behind the first four bytes
    std::uint32_t location_id = 0;  // $D: packet number; $H $M: fragment index
    std::uint8_t incarnation = 0;
    std::uint8_t af_flags = 0;  // $D: sequence; $H $M: k...Fragment
    Bytes payload;              // of $D $H $M; a view into the input
    std::uint32_t reason = 0;   // of $C $E
};

// One whole chunk at the start of `in`. Error: the input is no such framing or breaks its own lengths; there
// is no way to find the next chunk then. $P (packet pairs) is not taken: weir never asks for them.
Parsed<Chunk> parse_chunk(Bytes in);

struct DataHead {
    std::uint32_t location_id = 0;
    std::uint8_t incarnation = 0;
    std::uint8_t af_flags = 0;
};

// The 12 bytes in front of a payload of `payload_size` (<= kMaxChunkPayload) bytes. out.size() >=
// kDataOverhead.
void encode_head(ChunkType type, const DataHead& head, std::size_t payload_size, MutableBytes out) noexcept;

// A whole $D. out.size() >= kDataOverhead + packet.size(). Returns the bytes written.
std::size_t encode_data(const DataHead& head, Bytes packet, MutableBytes out) noexcept;

// A header blob as one $H, or as several where it is longer than kMaxChunkPayload.
std::size_t encoded_header_size(std::size_t blob_size) noexcept;
// out.size() >= encoded_header_size(blob.size()). Returns the bytes written.
std::size_t encode_header(std::uint8_t incarnation, Bytes blob, MutableBytes out) noexcept;

// A whole $E or $C. out.size() >= kReasonChunk. Returns the bytes written.
std::size_t encode_end(std::uint32_t reason, MutableBytes out) noexcept;
std::size_t encode_stream_change(std::uint32_t reason, MutableBytes out) noexcept;

}  // namespace weir::asf
