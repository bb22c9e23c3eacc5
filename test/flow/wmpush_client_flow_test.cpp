// Pushing as Windows Media Encoder does: to a server played by the test, and to weir's own.
#include <memory>
#include <string>

#include "protocols/wmpush/push_client.hpp"
#include "protocols/wmpush/wire.hpp"
#include "test/support/asf_samples.hpp"
#include "test/support/fake_host.hpp"
#include "test/support/fake_push_listener.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using test::FakeHost;
using test::FakePeer;
using test::VideoStream;

namespace {

constexpr std::string_view kUrl = "http://relay.example:8080/live";
constexpr std::string_view kGranted =
    "HTTP/1.1 204 No Content\r\nServer: Cougar/9.01.01.3841\r\nContent-Length: 0\r\nSet-Cookie: "
    "push-id=77\r\n\r\n";
constexpr std::string_view kGrantedByProxy =
    "HTTP/1.1 204 No Content\r\nServer: Cougar/9.01.01.3841\r\nContent-Length: 0\r\nVia: 1.1 cache\r\n"
    "Set-Cookie: push-id=77\r\n\r\n";

std::string text(Bytes b) {
    return std::string(as_text(b));
}
bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}
std::string packet(wmpush::PacketId id, std::string_view payload) {
    std::uint8_t head[wmpush::kHead];
    wmpush::encode_head(id, payload.size(), head);
    return text(head) + std::string(payload);
}
std::string header(const VideoStream& stream) {
    return packet(wmpush::PacketId::header, text(stream.format()->header()));
}
std::string change(const VideoStream& stream) {
    return packet(wmpush::PacketId::change, std::string(4, '\0') + text(stream.format()->header()));
}
std::string media(Bytes payload) {
    return packet(wmpush::PacketId::data, text(payload));
}
std::string end(std::uint32_t reason) {
    std::uint8_t out[wmpush::kEndPacket];
    wmpush::encode_end(reason, out);
    return text(out);
}

// What stands behind the blank line of the one head in `sent`.
std::string body_of(const std::string& sent) {
    const auto blank = sent.find("\r\n\r\n");
    assert_true(blank != std::string::npos);
    return sent.substr(blank + 4);
}

struct Pushing {
    explicit Pushing(FakeHost& h, std::string_view url = kUrl) : host(h) { open(url); }
    void open(std::string_view url = kUrl) {
        listener = {};
        push = wmpush::open_push(host, http::parse_url(url).value(), memory, listener);
    }
    // A connection whose setup the server grants; the header goes out.
    FakePeer& begin(VideoStream& stream, std::string_view granted = kGranted) {
        push->begin(stream.format());
        FakePeer& server = host.answer_dial();
        server.take_sent();
        server.say(granted);
        return server;
    }

    FakeHost& host;
    PushMemory memory;
    test::FakePushListener listener;
    std::unique_ptr<Push> push;
};

// A server of weir's own at the other end of `client`, a connection that weir dialled.
struct Pipe {
    Pipe(FakeHost& host, FakePeer& dialled) : client(dialled), server(host.connect()) {}
    // `more`: goes into each answer's head.
    void pump(std::string_view more = {}) {
        for (int idle = 0; idle < 2;) {
            std::string there = client.take_sent();
            std::string back = server.take_sent();
            idle = there.empty() && back.empty() ? idle + 1 : 0;
            if (!more.empty() && back.starts_with("HTTP/")) back.insert(back.find("\r\n") + 2, more);
            server.say(there);
            client.say(back);
        }
    }
    FakePeer& client;
    FakePeer& server;
};

}  // namespace

static void a_push_asks_then_sends_header_and_packets(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream;
    assert_true(host.dials() == std::vector<std::string>{"relay.example:8080"});
    FakePeer& server = host.answer_dial();
    const std::string setup = server.take_sent();
    assert_true(setup.starts_with("POST /live HTTP/1.1\r\nContent-Type: application/x-wms-pushsetup\r\n"));
    assert_true(has(setup, "Cookie: push-id=0\r\n") && has(setup, "Content-Length: 0\r\n"));
    server.say(kGranted);
    assert_int_equal(p.listener.ready, 0);
    assert_false(p.push->append(stream.next()));
    p.push->begin(stream.format());
    assert_int_equal(p.listener.ready, 1);
    const auto first = stream.next(true);
    assert_true(p.push->append(first));
    const std::string sent = server.take_sent();
    assert_true(sent.starts_with("POST /live HTTP/1.1\r\nContent-Type: application/x-wms-pushstart\r\n"));
    assert_true(has(sent, "Cookie: push-id=77\r\n") && has(sent, "Content-Length: 2147483647\r\n"));
    assert_true(body_of(sent) == header(stream) + media(first));
    assert_string_equal(p.memory.token.c_str(), "77");
}

static void a_header_change_ends_the_entry_first(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream, other{64, 5, '2'};
    FakePeer& server = p.begin(stream);
    p.push->append(stream.next(true));
    server.take_sent();
    p.push->begin(other.format());
    const auto packet = other.next(true);
    p.push->append(packet);
    assert_true(server.sent() == end(1) + change(other) + media(packet));
    assert_int_equal(p.listener.ready, 1);
}

static void the_end_is_said_and_the_connection_closed(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream;
    FakePeer& server = p.begin(stream);
    server.take_sent();
    p.push->end();
    assert_true(server.sent() == end(0));
    assert_int_equal(p.listener.done, 0);
    host.advance(Duration{0});
    assert_true(p.listener.ended_well());
    assert_true(server.was_told());
    assert_true(p.memory.token.empty());
}

static void an_end_waits_for_what_the_socket_has_not_taken(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream;
    FakePeer& server = p.begin(stream);
    server.limit_room(0);
    p.push->append(stream.next(true));
    p.push->end();
    host.advance(Duration{4'999});
    assert_int_equal(p.listener.done, 0);
    server.make_room(1000);
    assert_true(server.sent().ends_with(end(0)));
    host.advance(Duration{0});
    assert_true(p.listener.ended_well());
}

static void an_end_before_anything_began_is_just_a_close(void**) {
    FakeHost host;
    Pushing p{host};
    p.push->end();
    host.advance(Duration{0});
    assert_true(p.listener.ended_well());
    assert_true(host.dials().empty());
}

static void a_refusal_ends_the_push_with_its_sentence(void**) {
    struct Case {
        std::string_view answer;
        Errc code;
        std::string_view sentence;
    };
    for (const Case& c :
         {Case{"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nno such\r\n",
               Errc::not_found, "the server answered 404 Not Found: no such"},
          Case{"HTTP/1.1 503 Busy\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n<p>",
               Errc::unreachable, "the server answered 503 Busy"},
          Case{"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n", Errc::unsupported,
               "'nginx' is no Windows Media server"},
          Case{"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"a\", nonce=\"b\"\r\nContent-Length: "
               "0\r\n\r\n",
               Errc::refused, "the server wants a user name and password"},
          Case{"nonsense\r\n\r\n", Errc::closed, ""}}) {
        FakeHost host;
        Pushing p{host};
        host.answer_dial().say(c.answer);
        host.advance(Duration{0});
        if (!has(p.listener.error, c.sentence)) print_error("%s\n", p.listener.error.c_str());
        assert_true(p.listener.failed(c.code));
        assert_true(has(p.listener.error, c.sentence));
    }
}

static void a_server_that_is_not_there_or_says_nothing_is_told(void**) {
    FakeHost host;
    Pushing p{host};
    host.refuse_dial();
    host.advance(Duration{0});
    assert_true(p.listener.failed(Errc::unreachable));
    p.open();
    FakePeer& server = host.answer_dial();
    host.advance(Duration{9'999});
    assert_int_equal(p.listener.done, 0);
    host.advance(Duration{1});
    assert_true(p.listener.failed(Errc::timed_out));
    assert_true(server.was_told());
}

static void a_redirect_is_followed_as_a_new_push(void**) {
    FakeHost host;
    Pushing p{host};
    p.memory.token = "5";
    FakePeer& first = host.answer_dial();
    assert_true(has(first.sent(), "Cookie: push-id=5\r\n"));
    first.say("HTTP/1.1 302 Found\r\nLocation: http://other.example/there\r\nContent-Length: 0\r\n\r\n");
    host.advance(Duration{0});
    assert_true(first.was_told());
    assert_true(host.dials() == std::vector<std::string>{"other.example:80"});
    FakePeer& second = host.answer_dial();
    assert_true(has(second.sent(), "POST /there HTTP/1.1\r\n"));
    assert_true(has(second.sent(), "Cookie: push-id=0\r\n"));
}

static void credentials_are_given_when_they_are_asked_for(void**) {
    FakeHost host;
    Pushing p{host, "http://anna:secret@relay.example:8080/live"};
    VideoStream stream;
    FakePeer& first = host.answer_dial();
    assert_false(has(first.sent(), "Authorization"));
    first.say(
        "HTTP/1.1 401 Unauthorized\r\nServer: Cougar/9.01.01.3841\r\nSet-Cookie: push-id=1\r\n"
        "WWW-Authenticate: Basic realm=\"a\"\r\nContent-Length: 0\r\n\r\n");
    host.advance(Duration{0});
    FakePeer& second = host.answer_dial();
    assert_true(has(second.take_sent(), "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n"));
    second.say(kGranted);
    p.push->begin(stream.format());
    assert_true(has(second.sent(), "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n"));
    assert_int_equal(p.listener.ready, 1);
}

static void a_full_body_is_filled_up_and_the_next_begins_with_media(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream;
    FakePeer& server = p.begin(stream, kGrantedByProxy);
    std::string sent = server.take_sent();
    const auto at = sent.find("Content-Length: ") + 16;
    const std::size_t length = std::stoul(sent.substr(at));
    sent = body_of(sent);
    while (sent.size() < length) {
        assert_true(p.push->append(stream.next()));
        sent += server.take_sent();
    }
    assert_int_equal(sent.size(), length);
    // What comes meanwhile waits.
    std::string waiting;
    for (int i = 0; i < 3; ++i) {
        const auto packet = stream.next();
        assert_true(p.push->append(packet));
        waiting += media(packet);
    }
    assert_string_equal(server.sent().c_str(), "");
    server.say(kGrantedByProxy);
    const std::string next = server.take_sent();
    assert_true(next.starts_with("POST /live HTTP/1.1\r\nContent-Type: application/x-wms-pushstart\r\n"));
    // The packet that did not fit was the first to wait.
    assert_true(body_of(next).ends_with(waiting) && body_of(next).size() == waiting.size() + 68);
    assert_int_equal(p.listener.ready, 1);
    assert_int_equal(p.listener.done, 0);
}

static void a_full_body_without_an_answer_ends_the_push(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream;
    FakePeer& server = p.begin(stream, kGrantedByProxy);
    std::size_t sent = 0;
    while (sent < 1024 * 1024 + 200) {
        p.push->append(stream.next());
        sent += 68;
    }
    server.take_sent();
    while (p.push->append(stream.next())) {
    }
    host.advance(Duration{9'999});
    assert_int_equal(p.listener.done, 0);
    host.advance(Duration{1});
    assert_true(p.listener.failed(Errc::timed_out));
    assert_true(has(p.listener.error, "no answer to a body that is full"));
}

static void an_early_error_ends_the_push(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream;
    FakePeer& server = p.begin(stream);
    server.say(
        "HTTP/1.1 408 Request Timeout\r\nServer: Cougar/9.01.01.3841\r\nContent-Length: 0\r\nConnection: "
        "close\r\n\r\n");
    assert_true(p.listener.failed(Errc::refused));
    assert_true(p.memory.token.empty());
    assert_false(p.push->append(stream.next()));
}

static void an_early_success_begins_a_new_body_on_a_new_connection(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream;
    FakePeer& server = p.begin(stream);
    server.say(kGranted);
    assert_false(p.push->append(stream.next()));
    host.advance(Duration{0});
    FakePeer& again = host.answer_dial();
    assert_true(has(again.take_sent(), "Cookie: push-id=77\r\n"));
    again.say(kGranted);
    assert_int_equal(p.listener.ready, 2);
    const auto packet = stream.next(true);
    p.push->append(packet);
    assert_true(body_of(again.sent()) == media(packet));
}

static void a_lost_push_goes_on_under_its_push_id_at_the_next_attempt(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream, other{64, 5, '2'};
    p.begin(stream).reset();
    host.end_turn();
    host.advance(Duration{0});
    assert_true(p.listener.failed(Errc::closed));
    assert_string_equal(p.memory.token.c_str(), "77");

    p.open();
    FakePeer& server = p.begin(stream);
    auto packet = stream.next(true);
    p.push->append(packet);
    assert_true(body_of(server.take_sent()) == media(packet));
    server.half_close();
    host.advance(Duration{0});
    assert_true(p.listener.failed(Errc::closed));

    // With another header in between.
    p.open();
    FakePeer& third = p.begin(other);
    packet = other.next(true);
    p.push->append(packet);
    assert_true(body_of(third.take_sent()) == end(1) + change(other) + media(packet));
}

static void a_server_that_has_forgotten_the_push_gets_a_new_one(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream;
    p.memory = {.token = "5", .format = stream.format()};
    p.push->begin(stream.format());
    FakePeer& server = host.answer_dial();
    server.say("HTTP/1.1 403 Forbidden\r\nServer: Cougar/9.01.01.3841\r\nContent-Length: 0\r\n\r\n");
    host.advance(Duration{0});
    FakePeer& again = host.answer_dial();
    assert_true(has(again.take_sent(), "Cookie: push-id=0\r\n"));
    again.say(kGranted);
    assert_true(body_of(again.sent()) == header(stream));
    assert_string_equal(p.memory.token.c_str(), "77");
}

static void what_the_network_does_not_take_is_bounded(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream;
    FakePeer& server = p.begin(stream);
    server.limit_room(0);
    std::size_t taken = 0;
    while (p.push->append(stream.next())) taken += 68;
    assert_true(taken <= Push::kMaxQueued + 68 && taken > Push::kMaxQueued / 2);
    server.make_room(1000);
    assert_int_equal(p.listener.room, 0);
    server.make_room(FakePeer::kUnlimited);
    assert_int_equal(p.listener.room, 1);
    assert_true(p.push->append(stream.next(true)));
}

static void a_push_may_be_given_up_at_any_time(void**) {
    for (int step = 0; step < 4; ++step) {
        FakeHost host;
        Pushing p{host};
        VideoStream stream;
        FakePeer* server = step > 0 ? &host.answer_dial() : nullptr;
        if (step > 1) server->say(kGranted);
        if (step > 2) p.push->begin(stream.format());
        p.push.reset();
        host.advance(Duration{60'000});
        assert_int_equal(p.listener.done, 0);
        assert_true(!server || server->was_told());
    }
}

static void weir_takes_what_weir_pushes(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream, other{64, 5, '2'};
    Pipe pipe{host, host.answer_dial()};
    pipe.pump();
    p.push->begin(stream.format());
    for (int i = 0; i < 10; ++i) assert_true(p.push->append(stream.next()));
    pipe.pump();
    assert_int_equal(host.live().log().end(), 10);
    p.push->begin(other.format());
    for (int i = 0; i < 5; ++i) assert_true(p.push->append(other.next()));
    pipe.pump();
    assert_int_equal(host.live().log().end(), 15);
    assert_int_equal(host.live().format_number(), 2);
    p.push->end();
    pipe.pump();
    assert_false(host.live().has_source());
    host.advance(Duration{0});
    assert_true(p.listener.ended_well());
}

static void weir_rolls_over_into_weir_and_comes_back_to_it(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream{1400};
    Pipe pipe{host, host.answer_dial()};
    p.push->begin(stream.format());
    pipe.pump("Via: 1.1 cache\r\n");
    for (int i = 0; i < 2'000; ++i) {
        assert_true(p.push->append(stream.next()));
        pipe.pump("Via: 1.1 cache\r\n");
    }
    assert_int_equal(host.live().log().end(), 2'000);
    assert_int_equal(host.live().stats().runs, 1);
    assert_int_equal(p.listener.ready, 1);
    pipe.client.reset();
    pipe.server.reset();
    host.end_turn();
    host.advance(Duration{0});
    assert_false(host.live().has_source());
    p.open();
    Pipe again{host, host.answer_dial()};
    p.push->begin(stream.format());
    again.pump();
    assert_true(p.push->append(stream.next(true)));
    again.pump();
    assert_int_equal(host.live().log().end(), 2'001);
    assert_int_equal(host.live().format_number(), 1);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_push_asks_then_sends_header_and_packets),
        cmocka_unit_test(a_header_change_ends_the_entry_first),
        cmocka_unit_test(the_end_is_said_and_the_connection_closed),
        cmocka_unit_test(an_end_waits_for_what_the_socket_has_not_taken),
        cmocka_unit_test(an_end_before_anything_began_is_just_a_close),
        cmocka_unit_test(a_refusal_ends_the_push_with_its_sentence),
        cmocka_unit_test(a_server_that_is_not_there_or_says_nothing_is_told),
        cmocka_unit_test(a_redirect_is_followed_as_a_new_push),
        cmocka_unit_test(credentials_are_given_when_they_are_asked_for),
        cmocka_unit_test(a_full_body_is_filled_up_and_the_next_begins_with_media),
        cmocka_unit_test(a_full_body_without_an_answer_ends_the_push),
        cmocka_unit_test(an_early_error_ends_the_push),
        cmocka_unit_test(an_early_success_begins_a_new_body_on_a_new_connection),
        cmocka_unit_test(a_lost_push_goes_on_under_its_push_id_at_the_next_attempt),
        cmocka_unit_test(a_server_that_has_forgotten_the_push_gets_a_new_one),
        cmocka_unit_test(what_the_network_does_not_take_is_bounded),
        cmocka_unit_test(a_push_may_be_given_up_at_any_time),
        cmocka_unit_test(weir_takes_what_weir_pushes),
        cmocka_unit_test(weir_rolls_over_into_weir_and_comes_back_to_it),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
