// Hot standby from the connection of a source to those of clients: pulls that are held ready, push slots
// beside one another, and one client that notices none of it.
#include "test/flow/pull_bench.hpp"

using namespace weir;
using namespace weir::test;

namespace {

using State = SourceStatus::State;

constexpr std::size_t kPacket = 64;
constexpr std::string_view kHttp = "GET /live HTTP/1.0\r\nUser-Agent: xine/1.2.13\r\n\r\n";
constexpr std::string_view kA = "a.example:80", kB = "b.example:80";

ChannelConfig live(Sources sources) {
    ChannelConfig config;
    config.name = "live";
    config.sources = std::move(sources);
    return config;
}

// Send times of a plain body's packets since the last call.
std::vector<std::uint32_t> times(FakePeer& client) {
    std::vector<std::uint32_t> out;
    const std::string body = client.take_sent();
    assert_int_equal(body.size() % kPacket, 0);
    for (std::size_t at = 0; at < body.size(); at += kPacket)
        out.push_back(send_time_of(as_bytes(std::string_view{body}.substr(at, kPacket))));
    return out;
}
void assert_one_stream(const std::vector<std::uint32_t>& times, std::uint32_t from) {
    for (const std::uint32_t time : times) {
        assert_int_equal(time, from + VideoStream::kPacketMs);
        from = time;
    }
}

struct Pushing {
    Pushing(PullBench& b, std::string_view query, std::string from)
        : bench(b), peer(b.host.connect(std::move(from))) {
        peer.say("POST /live" + std::string(query) + " HTTP/1.1\r\nHost: weir\r\n\r\n");
        peer.say(stream.header());
    }
    void send(int count = 1) {
        while (count-- > 0) peer.say(stream.next());
        bench.turn();
    }
    PullBench& bench;
    VideoStream stream;
    FakePeer& peer;
};

}  // namespace

static void the_backup_slot_takes_over_in_the_instant_of_the_loss_and_gives_way_again(void**) {
    PullBench b{live({"push:main", "push:backup"})};
    Pushing main{b, "?source=main", "192.0.2.9:1000"};
    main.send(5);
    FakePeer& client = b.host.ask(kHttp);
    client.take_sent();  // head and header
    Pushing backup{b, "?source=backup", "192.0.2.10:1000"};
    main.send(2);
    backup.send(8);
    assert_true(b.is_on_air(0));
    assert_int_equal(b.status(1).state, State::standby);
    b.host.advance(Duration{100});
    const auto before = times(client);
    main.peer.reset();
    b.turn();
    assert_true(b.is_on_air(1));
    b.host.advance(Duration{100});
    // From its newest key (the sixth of eight packets) on.
    auto behind = times(client);
    assert_int_equal(behind.size(), 3);
    assert_one_stream(behind, before.back());
    backup.send(2);
    // The better one is back, and takes over at its first key.
    Pushing again{b, "?source=main", "192.0.2.9:1001"};
    again.send(4);
    assert_true(b.is_on_air(0));
    assert_false(backup.peer.is_closing());
    b.host.advance(Duration{100});
    const auto last = times(client);
    assert_int_equal(last.size(), 6);
    assert_one_stream(last, behind.back());
    assert_false(client.is_closing());
    assert_int_equal(b.host.live().stats().losses, 1);
    assert_int_equal(b.host.live().stats().switches, 2);
    assert_int_equal(b.host.live().stats().last_gap.count(), 100);
}

static void a_standby_pull_is_connected_beside_a_push_and_takes_over(void**) {
    PullBench b{live({"push:", standby_source("http://a.example/live"), "http://b.example/live"})};
    FakePeer& a = b.answers(ok() + b.header() + b.next(3), kA);
    assert_true(b.is_on_air(1));
    Pushing push{b, "", "192.0.2.9:1000"};
    push.send(5);
    assert_true(b.is_on_air(0));
    b.turn();
    assert_false(a.was_told());  // let go it would be without "standby"
    assert_int_equal(b.status(1).state, State::standby);
    assert_int_equal(b.status(2).state, State::idle);
    FakePeer& client = b.host.ask(kHttp);
    b.host.advance(Duration{100});
    client.take_sent();
    a.say(b.next(5));
    push.send(1);
    b.host.advance(Duration{100});
    const auto before = times(client);
    push.peer.reset();
    b.turn();
    assert_true(b.is_on_air(1));
    assert_true(b.host.dials().empty());
    b.host.advance(Duration{100});
    assert_one_stream(times(client), before.back());
    assert_int_equal(b.host.lines().count("warning: "), 1);
}

static void a_standby_that_breaks_is_dialled_again_while_the_other_is_on_air(void**) {
    PullBench b{live({"http://a.example/live", standby_source("http://b.example/live")})};
    FakePeer& a = b.answers(ok() + b.header() + b.next(), kA);
    b.turn();
    FakePeer& standby = b.answers(ok() + b.header() + text_of(VideoStream{}.next()), kB);
    assert_int_equal(b.status(1).state, State::standby);
    for (int second = 0; second < 6; ++second) {
        b.host.advance(Duration{1000});
        a.say(b.next());
        standby.say(text_of(VideoStream{}.next(true)));
    }
    b.close(standby);
    assert_true(b.is_dialling(kB));
    b.host.refuse_dial();
    b.turn();
    assert_true(b.host.dials().empty());
    assert_true(b.is_on_air(0));
    assert_false(b.status(1).error.empty());
    assert_int_equal(b.status(1).state, State::waiting);  // though another one is on air
    b.host.advance(Duration{200});
    assert_true(b.is_dialling(kB));
    assert_int_equal(b.host.lines().count("http://b.example/live: "), 1);  // its failure is told once
    b.answers(ok() + b.header() + text_of(VideoStream{}.next()), kB);
    assert_int_equal(b.status(1).state, State::standby);
    assert_int_equal(b.host.live().stats().losses, 0);
}

// Two relays of one encoder: what the client gets is the encoder's stream, packet for packet, over loss and
// return.
static void two_links_of_one_stream_are_one_stream_for_the_client(void**) {
    auto config = live({standby_source("http://a.example/live"), standby_source("http://b.example/live")});
    config.failback = {.when = Failback::When::after, .beside = Milliseconds{2000}};
    PullBench b{config};
    FakePeer* a = &b.answers(ok() + b.header(), kA);
    std::vector<std::string> packets;
    std::string sent;
    const auto packet = [&](std::size_t n) {
        while (packets.size() <= n) packets.push_back(b.next());
        return packets[n];
    };
    std::size_t at_a = 0, at_b = 0;
    const auto give = [&](FakePeer& peer, std::size_t& at, std::size_t count) {
        for (; count > 0; --count) peer.say(packet(at++));
        b.turn();
    };
    give(*a, at_a, 5);
    FakePeer& client = b.host.ask(kHttp);
    b.host.advance(Duration{100});
    client.take_sent();
    FakePeer& link_b = b.answers(ok() + b.header(), kB);
    give(link_b, at_b, 3);
    for (int n = 0; n < 130; ++n) {  // longer than min_uptime
        give(*a, at_a, 1);
        give(link_b, at_b, 1);
        b.host.advance(Duration{40});
    }
    sent += client.take_sent();
    b.close(*a);  // two packets ahead
    assert_true(b.is_on_air(1));
    a = &b.answers(ok() + b.header(), kA);
    at_a = at_b + 3;  // its relay's burst begins later than what is served
    while (!b.is_on_air(0)) {
        give(link_b, at_b, 1);
        give(*a, at_a, 1);
        b.host.advance(Duration{40});
        assert_true(at_b < 500);
    }
    for (int n = 0; n < 10; ++n) {
        give(link_b, at_b, 1);
        give(*a, at_a, 1);
        b.host.advance(Duration{40});
    }
    sent += client.take_sent();
    std::string expected;
    for (std::size_t n = 5; expected.size() < sent.size(); ++n) expected += packet(n);
    assert_true(sent == expected);
    assert_true(sent.size() / kPacket + 5 >= at_b);
    assert_int_equal(b.host.live().stats().runs, 1);
    assert_int_equal(b.host.live().stats().switches, 2);
    assert_int_equal(b.host.lines().count("not a packet lost or doubled"), 2);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_backup_slot_takes_over_in_the_instant_of_the_loss_and_gives_way_again),
        cmocka_unit_test(a_standby_pull_is_connected_beside_a_push_and_takes_over),
        cmocka_unit_test(a_standby_that_breaks_is_dialled_again_while_the_other_is_on_air),
        cmocka_unit_test(two_links_of_one_stream_are_one_stream_for_the_client),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
