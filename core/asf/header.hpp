// What an ASF header says, as far as a relay cares (asf.md section 3). Parsing checks everything that is used
// later, so that nobody has to look at a length twice.
//
// A *header blob* is the Header Object, possibly other objects, and the first 50 bytes of the Data Object.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/asf/guid.hpp"
#include "core/base/bytes.hpp"
#include "core/base/parsed.hpp"
#include "core/base/result.hpp"
#include "core/media/container.hpp"

namespace weir::asf {

inline constexpr std::size_t kDataObjectHead = 50;
inline constexpr std::size_t kMaxHeaderBlob = 1024 * 1024;   // whatever the configuration says
inline constexpr std::size_t kServedHeaderGoal = 16 * 1024;  // libmms takes no more
inline constexpr std::uint32_t kMinPacketSize = 24;
inline constexpr std::uint32_t kMaxPacketSize = 65511;  // what every TCP output can carry
inline constexpr std::size_t kMaxStreamNumber = 127;

// Offsets inside the File Properties object (ASF 3.2).
namespace file_properties {
inline constexpr std::size_t kFileId = 24, kFileSize = 40, kPackets = 56, kPlayDuration = 64,
                             kSendDuration = 72, kPreroll = 80, kFlags = 88, kMinPacket = 92, kMaxPacket = 96,
                             kMaxBitRate = 100, kSize = 104;
inline constexpr std::uint32_t kBroadcast = 1, kSeekable = 2;
}  // namespace file_properties

enum class StreamKind : std::uint8_t { none, audio, video, script, other };

struct Stream {
    std::uint8_t number = 0;
    StreamKind kind = StreamKind::none;
    bool encrypted = false;
    bool no_clean_points = false;  // every object is as good as any other to begin with
    std::uint64_t time_offset = 0;
    std::uint32_t bit_rate = 0;    // as another object than its own states it, 0 where none does
    std::uint64_t frame_time = 0;  // the average time per frame in 100 ns, 0 where not stated
    Guid type, ec_type;
    std::vector<std::uint8_t> codec_data;  // "type-specific data": WAVEFORMATEX, BITMAPINFOHEADER and so on
    std::vector<std::uint8_t> ec_data;
    std::vector<std::uint8_t> extensions;  // per payload extension: GUID and data size (WORD), in wire order
};

// Streams of which at most one may be sent at a time.
struct Exclusion {
    Guid type;
    std::vector<std::uint16_t> streams;  // ascending
    auto operator<=>(const Exclusion&) const = default;
};

struct Header {
    std::size_t object_size = 0;         // of the Header Object
    std::size_t blob_size = 0;           // up to and with the 50 bytes of the Data Object
    std::size_t file_properties_at = 0;  // in the blob
    std::size_t data_object_at = 0;
    std::uint32_t packet_size = 0;
    std::uint64_t preroll = 0;  // ms
    std::uint32_t bit_rate = 0;
    bool broadcast = false;
    std::uint64_t data_size = 0;     // of the Data Object; live senders write 0, 50, anything
    std::uint64_t data_packets = 0;  // as the Data Object counts them
    std::vector<Stream> streams;     // by number
    std::array<StreamKind, kMaxStreamNumber + 1> kinds{};
    std::array<bool, kMaxStreamNumber + 1> no_clean_points{};
    bool has_video = false;
    bool has_audio = false;
    std::vector<Exclusion> exclusions;       // ascending
    std::vector<std::uint8_t> content_keys;  // the DRM objects, in wire order
};

// How long the header blob at the start of `in` is. Error: unsupported where this is no ASF, too_large where
// it is longer than `limit`, bad_input where it contradicts itself.
Parsed<std::size_t> find_header_blob(Bytes in, std::size_t limit);

// Reads a header blob; bytes behind it are ignored.
Result<Header> parse_header(Bytes blob, std::size_t limit);

// The blob as live players need it (asf.md 3.2): broadcast, no sizes, no durations, packets of `packet_size`
// bytes, optional objects left out as far as the 16 KiB goal demands. `header` is what parse_header() made of
// it.
std::vector<std::uint8_t> normalise_header(Bytes blob, const Header& header, std::uint32_t packet_size);

// The first field by which packets under `newer` could not be played under `old` (asf.md section 8), else
// empty. Streams that have other numbers and are else the same differ in nothing: map_streams(). The packet
// size is compared by the caller, who knows what is served.
std::string header_difference(const Header& old, const Header& newer);

// Which stream of `old` each stream of `newer` is; nothing where they are not the same ones.
std::optional<StreamMap> map_streams(const Header& old, const Header& newer);

}  // namespace weir::asf
