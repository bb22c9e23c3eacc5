// Byte vectors shared by the tests of core/asf.
#pragma once

#include <vector>

#include "core/asf/guid.hpp"
#include "core/base/bytes.hpp"
#include "test/support/bytes.hpp"

namespace weir::asf::vectors {

// A header blob as a source sends it: 64-byte packets, stream 1 PCM, stream 2 video MP43.
inline constexpr auto kHeaderBlob = test::hex<
    "3026b275 8e66cf11 a6d900aa 0062ce6c 95010000 00000000 04000000 0102a1dc "
    "ab8c47a9 cf118ee4 00c00c20 53656800 00000000 00003322 11005544 77668899 "
    "aabbccdd eeff0000 00000000 00000000 00000000 00000000 00000000 00000000 "
    "00000000 00000000 00000000 0000e803 00000000 00000100 00004000 00004000 "
    "000080bb 0000b503 bf5f2ea9 cf118ee3 00c00c20 53652e00 00000000 000011d2 "
    "d3abbaa9 cf118ee6 00c00c20 53650600 00000000 9107dcb7 b7a9cf11 8ee600c0 "
    "0c205365 60000000 00000000 409e69f8 4d5bcf11 a8fd0080 5f5c442b 0057fb20 "
    "555bcf11 a8fd0080 5f5c442b 00000000 00000000 12000000 00000000 01000000 "
    "00000100 0100401f 0000803e 00000200 10000000 9107dcb7 b7a9cf11 8ee600c0 "
    "0c205365 81000000 00000000 c0ef19bc 4d5bcf11 a8fd0080 5f5c442b 0057fb20 "
    "555bcf11 a8fd0080 5f5c442b 00000000 00000000 33000000 00000000 02000000 "
    "00001000 00001000 00000228 00280000 00100000 00100000 00010018 004d5034 "
    "33000300 00000000 00000000 00000000 00000000 003626b2 758e66cf 11a6d900 "
    "aa0062ce 6c320000 00000000 00332211 00554477 668899aa bbccddee ff000000 "
    "00000000 000101 ">();

// A filler after kTwo.
inline constexpr auto kFiller = test::hex<
    "82000011 5d320028 10000000 00800000 00000000 00000000 00000000 00000000 "
    "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 ">();

// Single payload, key frame, whole object, 21 bytes of padding, stream 2.
inline constexpr auto kSingle = test::hex<
    "82000008 5d150010 00002800 82070000 00000810 000000e8 13000000 01020304 "
    "05060708 090a0b0c 0d0e0f00 00000000 00000000 00000000 00000000 00000000 ">();

// KSingle with its padding cut and the length field gone.
inline constexpr auto kSingleStripped = test::hex<
    "82000000 5d001000 00280082 07000000 00081000 0000e813 00000001 02030405 "
    "06070809 0a0b0c0d 0e0f ">();

// KSingle in multiple-payload form, unpadded.
inline constexpr auto kSingleAsMultiple = test::hex<
    "82000001 5d001000 00280081 82070000 00000810 000000e8 13000010 00000102 "
    "03040506 0708090a 0b0c0d0e 0f ">();

// Stream 1 whole object, stream 2 last fragment; 8 bytes of padding.
inline constexpr auto kTwo = test::hex<
    "82000009 5d082810 00002800 82010300 00000008 04000000 10140000 0400a0a1 "
    "a2a30208 06000000 080b0000 00101400 000500b6 b7b8b9ba 00000000 00000000 ">();

// KTwo 1000 ms later.
inline constexpr auto kTwoLater = test::hex<
    "82000009 5d081014 00002800 82010300 00000008 04000000 f8170000 0400a0a1 "
    "a2a30208 06000000 080b0000 00f81700 000500b6 b7b8b9ba 00000000 00000000 ">();

// KTwo without stream 2.
inline constexpr auto kTwoFirstOnly = test::hex<
    "82000009 5d1e2810 00002800 81010300 00000008 04000000 10140000 0400a0a1 "
    "a2a30000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 ">();

// A compressed payload of three objects on stream 1.
inline constexpr auto kCompressed = test::hex<
    "82000008 5d235010 00003c00 01fe3814 00000114 03c0c1c2 02c3c401 c5000000 "
    "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 ">();

// $D with kTwo, padding cut, location id 6.
inline constexpr auto kTwoStrippedChunk = test::hex<
    "24443f00 06000000 00063f00 82000001 5d281000 00280082 01030000 00000804 "
    "00000010 14000004 00a0a1a2 a3020806 00000008 0b000000 10140000 0500b6b7 "
    "b8b9ba ">();

// $D with kSingle, location id 5.
inline constexpr auto kSingleChunk = test::hex<
    "24444800 05000000 00054800 82000008 5d150010 00002800 82070000 00000810 "
    "000000e8 13000000 01020304 05060708 090a0b0c 0d0e0f00 00000000 00000000 "
    "00000000 00000000 00000000 ">();

// The head of kHeaderBlob's $H.
inline constexpr auto kHeaderChunkHead = test::hex<"2448cf01 00000000 000ccf01 ">();

// $M.
inline constexpr auto kMetadataChunk = test::hex<
    "244d6900 00000000 000c6900 706c6179 6c697374 2d67656e 2d69643d 312c2062 "
    "726f6164 63617374 2d69643d 312c2066 65617475 7265733d 2262726f 61646361 "
    "73742c6c 69766522 00382c6c 616e6775 6167652c 33312c30 2c2c352c 7469746c "
    "652c3331 2c342c77 6569720d 0a ">();

// Places in kHeaderBlob.
inline constexpr std::size_t kFilePropertiesAt = 30, kExtensionAt = 134, kAudioStreamAt = 180,
                             kVideoStreamAt = 276, kDataObjectAt = 405, kPacketSizeOfBlob = 64;

using Buffer = std::vector<std::uint8_t>;

inline Buffer blob() {
    return test::copy(kHeaderBlob);
}
inline Buffer joined(std::initializer_list<Bytes> parts) {
    Buffer out;
    for (auto p : parts) out.insert(out.end(), p.begin(), p.end());
    return out;
}
inline Buffer object(const std::uint8_t* guid, Bytes body) {
    Buffer out{guid, guid + 16};
    out.resize(24);
    store_u64le(out.data() + 16, 24 + body.size());
    out.insert(out.end(), body.begin(), body.end());
    return out;
}
// kHeaderBlob with `more` as further objects at the end of the Header Object.
inline Buffer blob_with(Bytes more) {
    Buffer out = blob();
    out.insert(out.begin() + kDataObjectAt, more.begin(), more.end());
    store_u64le(out.data() + 16, kDataObjectAt + more.size());
    return out;
}
// kHeaderBlob with `more` inside the Header Extension.
inline Buffer blob_with_extension(Bytes more) {
    Buffer out = blob();
    out.insert(out.begin() + kAudioStreamAt, more.begin(), more.end());
    store_u64le(out.data() + 16, kDataObjectAt + more.size());
    store_u64le(out.data() + kExtensionAt + 16, 46 + more.size());
    store_u32le(out.data() + kExtensionAt + 42, static_cast<std::uint32_t>(more.size()));
    return out;
}
// kHeaderBlob for packets of another size.
inline Buffer blob_for(std::uint32_t packet_size) {
    Buffer out = blob();
    store_u32le(out.data() + kFilePropertiesAt + 92, packet_size);
    store_u32le(out.data() + kFilePropertiesAt + 96, packet_size);
    return out;
}

// kHeaderBlob with another value, little-endian, somewhere.
inline Buffer patched(std::size_t at, std::uint64_t value, std::size_t width, Buffer b = blob()) {
    for (std::size_t i = 0; i < width; ++i) b[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
    return b;
}

// Extended Stream Properties for a stream; `tail` follows the fixed part.
inline Buffer extended(std::uint16_t stream, std::uint32_t flags, std::uint16_t names,
                       std::uint16_t extensions, Bytes tail) {
    Buffer body(64);
    store_u32le(body.data() + 44, flags);
    store_u16le(body.data() + 48, stream);
    store_u16le(body.data() + 60, names);
    store_u16le(body.data() + 62, extensions);
    body.insert(body.end(), tail.begin(), tail.end());
    return object(kExtendedStreamProperties.bytes.data(), body);
}

// Which streams exclude each other; `count` is what it states.
inline Buffer exclusion(std::uint16_t count, std::initializer_list<std::uint16_t> streams) {
    Buffer body(18);
    store_u16le(body.data() + 16, count);
    for (auto s : streams) {
        body.push_back(static_cast<std::uint8_t>(s));
        body.push_back(static_cast<std::uint8_t>(s >> 8));
    }
    return object(kBitrateExclusion.bytes.data(), body);
}

}  // namespace weir::asf::vectors
