// MSBD's messages of both sides, the names in requests, and the URLs from which weir makes its own: what is
// written is what was read.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/base/text.hpp"
#include "protocols/msbd/protocol.hpp"
#include "protocols/msbd/url.hpp"
#include "protocols/msbd/utf16.hpp"
#include "protocols/msbd/wire.hpp"

using namespace weir;

namespace {

constexpr msbd::MsbdProtocol kProtocol;

void require(bool holds) {
    if (!holds) std::abort();
}

void check_connect(Bytes body) {
    const auto parsed = msbd::parse_connect(body);
    if (!parsed) return require(!parsed.error().detail.empty());
    const auto& connect = parsed.value();
    const auto again = msbd::encode_connect(connect);
    const auto back = msbd::parse_connect(Bytes{again}.subspan(msbd::kHead));
    require(back.ok() && back.value().channel == connect.channel && back.value().relay == connect.relay &&
            back.value().flags == connect.flags && back.value().wants_default() == connect.wants_default());
}

void check_info(const msbd::Message& message) {
    const auto info = msbd::parse_info(message);
    if (!info || !info.value()) return;
    // Without either it would be the empty form, which says that there is no stream.
    if (info.value()->link.empty() && info.value()->header.empty()) return;
    const auto again = msbd::encode_info(message.kind, *info.value());
    require(again.has_value());
    const auto back = msbd::parse_message(*again);
    const auto same = msbd::parse_info(std::get<Got<msbd::Message>>(back).value);
    require(same.ok() && same.value().has_value());
    const auto& a = *info.value();
    const auto& b = *same.value();
    require(a.stream == b.stream && a.packet_size == b.packet_size && a.bit_rate == b.bit_rate &&
            std::equal(a.link.begin(), a.link.end(), b.link.begin(), b.link.end()) &&
            std::equal(a.header.begin(), a.header.end(), b.header.begin(), b.header.end()));
}

void check_provenance(Bytes body) {
    const auto provenance = parse_provenance(as_text(body));
    if (!provenance) return;
    const auto again = msbd::encode_provenance(*provenance);
    const auto back = msbd::parse_message(again);
    const auto& message = std::get<Got<msbd::Message>>(back).value;
    require(message.kind == msbd::Kind::provenance && parse_provenance(as_text(message.body)) == provenance);
}

// Messages one behind the other.
void check_messages(Bytes in) {
    while (true) {
        const auto parsed = msbd::parse_message(in);
        const bool may_be_one = in.empty() || kProtocol.sniff(in) != Protocol::Sniffed::no;
        require(may_be_one || std::holds_alternative<Error>(parsed));
        const auto* got = std::get_if<Got<msbd::Message>>(&parsed);
        if (!got) return;
        const auto& message = got->value;
        check_connect(message.body);
        check_info(message);
        (void)msbd::check_connected(message.body).ok();
        require(msbd::describe_result(message.hr).starts_with("0x"));
        check_provenance(message.body);
        const auto plain = msbd::encode_plain(message.kind, message.hr);
        const auto same = msbd::parse_message(plain);
        const auto& back = std::get<Got<msbd::Message>>(same).value;
        require(back.kind == message.kind && back.hr == message.hr && back.body.empty());
        require(msbd::to_string(message.kind) == msbd::to_string(back.kind));
        if (const auto packet = msbd::parse_packet(message.body); packet) {
            std::vector<std::uint8_t> front(msbd::kPacketOverhead);
            msbd::encode_packet_head(packet.value().head, packet.value().payload.size(), front);
            require(std::equal(message.body.begin(), message.body.begin() + 8, front.begin() + msbd::kHead));
        }
        in = in.subspan(got->used);
    }
}

void check_texts(Bytes in) {
    std::vector<std::uint8_t> units;
    msbd::append_utf16(as_text(in), units);
    require(msbd::utf8_of(units).ok());
    const auto text = msbd::utf8_of(in);
    if (!text) return;
    units.clear();
    msbd::append_utf16(text.value(), units);
    require(std::equal(in.begin(), in.end(), units.begin(), units.end()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    // A copy of the exact size, so that reading past it is seen.
    const std::vector<std::uint8_t> exact(bytes, bytes + size);
    const Bytes in{exact};
    check_messages(in);
    check_connect(in);
    check_texts(in);
    if (const auto url = msbd::parse_url(as_text(in)); url) {
        const std::string text = url.value().text();
        require(kProtocol.check_pull(text).ok() && kProtocol.check_pull(text).value() == text);
    }
    return 0;
}
