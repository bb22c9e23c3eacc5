// A channel on demand: connected while somebody wants it.
#include "protocols/msbd/wire.hpp"
#include "test/flow/pull_bench.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::test;

namespace {

constexpr std::string_view kGet = "GET /live HTTP/1.0\r\n\r\n";
constexpr std::string_view kWmsp =
    "GET /live HTTP/1.0\r\nUser-Agent: NSPlayer/4.1.0.3856\r\nPragma: no-cache,rate=1.000000,stream-time=0,"
    "stream-offset=0:0,request-context=1,max-duration=0\r\n\r\n";

ChannelConfig on_demand(Sources sources = {"http://up.example/live"}) {
    ChannelConfig config{.name = "live", .title = "Live", .sources = std::move(sources), .origin = {}};
    config.on_demand = true;
    config.idle_timeout = Milliseconds{10'000};
    return config;
}

struct DemandBench : PullBench {
    explicit DemandBench(ChannelConfig config = on_demand()) : PullBench(std::move(config)) {}

    // The server that it connects to has the stream, and a few packets of it.
    FakePeer& streams() {
        FakePeer& source = answers(ok("Content-Type: video/x-ms-asf\r\n") + header() + next(10));
        host.advance(Duration{200});
        return source;
    }
    Channel::State state() { return host.live().state(); }
    // Its stream comes for so long.
    void run(FakePeer& source, Duration time) {
        for (const TimePoint until = host.now() + time; host.now() < until; host.advance(Duration{100}))
            source.say(next());
    }
    // Let go, on whatever side of the connection.
    static bool is_gone(const FakePeer& peer) { return peer.is_closing() || peer.was_told(); }
};

void nobody_is_asked_before_somebody_asks(void**) {
    DemandBench bench;
    bench.host.advance(Duration{60'000});
    assert_true(bench.host.dials_begun().empty());
    assert_int_equal(bench.state(), Channel::State::idle);
    assert_true(bench.status().state == SourceStatus::State::idle);
    // Nor by those who only look.
    bench.host.ask("OPTIONS /live HTTP/1.1\r\nHost: a\r\n\r\n");
    bench.host.ask("GET / HTTP/1.0\r\n\r\n");
    bench.host.ask("GET /live.asx HTTP/1.0\r\n\r\n");
    bench.turn();
    assert_true(bench.host.dials_begun().empty());
}

void the_first_client_has_its_source_connected_and_waits_for_it(void**) {
    for (const std::string_view request : {kGet, kWmsp}) {
        DemandBench bench;
        FakePeer& client = bench.host.ask(request);
        assert_int_equal(bench.state(), Channel::State::open);
        bench.host.advance(Duration{3000});
        assert_true(client.sent().empty());
        bench.streams();
        assert_true(client.sent().starts_with("HTTP/1.0 200 "));
        assert_true(has(client.sent(), bench.stream.served_header()));
    }
}

// Within a second of the stream's sync point, and in fact within one flush interval.
void it_plays_as_soon_as_there_is_a_sync_point(void**) {
    DemandBench bench;
    FakePeer& client = bench.host.ask(kGet);
    FakePeer& source = bench.answers(ok("Content-Type: video/x-ms-asf\r\n") + bench.header());
    // Packets from within a group of pictures: a player could not begin with them.
    bench.stream.next();
    source.say(bench.next(3));
    bench.host.advance(Duration{2000});
    assert_true(client.sent().find("\r\n\r\n") != std::string::npos);
    client.take_sent();
    while (bench.stream.count() % 5 != 0) source.say(bench.next());
    const std::size_t before = client.take_sent().size();
    const TimePoint sync = bench.host.now();
    const std::string first = bench.next();
    source.say(first);
    while (!has(client.sent(), first) && bench.host.now() - sync < Duration{5000})
        bench.host.advance(Duration{1});
    assert_int_equal(before, 0);
    assert_true(bench.host.now() - sync <= bench.host.live().policy().latency);
    static_assert(ChannelPolicy{}.latency < Duration{1000});
}

void it_is_let_go_when_nobody_has_wanted_it_for_a_while(void**) {
    DemandBench bench;
    FakePeer& client = bench.host.ask(kGet);
    FakePeer& source = bench.streams();
    // As long as somebody is there nothing happens, however long.
    for (int i = 0; i < 60; ++i) {
        source.say(bench.next());
        bench.host.advance(Duration{1000});
    }
    assert_false(bench.is_gone(source));
    const TimePoint left = bench.host.now();
    client.reset();
    while (!bench.is_gone(source) && bench.host.now() - left < Duration{20'000}) {
        source.say(bench.next());
        bench.host.advance(Duration{100});
    }
    const auto took = bench.host.now() - left;
    assert_true(bench.is_gone(source));
    assert_true(took >= Duration{10'000} && took <= Duration{12'100});
    assert_int_equal(bench.state(), Channel::State::idle);
    assert_true(bench.host.live().format() == nullptr);
    assert_int_equal(bench.host.live().log().bytes(), 0);
    assert_int_equal(bench.host.live().stats().losses, 0);
    assert_int_equal(bench.host.lines().count("clients are held"), 0);
    bench.host.advance(Duration{60'000});
    assert_int_equal(bench.host.dials_begun().size(), 1);
}

void who_comes_later_gets_what_is_on_air_then(void**) {
    DemandBench bench;
    FakePeer& first = bench.host.ask(kGet);
    FakePeer& source = bench.streams();
    first.reset();
    bench.run(source, Duration{5000});
    // In time: nothing is connected anew.
    FakePeer& second = bench.host.ask(kGet);
    assert_true(second.sent().starts_with("HTTP/1.0 200 "));
    bench.run(source, Duration{15'000});
    assert_false(bench.is_gone(source));
    second.reset();
    bench.run(source, Duration{13'000});
    assert_true(bench.is_gone(source));
    // Too late: nothing of what was there before comes.
    FakePeer& third = bench.host.ask(kGet);
    assert_true(third.sent().empty());
    const std::string header = bench.header();
    const std::string packets = bench.next(6);
    bench.answers(ok("Content-Type: video/x-ms-asf\r\n") + header + packets);
    bench.host.advance(Duration{200});
    const auto body = third.sent().find("\r\n\r\n");
    assert_true(body != std::string::npos);
    assert_true(third.sent().size() - body - 4 <= bench.stream.served_header().size() + packets.size());
    assert_int_equal(bench.state(), Channel::State::streaming);
}

void a_client_that_leaves_while_it_waits_is_none(void**) {
    DemandBench bench;
    FakePeer& client = bench.host.ask(kGet);
    bench.turn();
    assert_int_equal(bench.host.dials().size(), 1);
    client.reset();
    bench.host.advance(Duration{13'000});
    assert_int_equal(bench.state(), Channel::State::idle);
    assert_true(bench.host.dials().empty());
}

void a_source_that_dies_is_dialled_again_while_somebody_is_there(void**) {
    DemandBench bench;
    FakePeer& client = bench.host.ask(kGet);
    FakePeer& source = bench.streams();
    source.reset();
    bench.host.advance(Duration{30'000});
    assert_false(bench.is_gone(client));
    assert_int_equal(bench.state(), Channel::State::restarting);
    assert_false(bench.host.dials().empty());
    client.reset();
    bench.host.advance(Duration{13'000});
    assert_int_equal(bench.state(), Channel::State::idle);
    assert_true(bench.host.dials().empty());
}

void servers_downstream_want_it_as_clients_do(void**) {
    DemandBench bench;
    FakePeer& server = bench.host.ask(text_of(msbd::encode_connect({.channel = "live", .relay = {}})));
    FakePeer& source = bench.streams();
    assert_true(server.sent().starts_with(text_of(msbd::encode_connected(msbd::kOk))));
    for (int i = 0; i < 30; ++i) {
        source.say(bench.next());
        bench.host.advance(Duration{1000});
    }
    assert_false(bench.is_gone(source));
    server.reset();
    bench.host.advance(Duration{13'000});
    assert_true(bench.is_gone(source));
}

void its_health_is_good_while_nobody_asks(void**) {
    DemandBench bench;
    assert_true(bench.host.ask("GET /health HTTP/1.0\r\n\r\n").sent().starts_with("HTTP/1.0 204"));
    assert_true(
        bench.host.ask("GET /health?channel=live HTTP/1.0\r\n\r\n").sent().starts_with("HTTP/1.0 204"));
    assert_true(bench.host.dials_begun().empty());
}

void weir_stops_while_it_sleeps_and_while_it_is_awake(void**) {
    DemandBench asleep;
    asleep.host.stop();
    asleep.host.advance(Duration{1000});
    asleep.host.ask(kGet);
    asleep.host.advance(Duration{1000});
    assert_true(asleep.host.dials_begun().empty());
    DemandBench awake;
    FakePeer& client = awake.host.ask(kGet);
    FakePeer& source = awake.streams();
    awake.host.stop();
    awake.host.advance(Duration{30'000});
    assert_true(awake.is_gone(client));
    assert_true(awake.is_gone(source));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_asked_before_somebody_asks),
        cmocka_unit_test(the_first_client_has_its_source_connected_and_waits_for_it),
        cmocka_unit_test(it_plays_as_soon_as_there_is_a_sync_point),
        cmocka_unit_test(it_is_let_go_when_nobody_has_wanted_it_for_a_while),
        cmocka_unit_test(who_comes_later_gets_what_is_on_air_then),
        cmocka_unit_test(a_client_that_leaves_while_it_waits_is_none),
        cmocka_unit_test(a_source_that_dies_is_dialled_again_while_somebody_is_there),
        cmocka_unit_test(servers_downstream_want_it_as_clients_do),
        cmocka_unit_test(its_health_is_good_while_nobody_asks),
        cmocka_unit_test(weir_stops_while_it_sleeps_and_while_it_is_awake),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
