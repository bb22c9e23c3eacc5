// What comes over MSBD connections from both sides, whole and cut at places taken from it: the same comes
// out, and what is written is what was read. The first byte seeds the cuts.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "protocols/msbd/reader.hpp"
#include "protocols/msbd/url.hpp"
#include "protocols/msbd/utf16.hpp"
#include "protocols/msbd/wire.hpp"

using namespace weir;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

struct Record final : StreamReader::Output, msbd::LinkReader::Events {
    StreamFormatPtr format;
    std::vector<std::uint8_t> log;

    void note(char what, Bytes bytes) {
        log.push_back(static_cast<std::uint8_t>(what));
        log.insert(log.end(), bytes.begin(), bytes.end());
    }
    Result<> on_format(StreamFormatPtr f) override {
        format = std::move(f);
        note('F', format->header());
        return Ok{};
    }
    Result<> on_packet(Bytes packet, const PacketInfo&) override {
        require(format != nullptr && format->inspect(packet).ok());
        note('P', packet);
        return Ok{};
    }
    Result<> on_bad_packet(const Error& why) override {
        require(!why.detail.empty());
        note('B', {});
        return Ok{};
    }
    Result<> on_provenance(const Provenance& provenance) override {
        require(parse_provenance(to_string(provenance)) == provenance);
        note('N', {});
        return Ok{};
    }
    void on_ping() override { note('p', {}); }
};

std::vector<std::uint8_t> read(Bytes in, std::uint32_t seed) {
    Record out;
    msbd::LinkReader reader{{}, true, out};
    bool failed = false;
    while (!in.empty()) {
        std::size_t part = in.size();
        if (seed != 0) {
            seed = seed * 1664525 + 1013904223;
            part = std::min<std::size_t>(part, 1 + (seed >> 24) % ((seed & 0x10000) != 0 ? 8 : 200));
        }
        // A copy of the exact size, so that reading past it is seen.
        const std::vector<std::uint8_t> exact(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(part));
        failed |= !reader.feed(exact, out).ok();
        in = in.subspan(part);
    }
    require(reader.end().ok() == reader.has_stream());
    out.log.push_back(failed ? 'E' : reader.finished() ? 'X' : reader.is_between_streams() ? 'B' : '-');
    return std::move(out.log);
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

void check_messages(Bytes in) {
    while (true) {
        const auto parsed = msbd::parse_message(in);
        const auto* got = std::get_if<Got<msbd::Message>>(&parsed);
        if (!got) return;
        require(got->used >= msbd::kHead && got->used <= in.size());
        const auto& message = got->value;
        check_connect(message.body);
        check_info(message);
        (void)msbd::check_connected(message.body).ok();
        require(msbd::describe_result(message.hr).starts_with("0x"));
        if (const auto packet = msbd::parse_packet(message.body); packet) {
            std::vector<std::uint8_t> front(msbd::kPacketOverhead);
            msbd::encode_packet_head(packet.value().head, packet.value().payload.size(), front);
            require(std::equal(message.body.begin(), message.body.begin() + 8, front.begin() + msbd::kHead));
        }
        in = in.subspan(got->used);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size < 1) return 0;
    const Bytes in{bytes + 1, size - 1};
    require(read(in, 0) == read(in, 1U + bytes[0]));
    check_messages(in);
    check_connect(in);
    std::vector<std::uint8_t> units;
    msbd::append_utf16(as_text(in), units);
    require(msbd::utf8_of(units).ok());
    if (const auto text = msbd::utf8_of(in); text) {
        units.clear();
        msbd::append_utf16(text.value(), units);
        require(std::equal(in.begin(), in.end(), units.begin(), units.end()));
    }
    if (const auto url = msbd::parse_url(as_text(in)); url) require(msbd::parse_url(url.value().text()).ok());
    return 0;
}
