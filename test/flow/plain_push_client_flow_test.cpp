// Pushing a plain stream: one chunked POST, to a server played by the test, and to weir's own.
#include <memory>
#include <string>

#include "protocols/http/push_client.hpp"
#include "protocols/http/replies.hpp"
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
constexpr std::string_view kWithCredentials = "http://anna:secret@relay.example:8080/live";

std::string text(Bytes b) {
    return std::string(as_text(b));
}
bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}
std::string chunk(Bytes bytes) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    return size + text(bytes) + "\r\n";
}

struct Pushing {
    explicit Pushing(FakeHost& host, std::string_view url = kUrl)
        : push(http::open_push(host, http::parse_url(url).value(), memory, listener)) {}
    test::FakePushListener listener;
    PushMemory memory;
    std::unique_ptr<Push> push;
};

}  // namespace

static void header_and_packets_go_out_as_chunks(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream;
    FakePeer& server = host.answer_dial();
    assert_string_equal(server.sent().c_str(), "");  // what it is about is not known yet
    assert_false(p.push->append(stream.next()));
    p.push->begin(stream.format());
    assert_int_equal(p.listener.ready, 1);
    const auto packet = stream.next(true);
    assert_true(p.push->append(packet));
    const std::string head =
        "POST /live HTTP/1.1\r\nHost: relay.example:8080\r\nUser-Agent: " +
        std::string(http::server_header()) +
        "\r\nContent-Type: video/x-ms-asf\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    assert_true(server.take_sent() == head + chunk(stream.format()->header()) + chunk(packet));
    VideoStream other{64, 5, '2'};
    p.push->begin(other.format());
    assert_true(server.sent() == chunk(other.format()->header()));
}

static void the_header_may_be_there_before_the_connection(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream;
    p.push->begin(stream.format());
    FakePeer& server = host.answer_dial();
    assert_true(server.sent().ends_with(chunk(stream.format()->header())));
    assert_int_equal(p.listener.ready, 1);
}

static void the_end_is_said_and_its_answer_awaited(void**) {
    FakeHost host;
    for (const std::string_view answer :
         {std::string_view{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"}, std::string_view{}}) {
        Pushing p{host};
        VideoStream stream;
        p.push->begin(stream.format());
        FakePeer& server = host.answer_dial();
        p.push->end();
        assert_true(server.sent().ends_with("\r\n0\r\n\r\n"));
        server.say(answer);
        assert_int_equal(p.listener.done, answer.empty() ? 0 : 1);
        host.advance(Duration{5'000});
        assert_true(p.listener.ended_well());
        assert_true(server.was_told());
    }
    Pushing unbegun{host};
    unbegun.push->end();
    host.advance(Duration{0});
    assert_true(unbegun.listener.ended_well());
}

static void a_refusal_is_told_with_its_sentence(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream;
    p.push->begin(stream.format());
    FakePeer& server = host.answer_dial();
    server.say(
        "HTTP/1.1 409 Conflict\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
        "8\r\n\r\nnot now\n");
    assert_true(p.listener.failed(Errc::refused));
    assert_string_equal(p.listener.error.c_str(), "the server answered 409 Conflict: not now");
}

static void a_long_page_is_not_awaited(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream;
    p.push->begin(stream.format());
    FakePeer& server = host.answer_dial();
    server.say("HTTP/1.1 500 Oops\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n" +
               std::string(1000, 'x'));
    assert_true(p.listener.failed(Errc::unreachable));
    assert_string_equal(p.listener.error.c_str(), "the server answered 500 Oops");
}

static void an_end_by_the_server_is_told(void**) {
    FakeHost host;
    VideoStream stream;
    {
        Pushing p{host};
        p.push->begin(stream.format());
        host.answer_dial().say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assert_true(p.listener.failed(Errc::closed));
        assert_string_equal(p.listener.error.c_str(), "the server ended the push with 200");
    }
    Pushing p{host};
    p.push->begin(stream.format());
    host.answer_dial().half_close();
    host.advance(Duration{0});
    assert_true(p.listener.failed(Errc::closed));
    assert_string_equal(p.listener.error.c_str(), "the server closed the connection");
}

static void with_credentials_the_server_is_heard_first(void**) {
    FakeHost host;
    Pushing p{host, kWithCredentials};
    VideoStream stream;
    p.push->begin(stream.format());
    FakePeer& first = host.answer_dial();
    assert_true(has(first.sent(), "Expect: 100-continue\r\n"));
    assert_true(first.sent().ends_with("\r\n\r\n"));
    assert_int_equal(p.listener.ready, 0);
    first.say("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"a\"\r\nContent-Length: 0\r\n\r\n");
    host.advance(Duration{0});
    FakePeer& second = host.answer_dial();
    assert_true(has(second.sent(), "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n"));
    assert_int_equal(p.listener.ready, 0);
    second.say("HTTP/1.1 100 Continue\r\n\r\n");
    assert_int_equal(p.listener.ready, 1);
    assert_true(second.sent().ends_with(chunk(stream.format()->header())));
    second.say("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"a\"\r\nContent-Length: 0\r\n\r\n");
    host.advance(Duration{0});
    assert_true(p.listener.failed(Errc::refused));
    assert_false(has(p.listener.error, "secret"));
}

static void a_server_that_does_not_know_expect_is_not_awaited_for_long(void**) {
    FakeHost host;
    Pushing p{host, kWithCredentials};
    VideoStream stream;
    p.push->begin(stream.format());
    host.answer_dial();
    host.advance(Duration{999});
    assert_int_equal(p.listener.ready, 0);
    host.advance(Duration{1});
    assert_int_equal(p.listener.ready, 1);
}

static void a_redirect_is_followed_a_few_times(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream;
    p.push->begin(stream.format());
    for (int i = 0; i < 5; ++i) {
        host.answer_dial().say("HTTP/1.1 307 There\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n");
        assert_false(p.push->append(stream.next(true)));  // there is no connection to send it on
        host.advance(Duration{0});
    }
    FakePeer& last = host.answer_dial();
    assert_true(has(last.sent(), "POST /other HTTP/1.1\r\n"));
    assert_int_equal(p.listener.ready, 6);
    last.say("HTTP/1.1 307 There\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n");
    host.advance(Duration{0});
    assert_true(p.listener.failed(Errc::refused));
    assert_true(has(p.listener.error, "more than 5 redirects"));
}

static void what_the_network_does_not_take_is_bounded(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream;
    p.push->begin(stream.format());
    FakePeer& server = host.answer_dial();
    server.limit_room(0);
    std::string queued;
    while (true) {
        const auto packet = stream.next();
        if (!p.push->append(packet)) break;
        queued += chunk(packet);
    }
    assert_true(queued.size() <= Push::kMaxQueued + 100 && queued.size() > Push::kMaxQueued / 2);
    server.make_room(5000);
    assert_int_equal(p.listener.room, 0);
    server.make_room(FakePeer::kUnlimited);
    assert_int_equal(p.listener.room, 1);
    assert_true(server.sent().ends_with(queued));
    assert_true(p.push->append(stream.next(true)));
}

static void weir_takes_what_weir_pushes(void**) {
    FakeHost host;
    Pushing p{host};
    VideoStream stream;
    p.push->begin(stream.format());
    FakePeer& client = host.answer_dial();
    FakePeer& server = host.connect();
    for (int i = 0; i < 10; ++i) p.push->append(stream.next());
    p.push->end();
    server.say(client.take_sent());
    assert_int_equal(host.live().log().end(), 10);
    client.say(server.take_sent());
    assert_true(p.listener.ended_well());
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(header_and_packets_go_out_as_chunks),
        cmocka_unit_test(the_header_may_be_there_before_the_connection),
        cmocka_unit_test(the_end_is_said_and_its_answer_awaited),
        cmocka_unit_test(a_refusal_is_told_with_its_sentence),
        cmocka_unit_test(a_long_page_is_not_awaited),
        cmocka_unit_test(an_end_by_the_server_is_told),
        cmocka_unit_test(with_credentials_the_server_is_heard_first),
        cmocka_unit_test(a_server_that_does_not_know_expect_is_not_awaited_for_long),
        cmocka_unit_test(a_redirect_is_followed_a_few_times),
        cmocka_unit_test(what_the_network_does_not_take_is_bounded),
        cmocka_unit_test(weir_takes_what_weir_pushes),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
