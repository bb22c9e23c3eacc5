#include "protocols/msbd/fed_link.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace weir::msbd {

namespace {

constexpr Duration kSecond{1000};
constexpr Duration kAgain{50};  // where a message cannot be put between two packets yet
constexpr std::size_t kLongestFromClient = 64;

std::uint16_t stream_of(std::uint64_t format_number) noexcept {
    return static_cast<std::uint16_t>(format_number & 0x07FF);
}

std::size_t encode_packet(Bytes packet, const FrameNumbers& numbers, MutableBytes out) noexcept {
    encode_packet_head(
        {.number = static_cast<std::uint32_t>(numbers.number), .stream = stream_of(numbers.format)},
        packet.size(), out);
    std::copy(packet.begin(), packet.end(), out.begin() + kPacketOverhead);
    return kPacketOverhead + packet.size();
}

constexpr Framing kFraming{.name = "msbd", .overhead = kPacketOverhead, .encode = encode_packet};

// For another weir: in front of a packet from which on the stream is called otherwise a message says so.
std::size_t encode_for_weir(Bytes packet, const FrameNumbers& numbers, MutableBytes out) noexcept {
    std::size_t told = 0;
    if (numbers.change) {
        const auto message = encode_provenance(*numbers.change);
        std::copy(message.begin(), message.end(), out.begin());
        told = message.size();
    }
    return told + encode_packet(packet, numbers, out.subspan(told));
}

constexpr Framing kWeirFraming{
    .name = "msbd-weir", .overhead = kMaxProvenanceMessage + kPacketOverhead, .encode = encode_for_weir};

auto info_of(const StreamFormat& format, std::uint64_t number, Kind kind, std::string_view link) {
    return encode_info(kind, {.stream = stream_of(number),
                              .packet_size = static_cast<std::uint16_t>(format.max_packet()),
                              .bit_rate = format.bit_rate(),
                              .link = as_bytes(link),
                              .header = format.header()});
}

// The first one goes out with RES_CONNECT. Nothing where it became too long in mid-stream: the link ends
// then.
void append_info(const StreamFormat& format, const HeaderPlace& place, std::vector<std::uint8_t>& out) {
    if (place.is_first || !FedLink::can_carry(format)) return;
    const auto info = info_of(format, place.number, Kind::info, {});
    if (info) out.insert(out.end(), info->begin(), info->end());
}

void append_end(EndReason, std::vector<std::uint8_t>& out) {
    for (const auto& message : {encode_plain(Kind::end), encode_no_stream()})
        out.insert(out.end(), message.begin(), message.end());
}

// Other servers get the protocol's pings only; a weir gets fillers, by which it knows that the link is alive.
constexpr PlayStyle style(bool fillers, const Framing& framing) {
    return {.protocol = "msbd",
            .framing = &framing,
            .wants_fillers = fillers,
            .header_in_band = true,
            .is_link = true,
            .header = append_info,
            .end = append_end};
}
constexpr PlayStyle kServer = style(false, kFraming), kWeir = style(true, kWeirFraming);

}  // namespace

// A server that is none is told the run alone, an opaque link to it; a weir all that it needs to go on later.
FedLink::Begin FedLink::begin(const Channel& channel, const std::optional<RelayRequest>& relay) {
    Begin begin{.from = {}, .link = {}, .head = encode_connected(kOk)};
    if (relay && relay->resume) begin.from = channel.find(*relay->resume);
    const bool is_resumed = begin.from.has_value();
    if (relay && !is_resumed) begin.from = channel.newcomer_start(channel.now());
    const Seq first = begin.from.value_or(channel.log().end());
    const auto& stretch = channel.lineage().names().of(first);
    std::string& link = begin.link = kProvenanceMark;
    if (relay)
        link += to_string(
            Provenance{.place = is_resumed ? *relay->resume : stretch.place(first), .via = stretch.via});
    else
        link += to_string(stretch.run);
    const auto info = info_of(*channel.format(), channel.format_number(), Kind::info, link);
    begin.head.insert(begin.head.end(), info->begin(), info->end());  // can_carry() was asked
    return begin;
}

FedLink::FedLink(Host& host, Peer& peer, Channel& channel, const std::optional<RelayRequest>& relay)
    : FedLink(host, peer, channel, relay.has_value(), begin(channel, relay)) {}

FedLink::FedLink(Host& host, Peer& peer, Channel& channel, bool is_weir, const Begin& begin)
    : Viewer(peer, channel, is_weir ? kWeir : kServer, as_text(begin.head), is_weir ? "weir" : "a server",
             begin.from),
      host_(host),
      link_(begin.link),
      link_format_(channel.format_number()),
      timer_(host.timers(), Callback<void()>::of<&FedLink::on_timer>(this)),
      whole_(host.timers(), Callback<void()>::of<&FedLink::on_cut_message>(this)) {
    ++host_.stats().links;
    timer_.start(kPing);
}

bool FedLink::can_carry(const StreamFormat& format) noexcept {
    return format.header().size() <= kMaxInfoParts - kProvenanceMark.size() - kMaxProvenance &&
           format.max_packet() <= kMaxPacket;
}

void FedLink::on_timer() {
    if (is_waiting_for_pong_) return end("it answers no ping");
    // A ping inside a packet would cut it in two. What is blocked is looked after by the Viewer.
    if (!say_between_packets(encode_plain(Kind::ping))) return timer_.start(kAgain);
    is_waiting_for_pong_ = true;
    timer_.start(kPong);
}

void FedLink::on_bytes(Bytes bytes) noexcept {
    while (!bytes.empty() && !peer().is_closing()) {
        partial_.push_back(bytes.front());
        bytes = bytes.subspan(1);
        const auto parsed = parse_message(partial_);
        if (const auto* error = std::get_if<Error>(&parsed)) return end(error->detail);
        if (const auto* need = std::get_if<Need>(&parsed)) {
            if (partial_.size() + need->more > kLongestFromClient) return end("a message that is too long");
            continue;
        }
        on_message(std::get<Got<Message>>(parsed).value);
        partial_.clear();
        whole_.stop();
    }
    if (!partial_.empty() && !whole_.is_running()) whole_.start(kWhole);
}

void FedLink::on_ready() noexcept {
    Viewer::on_ready();
    if (owes_info_ && !peer().is_closing()) answer_info();
}

void FedLink::on_message(const Message& message) {
    switch (message.kind) {
        case Kind::pong:
            if (is_chatter()) return end("more pongs than anybody asked for");
            if (is_waiting_for_pong_) timer_.start(kPing);
            is_waiting_for_pong_ = false;
            return;
        case Kind::ask_info:
            if (is_chatter()) return end("more REQ_STREAMINFO than anybody needs");
            return answer_info();
        case Kind::ping:
        case Kind::info_again:
        case Kind::info:
        case Kind::connect:
        case Kind::connected:
        case Kind::end:
        case Kind::packet:
        case Kind::provenance:
            return end(fmt::format("a {} from a client that is being served", to_string(message.kind)));
    }
    if (++unknown_ > kMaxUnknown) end("too many messages of kinds unknown");
}

// Each costs up to 64 KiB of output: one a second.
void FedLink::answer_info() {
    const TimePoint now = host_.timers().now();
    if (answered_ != TimePoint{} && now - answered_ < kSecond) return;
    // Of a new header it is told in an instant, before the packets that need it.
    if (!has_current_header()) return;
    // The answer is what was sent last, and only the first header's has a link.
    const std::uint64_t number = channel().format_number();
    const auto info = info_of(*channel().format(), number, Kind::info_again,
                              number == link_format_ ? std::string_view{link_} : std::string_view{});
    owes_info_ = info && !say_between_packets(*info);
    if (!owes_info_) answered_ = now;
}

bool FedLink::is_chatter() noexcept {
    const TimePoint now = host_.timers().now();
    if (now - second_ >= kSecond) {
        second_ = now;
        in_second_ = 0;
    }
    return ++in_second_ > kMaxChatter;
}

void FedLink::end(std::string_view why) {
    ++host_.stats().bad_requests;
    host_.log().info("{}: MSBD: closed: {}", peer().remote(), printable(why));
    peer().close(CloseReason::protocol_error);
}

}  // namespace weir::msbd
