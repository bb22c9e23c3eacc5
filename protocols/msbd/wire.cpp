#include "protocols/msbd/wire.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "protocols/msbd/utf16.hpp"

namespace weir::msbd {

namespace {

constexpr std::uint8_t kSignature[4] = {'M', 'S', 'B', ' '};
constexpr std::uint16_t kVersion = 0x0106;
constexpr std::uint32_t kUnknownDuration = 0xFFFFFFFF;
constexpr std::size_t kMaxPart = 0xFFCF;
constexpr std::size_t kConnectFixed = 4;       // of the body
constexpr std::size_t kPacketFixed = 8;        // of the body
constexpr std::uint16_t kMulticastFamily = 2;  // AF_INET
constexpr std::uint16_t kStreamMask = 0x87FF;  // what a wStreamId may have set

Error bad(std::string detail) {
    return Error{Errc::bad_input, "MSBD: " + std::move(detail)};
}

void put_head(Kind kind, std::size_t size, std::uint32_t hr, std::uint8_t* out) noexcept {
    std::copy(std::begin(kSignature), std::end(kSignature), out);
    store_u16le(out + 4, kVersion);
    store_u16le(out + 6, static_cast<std::uint16_t>(kind));
    store_u32le(out + 8, static_cast<std::uint32_t>(size));
    store_u32le(out + 12, hr);
}

std::string name_of(Kind kind) {
    const auto name = to_string(kind);
    return name.empty() ? fmt::format("message {}", static_cast<unsigned>(kind)) : std::string(name);
}

constexpr std::string_view kAnyPlace = "-";

std::optional<RelayRequest> relay_request_of(std::string_view text) {
    const auto blank = text.find(' ');
    const std::string_view place = text.substr(0, blank);
    RelayRequest request{.resume = parse_stream_place(place)};
    if (!request.resume && place != kAnyPlace) return std::nullopt;
    if (blank == std::string_view::npos) return request;
    auto via = parse_via(text.substr(blank + 1));
    if (!via) return std::nullopt;
    request.via = std::move(*via);
    return request;
}

}  // namespace

std::string_view to_string(Kind kind) noexcept {
    switch (kind) {
        case Kind::ping:
            return "REQ_PING";
        case Kind::pong:
            return "RES_PING";
        case Kind::ask_info:
            return "REQ_STREAMINFO";
        case Kind::info_again:
            return "RES_STREAMINFO";
        case Kind::info:
            return "IND_STREAMINFO";
        case Kind::connect:
            return "REQ_CONNECT";
        case Kind::connected:
            return "RES_CONNECT";
        case Kind::end:
            return "IND_EOS";
        case Kind::packet:
            return "IND_PACKET";
        case Kind::provenance:
            return "weir's provenance";
    }
    return {};
}

std::string describe_result(std::uint32_t hr) {
    const std::string_view words = [&]() -> std::string_view {
        switch (hr) {
            case kNotFound:
            case 0xC00D003B:
                return " (no such channel)";
            case kInvalid:
                return " (a request that it does not understand)";
            case kNoStream:
                return " (it has no stream)";
            case kIncompatible:
                return " (a stream header that does not fit into a message)";
            case kTooMany:
            case 0xC00D000F:
                return " (it takes no more clients)";
            case 0xC00D0025:
                return " (it is busy)";
            case kLoop:
                return " (its stream comes from here: a loop)";
            default:
                return "";
        }
    }();
    return fmt::format("0x{:08X}{}", hr, words);
}

Parsed<Message> parse_message(Bytes in) {
    const std::size_t known = std::min(in.size(), std::size(kSignature));
    if (!std::equal(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(known), kSignature))
        return bad("bytes \"" + printable(as_text(in.first(known))) +
                   "\" where a message should begin, expected \"MSB \"");
    if (in.size() < kHead) return Need{kHead - in.size()};
    const auto kind = Kind{load_u16le(in.data() + 6)};
    const std::size_t size = load_u32le(in.data() + 8);
    if (size < kHead || size > kMaxMessage)
        return bad(
            fmt::format("a {} of {} bytes, expected {} to {}", name_of(kind), size, kHead, kMaxMessage));
    if (in.size() < size) return Need{size - in.size()};
    return Got<Message>{
        .value = {.kind = kind, .hr = load_u32le(in.data() + 12), .body = in.subspan(kHead, size - kHead)},
        .used = size};
}

bool Connect::wants_default() const noexcept {
    return channel.empty() || equal_ignoring_case(channel, kDefaultChannel);
}

Result<Connect> parse_connect(Bytes body) {
    if (body.size() < kConnectFixed)
        return bad(fmt::format("a REQ_CONNECT of {} bytes, expected {} and a channel's name",
                               kHead + body.size(), kHead + kConnectFixed));
    Connect connect{.flags = load_u32le(body.data())};
    const Bytes name = body.subspan(kConnectFixed);
    if (name.size() > kMaxChannelBytes)
        return bad(
            fmt::format("a channel's name of {} bytes, expected at most {}", name.size(), kMaxChannelBytes));
    auto text = utf8_of(name);
    if (!text) return text.error();
    std::string_view whole = text.value();
    const std::size_t nul = whole.find('\0');
    if (nul != std::string_view::npos) {
        const std::string_view behind = whole.substr(nul + 1);
        // One NUL at the end is what many write behind a text; what cannot be read is as good as absent.
        connect.relay = relay_request_of(behind);
        whole = whole.substr(0, nul);
    }
    whole.remove_prefix(std::min(whole.find_first_not_of('/'), whole.size()));
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    if (std::any_of(whole.begin(), whole.end(), is_control) || whole.find("..") != std::string_view::npos)
        return bad("a channel's name with control characters or \"..\" in it: \"" + printable(whole, 80) +
                   "\"");
    connect.channel = std::string(whole);
    return connect;
}

std::vector<std::uint8_t> encode_connect(const Connect& connect) {
    std::string text = connect.channel;
    if (connect.relay) {
        text += '\0';
        text += connect.relay->resume ? to_string(*connect.relay->resume) : std::string(kAnyPlace);
        // As many of the nearest as there is room for.
        std::span<const RelayId> via{connect.relay->via};
        while (!via.empty() && 2 * (text.size() + 1 + weir::to_string(via).size()) > kMaxChannelBytes)
            via = via.first(via.size() - 1);
        if (!via.empty()) text += ' ' + weir::to_string(via);
    }
    std::vector<std::uint8_t> out(kHead + kConnectFixed);
    append_utf16(text, out);
    put_head(Kind::connect, out.size(), kOk, out.data());
    store_u32le(out.data() + kHead, connect.flags);
    return out;
}

Result<> check_connected(Bytes body) {
    if (body.size() < kConnectedSize - kHead)
        return bad(
            fmt::format("a RES_CONNECT of {} bytes, expected {}", kHead + body.size(), kConnectedSize));
    if (load_u16le(body.data() + 4) == kMulticastFamily)
        return Error{Errc::unsupported,
                     "MSBD: the server offers the stream by multicast only, expected it on this "
                     "connection"};
    return Ok{};
}

Result<std::optional<Info>> parse_info(const Message& message) {
    // Real servers leave the rest of an empty one as it was in memory.
    if (is_failure(message.hr) || message.body.size() == kInfoFixed - kHead) return std::optional<Info>{};
    Reader in{message.body};
    Info info{.stream = in.u16le(), .packet_size = in.u16le()};
    in.skip(4);  // packets in all
    info.bit_rate = in.u32le();
    in.skip(4);  // duration
    const std::uint64_t title = in.u32le(), description = in.u32le(), link = in.u32le(), header = in.u32le();
    if (!in.ok())
        return bad(fmt::format("a {} of {} bytes, expected at least {}", name_of(message.kind),
                               kHead + message.body.size(), kInfoFixed));
    if (std::max({title, description, link, header}) > kMaxPart ||
        title + description + link + header != in.left())
        return bad(fmt::format("a {} whose parts have {} + {} + {} + {} bytes where {} are left",
                               name_of(message.kind), title, description, link, header, in.left()));
    if ((info.stream & ~kStreamMask) != 0)
        return bad(fmt::format("a {} of stream 0x{:04X}, expected up to 0x07FF, or 0x8000 to 0x87FF",
                               name_of(message.kind), info.stream));
    in.skip(title + description);
    info.link = in.bytes(link);
    info.header = in.bytes(header);
    return std::optional<Info>{info};
}

std::optional<std::vector<std::uint8_t>> encode_info(Kind kind, const Info& info) {
    if (info.link.size() + info.header.size() > kMaxInfoParts) return std::nullopt;
    std::vector<std::uint8_t> out(kInfoFixed);
    store_u16le(out.data() + 16, info.stream);
    store_u16le(out.data() + 18, info.packet_size);
    store_u32le(out.data() + 24, info.bit_rate);
    store_u32le(out.data() + 28, kUnknownDuration);
    store_u32le(out.data() + 40, static_cast<std::uint32_t>(info.link.size()));
    store_u32le(out.data() + 44, static_cast<std::uint32_t>(info.header.size()));
    out.insert(out.end(), info.link.begin(), info.link.end());
    out.insert(out.end(), info.header.begin(), info.header.end());
    put_head(kind, out.size(), kOk, out.data());
    return out;
}

Result<Packet> parse_packet(Bytes body) {
    Reader in{body};
    Packet packet{.head = {.number = in.u32le(), .stream = in.u16le()}};
    const std::size_t size = in.u16le();
    if (!in.ok())
        return bad(fmt::format("an IND_PACKET of {} bytes, expected more than {}", kHead + body.size(),
                               kPacketOverhead));
    if (size != body.size())
        return bad(fmt::format("an IND_PACKET that says {} bytes where {} came", size, body.size()));
    if (in.left() == 0) return bad("an IND_PACKET without a packet");
    packet.payload = in.rest();
    return packet;
}

std::vector<std::uint8_t> encode_provenance(const Provenance& provenance) {
    const std::string text = to_string(provenance);
    std::vector<std::uint8_t> out(kHead + text.size());
    std::copy(text.begin(), text.end(), out.begin() + kHead);
    put_head(Kind::provenance, out.size(), kOk, out.data());
    return out;
}

void encode_packet_head(const PacketHead& head, std::size_t size, MutableBytes out) noexcept {
    put_head(Kind::packet, kPacketOverhead + size, kOk, out.data());
    store_u32le(out.data() + 16, head.number);
    store_u16le(out.data() + 20, head.stream);
    store_u16le(out.data() + 22, static_cast<std::uint16_t>(kPacketFixed + size));
}

std::vector<std::uint8_t> encode_plain(Kind kind, std::uint32_t hr, std::size_t body) {
    std::vector<std::uint8_t> out(kHead + body);
    put_head(kind, out.size(), hr, out.data());
    return out;
}

}  // namespace weir::msbd
