// Encoders that push as Windows Media Encoder does: setup, bodies one after the other, breaks, takeovers,
// time.
#include <string>

#include "core/media/feed.hpp"
#include "protocols/wmpush/contexts.hpp"
#include "protocols/wmpush/wire.hpp"
#include "test/support/asf_samples.hpp"
#include "test/support/bytes.hpp"
#include "test/support/fake_host.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using test::FakeHost;
using test::FakePeer;
using test::VideoStream;
using wmpush::PacketId;

namespace {

constexpr std::string_view kHere = "192.0.2.1:4711";
constexpr std::string_view kHereToo = "192.0.2.1:4712";
constexpr std::string_view kElsewhere = "192.0.2.12:4711";
constexpr std::uint64_t kEndless = 2147483647;
constexpr std::string_view kAutoDestroy = "AutoDestroy: 1\r\n";

std::string text(Bytes b) {
    return std::string(as_text(b));
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::string head(std::string_view type, std::string_view push_id, std::uint64_t length,
                 std::string_view path = "/live") {
    return "POST " + std::string(path) + " HTTP/1.1\r\nContent-Type: application/x-wms-" + std::string(type) +
           "\r\nX-Accept-Authentication: NTLM, Digest\r\nUser-Agent: WMEncoder/9.0.0.3287\r\nHost: "
           "relay:8080\r\nContent-Length: " +
           std::to_string(length) +
           "\r\nConnection: Keep-Alive\r\nCache-Control: no-cache\r\nCookie: push-id=" +
           std::string(push_id) + "\r\n\r\n";
}
std::string setup(std::string_view push_id = "0", std::string_view body = kAutoDestroy,
                  std::string_view path = "/live") {
    return head("pushsetup", push_id, body.size(), path) + std::string(body);
}
std::string start(std::string_view push_id, std::uint64_t length = kEndless,
                  std::string_view path = "/live") {
    return head("pushstart", push_id, length, path);
}

std::string packet(PacketId id, std::string_view payload) {
    std::uint8_t head[wmpush::kHead];
    wmpush::encode_head(id, payload.size(), head);
    return text(head) + std::string(payload);
}
std::string header(const VideoStream& stream) {
    return packet(PacketId::header, text(stream.header()));
}
std::string change(const VideoStream& stream) {
    return packet(PacketId::change, std::string(4, '\0') + text(stream.header()));
}
std::string data(VideoStream& stream) {
    return packet(PacketId::data, text(stream.next()));
}
std::string key(VideoStream& stream) {
    return packet(PacketId::data, text(stream.next(true)));
}
std::string end(std::uint32_t reason) {
    std::uint8_t out[wmpush::kEndPacket];
    wmpush::encode_end(reason, out);
    return text(out);
}
std::string filler(std::size_t payload = 0) {
    return packet(PacketId::filler, std::string(payload, '\0'));
}

std::string push_id_in(std::string_view answer) {
    const auto at = answer.find("Set-Cookie: push-id=");
    if (at == std::string_view::npos) return {};
    answer.remove_prefix(at + 20);
    return std::string(answer.substr(0, answer.find('\r')));
}

void assert_status(std::string_view answer, int status) {
    const std::string line = "HTTP/1.1 " + std::to_string(status) + " ";
    if (!answer.starts_with(line)) print_error("%.*s\n", static_cast<int>(answer.size()), answer.data());
    assert_true(answer.starts_with(line));
}

// An encoder that has asked for permission and begun its stream.
struct Encoder {
    Encoder(FakeHost& host, std::string_view remote = kHere, std::uint64_t length = kEndless)
        : peer(host.ask(setup(), std::string(remote))) {
        assert_status(peer.sent(), 204);
        push_id = push_id_in(peer.take_sent());
        peer.say(start(push_id, length));
        assert_string_equal(peer.sent().c_str(), "");
    }
    void begin() {
        peer.say(header(stream));
        peer.say(key(stream));
    }

    VideoStream stream;
    FakePeer& peer;
    std::string push_id;
};

Seq held(FakeHost& host) {
    return host.live().log().end();
}

void assert_refused(FakeHost& host, FakePeer& peer, int status, std::string_view sentence) {
    host.end_turn();
    assert_status(peer.sent(), status);
    if (!has(peer.sent(), sentence)) print_error("%s\n", peer.sent().c_str());
    assert_true(has(peer.sent(), sentence));
    assert_true(has(peer.sent(), "Connection: close\r\n"));
    assert_true(has(peer.sent(), "Server: Cougar/9.01.01.3841\r\n"));
    assert_true(peer.was_told());
    assert_true(host.lines().has(std::string(peer.remote()) + ": push to /"));
    assert_true(host.lines().has("refused with " + std::to_string(status)));
}

}  // namespace

static void an_encoder_is_let_in_and_is_on_air_with_its_first_packet(void**) {
    FakeHost host;
    Encoder encoder{host};
    encoder.peer.say(header(encoder.stream));
    assert_false(host.live().has_source());
    for (int i = 0; i < 6; ++i) encoder.peer.say(data(encoder.stream));
    assert_true(host.live().has_source());
    assert_int_equal(held(host), 6);
    assert_string_equal(encoder.peer.sent().c_str(), "");
    assert_true(host.lines().has("push from 192.0.2.1:4711 (WMEncoder/9.0.0.3287) is on air"));
}

static void the_permission_has_the_headers_that_encoders_look_for(void**) {
    FakeHost host;
    std::string answer = host.ask(setup()).sent();
    const auto date = answer.find("Date: ");
    assert_true(date != std::string::npos);
    assert_int_equal(answer.find("\r\n", date) - date, 35);
    answer.erase(date, 37);
    assert_string_equal(answer.c_str(),
                        "HTTP/1.1 204 No Content\r\nServer: Cougar/9.01.01.3841\r\nContent-Length: "
                        "0\r\nPragma: no-cache, timeout=60000\r\nCache-Control: no-cache\r\nSet-Cookie: "
                        "push-id=1000\r\nSupported: com.microsoft.wm.srvppair, com.microsoft.wm.sswitch, "
                        "com.microsoft.wm.predstrm, com.microsoft.wm.fastcache, "
                        "com.microsoft.wm.startupprofile\r\n\r\n");
}

// --- setup

static void an_answer_to_http_1_0_says_keep_alive(void**) {
    FakeHost host;
    std::string request = setup();
    request.replace(request.find("HTTP/1.1"), 8, "HTTP/1.0");
    FakePeer& peer = host.ask(request);
    assert_true(peer.sent().starts_with("HTTP/1.0 204 No Content\r\n"));
    assert_true(has(peer.sent(), "\r\nConnection: Keep-Alive\r\n\r\n"));
    assert_false(peer.is_closing());
}

static void a_path_may_have_two_slashes_or_a_suffix(void**) {
    FakeHost host;
    for (const std::string_view path : {"//live", "/live.asf", "//live.asf", "http://relay/live"})
        assert_status(host.ask(setup("0", "", path)).sent(), 204);
}

static void a_push_to_nowhere_is_refused(void**) {
    FakeHost host{{{.name = "live", .title = {}, .sources = {"push:"}, .origin = {}},
                   {.name = "tone", .title = {}, .sources = {"test:"}, .origin = {}}}};
    assert_refused(host, host.ask(setup("0", "", "/nosuch")), 404, "there is no channel /nosuch\n");
    assert_refused(host, host.ask(setup("0", "Template-URL: \"/live\"\r\nAutoDestroy: 1\r\n", "/nosuch")),
                   404, "there is no channel /nosuch\n");
    assert_refused(host, host.ask(setup("0", "", "//")), 404, "there is no channel //\n");
    assert_refused(host, host.ask(setup("0", "", "/tone")), 403,
                   "channel tone takes no push: its sources list no \"push:\"\n");
    assert_refused(host, host.ask(setup("0", "", "/live?source=backup")), 404,
                   "channel live has no push slot \"backup\", push to /live\n");
    assert_refused(host, host.ask(start("0", kEndless, "/nosuch")), 404, "there is no channel /nosuch\n");
    assert_int_equal(host.stats().pushes_refused, 6);
}

static void a_request_that_breaks_its_rules_is_refused(void**) {
    struct Case {
        std::string request;
        int status;
        std::string_view sentence;
    };
    const auto without = [](std::string request, std::string_view line) {
        const auto at = request.find(line);
        return request.erase(at, request.find("\r\n", at) + 2 - at);
    };
    const auto with = [](std::string request, std::string_view line, std::string_view other) {
        const auto at = request.find(line);
        return request.replace(at, request.find("\r\n", at) - at, other);
    };
    const Case cases[] = {
        {with(setup(), "User-Agent", "User-Agent: Lavf/59"), 400, "User-Agent 'Lavf/59' is no encoder's"},
        {without(setup(), "User-Agent"), 400, "User-Agent '' is no encoder's"},
        {without(setup(), "Host"), 400, "a push without Host"},
        {without(start("0"), "Content-Length"), 411, "a push without Content-Length"},
        {with(setup("0", ""), "Content-Length", "Transfer-Encoding: chunked"), 400, "Transfer-Encoding"},
        {with(start("0"), "Content-Length", "Content-Length: 9223372036854775808"), 400, "2^63"},
        {with(setup("0", ""), "Content-Length", "Content-Length: 4097"), 413, "4 KiB"},
        {with(setup(), "Cookie", "Cookie: push-id=" + std::string(256, '1')), 400, "a push-id of 256"},
        {with(setup(), "Cookie", "Cookie: a=" + std::string(4096, '1')), 400, "cookies of 4098 bytes"},
        {setup("0", "AutoDestroy: 2\r\n"), 400, "AutoDestroy: '2', expected 0 or 1"},
        {setup("0", "Template-URL: \"/a/../b\"\r\n"), 400, "Template-URL: '..' in"},
    };
    for (const Case& c : cases) {
        FakeHost host;
        assert_refused(host, host.ask(c.request), c.status, c.sentence);
        assert_int_equal(host.stats().bad_requests, 1);
    }
}

static void a_setup_that_comes_in_drops_has_as_long_as_a_head(void**) {
    FakeHost host;
    FakePeer& peer = host.ask(setup().substr(0, setup().size() - 12));
    host.advance(host.server().header_timeout - Duration{1});
    peer.say("roy");
    assert_false(peer.is_closing());
    host.advance(Duration{1});
    assert_refused(host, peer, 408, "the PushSetup did not arrive in time");
    FakePeer& whole = host.ask(setup());
    host.advance(host.server().header_timeout);
    assert_false(whole.is_closing());
}

static void a_length_of_63_bits_is_taken(void**) {
    FakeHost host;
    Encoder encoder{host, kHere, 9223372036854775807U};
    encoder.begin();
    assert_int_equal(held(host), 1);
}

static void an_encoder_that_waits_for_it_is_told_to_continue(void**) {
    FakeHost host;
    for (std::string request : {start("0"), setup()}) {
        request.insert(request.find("Host:"), "Expect: 100-continue\r\n");
        assert_true(host.ask(request).sent().starts_with("HTTP/1.1 100 Continue\r\n\r\n"));
    }
}

static void an_unknown_push_id_is_refused_at_setup_and_the_encoder_may_ask_again(void**) {
    FakeHost host;
    FakePeer& peer = host.ask(setup("77"));
    assert_status(peer.sent(), 403);
    assert_true(has(peer.sent(), "push-id 77 is not known here (any more), expected 0"));
    peer.take_sent();
    peer.say(setup("0"));
    assert_status(peer.take_sent(), 204);
    peer.say(setup("1000"));  // again, with what it was given
    assert_string_equal(push_id_in(peer.sent()).c_str(), "1000");
}

static void a_push_id_is_worth_nothing_elsewhere(void**) {
    FakeHost host{{{.name = "live", .title = {}, .sources = {"push:"}, .origin = {}},
                   {.name = "other", .title = {}, .sources = {"push:"}, .origin = {}}}};
    const std::string push_id = push_id_in(host.ask(setup()).sent());
    assert_status(host.ask(setup(push_id), std::string(kElsewhere)).sent(), 403);
    assert_status(host.ask(setup(push_id, "", "/other")).sent(), 403);
    FakePeer& thief = host.ask(start(push_id), std::string(kElsewhere));
    VideoStream stream;
    thief.say(data(stream));  // a context of its own, in which a header must come first
    assert_refused(host, thief, 400, "$D before any $H, expected the header first");
}

static void a_push_start_without_setup_begins_a_push_of_its_own(void**) {
    for (const std::string_view push_id : {"0", "4711"}) {
        FakeHost host;
        VideoStream stream;
        std::string body = header(stream) + key(stream);
        body += data(stream);
        FakePeer& peer = host.ask(start(push_id, body.size()) + body);
        assert_int_equal(held(host), 2);
        assert_status(peer.sent(), 204);
        assert_string_equal(push_id_in(peer.sent()).c_str(), "1000");
    }
}

static void contexts_are_bounded_and_the_longest_unused_gives_way(void**) {
    FakeHost host;
    Encoder encoder{host};
    encoder.begin();
    std::string second;
    for (std::size_t i = 1; i <= wmpush::Contexts::kMaxContexts; ++i) {
        FakePeer& peer = host.ask(setup());
        assert_status(peer.sent(), 204);
        if (i == 2) second = push_id_in(peer.sent());
        peer.reset();
        host.advance(Duration{1});
    }
    assert_status(host.ask(setup("1001")).sent(), 403);  // the first after the encoder's
    assert_status(host.ask(setup(second)).sent(), 204);
    encoder.peer.say(data(encoder.stream));
    assert_int_equal(held(host), 2);
}

// --- bodies

static void a_push_may_come_byte_by_byte(void**) {
    FakeHost host;
    Encoder encoder{host};
    std::string body = header(encoder.stream);
    for (int i = 0; i < 3; ++i) body += data(encoder.stream) + filler(5);
    encoder.peer.say_bytewise(body);
    assert_int_equal(held(host), 3);
}

static void a_body_rolls_over_into_the_next_without_a_new_header(void**) {
    FakeHost host;
    VideoStream stream;
    FakePeer& peer = host.ask(setup());
    const std::string push_id = push_id_in(peer.take_sent());
    for (int i = 0; i < 4; ++i) {
        std::string body = i == 0 ? header(stream) : std::string{};
        body += data(stream);
        body += data(stream);
        if (i == 1) body += filler(61);
        if (i == 2) body += "abc";  // too few for a packet
        peer.say(start(push_id, body.size()) + body);
        assert_status(peer.sent(), 204);
        assert_string_equal(push_id_in(peer.take_sent()).c_str(), push_id.c_str());
        assert_true(host.live().has_source());
        host.advance(Duration{4'900});
    }
    assert_int_equal(held(host), 8);
    assert_int_equal(host.live().stats().runs, 1);
    assert_false(peer.is_closing());
}

static void a_roll_over_that_takes_too_long_is_a_lost_source_that_may_come_back(void**) {
    FakeHost host;
    VideoStream stream;
    const std::string body = header(stream) + key(stream);
    FakePeer& peer = host.ask(start("0", body.size()) + body);
    const std::string push_id = push_id_in(peer.take_sent());
    host.advance(Duration{4'999});
    assert_true(host.live().has_source());
    host.advance(Duration{1});
    assert_false(host.live().has_source());
    assert_true(host.lines().has("its next body did not come within 5 s"));
    host.advance(Duration{114'999});
    peer.say(start(push_id));
    peer.say(key(stream));
    assert_true(host.live().has_source());
    assert_int_equal(held(host), 2);
    assert_int_equal(host.live().format_number(), 1);
}

static void a_push_without_a_next_request_is_forgotten_after_two_minutes(void**) {
    FakeHost host;
    FakePeer& peer = host.ask(setup());
    const std::string push_id = push_id_in(peer.sent());
    host.advance(Duration{119'999});
    assert_false(peer.is_closing());
    host.advance(Duration{1});
    assert_true(peer.was_told());
    assert_int_equal(peer.reason(), CloseReason::timed_out);
    assert_status(host.ask(setup(push_id)).sent(), 403);
}

static void malformed_packets_end_their_connection_alone(void**) {
    VideoStream stream;
    const std::string begun = header(stream) + key(stream);
    struct Case {
        std::string body;
        std::string_view sentence;
    };
    const Case cases[] = {
        {begun + "HTTP", "byte 0x48 where a packet should begin, expected 0x24"},
        {begun + packet(PacketId{'M'}, "abcd"), "a packet of kind 0x4D"},
        {begun + end(1) + key(stream), "$D after the end of an entry"},
        {begun + end(0) + key(stream), "$D after the end ($E)"},
        {begun + end(0) + change(stream), "$C after the end ($E)"},
        {begun + packet(PacketId::end, "abcde"), "a $E of 5 bytes, expected 4"},
        {begun + packet(PacketId::change, "abc"), "a $C of 3 bytes"},
        {begun + packet(PacketId::change, std::string(83, '0')), "a header of 79 bytes"},
        {packet(PacketId::header, std::string(79, '0')), "a header of 79 bytes, expected 80 or more"},
        {key(stream), "$D before any $H"},
        {change(stream), "$C before any $H"},
        {filler(), "$F before any $H"},
        {end(0), "$E before any $H"},
        {packet(PacketId::header, std::string(200, '0')), "ASF"},
    };
    for (const Case& c : cases) {
        FakeHost host;
        FakePeer& peer = host.ask(start("0"));
        peer.say(c.body);
        assert_refused(host, peer, 400, c.sentence);
        assert_int_equal(host.stats().bad_requests, 1);
        assert_false(host.live().has_source());
        assert_status(host.ask(setup("1000")).sent(), 403);  // nothing is left of it
    }
}

static void a_packet_that_reaches_beyond_the_body_is_refused(void**) {
    FakeHost host;
    VideoStream stream;
    const std::string body = header(stream) + key(stream);
    FakePeer& peer = host.ask(start("0", body.size() - 1) + body);
    assert_refused(host, peer, 400, "a $D of 64 bytes where Content-Length leaves 63");
}

static void a_header_over_the_channels_limit_is_refused(void**) {
    FakeHost host{{{.name = "live", .title = {}, .sources = {"push:"}, .header_limit = 400, .origin = {}}}};
    Encoder encoder{host};
    encoder.peer.say(header(encoder.stream));
    assert_refused(host, encoder.peer, 400, "400");
}

static void short_packets_are_made_whole_and_long_ones_are_counted(void**) {
    FakeHost host;
    Encoder encoder{host};
    encoder.begin();
    encoder.peer.say(packet(PacketId::data, std::string(65, '\x82')));
    encoder.peer.say(packet(PacketId::data, ""));
    assert_int_equal(host.live().stats().packets_bad, 2);
    encoder.peer.say(data(encoder.stream));
    assert_int_equal(held(host), 2);
    for (int i = 0; i < 48; ++i) encoder.peer.say(packet(PacketId::data, ""));
    assert_refused(host, encoder.peer, 400, "50 bad packets within 10 s");
}

static void an_encoder_that_left_the_mms_header_in_is_understood(void**) {
    FakeHost host;
    FakePeer& peer = host.ask(start("0"));
    VideoStream stream;
    const auto wrapped = [](PacketId id, Bytes payload) {
        std::uint8_t mms[8] = {0, 0, 0, 0, 0, 0x0C};
        store_u16le(mms + 6, static_cast<std::uint16_t>(payload.size() + 8));
        return packet(id, text(mms) + text(payload));
    };
    peer.say(wrapped(PacketId::header, stream.header()));
    for (int i = 0; i < 3; ++i) peer.say(wrapped(PacketId::data, stream.next()));
    // Its header change is WMSP's, too.
    peer.say(end(1) + packet(PacketId::change, std::string(4, '\0')));
    peer.say(wrapped(PacketId::header, stream.header()));
    peer.say(wrapped(PacketId::data, stream.next(true)));
    assert_int_equal(held(host), 4);
    peer.say(packet(PacketId::data, "short"));
    assert_refused(host, peer, 400, "a packet of 5 bytes in a stream whose packets have an MMS header");
}

// --- the stream's own words

static void the_end_is_a_lost_source_and_the_rest_of_the_body_may_follow(void**) {
    FakeHost host;
    VideoStream stream;
    const std::string body = header(stream) + key(stream) + end(0) + filler(20);
    FakePeer& peer = host.ask(setup());
    peer.take_sent();
    peer.say(start("1000", body.size()));
    peer.say(body.substr(0, body.size() - 24));
    assert_false(host.live().has_source());
    assert_int_equal(host.live().state(), Channel::State::restarting);
    assert_true(host.lines().has("has ended its stream (reason 0x00000000)"));
    assert_string_equal(peer.sent().c_str(), "");
    peer.say(body.substr(body.size() - 24));
    assert_status(peer.sent(), 204);
    assert_false(peer.is_closing());
}

static void a_push_that_ended_is_forgotten_with_its_connection(void**) {
    for (const std::string& last : {end(0), end(0xC00D0029), packet(PacketId::end, ""),
                                    packet(PacketId::end, std::string("\0\0\0\0\7\0\0\0", 8))}) {
        FakeHost host;
        Encoder encoder{host};
        encoder.begin();
        encoder.peer.say(last);
        assert_false(host.live().has_source());
        encoder.peer.half_close();
        host.end_turn();
        assert_true(encoder.peer.was_told());
        assert_status(host.ask(setup(encoder.push_id)).sent(), 403);
    }
}

static void an_encoder_that_ended_may_begin_anew_on_its_connection(void**) {
    FakeHost host;
    Encoder encoder{host};
    encoder.begin();
    encoder.peer.say(end(0));
    host.advance(Duration{10'000});
    encoder.begin();
    assert_true(host.live().has_source());
    assert_int_equal(held(host), 2);
    assert_int_equal(host.live().stats().runs, 2);
}

static void a_header_change_goes_on_air_with_its_first_packet(void**) {
    FakeHost host;
    Encoder encoder{host};
    encoder.begin();
    VideoStream same, other{64, 5, '2'};
    encoder.peer.say(end(1));
    assert_true(host.live().has_source());
    encoder.peer.say(filler(9) + end(1) + change(same) + key(same));
    assert_int_equal(host.live().format_number(), 1);
    encoder.peer.say(end(1) + change(other) + key(other));
    assert_int_equal(host.live().format_number(), 2);
    assert_string_equal(text(host.live().format()->header()).c_str(), other.served_header().c_str());
}

static void a_header_in_mid_stream_and_a_change_without_an_end_are_taken(void**) {
    FakeHost host;
    Encoder encoder{host};
    encoder.begin();
    VideoStream again, third;
    encoder.peer.say(header(again) + key(again));
    encoder.peer.say(change(third) + key(third));
    assert_int_equal(held(host), 3);
    assert_int_equal(host.live().format_number(), 1);
}

static void headers_without_end_are_refused(void**) {
    FakeHost host;
    Encoder encoder{host};
    encoder.begin();
    for (int i = 0; i < 10; ++i) encoder.peer.say(change(encoder.stream));
    host.advance(Duration{60'000 - 1});
    assert_false(encoder.peer.is_closing());
    host.advance(Duration{1});  // the window's, and the idle time's, end: whichever
    Encoder second{host};
    second.begin();
    for (int i = 0; i < 10; ++i) second.peer.say(change(second.stream));
    second.peer.say(data(second.stream));
    host.advance(Duration{59'999});
    second.peer.say(data(second.stream));
    host.advance(Duration{1});
    second.peer.say(change(second.stream));
    assert_false(second.peer.is_closing());
    for (int i = 0; i < 9; ++i) second.peer.say(change(second.stream));
    second.peer.say(change(second.stream));
    assert_refused(host, second.peer, 400, "more than 10 headers in one minute");
}

static void a_flood_of_tiny_packets_is_refused(void**) {
    FakeHost host;
    Encoder encoder{host};
    encoder.begin();
    std::string flood;
    for (int i = 0; i < 9'999; ++i) flood += filler();
    encoder.peer.say(flood + flood);
    assert_false(encoder.peer.is_closing());
    host.advance(Duration{1'000});
    encoder.peer.say(flood + flood + filler() + filler());
    assert_false(encoder.peer.is_closing());
    encoder.peer.say(filler());
    assert_refused(host, encoder.peer, 400, "more than 20000 packets in one second");
}

// --- time

static void an_idle_encoder_gets_408_after_a_minute(void**) {
    FakeHost host;
    Encoder encoder{host};
    encoder.begin();
    host.advance(Duration{59'999});
    encoder.peer.say(filler());
    host.advance(Duration{59'999});
    encoder.peer.say(key(encoder.stream));
    encoder.peer.say("$");  // part of a packet is none
    host.advance(Duration{59'999});
    encoder.peer.say("F");
    assert_false(encoder.peer.is_closing());
    host.advance(Duration{1});
    assert_refused(host, encoder.peer, 408, "no packet of the stream came for too long");
    for (const std::string_view line : {"Pragma: no-cache, timeout=60000\r\n", "Set-Cookie: push-id=1000\r\n",
                                        "Supported: com.microsoft.wm.srvppair"})
        assert_true(has(encoder.peer.sent(), line));
    assert_false(host.live().has_source());
    assert_int_equal(host.stats().timeouts, 1);
    assert_status(host.ask(setup(encoder.push_id)).sent(), 403);
}

static void a_push_of_nothing_but_filler_gets_408_after_ten_minutes(void**) {
    FakeHost host;
    Encoder encoder{host};
    encoder.begin();
    for (int i = 0; i < 19; ++i) {
        host.advance(Duration{30'000});
        encoder.peer.say(filler(100));
    }
    host.advance(Duration{29'999});
    assert_false(encoder.peer.is_closing());
    host.advance(Duration{1});
    assert_refused(host, encoder.peer, 408, "no packet of the stream came for too long");
}

// --- breaks and takeovers

static void a_lost_connection_is_a_lost_source_and_the_push_goes_on_with_a_packet(void**) {
    for (const bool by_reset : {true, false}) {
        FakeHost host;
        Encoder encoder{host};
        encoder.begin();
        encoder.peer.say(data(encoder.stream).substr(0, 30));
        by_reset ? encoder.peer.reset() : encoder.peer.half_close();
        host.end_turn();
        assert_false(host.live().has_source());
        assert_int_equal(host.live().state(), Channel::State::restarting);
        host.advance(Duration{59'999});
        FakePeer& again = host.ask(setup(encoder.push_id), std::string(kHereToo));
        assert_string_equal(push_id_in(again.take_sent()).c_str(), encoder.push_id.c_str());
        again.say(start(encoder.push_id));
        again.say(data(encoder.stream));
        assert_false(host.live().has_source());
        again.say(key(encoder.stream));
        assert_true(host.live().has_source());
        assert_int_equal(held(host), 2);
        assert_int_equal(host.live().format_number(), 1);
    }
}

static void a_lost_push_is_forgotten_after_a_minute(void**) {
    FakeHost host;
    Encoder encoder{host};
    encoder.begin();
    encoder.peer.reset();
    host.advance(Duration{60'000});
    assert_status(host.ask(setup(encoder.push_id)).sent(), 403);
}

static void a_push_that_was_lost_before_its_header_goes_on_with_the_header(void**) {
    FakeHost host;
    Encoder encoder{host};
    encoder.peer.say(header(encoder.stream).substr(0, 100));
    encoder.peer.reset();
    host.end_turn();
    FakePeer& again = host.ask(start(encoder.push_id));
    again.say(header(encoder.stream) + key(encoder.stream));
    assert_int_equal(held(host), 1);
}

static void the_same_push_on_a_new_connection_closes_the_old_one(void**) {
    FakeHost host;
    Encoder encoder{host};
    encoder.begin();
    encoder.peer.say(data(encoder.stream).substr(0, 30));
    FakePeer& again = host.ask(start(encoder.push_id), std::string(kHereToo));
    host.end_turn();
    assert_true(encoder.peer.was_told());
    assert_int_equal(encoder.peer.reason(), CloseReason::replaced);
    again.say(data(encoder.stream));
    assert_int_equal(held(host), 2);
    assert_int_equal(host.live().stats().runs, 1);
}

static void a_restarted_encoder_takes_the_place_of_its_dead_self(void**) {
    FakeHost host;
    Encoder dead{host};
    dead.begin();
    Encoder again{host, kHereToo};
    again.peer.say(header(again.stream));
    dead.peer.say(data(dead.stream));
    assert_int_equal(held(host), 2);
    again.peer.say(key(again.stream));
    host.end_turn();
    assert_true(dead.peer.was_told());
    assert_int_equal(dead.peer.reason(), CloseReason::replaced);
    assert_int_equal(held(host), 3);
    host.advance(Duration{1});
    assert_status(host.ask(setup(dead.push_id)).sent(), 403);
    again.peer.say(data(again.stream));
    assert_int_equal(held(host), 4);
}

static void an_encoder_that_is_replaced_between_two_bodies_is_refused_afterwards(void**) {
    FakeHost host;
    VideoStream stream;
    const std::string body = header(stream) + key(stream);
    FakePeer& old = host.ask(start("0", body.size()) + body);
    const std::string push_id = push_id_in(old.take_sent());
    Encoder other{host, kHereToo};
    other.begin();
    host.advance(Duration{1});
    old.say(start(push_id));
    old.say(data(stream));
    assert_refused(host, old, 400, "$D before any $H");
    other.peer.say(data(other.stream));
    assert_int_equal(held(host), 3);
}

static void another_encoder_waits_for_two_seconds_of_silence(void**) {
    FakeHost host;
    Encoder encoder{host};
    encoder.begin();
    host.advance(Duration{1'999});
    for (const std::string& request : {setup(), start("0")}) {
        FakePeer& other = host.ask(request, std::string(kElsewhere));
        assert_refused(host, other, 409, "channel live is being pushed to by another encoder\n");
        assert_true(has(other.sent(), "Retry-After: 5\r\n"));
    }
    assert_int_equal(host.stats().pushes_refused, 2);
    host.advance(Duration{1});
    Encoder other{host, kElsewhere};
    other.begin();
    host.end_turn();
    assert_int_equal(encoder.peer.reason(), CloseReason::replaced);
    assert_int_equal(held(host), 2);
}

static void a_header_that_comes_late_finds_the_slot_taken(void**) {
    FakeHost host;
    Encoder early{host, kElsewhere};
    Encoder present{host};
    present.begin();
    early.peer.say(header(early.stream));
    assert_refused(host, early.peer, 409, "channel live is being pushed to by another encoder\n");
    present.peer.say(data(present.stream));
    assert_int_equal(held(host), 2);
}

static void a_plain_push_and_this_one_take_each_others_place(void**) {
    FakeHost host;
    VideoStream stream;
    FakePeer& plain = host.ask("POST /live HTTP/1.1\r\nContent-Type: video/x-ms-asf\r\n\r\n");
    plain.say(stream.header());
    plain.say(stream.next(true));
    Encoder encoder{host};
    encoder.begin();
    host.end_turn();
    assert_int_equal(plain.reason(), CloseReason::replaced);
    VideoStream newer;
    FakePeer& next = host.ask("POST /live HTTP/1.1\r\nContent-Type: video/x-ms-asf\r\n\r\n");
    next.say(newer.header());
    next.say(newer.next(true));
    host.end_turn();
    assert_int_equal(encoder.peer.reason(), CloseReason::replaced);
    host.advance(Duration{1});
    assert_true(host.live().has_source());
    assert_int_equal(held(host), 3);
}

static void a_host_may_go_while_encoders_push(void**) {
    auto host = std::make_unique<FakeHost>();
    Encoder encoder{*host};
    encoder.begin();
    VideoStream stream;
    host->ask(setup());
    const std::string body = header(stream) + key(stream);
    host->ask(start("0", body.size()) + body);
    host->stop();
    host->end_turn();
    host.reset();
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_encoder_is_let_in_and_is_on_air_with_its_first_packet),
        cmocka_unit_test(the_permission_has_the_headers_that_encoders_look_for),
        cmocka_unit_test(an_answer_to_http_1_0_says_keep_alive),
        cmocka_unit_test(a_path_may_have_two_slashes_or_a_suffix),
        cmocka_unit_test(a_push_to_nowhere_is_refused),
        cmocka_unit_test(a_request_that_breaks_its_rules_is_refused),
        cmocka_unit_test(a_setup_that_comes_in_drops_has_as_long_as_a_head),
        cmocka_unit_test(a_length_of_63_bits_is_taken),
        cmocka_unit_test(an_encoder_that_waits_for_it_is_told_to_continue),
        cmocka_unit_test(an_unknown_push_id_is_refused_at_setup_and_the_encoder_may_ask_again),
        cmocka_unit_test(a_push_id_is_worth_nothing_elsewhere),
        cmocka_unit_test(a_push_start_without_setup_begins_a_push_of_its_own),
        cmocka_unit_test(contexts_are_bounded_and_the_longest_unused_gives_way),
        cmocka_unit_test(a_push_may_come_byte_by_byte),
        cmocka_unit_test(a_body_rolls_over_into_the_next_without_a_new_header),
        cmocka_unit_test(a_roll_over_that_takes_too_long_is_a_lost_source_that_may_come_back),
        cmocka_unit_test(a_push_without_a_next_request_is_forgotten_after_two_minutes),
        cmocka_unit_test(malformed_packets_end_their_connection_alone),
        cmocka_unit_test(a_packet_that_reaches_beyond_the_body_is_refused),
        cmocka_unit_test(a_header_over_the_channels_limit_is_refused),
        cmocka_unit_test(short_packets_are_made_whole_and_long_ones_are_counted),
        cmocka_unit_test(an_encoder_that_left_the_mms_header_in_is_understood),
        cmocka_unit_test(the_end_is_a_lost_source_and_the_rest_of_the_body_may_follow),
        cmocka_unit_test(a_push_that_ended_is_forgotten_with_its_connection),
        cmocka_unit_test(an_encoder_that_ended_may_begin_anew_on_its_connection),
        cmocka_unit_test(a_header_change_goes_on_air_with_its_first_packet),
        cmocka_unit_test(a_header_in_mid_stream_and_a_change_without_an_end_are_taken),
        cmocka_unit_test(headers_without_end_are_refused),
        cmocka_unit_test(a_flood_of_tiny_packets_is_refused),
        cmocka_unit_test(an_idle_encoder_gets_408_after_a_minute),
        cmocka_unit_test(a_push_of_nothing_but_filler_gets_408_after_ten_minutes),
        cmocka_unit_test(a_lost_connection_is_a_lost_source_and_the_push_goes_on_with_a_packet),
        cmocka_unit_test(a_lost_push_is_forgotten_after_a_minute),
        cmocka_unit_test(a_push_that_was_lost_before_its_header_goes_on_with_the_header),
        cmocka_unit_test(the_same_push_on_a_new_connection_closes_the_old_one),
        cmocka_unit_test(a_restarted_encoder_takes_the_place_of_its_dead_self),
        cmocka_unit_test(an_encoder_that_is_replaced_between_two_bodies_is_refused_afterwards),
        cmocka_unit_test(another_encoder_waits_for_two_seconds_of_silence),
        cmocka_unit_test(a_header_that_comes_late_finds_the_slot_taken),
        cmocka_unit_test(a_plain_push_and_this_one_take_each_others_place),
        cmocka_unit_test(a_host_may_go_while_encoders_push),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
