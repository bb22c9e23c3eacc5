// An HTTP connection: requests one after the other, limits, patience, and requests that wait for a header.
#include <string>

#include "core/media/feed.hpp"
#include "test/support/asf_samples.hpp"
#include "test/support/fake_host.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using test::FakeHost;
using test::FakePeer;
using test::VideoStream;

namespace {

constexpr std::string_view kGetPage = "GET / HTTP/1.1\r\nHost: relay:8080\r\n\r\n";
constexpr std::string_view kGetLive = "GET /live HTTP/1.1\r\nHost: relay:8080\r\n\r\n";

struct Encoder {
    explicit Encoder(FakeHost& host)
        : feed(host.live(), 0, Feed::Role::source, "encoder",
               Callback<void()>::of<&Encoder::on_replaced>(this)) {}
    void on_replaced() noexcept {}
    void begin() { feed.begin(stream.format()); }
    void send(int count) {
        while (count-- > 0) assert_true(feed.append(stream.next()).ok());
        feed.publish();
    }
    VideoStream stream;
    Feed feed;
};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
}

void assert_answer(const FakePeer& peer, std::string_view first_line) {
    assert_string_equal(peer.sent().substr(0, first_line.size()).c_str(), std::string(first_line).c_str());
}

// Answered with `status` and closed.
void assert_refused(FakeHost& host, FakePeer& peer, int status) {
    host.end_turn();
    assert_answer(peer, "HTTP/1.1 " + std::to_string(status) + " ");
    assert_true(has(peer.sent(), "Connection: close\r\n"));
    assert_true(peer.was_told());
    assert_int_equal(peer.reason(), CloseReason::protocol_error);
    assert_int_equal(host.stats().bad_requests, 1);
}

}  // namespace

static void a_connection_is_kept_for_the_next_request(void**) {
    FakeHost host;
    FakePeer& peer = host.ask(kGetPage);
    assert_answer(peer, "HTTP/1.1 200 OK\r\n");
    assert_true(has(peer.sent(), "Connection: keep-alive\r\n"));
    const std::string first = peer.take_sent();
    host.advance(Duration{59'000});
    peer.say(kGetPage);
    assert_string_equal(peer.sent().c_str(), first.c_str());
    assert_false(peer.is_closing());
}

static void a_connection_is_closed_where_the_client_wants_that(void**) {
    for (const std::string_view request :
         {"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"}) {
        FakeHost host;
        FakePeer& peer = host.ask(request);
        assert_true(has(peer.sent(), "Connection: close\r\n"));
        assert_true(peer.was_told());
        assert_int_equal(peer.reason(), CloseReason::finished);
    }
    FakeHost host;
    FakePeer& peer = host.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_answer(peer, "HTTP/1.0 200 OK\r\n");
    assert_false(peer.is_closing());
}

static void requests_in_one_segment_are_answered_in_order(void**) {
    FakeHost host;
    FakePeer& peer = host.ask(
        "GET /one HTTP/1.1\r\n\r\nGET /two HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\nGET /three "
        "HTTP/1.1\r\nConnection: "
        "close\r\n\r\nGET /four HTTP/1.1\r\n\r\n");
    const std::string& sent = peer.sent();
    assert_int_equal(count(sent, "HTTP/1.1 404 Not Found\r\n"), 3);
    assert_int_equal(count(sent, "HTTP/1.1 200 OK\r\n"), 1);
    const auto one = sent.find("/one"), two = sent.find("/two"), page = sent.find("<html"),
               three = sent.find("/three");
    assert_true(one < two && two < page && page < three && three != std::string::npos);
    assert_false(has(sent, "/four"));
    assert_true(peer.was_told());
}

static void input_may_come_byte_by_byte(void**) {
    FakeHost host;
    FakePeer& whole = host.ask(std::string(kGetPage) + std::string(kGetPage));
    FakePeer& peer = host.connect();
    peer.say_bytewise(std::string(kGetPage) + std::string(kGetPage));
    assert_string_equal(peer.sent().c_str(), whole.sent().c_str());
}

static void a_client_that_expects_it_is_told_to_continue(void**) {
    FakeHost host;
    FakePeer& peer =
        host.ask("POST /live HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_string_equal(peer.sent().c_str(), "HTTP/1.1 100 Continue\r\n\r\n");
    FakePeer& refused =
        host.ask("POST /nothing HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n");
    assert_answer(refused, "HTTP/1.1 404 ");
    assert_true(refused.was_told());
    FakePeer& silent = host.ask("POST /live HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_string_equal(silent.sent().c_str(), "");
}

static void a_slow_head_is_answered_408(void**) {
    FakeHost host;
    FakePeer& peer = host.connect();
    host.advance(Duration{9'000});
    for (int i = 0; i < 10; ++i) {
        peer.say(std::string_view{"GET / HTTP/1.1\r\n"}.substr(static_cast<std::size_t>(i), 1));
        host.advance(Duration{900});
    }
    assert_false(peer.is_closing());
    host.advance(Duration{20'000});  // however slowly it goes on
    assert_answer(peer, "HTTP/1.1 408 ");
    assert_true(peer.was_told());
    assert_int_equal(host.stats().timeouts, 1);
    assert_int_equal(host.stats().bad_requests, 0);
}

static void a_head_that_trickles_has_ten_seconds_in_all(void**) {
    FakeHost host;
    FakePeer& peer = host.connect();
    peer.say("GET / HTTP/1.1\r\n");
    for (int i = 0; i < 9; ++i) {
        host.advance(Duration{1000});
        peer.say("X: y\r\n");
    }
    assert_false(peer.is_closing());
    host.advance(Duration{1001});
    assert_answer(peer, "HTTP/1.1 408 ");
}

static void a_connection_that_says_nothing_is_closed_without_a_word(void**) {
    FakeHost host;
    FakePeer& peer = host.connect();
    host.advance(Duration{9'999});
    assert_false(peer.is_closing());
    host.advance(Duration{1});
    assert_true(peer.was_told());
    assert_int_equal(peer.reason(), CloseReason::timed_out);
    assert_string_equal(peer.sent().c_str(), "");
    assert_int_equal(host.stats().timeouts, 1);
}

static void an_idle_connection_is_closed_after_a_minute(void**) {
    FakeHost host;
    FakePeer& peer = host.ask(kGetPage);
    peer.take_sent();
    host.advance(Duration{59'999});
    assert_false(peer.is_closing());
    host.advance(Duration{1});
    assert_int_equal(peer.reason(), CloseReason::timed_out);
    assert_true(peer.was_told());
    assert_string_equal(peer.sent().c_str(), "");
}

static void limits_are_answered_with_their_status(void**) {
    const std::string line(9000, 'a');
    std::string many;
    for (int i = 0; i < 65; ++i) many += "A: b\r\n";
    const std::string large = "L: " + std::string(5000, 'x') + "\r\n";
    const struct {
        std::string request;
        int status;
    } rows[] = {{"GET /" + line + " HTTP/1.1\r\n\r\n", 431},
                {"GET / HTTP/1.1\r\n" + many + "\r\n", 431},
                {"GET / HTTP/1.1\r\n" + large + large + large + large + "\r\n", 431},
                {"POST /live HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n", 413},
                {"POST /live HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
                {"POST /live HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
                {"POST /live HTTP/1.1\r\nContent-Length: -5\r\n\r\n", 400},
                {"GET / HTTP/1.1\nHost: x\n\n", 400},
                {"GET relative HTTP/1.1\r\n\r\n", 400},
                {"GET /%zz HTTP/1.1\r\n\r\n", 400},
                {"GET / HTTP/2.0\r\n\r\n", 505},
                {"BREW /pot HTTP/1.1\r\n\r\n", 405}};
    for (const auto& row : rows) {
        FakeHost host;
        FakePeer& peer = host.connect();
        peer.say(row.request);
        assert_refused(host, peer, row.status);
        FakeHost bytewise;
        FakePeer& slow = bytewise.connect();
        slow.say_bytewise(row.request);
        assert_refused(bytewise, slow, row.status);
    }
}

static void garbage_ends_the_connection_that_sent_it_and_no_other(void**) {
    FakeHost host;
    FakePeer& good = host.ask("GET / HTTP/1.1\r\n");
    FakePeer& bad = host.ask("GARBAGE\x01\x02\x03 garbage garbage garbage\r\n\r\n");
    assert_true(bad.was_told());
    good.say("\r\n");
    assert_answer(good, "HTTP/1.1 200 OK\r\n");
    FakePeer& noise = host.ask("\x7F\x45LF binary");
    assert_string_equal(noise.sent().c_str(), "");
    assert_true(noise.was_told());
    assert_int_equal(host.stats().unknown_protocol, 1);
}

static void a_half_closed_connection_gets_its_answers_first(void**) {
    FakeHost host;
    FakePeer& peer = host.connect();
    peer.limit_room(10);
    peer.say(kGetPage);
    peer.half_close();
    host.end_turn();
    assert_true(peer.was_told());
    assert_int_equal(peer.reason(), CloseReason::peer_closed);
    peer.make_room(FakePeer::kUnlimited);
    assert_true(has(peer.sent(), "</html>"));
}

static void a_connection_that_ends_inside_a_head_is_closed(void**) {
    FakeHost host;
    FakePeer& peer = host.connect();
    peer.say("GET / HTT");
    peer.half_close();
    host.end_turn();
    assert_int_equal(peer.reason(), CloseReason::peer_closed);
    assert_string_equal(peer.sent().c_str(), "");
}

static void a_request_before_any_header_is_held_and_served_when_it_comes(void**) {
    FakeHost host;
    FakePeer& peer = host.ask(kGetLive);
    host.advance(Duration{9'000});
    assert_string_equal(peer.sent().c_str(), "");
    assert_false(peer.is_closing());
    Encoder encoder{host};
    encoder.begin();
    encoder.send(3);
    assert_answer(peer, "HTTP/1.1 200 OK\r\n");
    host.advance(Duration{10});
    assert_true(has(peer.sent(), encoder.stream.served_header()));
    host.advance(Duration{30'000});
    assert_false(peer.is_closing());
}

static void a_held_request_is_answered_503_after_wait_max(void**) {
    FakeHost host;
    FakePeer& peer = host.ask(kGetLive);
    host.advance(Duration{9'999});
    assert_string_equal(peer.sent().c_str(), "");
    host.advance(Duration{1});
    assert_answer(peer, "HTTP/1.1 503 Service Unavailable\r\n");
    assert_true(has(peer.sent(), "Retry-After: 5\r\n"));
    assert_true(peer.was_told());
    Encoder encoder{host};
    encoder.begin();  // too late for that one
    assert_int_equal(count(peer.sent(), "HTTP/1.1"), 1);
}

static void what_follows_a_held_request_waits_behind_it(void**) {
    FakeHost host;
    FakePeer& peer = host.ask(std::string(kGetPage) +
                              "GET /live HTTP/1.1\r\nUser-Agent: NSPlayer/4.1.0.3928\r\nConnection: "
                              "Keep-Alive\r\n\r\n" +
                              std::string(kGetPage));
    peer.say("GET /gone HTTP/1.1\r\n\r\n");
    assert_int_equal(count(peer.sent(), "HTTP/1."), 1);
    Encoder encoder{host};
    encoder.begin();
    const std::string& sent = peer.sent();
    assert_int_equal(count(sent, "</html>"), 2);
    assert_true(sent.find("Cougar") < sent.rfind("</html>"));
    assert_true(sent.rfind("</html>") < sent.find("404 Not Found"));
}

static void too_much_behind_a_held_request_is_refused(void**) {
    FakeHost host;
    FakePeer& peer = host.ask(kGetLive);
    peer.say(std::string(64 * 1024, 'x'));
    assert_false(peer.is_closing());
    peer.say("x");
    assert_refused(host, peer, 413);
}

static void a_client_that_leaves_while_it_waits_is_forgotten(void**) {
    FakeHost host;
    FakePeer& closed = host.ask(kGetLive);
    FakePeer& reset = host.ask(kGetLive);
    closed.half_close();
    reset.reset();
    host.end_turn();
    assert_true(closed.was_told() && reset.was_told());
    Encoder encoder{host};
    encoder.begin();
    host.advance(Duration{20'000});
    assert_string_equal(closed.sent().c_str(), "");
}

static void probes_that_abort_are_no_viewers(void**) {
    FakeHost host;
    Encoder encoder{host};
    encoder.begin();  // a header, no packet yet
    FakePeer& empty = host.connect();
    empty.half_close();
    FakePeer& aborted = host.ask(kGetLive);
    aborted.reset();
    host.advance(Duration{1000});
    encoder.send(5);
    FakePeer& unread = host.connect();
    unread.limit_room(0);
    unread.say(kGetLive);
    host.advance(Duration{100});
    unread.reset();
    host.advance(Duration{100});
    assert_int_equal(host.live().clients_of("http").total, 0);
    host.ask(kGetLive);
    host.advance(Duration{100});
    assert_int_equal(host.live().viewers(), 1);
    assert_int_equal(host.live().clients_of("http").total, 1);
}

static void an_unknown_name_is_answered_404_with_a_sentence(void**) {
    FakeHost host;
    FakePeer& peer = host.ask("GET /nosuch%3Cname HTTP/1.1\r\n\r\n");
    assert_answer(peer, "HTTP/1.1 404 Not Found\r\n");
    assert_true(has(peer.sent(), "There is no channel /nosuch<name here."));
    assert_false(peer.is_closing());
}

static void when_weir_stops_a_connection_between_requests_is_closed_at_once(void**) {
    FakeHost host;
    FakePeer& idle = host.ask(kGetPage);
    FakePeer& held = host.ask(kGetLive);
    host.stop();
    host.end_turn();
    assert_int_equal(idle.reason(), CloseReason::shutdown);
    assert_int_equal(held.reason(), CloseReason::shutdown);
    assert_true(idle.was_told() && held.was_told());
}

static void where_clients_have_all_connections_sources_are_still_let_in(void**) {
    ServerConfig server;
    server.max_connections = 2;
    FakeHost host{{}, server};
    FakePeer& player = host.ask(kGetLive);
    FakePeer& silent = host.connect();
    FakePeer& page = host.ask(kGetPage);  // who says nothing is not counted
    assert_answer(page, "HTTP/1.1 200 ");
    for (const std::string_view method : {"GET", "HEAD", "OPTIONS", "DELETE"}) {
        FakePeer& refused = host.ask(std::string(method) + " /live HTTP/1.1\r\nHost: relay\r\n\r\n");
        assert_answer(refused, "HTTP/1.1 503 ");
        assert_true(has(refused.sent(), "all connections are taken"));
        assert_true(refused.was_told());
    }
    FakePeer& split = host.connect();
    split.say("\r\n");
    split.say("G");
    assert_false(split.is_closing());
    split.say("ET");
    host.end_turn();
    assert_answer(split, "HTTP/1.1 503 ");
    for (const std::string_view method : {"POST", "PUT", "SOURCE"}) {
        FakePeer& source = host.ask(std::string(method) + " /nothing HTTP/1.1\r\nContent-Length: 5\r\n\r\n");
        assert_answer(source, "HTTP/1.1 404 ");  // it is heard
    }
    FakePeer& encoder = host.ask("POST /live HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_false(encoder.is_closing());
    assert_false(player.is_closing() || silent.is_closing());
    FakePeer& admin = host.connect_admin();
    admin.say("GET /health HTTP/1.1\r\nHost: relay\r\n\r\n");
    assert_false(has(admin.sent(), "all connections"));
    for (FakePeer* gone : {&page, &encoder, &admin}) gone->reset();
    host.end_turn();
    assert_answer(host.ask(kGetPage), "HTTP/1.1 200 ");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_is_kept_for_the_next_request),
        cmocka_unit_test(a_connection_is_closed_where_the_client_wants_that),
        cmocka_unit_test(requests_in_one_segment_are_answered_in_order),
        cmocka_unit_test(input_may_come_byte_by_byte),
        cmocka_unit_test(a_client_that_expects_it_is_told_to_continue),
        cmocka_unit_test(a_slow_head_is_answered_408),
        cmocka_unit_test(a_head_that_trickles_has_ten_seconds_in_all),
        cmocka_unit_test(a_connection_that_says_nothing_is_closed_without_a_word),
        cmocka_unit_test(an_idle_connection_is_closed_after_a_minute),
        cmocka_unit_test(limits_are_answered_with_their_status),
        cmocka_unit_test(garbage_ends_the_connection_that_sent_it_and_no_other),
        cmocka_unit_test(a_half_closed_connection_gets_its_answers_first),
        cmocka_unit_test(a_connection_that_ends_inside_a_head_is_closed),
        cmocka_unit_test(a_request_before_any_header_is_held_and_served_when_it_comes),
        cmocka_unit_test(a_held_request_is_answered_503_after_wait_max),
        cmocka_unit_test(what_follows_a_held_request_waits_behind_it),
        cmocka_unit_test(too_much_behind_a_held_request_is_refused),
        cmocka_unit_test(a_client_that_leaves_while_it_waits_is_forgotten),
        cmocka_unit_test(probes_that_abort_are_no_viewers),
        cmocka_unit_test(an_unknown_name_is_answered_404_with_a_sentence),
        cmocka_unit_test(when_weir_stops_a_connection_between_requests_is_closed_at_once),
        cmocka_unit_test(where_clients_have_all_connections_sources_are_still_let_in)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
