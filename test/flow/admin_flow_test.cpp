// The admin port: what it serves, to whom, and what it does not; and /health on the public one.
#include <memory>
#include <string>
#include <vector>

#include "core/media/feed.hpp"
#include "protocols/admin/long_reply.hpp"
#include "protocols/admin/metrics.hpp"
#include "protocols/admin/status.hpp"
#include "test/support/asf_samples.hpp"
#include "test/support/fake_host.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using test::FakeHost;
using test::FakePeer;
using test::VideoStream;

namespace {

struct Encoder {
    explicit Encoder(Channel& channel)
        : feed(channel, 0, Feed::Role::source, "push from 192.0.2.1:1",
               Callback<void()>::of<&Encoder::on_replaced>(this)) {
        feed.begin(stream.format());
    }
    void on_replaced() noexcept {}
    void send(int count) {
        while (count-- > 0) assert_true(feed.append(stream.next()).ok());
        feed.publish();
    }
    VideoStream stream;
    Feed feed;
};

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::string request(std::string_view method, std::string_view target) {
    return std::string(method) + ' ' + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

std::string head_of(const std::string& answer) {
    return answer.substr(0, answer.find("\r\n\r\n") + 4);
}
std::string body_of(const std::string& answer) {
    return answer.substr(head_of(answer).size());
}

// Both ports speak HTTP; which of them is asked.
enum class Port { open, admin };

std::string answer(FakeHost& host, Port port, std::string_view method, std::string_view target) {
    FakePeer& peer = port == Port::admin ? host.connect_admin() : host.connect();
    peer.say(request(method, target));
    host.end_turn();
    return peer.sent();
}
std::string ask_admin(FakeHost& host, std::string_view target, std::string_view method = "GET") {
    return answer(host, Port::admin, method, target);
}

void assert_status(const std::string& answer, int status) {
    assert_true(answer.starts_with("HTTP/1.1 " + std::to_string(status) + ' '));
}

std::string field(const std::string& json, const std::string& name) {
    const auto at = json.find('"' + name + "\": ");
    assert_true(at != std::string::npos);
    const auto begin = at + name.size() + 4;
    return json.substr(begin, json.find_first_of(",\n", begin) - begin);
}

void status_tells_what_is_on_air_and_who_plays(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(10);
    host.ask("GET /live HTTP/1.0\r\n\r\n");
    host.advance(Duration{1000});
    const std::string got = ask_admin(host, "/api/v1/status");
    assert_status(got, 200);
    assert_true(has(head_of(got), "\r\nContent-Type: application/json\r\n"));
    assert_true(has(head_of(got), "\r\nCache-Control: no-cache\r\n"));
    const std::string json = body_of(got);
    assert_string_equal(field(json, "uptime_ms").c_str(), "1000");
    assert_string_equal(field(json, "title").c_str(), "\"Live\"");
    assert_string_equal(field(json, "state").c_str(), "\"streaming\"");
    assert_string_equal(field(json, "container").c_str(), "\"asf\"");
    assert_string_equal(field(json, "packets_in").c_str(), "10");
    assert_string_equal(field(json, "now").c_str(), "1");
    assert_string_equal(field(json, "source").c_str(), "\"push:\"");
    assert_string_equal(field(json, "who").c_str(), "\"push from 192.0.2.1:1\"");
    assert_true(has(json, "\"state\": \"on_air\""));
}

void status_of_a_channel_that_never_was_on_air_has_no_format(void**) {
    FakeHost host;
    const std::string json = body_of(ask_admin(host, "/api/v1/status"));
    assert_string_equal(field(json, "format").c_str(), "null");
    assert_string_equal(field(json, "state").c_str(), "\"closed\"");
    assert_string_equal(field(json, "now").c_str(), "0");
}

void metrics_are_of_the_same_state(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(7);
    const std::string got = ask_admin(host, "/metrics");
    assert_status(got, 200);
    assert_true(has(head_of(got), "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    assert_string_equal(body_of(got).c_str(), admin::to_metrics(admin::collect(host)).c_str());
    assert_true(has(got, "\nweir_channel_packets_in_total{channel=\"live\"} 7\n"));
    assert_true(has(got, "\nweir_channel_state{channel=\"live\",state=\"streaming\"} 1\n"));
}

void credentials_of_a_source_are_told_nowhere(void**) {
    FakeHost host{
        {{.name = "live", .title = {}, .sources = {"http://user:secret@192.0.2.9/x"}, .origin = {}}}};
    const auto look = [&] {
        for (const char* target : {"/api/v1/status", "/metrics", "/"}) {
            const std::string got = ask_admin(host, target);
            assert_status(got, 200);
            assert_false(has(got, "secret") || has(got, "user:"));
        }
    };
    host.advance(Duration{0});
    assert_int_equal(host.dials().size(), 1);
    look();
    host.refuse_dial();
    host.advance(Duration{1});
    look();
    const std::string json = body_of(ask_admin(host, "/api/v1/status"));
    assert_string_equal(field(json, "source").c_str(), "\"http://192.0.2.9/x\"");
    assert_true(has(field(json, "error"), "refused"));
}

void the_front_page_names_the_three(void**) {
    FakeHost host{{}, {.name = "a<b"}};
    const std::string got = ask_admin(host, "/");
    assert_status(got, 200);
    assert_true(has(head_of(got), "\r\nContent-Type: text/html; charset=utf-8\r\n"));
    for (const char* path : {"/api/v1/status", "/metrics", "/health"})
        assert_true(has(body_of(got), "href=\"" + std::string(path) + '"'));
    assert_true(has(got, "a&lt;b"));
}

void a_page_of_another_origin_may_not_read_the_admin_port(void**) {
    FakeHost host;
    for (const char* target : {"/", "/api/v1/status", "/metrics", "/nothing"})
        assert_false(has(ask_admin(host, target), "Access-Control-Allow-Origin"));
}

void head_gets_the_head_alone(void**) {
    FakeHost host;
    for (const char* target : {"/", "/api/v1/status", "/metrics", "/nothing"}) {
        const std::string whole = ask_admin(host, target);
        const std::string head = ask_admin(host, target, "HEAD");
        assert_string_equal(body_of(head).c_str(), "");
        assert_string_equal(head_of(head).substr(0, 12).c_str(), head_of(whole).substr(0, 12).c_str());
        assert_true(has(head, "\r\nContent-Length: "));
        assert_false(has(head, "\r\nContent-Length: 0\r\n"));
    }
}

void other_methods_are_refused(void**) {
    FakeHost host;
    for (const char* target : {"/", "/api/v1/status", "/metrics", "/health", "/live"}) {
        for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
            const std::string got = ask_admin(host, target, method);
            assert_status(got, 405);
            assert_true(has(got, "\r\nAllow: GET, HEAD\r\n"));
        }
    }
}

void streams_and_pushes_are_not_for_this_port(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(5);
    for (const char* target : {"/live", "/live.asf", "/live.asx", "/api", "/api/v1/status/", "/metrics2"})
        assert_status(ask_admin(host, target), 404);
    FakePeer& wmsp = host.connect_admin();
    wmsp.say("GET /live HTTP/1.0\r\nUser-Agent: NSPlayer/4.1.0.3856\r\n\r\n");
    assert_true(wmsp.sent().starts_with("HTTP/1.0 404 "));
    FakePeer& push = host.connect_admin();
    push.say("POST /live HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_status(push.sent(), 405);
    assert_true(push.is_closing());
}

void a_public_port_does_not_tell_the_status(void**) {
    FakeHost host;
    for (const char* target : {"/api/v1/status", "/metrics"})
        assert_status(answer(host, Port::open, "GET", target), 404);
}

void one_connection_asks_again_and_again(void**) {
    FakeHost host;
    FakePeer& peer = host.connect_admin();
    for (int i = 0; i < 3; ++i) {
        peer.say(request("GET", "/metrics"));
        host.end_turn();
        assert_status(peer.take_sent(), 200);
    }
    assert_false(peer.is_closing());
}

void both_ports_tell_health(void**) {
    for (const Port port : {Port::open, Port::admin}) {
        FakeHost host;
        const auto ask = [&](const char* target, const char* method = "GET") {
            return answer(host, port, method, target);
        };
        const std::string closed = ask("/health");
        assert_status(closed, 503);
        assert_string_equal(body_of(closed).c_str(), "No channel was on air yet.\n");
        assert_string_equal(body_of(ask("/health?channel=live")).c_str(),
                            "Channel live is not on air yet.\n");
        const std::string unknown = ask("/health?channel=news");
        assert_status(unknown, 404);
        assert_string_equal(body_of(unknown).c_str(), "There is no channel news.\n");
        assert_status(ask("/health?channel="), 404);
        {
            Encoder encoder{host.live()};
            encoder.send(5);
            const std::string good = ask("/health");
            assert_status(good, 204);
            assert_string_equal(body_of(good).c_str(), "");
            assert_true(has(good, "\r\nCache-Control: no-cache\r\n"));
            assert_status(ask("/health?channel=live"), 204);
            assert_status(ask("/health?channel=l%69ve"), 204);
            assert_status(ask("/health", "HEAD"), 204);
        }
        // The source is away: a player that comes now is kept, so weir is well, and the channel is not.
        assert_status(ask("/health"), 204);
        const std::string away = ask("/health?channel=live");
        assert_status(away, 503);
        assert_string_equal(body_of(away).c_str(), "Channel live waits for its source.\n");
        const std::string head = ask("/health?channel=live", "HEAD");
        assert_status(head, 503);
        assert_string_equal(body_of(head).c_str(), "");
    }
}

void a_weir_that_stops_is_not_healthy_and_says_so(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(5);
    host.stop();
    for (const char* target : {"/health", "/health?channel=live"}) {
        const std::string got = ask_admin(host, target);
        assert_status(got, 503);
        assert_string_equal(body_of(got).c_str(), "weir is stopping.\n");
    }
    assert_string_equal(field(body_of(ask_admin(host, "/api/v1/status")), "stopping").c_str(), "true");
    assert_true(has(ask_admin(host, "/metrics"), "\nweir_stopping 1\n"));
}

// So many channels that the answer is longer than a peer may queue.
std::vector<ChannelConfig> many_channels() {
    std::vector<ChannelConfig> out;
    for (int i = 0; i < 2500; ++i)
        out.push_back(
            {.name = "channel-" + std::to_string(i), .title = {}, .sources = {"push:"}, .origin = {}});
    return out;
}

void a_long_answer_goes_as_fast_as_its_reader_takes_it(void**) {
    FakeHost host{many_channels()};
    for (const char* target : {"/api/v1/status", "/metrics"}) {
        FakePeer& peer = host.connect_admin();
        peer.limit_room(1000);
        peer.say(request("GET", target));
        host.end_turn();
        assert_int_equal(peer.sent().size(), 1000);
        assert_int_equal(peer.queued(), 0);
        std::size_t before = 0;
        while (!peer.is_closing()) {
            assert_true(peer.sent().size() > before);
            before = peer.sent().size();
            peer.make_room(100000);
            host.end_turn();
        }
        assert_true(before > Peer::kMaxQueued);
        assert_true(peer.reason() == CloseReason::finished);
        const std::string head = head_of(peer.sent());
        assert_true(has(head, "\r\nConnection: close\r\n"));
        assert_true(has(head, "\r\nContent-Length: " + std::to_string(body_of(peer.sent()).size()) + "\r\n"));
    }
    const std::string head = ask_admin(host, "/metrics", "HEAD");
    assert_string_equal(body_of(head).c_str(), "");
}

void who_takes_nothing_of_a_long_answer_is_closed(void**) {
    FakeHost host{many_channels()};
    FakePeer& peer = host.connect_admin();
    peer.limit_room(1000);
    peer.say(request("GET", "/metrics"));
    host.advance(admin::LongReply::kSilenceLimit - Duration{1});
    assert_false(peer.is_closing());
    peer.make_room(1000);
    host.advance(admin::LongReply::kSilenceLimit - Duration{1});
    assert_false(peer.is_closing());
    host.advance(Duration{2});
    assert_true(peer.was_told());
    assert_true(peer.reason() == CloseReason::too_slow);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(status_tells_what_is_on_air_and_who_plays),
                                cmocka_unit_test(status_of_a_channel_that_never_was_on_air_has_no_format),
                                cmocka_unit_test(metrics_are_of_the_same_state),
                                cmocka_unit_test(credentials_of_a_source_are_told_nowhere),
                                cmocka_unit_test(the_front_page_names_the_three),
                                cmocka_unit_test(a_page_of_another_origin_may_not_read_the_admin_port),
                                cmocka_unit_test(head_gets_the_head_alone),
                                cmocka_unit_test(other_methods_are_refused),
                                cmocka_unit_test(streams_and_pushes_are_not_for_this_port),
                                cmocka_unit_test(a_public_port_does_not_tell_the_status),
                                cmocka_unit_test(one_connection_asks_again_and_again),
                                cmocka_unit_test(both_ports_tell_health),
                                cmocka_unit_test(a_weir_that_stops_is_not_healthy_and_says_so),
                                cmocka_unit_test(a_long_answer_goes_as_fast_as_its_reader_takes_it),
                                cmocka_unit_test(who_takes_nothing_of_a_long_answer_is_closed)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
