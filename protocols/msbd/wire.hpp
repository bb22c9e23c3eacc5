// The messages of MSBD ([MS-MSBD] 2.2): a header of 16 bytes, then a body by its kind. Pure; integers are
// little-endian but for a port and an address, which weir never has.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/parsed.hpp"
#include "core/base/result.hpp"
#include "core/media/stream_place.hpp"

namespace weir::msbd {

enum class Kind : std::uint16_t {
    ping = 1,        // server to client
    pong = 2,        // client to server
    ask_info = 3,    // client to server; deprecated, answered all the same
    info_again = 4,  // server to client: the answer
    info = 5,        // server to client
    connect = 7,     // client to server
    connected = 8,   // server to client
    end = 9,         // server to client
    packet = 10,     // server to client
    // Weir's own, server to client, and only to a weir: where the stream comes from, from the next packet on.
    provenance = 0x5752,
};
std::string_view to_string(Kind kind) noexcept;  // as the specification calls it; empty for a kind unknown

inline constexpr std::size_t kHead = 16;
inline constexpr std::size_t kMaxMessage = 0xFFFF;
inline constexpr std::size_t kPacketOverhead = 24;
inline constexpr std::size_t kMaxPacket = kMaxMessage - kPacketOverhead;
inline constexpr std::size_t kInfoFixed = 48;
inline constexpr std::size_t kMaxInfoParts = kMaxMessage - kInfoFixed;  // title, description, link, header
inline constexpr std::size_t kConnectedSize = 36;
inline constexpr std::uint16_t kDefaultPort = 7007;

// HRESULTs, of messages that say no.
inline constexpr std::uint32_t kOk = 0;
inline constexpr std::uint32_t kNotFound = 0xC00D001A;  // NS_E_FILE_NOT_FOUND: no such channel, no multicast
inline constexpr std::uint32_t kInvalid = 0x80070057;   // E_INVALIDARG
inline constexpr std::uint32_t kNoStream = 0xC00D0033;  // NS_E_NO_STREAM
inline constexpr std::uint32_t kIncompatible = 0xC00D0041;  // a header that does not fit into a message
inline constexpr std::uint32_t kTooMany = 0xC00D0049;       // NS_E_MAX_CLIENTS
inline constexpr std::uint32_t kLoop = 0xE00D0001;  // weir's own: the stream would come back to who asks
constexpr bool is_failure(std::uint32_t hr) noexcept {
    return (hr & 0x80000000U) != 0;
}
std::string describe_result(std::uint32_t hr);  // "0xC00D001A (no such channel)"

struct Message {
    Kind kind = Kind::ping;  // any number: the receiver passes over those that it does not know
    std::uint32_t hr = kOk;
    Bytes body;  // behind the 16 bytes; a view into the input
};

// One whole message at the start of `in`. Error: there is no way to find the next one then.
Parsed<Message> parse_message(Bytes in);

// --- what a client says

inline constexpr std::uint32_t kUnicast = 1, kMulticast = 2;
inline constexpr std::string_view kDefaultChannel = "NetShow";  // a peer of the 4.x era knows no other name
inline constexpr std::size_t kMaxChannelBytes = 512;            // of UTF-16

// "RUN:NUMBER RELAY RELAY": the packet that is wanted next, "-" for any; and the channels that the stream
// goes to.
struct RelayRequest {
    std::optional<StreamPlace> resume = {};
    std::vector<RelayId> via = {};
    bool operator==(const RelayRequest&) const = default;
};

struct Connect {
    std::uint32_t flags = kUnicast;
    std::string channel = {};  // UTF-8; empty, or NetShow in any case: the listener's own
    // What a weir says behind a NUL, which other servers ignore.
    std::optional<RelayRequest> relay = {};

    bool wants_default() const noexcept;
};
// Of the body of a Kind::connect.
Result<Connect> parse_connect(Bytes body);
// `channel` and `token` are UTF-8 that was checked.
std::vector<std::uint8_t> encode_connect(const Connect& connect);

// --- what a server says

// Of the body of a Kind::connected, whose hr is no failure.
Result<> check_connected(Bytes body);

struct Info {
    std::uint16_t stream = 0;
    std::uint16_t packet_size = 0;  // of the longest packet
    std::uint32_t bit_rate = 0;
    Bytes link = {};    // opaque; a weir says there which run this is
    Bytes header = {};  // ASF's header blob
};
// Of the body of a Kind::info or info_again. Nothing: the empty form, of which no field may be looked at.
Result<std::optional<Info>> parse_info(const Message& message);
// Nothing where it does not fit into a message.
std::optional<std::vector<std::uint8_t>> encode_info(Kind kind, const Info& info);

struct PacketHead {
    std::uint32_t number = 0;
    std::uint16_t stream = 0;
};
struct Packet {
    PacketHead head = {};
    Bytes payload = {};  // one ASF packet
};
// Of the body of a Kind::packet.
Result<Packet> parse_packet(Bytes body);
// A Kind::provenance, whole.
std::vector<std::uint8_t> encode_provenance(const Provenance& provenance);
inline constexpr std::size_t kMaxProvenanceMessage = kHead + kMaxProvenance;

// The 24 bytes in front of a packet of `size` (1 to kMaxPacket) bytes. out.size() >= kPacketOverhead.
void encode_packet_head(const PacketHead& head, std::size_t size, MutableBytes out) noexcept;

// A message that is its header alone, or RES_CONNECT: `body` zeros.
std::vector<std::uint8_t> encode_plain(Kind kind, std::uint32_t hr = kOk, std::size_t body = 0);
inline std::vector<std::uint8_t> encode_connected(std::uint32_t hr) {
    return encode_plain(Kind::connected, hr, kConnectedSize - kHead);
}
inline std::vector<std::uint8_t> encode_no_stream() {
    return encode_plain(Kind::info, kNoStream, kInfoFixed - kHead);
}

}  // namespace weir::msbd
