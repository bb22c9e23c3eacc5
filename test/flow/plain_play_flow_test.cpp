// Plain HTTP players: the header, packets from a sync point, and what a slow one gets.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "core/media/feed.hpp"
#include "test/support/asf_samples.hpp"
#include "test/support/fake_host.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using test::FakeHost;
using test::FakePeer;
using test::VideoStream;

namespace {

constexpr std::string_view kGet10 = "GET /live HTTP/1.0\r\nUser-Agent: xine/1.2.13\r\n\r\n";
constexpr std::string_view kGet11 =
    "GET /live HTTP/1.1\r\nHost: h\r\nUser-Agent: VLC/3.0.24 LibVLC/3.0.24\r\n\r\n";
constexpr std::string_view kEnd = "\r\n\r\n";

struct Encoder {
    explicit Encoder(Channel& channel, std::uint32_t packet_size = 64, unsigned key_every = 5,
                     char codec = '3')
        : stream(packet_size, key_every, codec),
          feed(std::make_unique<Feed>(channel, 0, Feed::Role::source, "encoder",
                                      Callback<void()>::of<&Encoder::on_replaced>(this))) {
        feed->begin(stream.format());
    }
    void on_replaced() noexcept {}
    void send(int count) {
        while (count-- > 0) {
            packets.push_back(stream.next());
            assert_true(feed->append(packets.back()).ok());
        }
        feed->publish();
    }
    std::string text(std::size_t from, std::size_t to) const {
        std::string out;
        for (std::size_t i = from; i < to; ++i) out += as_text(test::served_behind(behind, packets[i]));
        return out;
    }
    std::uint32_t behind = 0;  // so many packets of another run
    VideoStream stream;
    std::unique_ptr<Feed> feed;
    std::vector<test::Buffer> packets;
};

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::string head_of(const FakePeer& peer) {
    return peer.sent().substr(0, peer.sent().find(kEnd) + kEnd.size());
}
std::string body_of(const FakePeer& peer) {
    return peer.sent().substr(head_of(peer).size());
}

// The chunks of a body, each as it came; fails where they are not well-formed. `ended`: the last chunk was
// there.
std::vector<std::string> chunks_of(const std::string& body, bool& ended) {
    std::vector<std::string> out;
    std::size_t at = 0;
    ended = false;
    while (at < body.size() && !ended) {
        const auto line = body.find("\r\n", at);
        assert_true(line != std::string::npos);
        const std::size_t size = std::stoul(body.substr(at, line - at), nullptr, 16);
        assert_true(body.size() >= line + 2 + size + 2);
        assert_true(body.compare(line + 2 + size, 2, "\r\n") == 0);
        if (size == 0)
            ended = true;
        else
            out.push_back(body.substr(line + 2, size));
        at = line + 2 + size + 2;
    }
    assert_int_equal(at, body.size());
    return out;
}

void assert_same(const std::string& found, const std::string& expected) {
    assert_int_equal(found.size(), expected.size());
    assert_true(found == expected);
}

bool is_filler(std::string_view packet) {
    return packet.starts_with(std::string_view{"\x82\x00\x00\x11\x5D", 5});
}

std::vector<ChannelConfig> with_log(std::size_t bytes, SlowClient slow = SlowClient::skip) {
    return {{.name = "live",
             .title = {},
             .sources = {"push:"},
             .burst = Milliseconds{0},
             .slow_client = slow,
             .log_size = bytes,
             .origin = {}}};
}

// The packets that a close-delimited body holds behind its header, by their numbers; each must be whole and
// true.
std::vector<std::size_t> numbers_of(const std::string& body, const Encoder& encoder) {
    std::vector<std::size_t> out;
    const std::size_t size = encoder.packets.front().size();
    std::size_t at = encoder.stream.served_header().size();
    assert_same(body.substr(0, at), encoder.stream.served_header());
    assert_int_equal((body.size() - at) % size, 0);
    for (; at < body.size(); at += size) {
        const auto packet = as_bytes(body).subspan(at, size);
        const auto n = test::send_time_of(packet) / VideoStream::kPacketMs;
        assert_true(n < encoder.packets.size());
        assert_true(std::equal(packet.begin(), packet.end(), encoder.packets[n].begin()));
        out.push_back(n);
    }
    return out;
}

}  // namespace

static void a_client_gets_the_header_and_packets_from_a_sync_point(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(13);
    FakePeer& peer = host.ask(kGet10);
    host.advance(Duration{5});
    assert_string_equal(
        head_of(peer).c_str(),
        "HTTP/1.0 200 OK\r\nServer: weir/0.1.0\r\nContent-Type: video/x-ms-asf\r\nCache-Control: no-cache, "
        "no-store\r\nPragma: no-cache\r\nAccept-Ranges: none\r\nAccess-Control-Allow-Origin: "
        "*\r\nConnection: close\r\n\r\n");
    // All came at once, so none is as old as the burst: the oldest sync point.
    assert_same(body_of(peer), encoder.stream.served_header() + encoder.text(0, 13));
    encoder.send(4);
    host.advance(Duration{5});
    assert_same(body_of(peer), encoder.stream.served_header() + encoder.text(0, 17));
    assert_int_equal(host.live().viewers(), 1);
}

static void the_burst_is_as_long_as_configured(void**) {
    for (const auto& [burst, first] : {std::pair{0, 95}, {200, 90}, {1000, 70}, {3000, 20}, {60'000, 0}}) {
        FakeHost host{{{.name = "live",
                        .title = {},
                        .sources = {"push:"},
                        .burst = Milliseconds{burst},
                        .origin = {}}}};
        Encoder encoder{host.live()};
        for (int i = 0; i < 96; ++i) {
            encoder.send(1);
            host.advance(Duration{40});
        }
        FakePeer& peer = host.ask(kGet10);
        host.advance(Duration{5});
        assert_int_equal(numbers_of(body_of(peer), encoder).front(), first);
        assert_int_equal(numbers_of(body_of(peer), encoder).size(), 96 - first);
    }
}

static void http_1_1_gets_a_chunk_for_each_packet(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(7);
    FakePeer& peer = host.ask(kGet11);
    host.advance(Duration{5});
    assert_true(head_of(peer).starts_with("HTTP/1.1 200 OK\r\n"));
    assert_true(has(head_of(peer), "Transfer-Encoding: chunked\r\n"));
    assert_true(has(head_of(peer), "Connection: close\r\n"));
    bool ended = false;
    auto chunks = chunks_of(body_of(peer), ended);
    assert_int_equal(chunks.size(), 8);
    assert_same(chunks[0], encoder.stream.served_header());
    for (std::size_t i = 0; i < 7; ++i) assert_same(chunks[i + 1], encoder.text(i, i + 1));
    assert_false(ended);
    host.stop();
    host.advance(Duration{100});
    chunks_of(body_of(peer), ended);
    assert_true(ended);
    assert_true(peer.was_told());
    assert_int_equal(peer.reason(), CloseReason::finished);
}

static void head_is_answered_with_the_same_headers_and_nothing_else(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(7);
    FakePeer& get = host.ask(kGet10);
    FakePeer& head = host.ask("HEAD /live HTTP/1.0\r\n\r\n");
    host.advance(Duration{100});
    assert_string_equal(head.sent().c_str(), head_of(get).c_str());
    assert_true(head.was_told());
    assert_int_equal(host.live().viewers(), 1);
}

static void head_before_any_header_is_answered_503_at_once(void**) {
    FakeHost host;
    FakePeer& peer = host.ask("HEAD /live HTTP/1.1\r\n\r\n");
    assert_true(peer.sent().starts_with("HTTP/1.1 503 "));
    assert_true(peer.sent().ends_with("\r\n\r\n"));
}

static void a_range_is_ignored(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(7);
    FakePeer& peer = host.ask("GET /live HTTP/1.0\r\nRange: bytes=0-\r\nIcy-MetaData: 1\r\n\r\n");
    FakePeer& middle = host.ask("GET /live HTTP/1.0\r\nRange: bytes=1000-\r\n\r\n");
    host.advance(Duration{5});
    assert_true(peer.sent().starts_with("HTTP/1.0 200 OK\r\n"));
    assert_string_equal(middle.sent().c_str(), peer.sent().c_str());
}

static void a_page_of_another_origin_may_ask_and_play(void**) {
    FakeHost host;
    FakePeer& peer = host.ask(
        "OPTIONS /live HTTP/1.1\r\nOrigin: http://page\r\nAccess-Control-Request-Method: GET\r\n\r\n");
    assert_true(peer.sent().starts_with("HTTP/1.1 204 No Content\r\n"));
    assert_true(has(peer.sent(), "Access-Control-Allow-Origin: *\r\n"));
    assert_true(has(peer.sent(), "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"));
    assert_true(has(peer.sent(), "Access-Control-Allow-Headers: Range, Icy-MetaData\r\n"));
    assert_false(peer.is_closing());
}

static void a_name_may_end_in_asf(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(7);
    FakePeer& peer = host.ask(kGet10);
    FakePeer& alias = host.ask("GET /live.asf HTTP/1.0\r\n\r\n");
    FakePeer& other = host.ask("GET /live.asf.asf HTTP/1.0\r\n\r\n");
    host.advance(Duration{5});
    assert_true(alias.sent() == peer.sent());
    assert_true(other.sent().starts_with("HTTP/1.0 404 "));
}

static void a_client_gets_whole_turns_in_one_send(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(5);
    FakePeer& peer = host.ask(kGet10);
    host.advance(Duration{100});
    const std::size_t before = peer.sends;
    encoder.send(1);
    encoder.send(1);
    encoder.send(1);
    host.advance(Duration{100});
    assert_int_equal(peer.sends, before + 1);
    host.advance(Duration{500});
    assert_int_equal(peer.sends, before + 1);
}

static void a_slow_client_gets_every_byte_in_its_own_time(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(20);
    FakePeer& peer = host.connect();
    peer.limit_room(0);
    peer.say(kGet10);
    std::size_t n = 1;
    while (!peer.sent().ends_with(encoder.text(encoder.packets.size() - 1, encoder.packets.size()))) {
        host.advance(Duration{7});
        peer.make_room(n = n % 97 + 13);
        if (encoder.packets.size() < 100) encoder.send(1);
    }
    assert_same(body_of(peer), encoder.stream.served_header() + encoder.text(0, 100));
    assert_int_equal(host.live().stats().skips, 0);
}

// Cut at every byte of a packet and at its border: what was begun is completed, then comes a sync point.
static void a_client_that_lagged_goes_on_with_whole_packets_from_a_sync_point(void**) {
    for (std::size_t cut = 0; cut <= 8000; cut += cut < 40 || cut > 7960 ? 8 : 530) {
        for (const bool wheel_sees_it : {true, false}) {
            FakeHost host{with_log(256 * 1024)};
            Encoder encoder{host.live(), 8000, 5};
            encoder.send(1);
            FakePeer& peer = host.ask(kGet10);
            host.advance(Duration{5});
            assert_int_equal(numbers_of(body_of(peer), encoder).size(), 1);
            peer.limit_room(8000 + cut);
            encoder.send(3);
            host.advance(Duration{5});
            for (int i = 0; i < 96; ++i) encoder.send(1);
            if (wheel_sees_it) host.advance(Duration{5});
            // It is copied, so that the client keeps no block alive.
            const std::size_t rest = wheel_sees_it && cut > 0 ? 8000 - cut : 0;
            assert_int_equal(peer.queued(), rest);
            peer.make_room(FakePeer::kUnlimited);
            host.advance(Duration{5});
            const auto numbers = numbers_of(body_of(peer), encoder);
            // 0, 1, then 2 where it was begun, then from the newest sync point on.
            std::vector<std::size_t> expected{0, 1};
            if (cut > 0) expected.push_back(2);
            for (std::size_t i = 95; i < 100; ++i) expected.push_back(i);
            assert_true(numbers == expected);
            assert_int_equal(host.live().stats().skips, 1);
            assert_false(peer.is_closing());
            encoder.send(3);
            host.advance(Duration{5});
            assert_int_equal(numbers_of(body_of(peer), encoder).back(), 102);
        }
    }
}

static void a_chunk_that_was_begun_is_completed_too(void**) {
    FakeHost host{with_log(256 * 1024)};
    Encoder encoder{host.live(), 8000, 5};
    encoder.send(1);
    FakePeer& peer = host.ask(kGet11);
    host.advance(Duration{5});
    peer.limit_room(8010 + 3);  // three digits of the next one's size
    encoder.send(3);
    host.advance(Duration{5});
    for (int i = 0; i < 96; ++i) encoder.send(1);
    host.advance(Duration{5});
    peer.make_room(FakePeer::kUnlimited);
    host.advance(Duration{5});
    bool ended = false;
    const auto chunks = chunks_of(body_of(peer), ended);
    assert_int_equal(chunks.size(), 1 + 3 + 5);
    assert_same(chunks[3], encoder.text(2, 3));
    assert_same(chunks[4], encoder.text(95, 96));
}

static void a_client_that_lagged_is_closed_where_that_is_configured(void**) {
    for (const bool wheel_sees_it : {true, false}) {
        FakeHost host{with_log(256 * 1024, SlowClient::close)};
        Encoder encoder{host.live(), 8000, 5};
        encoder.send(1);
        FakePeer& peer = host.ask(kGet10);
        host.advance(Duration{5});
        peer.limit_room(12'000);
        encoder.send(3);
        host.advance(Duration{5});
        for (int i = 0; i < 96; ++i) encoder.send(1);
        if (wheel_sees_it) host.advance(Duration{5});
        peer.make_room(FakePeer::kUnlimited);
        host.advance(Duration{10});
        assert_true(peer.was_told());
        assert_int_equal(peer.reason(), CloseReason::too_slow);
        assert_int_equal(host.live().stats().slow_closed, 1);
        assert_int_equal(host.live().stats().skips, 0);
        assert_int_equal(host.live().viewers(), 0);
    }
}

static void a_slow_client_is_no_harm_to_the_others(void**) {
    for (const SlowClient policy : {SlowClient::skip, SlowClient::close}) {
        FakeHost host{with_log(256 * 1024, policy)};
        Encoder encoder{host.live(), 8000, 5};
        encoder.send(1);
        FakePeer& slow = host.ask(kGet10);
        FakePeer& good = host.ask(kGet10);
        host.advance(Duration{5});
        slow.limit_room(12'000);
        for (int i = 0; i < 99; ++i) {
            encoder.send(1);
            host.advance(Duration{5});
        }
        assert_int_equal(slow.is_closing(), policy == SlowClient::close);
        assert_same(body_of(good), encoder.stream.served_header() + encoder.text(0, 100));
    }
}

static void a_client_that_takes_nothing_for_half_a_minute_is_gone(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(5);
    FakePeer& peer = host.ask(kGet10);
    host.advance(Duration{5});
    peer.limit_room(0);
    for (int i = 0; i < 31 && !peer.is_closing(); ++i) {
        assert_false(peer.is_closing());
        encoder.send(1);
        host.advance(Duration{1000});
    }
    assert_true(peer.was_told());
    assert_int_equal(peer.reason(), CloseReason::too_slow);
    assert_int_equal(host.live().viewers(), 0);
}

// It had nothing to take for a minute; that is no fault of its own.
static void an_outage_does_not_count_as_a_clients_silence(void**) {
    FakeHost host{{{.name = "live",
                    .title = {},
                    .sources = {"push:"},
                    .keepalive = Milliseconds{300'000},
                    .origin = {}}}};
    Encoder encoder{host.live()};
    encoder.send(5);
    FakePeer& peer = host.ask(kGet10);
    host.advance(Duration{60'000});
    peer.limit_room(0);
    encoder.send(1);
    host.advance(Duration{5});
    encoder.send(1);
    host.advance(Duration{5});
    assert_false(peer.is_closing());
    peer.make_room(FakePeer::kUnlimited);
    assert_same(body_of(peer), encoder.stream.served_header() + encoder.text(0, 7));
}

static void fillers_bridge_an_outage_once_a_second(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(5);
    FakePeer& peer = host.ask(kGet10);
    host.advance(Duration{5});
    const std::string before = peer.sent();
    encoder.feed.reset();
    host.advance(Duration{3500});
    const std::string fillers = peer.sent().substr(before.size());
    assert_int_equal(fillers.size(), 3 * 64);
    for (std::size_t at = 0; at < fillers.size(); at += 64) {
        assert_true(is_filler(std::string_view{fillers}.substr(at)));
        assert_int_equal(load_u32le(as_bytes(fillers).data() + at + 7), 4 * VideoStream::kPacketMs);
    }
    Encoder next{host.live()};
    next.behind = 5;
    next.send(2);
    host.advance(Duration{5});
    assert_same(peer.sent(), before + fillers + next.text(0, 2));
}

static void a_newcomer_in_an_outage_gets_the_header_then_fillers_then_packets(void**) {
    FakeHost host;
    auto encoder = std::make_unique<Encoder>(host.live());
    encoder->send(5);
    encoder.reset();
    host.advance(Duration{30'000});  // the log is dropped by then
    FakePeer& peer = host.ask(kGet10);
    host.advance(Duration{2000});
    Encoder next{host.live()};
    next.behind = 5;
    const std::string fillers = body_of(peer).substr(next.stream.served_header().size());
    assert_in_range(fillers.size(), 64, 3 * 64);
    assert_true(is_filler(fillers));
    assert_int_equal(host.live().clients_of("http").total, 0);
    next.send(6);
    host.advance(Duration{5});
    assert_same(body_of(peer), next.stream.served_header() + fillers + next.text(0, 6));
}

static void a_filler_is_not_sent_behind_media_that_came_after_it(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(5);
    FakePeer& peer = host.ask(kGet10);
    host.advance(Duration{5});
    peer.limit_room(10);
    encoder.send(1);
    host.advance(Duration{3000});  // fillers are made, none can be sent
    encoder.send(1);
    peer.make_room(FakePeer::kUnlimited);
    host.advance(Duration{500});
    assert_same(body_of(peer), encoder.stream.served_header() + encoder.text(0, 7));
}

static void an_incompatible_header_ends_the_body_once_it_can_be_played(void**) {
    for (const auto request : {kGet10, kGet11}) {
        FakeHost host;
        auto encoder = std::make_unique<Encoder>(host.live());
        encoder->send(5);
        FakePeer& peer = host.ask(request);
        host.advance(Duration{5});
        encoder.reset();
        Encoder other{host.live(), 64, 5, '2'};
        host.advance(Duration{500});
        assert_false(peer.is_closing());  // no packet yet: whoever comes back could not start
        other.send(1);
        host.advance(Duration{5});
        assert_true(peer.was_told());
        assert_int_equal(peer.reason(), CloseReason::finished);
        if (request == kGet11) {
            bool ended = false;
            assert_int_equal(chunks_of(body_of(peer), ended).size(), 6);
            assert_true(ended);
        } else {
            assert_int_equal(body_of(peer).size(), other.stream.served_header().size() + 5 * 64);
        }
        FakePeer& again = host.ask(kGet10);
        host.advance(Duration{5});
        assert_same(body_of(again), other.stream.served_header() + other.text(0, 1));
    }
}

// Cut in mid-packet when the header changes: the packet is completed, then the body ends.
static void a_packet_that_was_begun_is_completed_before_the_body_ends(void**) {
    for (const bool wheel_sees_it : {true, false}) {
        FakeHost host;
        auto encoder = std::make_unique<Encoder>(host.live(), 1000);
        encoder->send(5);
        FakePeer& peer = host.ask(kGet11);
        host.advance(Duration{5});
        peer.limit_room(100);
        encoder->send(2);
        host.advance(Duration{5});
        const std::string fifth = encoder->text(5, 6);
        encoder.reset();
        Encoder other{host.live(), 64, 5, '2'};
        other.send(1);
        if (wheel_sees_it) host.advance(Duration{5});
        peer.make_room(FakePeer::kUnlimited);
        host.advance(Duration{5});
        peer.make_room(FakePeer::kUnlimited);
        bool ended = false;
        const auto chunks = chunks_of(body_of(peer), ended);
        assert_true(ended);
        assert_int_equal(chunks.size(), 7);
        assert_same(chunks.back(), fifth);
    }
}

static void when_weir_stops_a_client_gets_what_is_its_own_then_the_end(void**) {
    FakeHost host;
    Encoder encoder{host.live(), 8000, 5};
    encoder.send(200);  // 1.6 MB: more than a visit sends
    FakePeer& peer = host.ask(kGet11);
    FakePeer& slow = host.connect();
    slow.limit_room(1000);
    slow.say(kGet11);
    host.stop();
    host.advance(Duration{200});
    bool ended = false;
    assert_int_equal(chunks_of(body_of(peer), ended).size(), 201);
    assert_true(ended && peer.was_told());
    assert_int_equal(peer.reason(), CloseReason::finished);
    for (int i = 0; i < 400 && !slow.was_told(); ++i) {
        slow.make_room(5000);
        host.advance(Duration{5});
    }
    slow.make_room(FakePeer::kUnlimited);
    assert_int_equal(chunks_of(body_of(slow), ended).size(), 201);
    assert_true(ended && slow.was_told());
    assert_int_equal(host.live().viewers(), 0);
}

static void a_client_that_leaves_is_counted_out_and_logged(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(5);
    FakePeer& peer = host.ask(kGet10);
    host.advance(Duration{5});
    assert_true(host.lines().has("192.0.2.1:4711 xine/1.2.13 plays over http"));
    peer.reset();
    host.advance(Duration{5});
    assert_int_equal(host.live().viewers(), 0);
    assert_int_equal(host.live().clients_of("http").total, 1);
    assert_true(host.lines().has("192.0.2.1:4711 xine/1.2.13 left after 320 bytes: peer closed"));
    assert_int_equal(host.live().wheel().size(), 0);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_client_gets_the_header_and_packets_from_a_sync_point),
        cmocka_unit_test(the_burst_is_as_long_as_configured),
        cmocka_unit_test(http_1_1_gets_a_chunk_for_each_packet),
        cmocka_unit_test(head_is_answered_with_the_same_headers_and_nothing_else),
        cmocka_unit_test(head_before_any_header_is_answered_503_at_once),
        cmocka_unit_test(a_range_is_ignored),
        cmocka_unit_test(a_page_of_another_origin_may_ask_and_play),
        cmocka_unit_test(a_name_may_end_in_asf),
        cmocka_unit_test(a_client_gets_whole_turns_in_one_send),
        cmocka_unit_test(a_slow_client_gets_every_byte_in_its_own_time),
        cmocka_unit_test(a_client_that_lagged_goes_on_with_whole_packets_from_a_sync_point),
        cmocka_unit_test(a_chunk_that_was_begun_is_completed_too),
        cmocka_unit_test(a_client_that_lagged_is_closed_where_that_is_configured),
        cmocka_unit_test(a_slow_client_is_no_harm_to_the_others),
        cmocka_unit_test(a_client_that_takes_nothing_for_half_a_minute_is_gone),
        cmocka_unit_test(an_outage_does_not_count_as_a_clients_silence),
        cmocka_unit_test(fillers_bridge_an_outage_once_a_second),
        cmocka_unit_test(a_newcomer_in_an_outage_gets_the_header_then_fillers_then_packets),
        cmocka_unit_test(a_filler_is_not_sent_behind_media_that_came_after_it),
        cmocka_unit_test(an_incompatible_header_ends_the_body_once_it_can_be_played),
        cmocka_unit_test(a_packet_that_was_begun_is_completed_before_the_body_ends),
        cmocka_unit_test(when_weir_stops_a_client_gets_what_is_its_own_then_the_end),
        cmocka_unit_test(a_client_that_leaves_is_counted_out_and_logged)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
