// The promise: whatever happens to the encoder, each client stays on its connection and sees one stream.
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

constexpr std::size_t kPacket = 64;
constexpr std::size_t kDataHead = 12;  // of $D
constexpr std::string_view kHttp = "GET /live HTTP/1.0\r\nUser-Agent: xine/1.2.13\r\n\r\n";

std::string play(std::string_view agent) {
    return "GET /live HTTP/1.0\r\nUser-Agent: " + std::string(agent) +
           "\r\nPragma: no-cache,rate=1.000000,stream-time=0,stream-offset=4294967295:4294967295,"
           "packet-num=4294967295,request-context=2,max-duration=0\r\nPragma: xPlayStrm=1\r\nPragma: "
           "stream-switch-count=1\r\nPragma: stream-switch-entry=ffff:2:0\r\n\r\n";
}
constexpr std::string_view kFree = "NSPlayer/4.1.0.3856", kNine = "NSPlayer/9.0.0.2980 WMFSDK/9.0",
                           kServer = "NSServer/4.1.0.3930";

// A push that comes in pieces, as ffmpeg sends it.
struct Pushing {
    explicit Pushing(FakeHost& h, char codec = '3', std::string from = "192.0.2.9:1000",
                     VideoStream::Numbers numbers = VideoStream::Numbers::usual)
        : host(h), stream(kPacket, 5, codec, numbers), peer(h.connect(std::move(from))) {
        peer.say("POST /live HTTP/1.1\r\nHost: weir\r\nUser-Agent: Lavf/59\r\n\r\n");
        peer.say(stream.header());
    }
    Pushing& send(int count) {
        while (count-- > 0) peer.say(stream.next());
        host.end_turn();
        return *this;
    }
    // In real time.
    Pushing& run(int count) {
        while (count-- > 0) {
            send(1);
            host.advance(Duration{VideoStream::kPacketMs});
        }
        return *this;
    }
    void die() {
        peer.reset();
        host.end_turn();
    }
    FakeHost& host;
    VideoStream stream;
    FakePeer& peer;
};

// One of each kind of client, all there before the outage.
struct Clients {
    explicit Clients(FakeHost& host)
        : http(host.ask(kHttp)),
          free(host.ask(play(kFree))),
          nine(host.ask(play(kNine))),
          server(host.ask(play(kServer))) {}
    std::vector<FakePeer*> all() { return {&http, &free, &nine, &server}; }
    void assert_kept() {
        for (const FakePeer* peer : all()) {
            assert_false(peer->is_closing());
            assert_false(peer->was_told());
        }
    }
    FakePeer& http;
    FakePeer& free;
    FakePeer& nine;
    FakePeer& server;
};

bool is_filler(std::string_view packet) {
    return packet.starts_with(std::string_view{"\x82\x00\x00\x11\x5D", 5});
}

// What came since the last call: packets of a close-delimited body, or of $D; fillers apart.
struct Heard {
    std::vector<std::uint32_t> times;  // send times of what carries media
    std::size_t fillers = 0;
};
Heard hear(std::string_view body, std::size_t framing) {
    Heard out;
    assert_int_equal(body.size() % (kPacket + framing), 0);
    for (std::size_t at = framing; at < body.size(); at += kPacket + framing) {
        const auto packet = body.substr(at, kPacket);
        if (is_filler(packet))
            ++out.fillers;
        else
            out.times.push_back(test::send_time_of(as_bytes(packet)));
    }
    return out;
}

void assert_times_go_on(const std::vector<std::uint32_t>& times, std::uint32_t from, std::size_t count) {
    assert_int_equal(times.size(), count);
    for (std::size_t i = 0; i < count; ++i)
        assert_int_equal(times[i], from + (i + 1) * VideoStream::kPacketMs);
}

ChannelConfig live(std::vector<SourceConfig> sources = {"push:"}) {
    ChannelConfig config;
    config.name = "live";
    config.sources = std::move(sources);
    return config;
}

}  // namespace

static void an_hour_without_an_encoder_costs_no_client_and_no_memory(void**) {
    FakeHost host;
    Pushing first{host};
    first.run(50);
    Clients clients{host};
    first.run(10);
    for (FakePeer* peer : clients.all()) peer->take_sent();
    const Seq end = host.live().log().end();
    first.die();
    assert_int_equal(host.live().state(), Channel::State::restarting);
    std::size_t held = 0;
    for (int minute = 0; minute < 60; ++minute) {
        host.advance(Duration{60000});
        clients.assert_kept();
        // Each client but the server of others got one filler a second, and nothing waits for anybody.
        assert_int_equal(hear(clients.http.take_sent(), 0).fillers, 60);
        assert_int_equal(hear(clients.free.take_sent(), kDataHead).fillers, 60);
        assert_int_equal(hear(clients.nine.take_sent(), kDataHead).fillers, 60);
        assert_true(clients.server.take_sent().empty());
        assert_int_equal(host.live().log().end(), end);  // no filler is in a log
        if (minute == 0) held = host.live().log().bytes();
        assert_int_equal(host.live().log().bytes(), held);
    }
    assert_int_equal(host.live().log().first(), end);
    assert_int_equal(held, 0);
    assert_int_equal(host.lines().count("warning: "), 1);
    // The encoder comes back: its times begin at 0, theirs go on by one picture, an hour later.
    Pushing second{host};
    second.run(20);
    clients.assert_kept();
    const std::uint32_t last = 59 * VideoStream::kPacketMs;
    assert_times_go_on(hear(clients.http.take_sent(), 0).times, last, 20);
    assert_times_go_on(hear(clients.free.take_sent(), kDataHead).times, last, 20);
    assert_times_go_on(hear(clients.nine.take_sent(), kDataHead).times, last, 20);
    assert_times_go_on(hear(clients.server.take_sent(), kDataHead).times, last, 20);
    assert_true(
        host.lines().has("back on air with push from 192.0.2.9:1000 (Lavf/59) after the loss of push"));
    assert_int_equal(host.live().stats().losses, 1);
    assert_int_equal(host.live().stats().recoveries, 1);
    assert_true(host.live().stats().longest_gap >= Duration{3'600'000});
}

static void an_encoder_that_dies_again_and_again_is_one_stream(void**) {
    FakeHost host;
    auto push = std::make_unique<Pushing>(host);
    push->run(10);
    FakePeer& client = host.ask(kHttp);
    host.advance(Duration{100});
    client.take_sent();
    for (std::uint32_t round = 0; round < 200; ++round) {
        const std::uint32_t last = (9 + 10 * round) * VideoStream::kPacketMs;
        push->die();
        host.advance(Duration{round * 37 % 4000});
        push = std::make_unique<Pushing>(host);
        push->run(10);
        assert_times_go_on(hear(client.take_sent(), 0).times, last, 10);
    }
    assert_false(client.was_told());
    assert_int_equal(host.live().stats().losses, 200);
}

static void an_encoder_that_stops_and_goes_on_needs_no_key_frame(void**) {
    FakeHost host;
    Pushing push{host};
    push.run(7);
    Clients clients{host};
    push.run(1);
    for (FakePeer* peer : clients.all()) peer->take_sent();
    host.advance(Duration{4900});
    assert_int_equal(host.live().state(), Channel::State::streaming);
    host.advance(Duration{15000});
    assert_int_equal(host.live().state(), Channel::State::restarting);
    assert_int_equal(host.sources(host.live()).front().state, SourceStatus::State::starving);
    assert_false(push.peer.was_told());
    assert_int_equal(host.lines().count("it fell silent; clients are held"), 1);
    push.run(4);
    assert_int_equal(host.live().state(), Channel::State::streaming);
    clients.assert_kept();
    assert_times_go_on(hear(clients.http.take_sent(), 0).times, 7 * VideoStream::kPacketMs, 4);
    assert_int_equal(host.lines().count("back on air with push"), 1);
    assert_int_equal(host.live().stats().recoveries, 1);
}

static void a_push_that_is_silent_for_a_minute_is_let_go(void**) {
    FakeHost host;
    Pushing push{host};
    push.run(10);
    host.advance(Duration{59000});
    assert_false(push.peer.was_told());
    host.advance(Duration{2000});
    assert_true(push.peer.was_told());
    // It was lost when it fell silent: that is said once.
    assert_int_equal(host.live().stats().losses, 1);
    assert_int_equal(host.lines().count("lost push"), 1);
}

static void an_encoder_that_reconnects_is_never_refused_for_its_dead_connection(void**) {
    FakeHost host;
    Pushing first{host};
    first.run(10);
    Clients clients{host};
    host.advance(Duration{100});
    for (FakePeer* peer : clients.all()) peer->take_sent();
    Pushing second{host, '3', "192.0.2.9:1001"};  // the same machine; the first connection is open still
    second.run(10);
    assert_true(first.peer.was_told());
    assert_false(second.peer.was_told());
    clients.assert_kept();
    assert_times_go_on(hear(clients.http.take_sent(), 0).times, 9 * VideoStream::kPacketMs, 10);
    assert_int_equal(host.live().stats().losses, 0);
}

static void another_header_goes_to_those_who_can_take_it_and_ends_the_others(void**) {
    FakeHost host;
    Pushing first{host};
    first.run(10);
    Clients clients{host};
    for (FakePeer* peer : clients.all()) peer->take_sent();
    first.die();
    host.advance(Duration{3000});
    for (FakePeer* peer : clients.all()) peer->take_sent();
    Pushing second{host, '2'};
    host.advance(Duration{1000});
    clients.assert_kept();  // nothing to start from yet
    clients.nine.take_sent();
    second.run(10);
    // $E 1 to free players, the end of the body to plain ones.
    assert_true(clients.free.was_told());
    assert_true(clients.free.sent().ends_with(std::string_view{"\x24\x45\x04\x00\x01\x00\x00\x00", 8}));
    assert_true(clients.http.was_told());
    assert_int_equal(hear(clients.http.sent(), 0).times.size(), 0);
    // $C 0, $H, $D to the others.
    for (const FakePeer* peer : {&clients.nine, &clients.server}) {
        assert_false(peer->was_told());
        assert_true(
            peer->sent().starts_with(std::string_view{"\x24\x43\x04\x00\x00\x00\x00\x00\x24\x48", 10}));
    }
}

static void an_encoder_that_numbers_its_streams_otherwise_is_the_same_stream(void**) {
    FakeHost host;
    Pushing first{host};
    first.run(10);
    Clients clients{host};
    first.run(1);
    for (FakePeer* peer : clients.all()) peer->take_sent();
    first.die();
    std::uint32_t served = 11, runs = 1;
    using Numbers = VideoStream::Numbers;
    for (const auto numbers : {Numbers::swapped, Numbers::swapped, Numbers::usual, Numbers::swapped}) {
        Pushing next{host, '3', "192.0.2.9:1000", numbers};
        next.run(10);
        next.die();
        clients.assert_kept();
        // What the same encoder with the first one's numbers would have sent, after what was sent before.
        VideoStream usual{kPacket};
        std::string expected;
        for (int n = 0; n < 10; ++n) expected += as_text(test::served_behind(served, usual.next(), runs));
        assert_true(clients.http.take_sent() == expected);
        for (FakePeer* peer : {&clients.free, &clients.nine, &clients.server}) {
            const std::string sent = peer->take_sent();
            assert_int_equal(sent.size(), 10 * (kDataHead + kPacket));
            for (std::size_t n = 0; n < 10; ++n)
                assert_true(sent.substr(n * (kDataHead + kPacket) + kDataHead, kPacket) ==
                            expected.substr(n * kPacket, kPacket));
        }
        served += 10;
        ++runs;
    }
    assert_false(host.lines().has("does not continue"));
}

static void a_source_that_ends_is_lost_like_any_other(void**) {
    FakeHost host;
    Pushing first{host};
    first.run(10);
    Clients clients{host};
    first.peer.half_close();
    host.end_turn();
    assert_true(host.lines().has("it ended its push; clients are held"));
    host.advance(Duration{60000});
    clients.assert_kept();
    Pushing second{host};
    for (FakePeer* peer : clients.all()) peer->take_sent();
    second.run(10);
    assert_times_go_on(hear(clients.http.take_sent(), 0).times, 9 * VideoStream::kPacketMs, 10);
}

static void with_on_end_the_clients_end_ten_seconds_after_the_source(void**) {
    ChannelConfig config = live();
    config.on_end = OnEnd::end;
    FakeHost host{{config}};
    for (int round = 0; round < 2; ++round) {
        Pushing first{host};
        first.run(10);
        Clients clients{host};
        first.peer.half_close();
        host.advance(Duration{9900});
        clients.assert_kept();
        if (round == 0) {  // it comes back in time, and breaks: that is no end
            Pushing second{host};
            second.run(10);
            second.die();
            host.advance(Duration{60000});
            clients.assert_kept();
            for (FakePeer* peer : clients.all()) peer->half_close();
            host.advance(Duration{100});
            continue;
        }
        host.advance(Duration{200});
        for (const FakePeer* peer : clients.all()) assert_true(peer->was_told());
        assert_true(clients.free.sent().ends_with(std::string_view{"\x24\x45\x04\x00\x00\x00\x00\x00", 8}));
        assert_int_equal(host.live().state(), Channel::State::closed);
        // Whoever comes now waits, and gets the next stream from its own beginning.
        FakePeer& late = host.ask(kHttp);
        assert_true(late.sent().empty());
        Pushing next{host, '2'};
        next.run(10);
        assert_false(late.was_told());
        const auto body = late.sent().substr(late.sent().find("\r\n\r\n") + 4);
        assert_true(body.starts_with(next.stream.served_header()));
        const auto heard = hear(body.substr(next.stream.served_header().size()), 0);
        assert_int_equal(heard.times.size(), 10);
        assert_int_equal(heard.times.front(), 0);
    }
}

static void clients_are_held_as_long_as_hold_says(void**) {
    ChannelConfig config = live();
    config.hold = Milliseconds{30000};
    FakeHost host{{config}};
    Pushing first{host};
    first.run(10);
    Clients clients{host};
    first.die();
    host.advance(Duration{29900});
    clients.assert_kept();
    host.advance(Duration{200});
    for (const FakePeer* peer : clients.all()) assert_true(peer->was_told());
    assert_true(host.lines().has("no source came back; clients are ended"));
}

static void a_newcomer_in_an_outage_is_answered_at_once_and_fed_fillers(void**) {
    FakeHost host;
    Pushing first{host};
    first.run(10);
    first.die();
    host.advance(Duration{60000});
    FakePeer& client = host.ask(kHttp);
    const auto size = client.sent().find("\r\n\r\n") + 4 + first.stream.served_header().size();
    assert_int_equal(client.take_sent().size(), size);
    host.advance(Duration{20000});
    const auto fillers = hear(client.take_sent(), 0).fillers;
    assert_in_range(fillers, 19, 20);
    Pushing second{host};
    second.run(10);
    assert_times_go_on(hear(client.take_sent(), 0).times, 9 * VideoStream::kPacketMs, 10);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_without_an_encoder_costs_no_client_and_no_memory),
        cmocka_unit_test(an_encoder_that_dies_again_and_again_is_one_stream),
        cmocka_unit_test(an_encoder_that_stops_and_goes_on_needs_no_key_frame),
        cmocka_unit_test(a_push_that_is_silent_for_a_minute_is_let_go),
        cmocka_unit_test(an_encoder_that_reconnects_is_never_refused_for_its_dead_connection),
        cmocka_unit_test(another_header_goes_to_those_who_can_take_it_and_ends_the_others),
        cmocka_unit_test(an_encoder_that_numbers_its_streams_otherwise_is_the_same_stream),
        cmocka_unit_test(a_source_that_ends_is_lost_like_any_other),
        cmocka_unit_test(with_on_end_the_clients_end_ten_seconds_after_the_source),
        cmocka_unit_test(clients_are_held_as_long_as_hold_says),
        cmocka_unit_test(a_newcomer_in_an_outage_is_answered_at_once_and_fed_fillers)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
