// A channel that is pushed to other servers, whose part the test plays: when they are dialled, what they get,
// what is done when they are lost, slow or say no.
#include "core/relay/push_link.hpp"

#include <memory>
#include <string>
#include <vector>

#include "protocols/wmpush/wire.hpp"
#include "test/flow/pull_bench.hpp"

using namespace weir;
using namespace weir::test;

namespace {

using State = PushStatus::State;
using Targets = std::vector<PushTargetConfig>;

const Targets kRaw{"http://edge.example:8080/news?source=main"};
const Targets kWm{wm_push("http://edge.example:8080/news")};
constexpr std::string_view kEdge = "edge.example:8080";
constexpr std::string_view kGranted =
    "HTTP/1.1 204 No Content\r\nServer: Cougar/9.01.01.3841\r\nContent-Length: 0\r\nSet-Cookie: "
    "push-id=77\r\n\r\n";
constexpr std::string_view kNotFound = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view kConflict =
    "HTTP/1.1 409 Conflict\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nbusy\n";
constexpr std::string_view kForbidden = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view kBusy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";

ChannelConfig pushed_to(const Targets& targets) {
    return {.name = "live", .title = "Live", .sources = {"push:"}, .push_to = targets, .origin = {}};
}

// The pieces of a raw push that came whole: the header and the packets.
std::vector<std::string> chunks_of(const std::string& sent) {
    std::vector<std::string> out;
    auto at = sent.find("\r\n\r\n");
    assert_true(at != std::string::npos);
    at += 4;
    while (at < sent.size()) {
        const auto line = sent.find("\r\n", at);
        if (line == std::string::npos) break;
        const auto size = std::stoul(sent.substr(at, line - at), nullptr, 16);
        if (line + 2 + size + 2 > sent.size()) break;
        out.push_back(sent.substr(line + 2, size));
        at = line + 2 + size + 2;
    }
    return out;
}

struct Origin {
    explicit Origin(const Targets& targets, unsigned key_every = 5, std::uint32_t packet_size = 64)
        : Origin(pushed_to(targets), key_every, packet_size) {}
    explicit Origin(ChannelConfig config, unsigned key_every = 5, std::uint32_t packet_size = 64)
        : host({std::move(config)}), stream(packet_size, key_every), size(packet_size) {
        turn();
    }

    void turn() { host.advance(Duration{0}); }
    void connect_encoder() {
        encoder = &host.connect();
        encoder->say("POST /live HTTP/1.1\r\nHost: weir\r\nTransfer-Encoding: chunked\r\n\r\n");
        encoder->say(in_chunk(text_of(stream.header())));
        turn();
    }
    // The encoder's next packets, 40 ms each.
    void next(int count = 1) {
        if (!encoder) connect_encoder();
        for (; count > 0; --count) {
            encoder->say(in_chunk(text_of(sent.emplace_back(stream.next()))));
            host.advance(Duration{40});
        }
    }
    void run_for(Duration time) { next(static_cast<int>(time / Duration{40})); }
    FakePeer& answer(std::string_view address = kEdge) {
        turn();
        FakePeer* peer = host.answer_dial_to(address);
        assert_non_null(peer);
        if (has(peer->sent(), "Expect: 100-continue\r\n")) peer->say("HTTP/1.1 100 Continue\r\n\r\n");
        return *peer;
    }
    bool is_dialling(std::string_view address = kEdge) {
        turn();
        return host.dials() == std::vector<std::string>{std::string(address)};
    }
    PushStatus status(std::size_t n = 0) { return host.pushes(host.live()).at(n); }

    // The server got a header, then the packets [from, to) and no others.
    void assert_got(const FakePeer& server, std::size_t from, std::size_t to) const {
        const auto chunks = chunks_of(server.sent());
        if (chunks.size() != to - from + 1)
            print_error("%zu packets, not %zu\n", chunks.size() - 1, to - from);
        assert_int_equal(chunks.size(), to - from + 1);
        assert_true(chunks[0] == stream.served_header());
        for (std::size_t i = from; i < to; ++i) assert_true(chunks[i - from + 1] == text_of(sent[i]));
    }
    // Half of `full` to all of it goes by until weir dials.
    void assert_pause(std::int64_t full) {
        const TimePoint from = host.now();
        turn();
        while (host.dials().empty() && host.now() - from < Duration{60000}) host.advance(Duration{1});
        const auto pause = (host.now() - from).count();
        if (pause * 2 < full || pause > full) print_error("a pause of %jd ms, not of %jd\n", pause, full);
        assert_true(pause * 2 >= full && pause <= full);
    }

    FakeHost host;
    VideoStream stream;
    std::uint32_t size;
    std::vector<Buffer> sent;
    FakePeer* encoder = nullptr;
};

void nobody_is_dialled_before_there_is_something_to_send(void**) {
    Origin o{kRaw};
    o.host.advance(Duration{60000});
    assert_true(o.host.dials_begun().empty());
    assert_int_equal(o.status().state, State::off);
    o.connect_encoder();  // a header alone is nothing to send
    o.host.advance(Duration{1000});
    assert_true(o.host.dials_begun().empty());
    o.next();
    assert_true(o.is_dialling());
    assert_int_equal(o.status().state, State::connecting);
    FakePeer& server = o.answer();
    assert_true(server.sent().starts_with("POST /news?source=main HTTP/1.1\r\nHost: edge.example:8080\r\n"));
    o.next(9);
    o.assert_got(server, 0, 10);
    const PushStatus status = o.status();
    assert_int_equal(status.state, State::sending);
    assert_string_equal(status.url.c_str(), "http://edge.example:8080/news?source=main");
    assert_true(status.form == "raw" && status.error.empty());
    assert_int_equal(status.packets, 10);
    assert_int_equal(status.bytes, 640);
    assert_int_equal(status.attempts, 1);
    // It is no client.
    assert_int_equal(o.host.live().viewers(), 0);
    assert_true(o.host.live().clients().empty());
}

void the_first_connection_begins_at_the_newest_sync_point(void**) {
    Origin o{kRaw};
    o.next(8);
    FakePeer& server = o.answer();
    o.next(4);
    o.assert_got(server, 5, 12);
}

void windows_media_push_asks_first(void**) {
    Origin o{kWm};
    o.next(3);
    FakePeer& server = o.answer();
    assert_true(has(server.take_sent(), "Content-Type: application/x-wms-pushsetup\r\n"));
    assert_int_equal(o.status().state, State::connecting);
    server.say(kGranted);
    assert_int_equal(o.status().state, State::sending);
    o.next(2);
    std::string expected;
    std::uint8_t head[wmpush::kHead];
    const auto add = [&](wmpush::PacketId id, std::string_view payload) {
        wmpush::encode_head(id, payload.size(), head);
        expected += text_of(head) + std::string(payload);
    };
    add(wmpush::PacketId::header, o.stream.served_header());
    for (const Buffer& packet : o.sent) add(wmpush::PacketId::data, text_of(packet));
    assert_true(server.sent().ends_with("\r\n\r\n" + expected));
    assert_true(o.status().form == "wm");
}

void a_push_that_breaks_goes_on_where_it_was(void**) {
    Origin o{kRaw};
    o.next();
    FakePeer& server = o.answer();
    o.run_for(Duration{5040});
    const std::size_t before = o.sent.size();  // 127: 125 is the last sync point
    o.assert_got(server, 0, before);
    server.reset();
    o.next(3);
    assert_true(o.host.dials().empty());  // there is nothing yet that it could use
    o.next(17);
    FakePeer& again = o.answer();
    o.next(1);
    // What it has is not sent again, and what it could not decode is not sent at all.
    o.assert_got(again, 130, o.sent.size());
    assert_int_equal(o.status().skips, 0);
    assert_true(
        o.host.lines().has("warning: channel live: push to http://edge.example:8080/news?source=main: "));
    assert_false(o.host.lines().has("pushes to http://edge.example:8080/news?source=main again"));
    o.run_for(Duration{5000});
    assert_int_equal(o.host.lines().count("pushes to http://edge.example:8080/news?source=main again"), 1);
    assert_string_equal(o.status().error.c_str(), "");
    assert_int_equal(o.status().attempts, 2);
}

void a_packet_that_went_out_in_part_is_sent_again(void**) {
    for (const bool is_cut : {true, false}) {
        Origin o{kRaw, 1};  // it may go on anywhere
        o.next();
        FakePeer& server = o.answer();
        o.run_for(Duration{5000});
        const std::size_t before = o.sent.size();
        if (is_cut) {
            server.limit_room(30);
            o.next(5);
        }
        server.reset();
        o.next(1);
        FakePeer& again = o.answer();
        o.next(2);
        o.assert_got(again, before, o.sent.size());
    }
}

// What it is offered stays in the log for as long as these tests take.
ChannelConfig with_long_log() {
    ChannelConfig config = pushed_to(kRaw);
    config.log_time = Milliseconds{600000};
    return config;
}
// The server is gone, and there is a packet that it has not got.
void lose(Origin& o, FakePeer& server) {
    server.limit_room(0);
    o.next();
    server.reset();
}

void nobody_who_answers_is_asked_ever_more_slowly(void**) {
    Origin o{with_long_log(), 1};
    o.next();
    for (const std::int64_t full : {200, 400, 800, 1600, 3200, 5000, 5000}) {
        o.turn();
        o.host.refuse_dial();
        o.turn();
        assert_int_equal(o.status().state, State::waiting);
        assert_true(has(o.status().error, "Connection refused"));
        o.assert_pause(full);
    }
    assert_int_equal(o.host.lines().count("Connection refused"), 1);
    // One that worked for long enough forgets them all.
    FakePeer& server = o.answer();
    o.run_for(Duration{5000});
    lose(o, server);
    o.assert_pause(0);
    o.host.refuse_dial();
    o.assert_pause(200);
}

void refusals_are_asked_again_yet_more_slowly(void**) {
    for (const std::string_view refusal : {kNotFound, kForbidden, kConflict}) {
        Origin o{with_long_log()};
        o.next();
        for (const std::int64_t full : {1000, 2000, 4000, 8000, 16000, 30000, 30000}) {
            o.answer().say(refusal);
            o.turn();
            assert_int_equal(o.status().state, State::waiting);
            assert_true(has(o.status().error, refusal.substr(9, 3)));
            o.assert_pause(full);
        }
        assert_int_equal(o.host.lines().count("it is tried again"), 1);
    }
}

void a_server_that_is_busy_is_asked_as_often_as_one_that_is_not_there(void**) {
    Origin o{kRaw};
    o.next();
    for (const std::int64_t full : {200, 400, 800, 1600, 3200}) {
        o.answer().say(kBusy);
        o.assert_pause(full);
    }
}

void pushes_that_break_at_once_count_as_refusals(void**) {
    Origin o{with_long_log(), 1};
    o.next();
    for (const std::int64_t full : {1000, 2000, 4000}) {
        FakePeer& server = o.answer();
        o.run_for(Duration{4920});
        lose(o, server);
        o.assert_pause(full);
    }
}

void who_refused_a_push_had_none_of_it(void**) {
    Origin o{kRaw, 1};
    o.next();
    FakePeer& server = o.answer();
    o.run_for(Duration{5000});
    const std::size_t before = o.sent.size();
    server.reset();
    o.next(1);
    // The server takes the old connection for alive.
    FakePeer& busy = o.answer();
    o.next(2);
    assert_int_equal(chunks_of(busy.sent()).size(), 4);
    busy.say(kConflict);
    o.next(20);
    FakePeer& again = o.answer();
    o.next(1);
    o.assert_got(again, before, o.sent.size());
}

void who_was_away_for_longer_than_the_log_begins_at_the_newest_sync_point(void**) {
    ChannelConfig config = pushed_to(kRaw);
    config.burst = Milliseconds{0};
    config.log_time = Milliseconds{1000};
    config.log_size = std::size_t{256} << 10;
    Origin o{config, 5, 5000};
    o.next();
    FakePeer& server = o.answer();
    o.run_for(Duration{5000});
    server.reset();
    o.turn();
    o.next(100);
    const std::size_t newest = (o.sent.size() - 1) / 5 * 5;
    FakePeer& again = o.answer();
    o.next(2);
    o.assert_got(again, newest, o.sent.size());
    assert_int_equal(o.status().skips, 1);
}

void a_slow_server_skips_and_holds_nobody_back(void**) {
    ChannelConfig config = pushed_to(kRaw);
    config.burst = Milliseconds{0};
    config.log_size = std::size_t{256} << 10;
    Origin o{config, 5, 5000};
    o.next();
    FakePeer& server = o.answer();
    FakePeer& player = o.host.ask("GET /live HTTP/1.0\r\n\r\n");
    o.next(10);
    server.limit_room(2000);
    o.next(200);  // 1 MB
    std::string all;
    for (const Buffer& packet : o.sent) all += text_of(packet);
    assert_true(player.sent().ends_with(all));
    // Neither does the push hold what the server does not take.
    assert_true(o.host.live().log().first() > 100);
    server.make_room(FakePeer::kUnlimited);
    o.next(1);
    auto chunks = chunks_of(server.sent());
    assert_int_equal(o.status().skips, 1);
    assert_int_equal(o.status().state, State::sending);
    assert_true(chunks[11] == text_of(o.sent[10]) &&
                chunks[12] == text_of(o.sent[11]));  // cut, and completed
    const std::size_t newest = 210;
    assert_int_equal(chunks.size(), 13 + o.sent.size() - newest);
    for (std::size_t i = newest; i < o.sent.size(); ++i)
        assert_true(chunks[13 + i - newest] == text_of(o.sent[i]));
    assert_int_equal(o.host.live().stats().skips, 0);  // that is for clients
}

void a_server_that_takes_nothing_is_given_up(void**) {
    Origin o{kRaw, 1};
    o.next();
    FakePeer& server = o.answer();
    o.run_for(Duration{5000});
    const std::size_t before = o.sent.size();
    server.limit_room(0);
    o.run_for(Duration{10000});
    assert_true(o.host.dials().empty());
    o.next(4);
    assert_true(o.is_dialling());
    assert_true(server.was_told());
    assert_string_equal(o.status().error.c_str(), "it took nothing for 10 s");
    FakePeer& again = o.answer();
    o.next(1);
    o.assert_got(again, before, o.sent.size());
}

void servers_do_not_know_of_each_other(void**) {
    Origin o{{"http://a.example/news", wm_push("http://b.example/news"), "http://c.example/news"}};
    o.next();
    assert_int_equal(o.host.dials().size(), 3);
    FakePeer& a = o.answer("a.example:80");
    o.host.refuse_dial_to("b.example:80");
    FakePeer& c = o.answer("c.example:80");
    o.next(3);
    c.say(kNotFound);
    o.next(3);
    o.assert_got(a, 0, 7);
    assert_int_equal(o.status(0).state, State::sending);
    assert_int_equal(o.status(1).state, State::connecting);  // once more
    assert_int_equal(o.status(2).state, State::waiting);
}

void an_outage_of_the_source_leaves_the_connection(void**) {
    Origin o{kRaw};
    o.next();
    FakePeer& server = o.answer();
    o.next(3);
    o.encoder->reset();
    o.encoder = nullptr;
    o.host.advance(Duration{120000});
    assert_false(server.was_told());
    o.assert_got(server, 0, 4);  // and no fillers: the receiver makes its own
    assert_int_equal(o.status().state, State::sending);
    o.next(6);  // the first one is before a key frame
    assert_int_equal(chunks_of(server.sent()).size(), 10);
    assert_int_equal(o.host.dials_begun().size(), 1);
}

void who_closes_for_silence_is_dialled_when_media_comes(void**) {
    Origin o{kRaw};
    o.next();
    FakePeer& server = o.answer();
    o.run_for(Duration{5000});
    o.encoder->reset();
    o.encoder = nullptr;
    o.host.advance(Duration{60000});
    server.say("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
    o.host.advance(Duration{60000});
    assert_int_equal(o.host.dials_begun().size(), 1);
    assert_int_equal(o.status().state, State::off);
    o.next(5);  // up to a key frame
    assert_true(o.is_dialling());
    FakePeer& again = o.answer();
    o.next(2);
    assert_int_equal(chunks_of(again.sent()).size(), 4);
}

void a_new_header_goes_into_the_stream(void**) {
    for (const bool is_wm : {false, true}) {
        Origin o{is_wm ? kWm : kRaw};
        o.next();
        FakePeer& server = o.answer();
        if (is_wm) server.say(kGranted);
        o.next(3);
        server.take_sent();
        o.encoder->reset();
        o.turn();
        o.stream = VideoStream{64, 5, '2'};
        o.connect_encoder();
        assert_string_equal(server.sent().c_str(), "");  // it has nothing to begin with yet
        o.next(2);
        const std::string header = o.stream.served_header(), first = text_of(o.sent[4]),
                          second = text_of(o.sent[5]);
        if (!is_wm) {
            assert_true(server.sent() == in_chunk(header) + in_chunk(first) + in_chunk(second));
        } else {
            std::uint8_t end[wmpush::kEndPacket];
            wmpush::encode_end(wmpush::kEntryFinished, end);
            assert_true(server.sent().starts_with(text_of(end)));
            assert_true(has(server.sent(), header) && has(server.sent(), first));
            assert_true(server.sent().ends_with(second));
        }
    }
}

void credentials_are_sent_and_never_shown(void**) {
    ChannelConfig config = pushed_to({"http://anna:secret@edge.example:8080/news"});
    Origin o{config};
    o.next();
    FakePeer& first = o.answer();
    first.say("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"a\"\r\nContent-Length: 0\r\n\r\n");
    FakePeer& second = o.answer();
    assert_true(has(second.sent(), "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n"));
    second.say("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"a\"\r\nContent-Length: 0\r\n\r\n");
    o.turn();
    assert_int_equal(o.status().state, State::waiting);
    assert_string_equal(o.status().url.c_str(), "http://edge.example:8080/news");
    assert_false(o.status().error.empty());
    std::string shown = o.status().url + o.status().error;
    for (const std::string_view page : {"/api/v1/status", "/metrics"}) {
        FakePeer& admin = o.host.connect_admin();
        admin.say("GET " + std::string(page) + " HTTP/1.0\r\n\r\n");
        assert_true(has(admin.sent(), "http://edge.example:8080/news"));
        shown += admin.sent();
    }
    for (const std::string& line : o.host.lines().lines) shown += line;
    assert_false(has(shown, "secret") || has(shown, "anna") || has(shown, "YW5uY"));
}

void a_stop_ends_the_push_by_its_protocol(void**) {
    for (const bool is_wm : {false, true}) {
        Origin o{is_wm ? kWm : kRaw};
        o.next();
        FakePeer& server = o.answer();
        if (is_wm) server.say(kGranted);
        server.limit_room(0);
        o.next(3);
        o.host.stop();
        o.turn();
        server.make_room(FakePeer::kUnlimited);  // what is its own comes first
        std::uint8_t end[wmpush::kEndPacket];
        wmpush::encode_end(wmpush::kFinished, end);
        const std::string last = text_of(o.sent.back());
        assert_true(server.sent().ends_with(is_wm ? last + text_of(end) : last + "\r\n0\r\n\r\n"));
        if (!is_wm) server.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        o.turn();
        assert_true(server.was_told());
        assert_int_equal(o.status().state, State::off);
        o.host.advance(Duration{60000});
        assert_int_equal(o.host.dials_begun().size(), 1);
    }
}

void a_stop_ends_attempts_and_pauses(void**) {
    Origin waiting{kRaw};
    waiting.next();
    waiting.host.refuse_dial();
    waiting.host.stop();
    waiting.host.advance(Duration{60000});
    assert_int_equal(waiting.host.dials_begun().size(), 1);
    assert_int_equal(waiting.status().state, State::off);
    Origin dialling{kRaw};
    dialling.next();
    dialling.host.stop();
    dialling.host.advance(Duration{60000});
    assert_true(dialling.host.dials().empty());
    assert_int_equal(dialling.status().state, State::off);
}

void a_channel_that_ends_its_clients_ends_its_pushes_and_begins_anew(void**) {
    ChannelConfig config = pushed_to(kRaw);
    config.on_end = OnEnd::end;
    config.end_grace = Milliseconds{1000};
    Origin o{config};
    o.next();
    FakePeer& server = o.answer();
    o.next(3);
    o.encoder->say("0\r\n\r\n");
    o.encoder = nullptr;
    o.host.advance(Duration{1100});
    assert_true(server.sent().ends_with("0\r\n\r\n"));
    server.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    o.turn();
    assert_true(server.was_told());
    assert_int_equal(o.status().state, State::off);
    o.stream = VideoStream{};
    const std::size_t before = o.sent.size();
    o.next();
    FakePeer& again = o.answer();
    o.next(2);
    o.assert_got(again, before, o.sent.size());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_dialled_before_there_is_something_to_send),
        cmocka_unit_test(the_first_connection_begins_at_the_newest_sync_point),
        cmocka_unit_test(windows_media_push_asks_first),
        cmocka_unit_test(a_push_that_breaks_goes_on_where_it_was),
        cmocka_unit_test(a_packet_that_went_out_in_part_is_sent_again),
        cmocka_unit_test(nobody_who_answers_is_asked_ever_more_slowly),
        cmocka_unit_test(refusals_are_asked_again_yet_more_slowly),
        cmocka_unit_test(a_server_that_is_busy_is_asked_as_often_as_one_that_is_not_there),
        cmocka_unit_test(pushes_that_break_at_once_count_as_refusals),
        cmocka_unit_test(who_refused_a_push_had_none_of_it),
        cmocka_unit_test(who_was_away_for_longer_than_the_log_begins_at_the_newest_sync_point),
        cmocka_unit_test(a_slow_server_skips_and_holds_nobody_back),
        cmocka_unit_test(a_server_that_takes_nothing_is_given_up),
        cmocka_unit_test(servers_do_not_know_of_each_other),
        cmocka_unit_test(an_outage_of_the_source_leaves_the_connection),
        cmocka_unit_test(who_closes_for_silence_is_dialled_when_media_comes),
        cmocka_unit_test(a_new_header_goes_into_the_stream),
        cmocka_unit_test(credentials_are_sent_and_never_shown),
        cmocka_unit_test(a_stop_ends_the_push_by_its_protocol),
        cmocka_unit_test(a_stop_ends_attempts_and_pauses),
        cmocka_unit_test(a_channel_that_ends_its_clients_ends_its_pushes_and_begins_anew),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
