#include "core/asf/chunk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace weir::asf {

namespace {

constexpr std::uint8_t kDollar = 0x24, kNoDelay = 0x80;
constexpr std::size_t kMmsHead = kDataOverhead - kChunkHead;
constexpr std::size_t kReasonSize = 4;

Error bad(std::string detail) {
    return Error{Errc::bad_input, "ASF chunk: " + std::move(detail)};
}

bool carries_payload(ChunkType type) noexcept {
    return type == ChunkType::data || type == ChunkType::header || type == ChunkType::metadata;
}

// Capitals without a meaning are passed over. $P tells no length that could be believed.
std::optional<ChunkType> type_of(std::uint8_t letter) noexcept {
    if (letter < 'A' || letter > 'Z' || letter == 'P') return std::nullopt;
    const bool is_known =
        std::string_view{"CDEHMT"}.find(static_cast<char>(letter)) != std::string_view::npos;
    return is_known ? static_cast<ChunkType>(letter) : ChunkType::other;
}

// The least that may stand behind the length field.
std::size_t least_length(ChunkType type) noexcept {
    if (carries_payload(type)) return kMmsHead;
    return type == ChunkType::end || type == ChunkType::stream_change ? kReasonSize : 0;
}

std::size_t encode_reason(ChunkType type, std::uint32_t reason, MutableBytes out) noexcept {
    WEIR_ASSERT(out.size() >= kReasonChunk);
    out[0] = kDollar;
    out[1] = static_cast<std::uint8_t>(type);
    store_u16le(out.data() + 2, kReasonSize);
    store_u32le(out.data() + 4, reason);
    return kReasonChunk;
}

}  // namespace

Parsed<Chunk> parse_chunk(Bytes in) {
    if (!in.empty() && (in[0] & ~kNoDelay) != kDollar)
        return bad(fmt::format("it begins with 0x{:02X}, expected 0x24 or 0xA4", in[0]));
    if (in.size() < 2) return Need{kChunkHead - in.size()};
    const auto type = type_of(in[1]);
    if (!type) return bad(fmt::format("type 0x{:02X} at byte 1, expected a capital, and not P", in[1]));
    if (in.size() < kChunkHead) return Need{kChunkHead - in.size()};
    Chunk c;
    c.type = *type;
    c.no_delay = (in[0] & kNoDelay) != 0;
    c.length = load_u16le(in.data() + 2);
    if (const auto least = least_length(c.type); c.length < least)
        return bad(fmt::format("${} has length {} at byte 2, expected {} or more", static_cast<char>(in[1]),
                               c.length, least));
    if (carries_payload(c.type) && in.size() >= kDataOverhead) {
        if (const auto confirmed = load_u16le(in.data() + 10); confirmed != c.length)
            return bad(fmt::format("${} has packet size {} at byte 10, expected {} as at byte 2",
                                   static_cast<char>(in[1]), confirmed, c.length));
    }
    const std::size_t size = kChunkHead + c.length;
    if (in.size() < size) return Need{size - in.size()};
    if (carries_payload(c.type)) {
        c.location_id = load_u32le(in.data() + 4);
        c.incarnation = in[8];
        c.af_flags = in[9];
        c.payload = in.subspan(kDataOverhead, c.length - kMmsHead);
    } else if (least_length(c.type) == kReasonSize) {
        // ffmpeg writes 8 bytes here; the reason is the first 4.
        c.reason = load_u32le(in.data() + kChunkHead);
    }
    return Got<Chunk>{.value = c, .used = size};
}

void encode_head(ChunkType type, const DataHead& head, std::size_t payload_size, MutableBytes out) noexcept {
    WEIR_ASSERT(payload_size <= kMaxChunkPayload && out.size() >= kDataOverhead);
    const auto length = static_cast<std::uint16_t>(kMmsHead + payload_size);
    out[0] = kDollar;
    out[1] = static_cast<std::uint8_t>(type);
    store_u16le(out.data() + 2, length);
    store_u32le(out.data() + 4, head.location_id);
    out[8] = head.incarnation;
    out[9] = head.af_flags;
    store_u16le(out.data() + 10, length);
}

std::size_t encode_data(const DataHead& head, Bytes packet, MutableBytes out) noexcept {
    WEIR_ASSERT(out.size() >= kDataOverhead + packet.size());
    encode_head(ChunkType::data, head, packet.size(), out);
    if (!packet.empty()) std::memcpy(out.data() + kDataOverhead, packet.data(), packet.size());
    return kDataOverhead + packet.size();
}

std::size_t encoded_header_size(std::size_t blob_size) noexcept {
    const auto chunks = std::max<std::size_t>(1, (blob_size + kMaxChunkPayload - 1) / kMaxChunkPayload);
    return blob_size + chunks * kDataOverhead;
}

std::size_t encode_header(std::uint8_t incarnation, Bytes blob, MutableBytes out) noexcept {
    WEIR_ASSERT(out.size() >= encoded_header_size(blob.size()));
    std::size_t written = 0;
    std::uint32_t fragment = 0;
    do {
        const auto part = blob.first(std::min(blob.size(), kMaxChunkPayload));
        blob = blob.subspan(part.size());
        const auto flags = static_cast<std::uint8_t>((fragment == 0 ? kFirstFragment : kMiddleFragment) |
                                                     (blob.empty() ? kLastFragment : kMiddleFragment));
        const DataHead head{.location_id = fragment++, .incarnation = incarnation, .af_flags = flags};
        encode_head(ChunkType::header, head, part.size(), out.subspan(written));
        if (!part.empty()) std::memcpy(out.data() + written + kDataOverhead, part.data(), part.size());
        written += kDataOverhead + part.size();
    } while (!blob.empty());
    return written;
}

std::size_t encode_end(std::uint32_t reason, MutableBytes out) noexcept {
    return encode_reason(ChunkType::end, reason, out);
}

std::size_t encode_stream_change(std::uint32_t reason, MutableBytes out) noexcept {
    return encode_reason(ChunkType::stream_change, reason, out);
}

}  // namespace weir::asf
