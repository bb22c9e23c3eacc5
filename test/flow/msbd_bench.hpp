// Servers downstream that ask a FakeHost for its channel over MSBD, and its encoder, for the tests of that.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/media/feed.hpp"
#include "protocols/msbd/wire.hpp"
#include "test/support/asf_samples.hpp"
#include "test/support/fake_host.hpp"

#include "test/support/cmocka.hpp"

namespace weir::test {

using namespace weir::msbd;

struct Encoder {
    explicit Encoder(FakeHost& host, char codec = '3')
        : stream(64, 5, codec),
          feed(std::make_unique<Feed>(host.live(), 0, Feed::Role::source, "encoder", Callback<void()>{})) {
        feed->begin(stream.format());
    }
    void send(int count) {
        while (count-- > 0) {
            packets.push_back(stream.next());
            assert_true(feed->append(packets.back()).ok());
        }
        feed->publish();
    }
    VideoStream stream;
    std::unique_ptr<Feed> feed;
    std::vector<Buffer> packets;
};

inline std::string text(const std::vector<std::uint8_t>& bytes) {
    return std::string(as_text(bytes));
}
inline std::string request(std::string_view channel, std::uint32_t flags = kUnicast,
                           std::optional<RelayRequest> relay = {}) {
    return text(encode_connect({.flags = flags, .channel = std::string(channel), .relay = std::move(relay)}));
}
inline const std::string kAccepted = text(encode_connected(kOk));
inline const std::string kPing = text(encode_plain(Kind::ping)), kPong = text(encode_plain(Kind::pong));
inline const std::string kAskInfo = text(encode_plain(Kind::ask_info));
inline const std::string kOver = text(encode_plain(Kind::end)) + text(encode_no_stream());

inline std::string info(const VideoStream& stream, std::uint16_t id, Kind kind = Kind::info,
                        std::string_view link = {}) {
    const std::string header = stream.served_header();
    return text(*encode_info(kind, {.stream = id,
                                    .packet_size = 64,
                                    .bit_rate = 48000,
                                    .link = as_bytes(link),
                                    .header = as_bytes(header)}));
}
// What a client is told of the channel's first header that is no weir.
inline std::string first_info(FakeHost& host, const VideoStream& stream, Kind kind = Kind::info) {
    return info(stream, 1, kind,
                std::string(kProvenanceMark) + to_string(host.live().lineage().names().last().run));
}
inline std::string accepted(FakeHost& host, const VideoStream& stream) {
    return kAccepted + first_info(host, stream);
}
inline std::string packet(std::uint32_t number, std::uint16_t id, std::string_view bytes) {
    std::string out(kPacketOverhead, '\0');
    encode_packet_head({.number = number, .stream = id}, bytes.size(),
                       {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    return out + std::string(bytes);
}
// Packets [from, to) of an encoder whose first is `number`.
inline std::string packets(const Encoder& encoder, std::size_t from, std::size_t to, std::uint16_t id,
                           std::uint32_t number = 0) {
    std::string out;
    for (std::size_t i = from; i < to; ++i)
        out += packet(number + static_cast<std::uint32_t>(i), id, as_text(encoder.packets[i]));
    return out;
}
inline void flush(FakeHost& host) {
    host.advance(Duration{200});
}

inline void assert_sent(FakePeer& peer, const std::string& wanted) {
    const std::string sent = peer.take_sent();
    if (sent != wanted) print_error("%zu bytes were sent, %zu were to be\n", sent.size(), wanted.size());
    assert_true(sent == wanted);
}
inline void assert_refused(FakePeer& peer, std::uint32_t hr) {
    assert_sent(peer, text(encode_connected(hr)));
    assert_true(peer.is_closing());
    assert_int_equal(peer.reason(), CloseReason::refused);
}

}  // namespace weir::test
