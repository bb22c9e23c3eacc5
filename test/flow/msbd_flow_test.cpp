// Servers downstream that ask for a channel over MSBD: answers, timers, what is sent and when.
#include "test/flow/msbd_bench.hpp"

using namespace weir;
using namespace weir::test;

namespace {

void the_stream_comes_with_its_header_and_whole_packets(void**) {
    for (const std::string_view channel : {"NetShow", "netshow", "", "live", "/live", "//live", "/"}) {
        FakeHost host;
        Encoder encoder(host);
        encoder.send(7);
        FakePeer& peer = host.ask(request(channel));
        flush(host);
        assert_sent(peer, accepted(host, encoder.stream) + packets(encoder, 0, 7, 1));
        encoder.send(3);
        flush(host);
        assert_sent(peer, packets(encoder, 7, 10, 1));
        assert_int_equal(host.live().links_of("msbd").now, 1);
    }
}

void a_request_may_come_byte_by_byte(void**) {
    FakeHost host;
    Encoder encoder(host);
    encoder.send(1);
    FakePeer& peer = host.connect();
    peer.say_bytewise(request("live"));
    flush(host);
    assert_sent(peer, accepted(host, encoder.stream) + packets(encoder, 0, 1, 1));
}

void what_cannot_be_had_is_refused_with_its_code(void**) {
    FakeHost host;
    Encoder encoder(host);
    encoder.send(1);
    assert_refused(host.ask(request("nothing")), kNotFound);
    assert_refused(host.ask(request("live", kMulticast)), kNotFound);
    for (const std::uint32_t flags : {0U, 3U, 4U, 0xFFFFFFFFU})
        assert_refused(host.ask(request("live", flags)), kInvalid);
    assert_refused(host.ask(request(std::string(300, 'a'))), kInvalid);
    assert_refused(host.ask(request("../live")), kInvalid);
    FakePeer& other = host.ask(kPing);
    assert_sent(other, "");
    assert_int_equal(other.reason(), CloseReason::protocol_error);
}

void who_says_nothing_is_closed_after_10_s(void**) {
    FakeHost host;
    const std::string whole = request("live");
    for (const std::size_t said : {std::size_t{4}, whole.size() - 1}) {
        FakePeer& peer = host.ask(whole.substr(0, said));
        host.advance(Duration{9900});
        assert_false(peer.is_closing());
        host.advance(Duration{200});
        assert_int_equal(peer.reason(), CloseReason::timed_out);
    }
}

void a_request_before_any_header_is_held_for_8_s(void**) {
    FakeHost host;
    FakePeer& early = host.ask(request("live"));
    host.advance(Duration{7900});
    assert_sent(early, "");
    assert_false(early.is_closing());
    host.advance(Duration{200});
    assert_refused(early, kNoStream);
    FakePeer& served = host.ask(request("live"));
    host.advance(Duration{3000});
    Encoder encoder(host);
    encoder.send(2);
    flush(host);
    assert_sent(served, accepted(host, encoder.stream) + packets(encoder, 0, 2, 1));
}

void a_ping_goes_out_every_two_minutes_and_wants_an_answer(void**) {
    FakeHost host;
    Encoder encoder(host);
    encoder.send(1);
    FakePeer& peer = host.ask(request("live"));
    flush(host);
    peer.take_sent();
    host.advance(Duration{119'700});
    assert_sent(peer, "");
    host.advance(Duration{200});
    assert_sent(peer, kPing);
    host.advance(Duration{100'000});
    peer.say(kPong);
    host.advance(Duration{119'900});
    assert_sent(peer, "");
    host.advance(Duration{200});
    assert_sent(peer, kPing);
    host.advance(Duration{119'000});
    assert_false(peer.is_closing());
    host.advance(Duration{2000});
    assert_true(peer.is_closing());
}

void servers_are_no_clients_and_have_places_of_their_own(void**) {
    ServerConfig server;
    server.max_links = 2;
    FakeHost host{{ChannelConfig{.name = "live", .title = "Live", .sources = {"push:"}, .origin = {}}},
                  server};
    Encoder encoder(host);
    encoder.send(7);
    const std::string over_http =
        "GET /live HTTP/1.0\r\nUser-Agent: NSServer/4.1.0.3930\r\nPragma: xPlayStrm=1\r\n\r\n";
    FakePeer& first = host.ask(request("live"));
    FakePeer& second = host.ask(over_http);
    flush(host);
    assert_true(second.sent().starts_with("HTTP/1.0 200 "));
    assert_int_equal(host.live().servers(), 2);
    assert_int_equal(host.live().viewers(), 0);
    assert_int_equal(host.stats().links, 2);
    assert_refused(host.ask(request("live")), kTooMany);
    assert_true(host.ask(over_http).sent().starts_with("HTTP/1.0 503 "));
    assert_int_equal(host.stats().links_refused, 2);
    // A player is not concerned.
    assert_true(host.ask("GET /live HTTP/1.0\r\n\r\n").sent().starts_with("HTTP/1.0 200 "));
    first.reset();
    host.end_turn();
    assert_int_equal(host.stats().links, 1);
    assert_true(host.ask(request("live")).sent().starts_with(kAccepted));
}

void fillers_go_to_a_weir_only(void**) {
    FakeHost host;
    Encoder encoder(host);
    encoder.send(1);
    FakePeer& server = host.ask(request("live"));
    FakePeer& weir = host.ask(request("live", kUnicast, RelayRequest{}));
    flush(host);
    server.take_sent(), weir.take_sent();
    host.advance(Duration{2500});
    assert_sent(server, "");
    assert_true(weir.take_sent().size() >= 2 * (kPacketOverhead + 64));
}

void a_new_header_comes_in_mid_stream_with_an_id_of_its_own(void**) {
    FakeHost host;
    auto encoder = std::make_unique<Encoder>(host);
    encoder->send(3);
    FakePeer& peer = host.ask(request("live"));
    flush(host);
    peer.take_sent();
    encoder.reset();
    flush(host);
    Encoder other(host, '2');
    other.send(4);
    flush(host);
    assert_sent(peer, info(other.stream, 2) + packets(other, 0, 4, 2, 3));
}

void a_question_for_the_header_is_answered_once_a_second(void**) {
    FakeHost host;
    Encoder encoder(host);
    encoder.send(1);
    FakePeer& peer = host.ask(request("live") + kAskInfo);
    flush(host);
    const std::string first = peer.take_sent();
    assert_true(first.find(first_info(host, encoder.stream, Kind::info_again)) != std::string::npos);
    peer.say(kAskInfo);
    assert_sent(peer, "");
    host.advance(Duration{1000});
    peer.take_sent();
    peer.say(kAskInfo);
    assert_sent(peer, first_info(host, encoder.stream, Kind::info_again));
    for (int i = 0; i < 10; ++i) peer.say(kAskInfo);
    assert_int_equal(peer.reason(), CloseReason::protocol_error);
}

void when_the_channel_ends_so_does_the_link(void**) {
    FakeHost host;
    Encoder encoder(host);
    encoder.send(1);
    FakePeer& peer = host.ask(request("live"));
    flush(host);
    peer.take_sent();
    host.stop();
    flush(host);
    assert_sent(peer, kOver);
    assert_int_equal(peer.reason(), CloseReason::finished);
}

void a_question_in_mid_packet_is_answered_behind_it(void**) {
    FakeHost host;
    Encoder encoder(host);
    encoder.send(1);
    FakePeer& peer = host.ask(request("live"));
    flush(host);
    peer.take_sent();
    peer.limit_room(10);
    encoder.send(2);
    flush(host);
    peer.say(kAskInfo);
    peer.make_room(FakePeer::kUnlimited);
    flush(host);
    assert_sent(peer, packets(encoder, 1, 3, 1) + first_info(host, encoder.stream, Kind::info_again));
}

void a_ping_never_cuts_a_packet_in_two(void**) {
    FakeHost host;
    Encoder encoder(host);
    encoder.send(1);
    FakePeer& peer = host.ask(request("live"));
    flush(host);
    peer.take_sent();
    host.advance(Duration{119'000});
    peer.take_sent();
    peer.limit_room(10);
    encoder.send(2);
    host.advance(Duration{1500});
    peer.make_room(FakePeer::kUnlimited);
    host.advance(Duration{200});
    assert_sent(peer, packets(encoder, 1, 3, 1) + kPing);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_stream_comes_with_its_header_and_whole_packets),
        cmocka_unit_test(a_request_may_come_byte_by_byte),
        cmocka_unit_test(what_cannot_be_had_is_refused_with_its_code),
        cmocka_unit_test(who_says_nothing_is_closed_after_10_s),
        cmocka_unit_test(a_request_before_any_header_is_held_for_8_s),
        cmocka_unit_test(a_ping_goes_out_every_two_minutes_and_wants_an_answer),
        cmocka_unit_test(servers_are_no_clients_and_have_places_of_their_own),
        cmocka_unit_test(fillers_go_to_a_weir_only),
        cmocka_unit_test(a_new_header_comes_in_mid_stream_with_an_id_of_its_own),
        cmocka_unit_test(a_question_for_the_header_is_answered_once_a_second),
        cmocka_unit_test(when_the_channel_ends_so_does_the_link),
        cmocka_unit_test(a_question_in_mid_packet_is_answered_behind_it),
        cmocka_unit_test(a_ping_never_cuts_a_packet_in_two),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
