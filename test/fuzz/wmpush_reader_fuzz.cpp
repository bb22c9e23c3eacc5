// The bodies of a Windows Media push, whole and cut at places taken from them: the same comes out, and what
// is written is what was read. The first byte seeds the cuts, its highest bit says that another weir pushes;
// the next two say how long each body is.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "protocols/wmpush/reader.hpp"

using namespace weir;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

struct Record final : StreamReader::Output {
    StreamFormatPtr format;
    bool is_from_relay = false;
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
    Result<> on_packet(Bytes packet, const PacketInfo& info) override {
        require(format != nullptr && packet.size() <= format->max_packet());
        const auto again = format->inspect(packet);
        require(again.ok() && again.value().media == info.media && again.value().sync == info.sync);
        note('P', packet);
        return Ok{};
    }
    Result<> on_provenance(const Provenance& provenance) override {
        require(is_from_relay);
        note('N', as_bytes(to_string(provenance)));
        return Ok{};
    }
    Result<> on_bad_packet(const Error& why) override {
        require(!why.detail.empty());
        note('B', {});
        return Ok{};
    }
};

// Bodies of `length` bytes each; behind an odd one the connection is lost and comes back.
std::vector<std::uint8_t> read(Bytes in, std::uint32_t seed, std::size_t length, bool is_from_relay) {
    Record out;
    out.is_from_relay = is_from_relay;
    wmpush::PushReader reader{{}};
    if (is_from_relay) reader.expect_names();
    bool failed = false;
    for (std::size_t n = 0; !in.empty(); ++n) {
        Bytes body = in.first(std::min(in.size(), length));
        in = in.subspan(body.size());
        reader.begin_body(length);
        if (n % 2 == 1) reader.announce_again();
        if (n % 3 == 2) reader.begin_minute();
        if (n % 4 == 3) reader.begin_second();
        while (!body.empty()) {
            std::size_t part = body.size();
            if (seed != 0) {
                seed = seed * 1664525 + 1013904223;
                part = std::min<std::size_t>(part, 1 + (seed >> 24) % ((seed & 0x10000) != 0 ? 8 : 200));
            }
            // A copy of the exact size, so that reading past it is seen.
            const std::vector<std::uint8_t> exact(body.begin(),
                                                  body.begin() + static_cast<std::ptrdiff_t>(part));
            failed |= !reader.feed(exact, out).ok();
            body = body.subspan(part);
        }
    }
    require(reader.end().ok() && !(reader.is_new() && reader.finished()));
    out.log.push_back(failed ? 'E' : reader.finished() ? 'X' : '-');
    return std::move(out.log);
}

void check_packets(Bytes in) {
    while (true) {
        const auto parsed = wmpush::parse_packet(in, in.size());
        require(!std::holds_alternative<Need>(parsed) || in.size() < wmpush::kHead);
        const auto* got = std::get_if<Got<wmpush::Packet>>(&parsed);
        if (!got) return;
        require(got->used >= wmpush::kHead && got->used <= in.size());
        const auto& packet = got->value;
        std::uint8_t out[wmpush::kEndPacket];
        std::size_t written = wmpush::kHead;
        wmpush::encode_head(packet.id, got->used - wmpush::kHead, out);
        if (packet.id == wmpush::PacketId::end && got->used == wmpush::kEndPacket) {
            wmpush::encode_end(packet.reason, out);
            written = wmpush::kEndPacket;
        } else if (packet.id == wmpush::PacketId::change && packet.reason == 0) {
            wmpush::encode_change_head(packet.payload.size(), out);
            written = wmpush::kHead + wmpush::kReason;
        }
        require(std::equal(out + 1, out + written, in.begin() + 1));
        in = in.subspan(got->used);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size < 3) return 0;
    const Bytes in{bytes + 3, size - 3};
    const std::size_t length = 1U + load_u16le(bytes + 1);
    const bool is_from_relay = (bytes[0] & 0x80) != 0;
    require(read(in, 0, length, is_from_relay) == read(in, 1U + bytes[0], length, is_from_relay));
    check_packets(in);
    return 0;
}
