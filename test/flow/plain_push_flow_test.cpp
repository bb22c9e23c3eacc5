// Encoders that push over HTTP: what is taken, what is refused, and who takes whose place.
#include <memory>
#include <string>

#include "core/asf/chunk.hpp"
#include "core/media/feed.hpp"
#include "test/support/asf_samples.hpp"
#include "test/support/bytes.hpp"
#include "test/support/fake_host.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using test::FakeHost;
using test::FakePeer;
using test::VideoStream;

namespace {

constexpr std::string_view kChunkedPost =
    "POST /live HTTP/1.1\r\nTransfer-Encoding: chunked\r\nUser-Agent: Lavf/59.27.100\r\nAccept: "
    "*/*\r\nConnection: "
    "close\r\nHost: relay:8080\r\nIcy-MetaData: 1\r\n\r\n";
constexpr std::string_view kUntilClose = "POST /live HTTP/1.1\r\nContent-Type: video/x-ms-asf\r\n\r\n";
constexpr std::string_view kHere = "192.0.2.1:4711";
constexpr std::string_view kHereToo = "192.0.2.1:4712";
constexpr std::string_view kElsewhere = "192.0.2.12:4711";

std::string text(const test::Buffer& b) {
    return std::string(as_text(b));
}

std::string chunk(std::string_view bytes) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    return size + std::string(bytes) + "\r\n";
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

FakePeer& ask(FakeHost& host, std::string_view text, std::string_view remote) {
    return host.ask(text, std::string(remote));
}

// A push whose header and one packet have come.
FakePeer& push(FakeHost& host, VideoStream& stream, std::string_view remote = kHere) {
    FakePeer& peer = ask(host, kUntilClose, remote);
    peer.say(stream.header());
    peer.say(stream.next(true));
    host.end_turn();
    return peer;
}

void assert_refused(FakeHost& host, FakePeer& peer, int status, std::string_view sentence) {
    host.end_turn();
    const std::string line = "HTTP/1.1 " + std::to_string(status) + " ";
    assert_string_equal(peer.sent().substr(0, line.size()).c_str(), line.c_str());
    if (!has(peer.sent(), sentence)) print_error("%s\n", peer.sent().c_str());
    assert_true(has(peer.sent(), sentence));
    assert_true(has(peer.sent(), "Connection: close\r\n"));
    assert_true(peer.was_told());
    assert_int_equal(peer.reason(), CloseReason::finished);
    assert_true(host.lines().has(std::string(peer.remote()) + ": push to /"));
    assert_true(host.lines().has("refused with " + std::to_string(status)));
}

std::string framed(asf::ChunkType type, std::uint32_t location, std::uint8_t flags, Bytes payload) {
    test::Buffer out(asf::kDataOverhead);
    asf::encode_head(type, {.location_id = location, .incarnation = 0, .af_flags = flags}, payload.size(),
                     out);
    return text(out) + std::string(as_text(payload));
}

// The end of ffmpeg's raw ASF: a simple index object, then a $E of its own making.
std::string tail() {
    static constexpr auto kIndex = test::hex<"90080033b1e5cf1189f400a0c90349cb 6e00000000000000">();
    return std::string(as_text(kIndex)) + std::string(110 - kIndex.size(), '\1') +
           std::string("\x24\x45\x08\x00\x05\x00\x00\x00\x00\x00\x00\x00", 12);
}

}  // namespace

static void a_chunked_post_is_on_air_and_answered_at_its_end(void**) {
    FakeHost host;
    VideoStream stream;
    FakePeer& peer = ask(host, kChunkedPost, kHere);
    peer.say(chunk(text(stream.header())));
    for (int i = 0; i < 12; ++i) peer.say(chunk(text(stream.next())));
    assert_int_equal(host.live().log().end(), 12);
    assert_true(host.live().has_source());
    assert_string_equal(peer.sent().c_str(), "");
    assert_true(host.lines().has("push from 192.0.2.1:4711 (Lavf/59.27.100) is on air"));
    peer.say("0\r\n\r\n");
    host.end_turn();
    assert_true(peer.sent().starts_with("HTTP/1.1 200 OK\r\n"));
    assert_true(has(peer.sent(), "Taken: 12 packets."));
    assert_true(peer.was_told());
    assert_false(host.live().has_source());
    assert_int_equal(host.live().state(), Channel::State::restarting);
}

static void a_push_may_come_byte_by_byte(void**) {
    FakeHost host;
    VideoStream stream;
    std::string all{kChunkedPost};
    all += chunk(text(stream.header()));
    for (int i = 0; i < 3; ++i) all += chunk(text(stream.next()));
    FakePeer& peer = host.connect();
    peer.say_bytewise(all + chunk(tail()) + "0\r\n\r\n");
    assert_int_equal(host.live().log().end(), 3);
    assert_true(has(peer.sent(), "Taken: 3 packets."));
}

static void head_header_and_packets_may_come_in_one_segment(void**) {
    FakeHost host;
    VideoStream stream;
    const std::string body = text(stream.header()) + text(stream.next_packets(4));
    FakePeer& peer = ask(host, std::string(kUntilClose) + body, kHere);
    assert_int_equal(host.live().log().end(), 4);
    assert_false(peer.is_closing());
}

static void post_and_put_with_a_length_are_taken(void**) {
    for (const std::string method : {"POST", "PUT"}) {
        FakeHost host;
        VideoStream stream;
        const std::string body = text(stream.header()) + text(stream.next_packets(4));
        FakePeer& peer =
            ask(host,
                method + " /live.asf HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n",
                kHere);
        peer.say(std::string_view{body}.substr(0, body.size() - 1));
        assert_true(host.live().has_source());
        assert_int_equal(host.live().log().end(), 3);
        peer.say(std::string_view{body}.substr(body.size() - 1));
        host.end_turn();
        assert_true(has(peer.sent(), "Taken: 4 packets."));
        assert_true(peer.was_told());
        assert_int_equal(host.live().log().end(), 4);
    }
}

static void a_body_without_length_lasts_until_the_connection_ends(void**) {
    for (const std::string_view head : {kUntilClose, std::string_view{"PUT /live HTTP/1.0\r\n\r\n"},
                                        std::string_view{"SOURCE /live HTTP/1.1\r\n\r\n"}}) {
        FakeHost host;
        VideoStream stream;
        FakePeer& peer = ask(host, head, kHere);
        peer.say(stream.header());
        peer.say(stream.next_packets(6));
        assert_int_equal(host.live().log().end(), 6);
        peer.half_close();
        host.end_turn();
        assert_true(has(peer.sent(), "Taken: 6 packets."));
        assert_true(peer.was_told());
        assert_false(host.live().has_source());
    }
}

static void an_encoder_that_waits_for_it_is_told_to_continue(void**) {
    FakeHost host;
    VideoStream stream;
    FakePeer& peer = ask(
        host,
        "PUT /live HTTP/1.1\r\nExpect: 100-continue\r\nIce-Public: 1\r\nContent-Type: video/x-ms-asf\r\n\r\n",
        kHere);
    assert_string_equal(peer.sent().c_str(), "HTTP/1.1 100 Continue\r\n\r\n");
    peer.say(stream.header());
    peer.say(stream.next_packets(1));
    assert_true(host.live().has_source());
}

static void asf_stream_framing_is_taken(void**) {
    FakeHost host;
    VideoStream stream;
    FakePeer& peer = ask(host, kChunkedPost, kHere);
    peer.say(chunk(framed(asf::ChunkType::header, 0, asf::kOnlyFragment, stream.header())));
    for (std::uint32_t i = 1; i <= 6; ++i) peer.say(chunk(framed(asf::ChunkType::data, i, 0, stream.next())));
    assert_int_equal(host.live().log().end(), 6);
    assert_true(host.live().has_source());
    peer.say(chunk(std::string_view{"\x24\x45\x08\x00\x06\x00\x00\x00\x00\x00\x00\x00", 12}));
    assert_false(host.live().has_source());
    assert_false(peer.is_closing());
    peer.say("0\r\n\r\n");
    host.end_turn();
    assert_true(has(peer.sent(), "Taken: 6 packets."));
}

static void an_index_and_a_stray_end_behind_raw_asf_are_no_media(void**) {
    FakeHost host;
    VideoStream stream;
    FakePeer& peer = ask(host, kChunkedPost, kHere);
    peer.say(chunk(text(stream.header())));
    for (int i = 0; i < 7; ++i) peer.say(chunk(text(stream.next())));
    peer.say(chunk(tail().substr(0, 110)));
    peer.say(chunk(tail().substr(110)));
    assert_int_equal(host.live().log().end(), 7);
    assert_int_equal(host.live().stats().packets_bad, 0);
    assert_false(host.live().has_source());
    peer.say("0\r\n\r\n");
    host.end_turn();
    assert_true(has(peer.sent(), "Taken: 7 packets."));
}

static void a_push_to_nowhere_is_refused(void**) {
    FakeHost host{{{.name = "live", .title = {}, .sources = {"push:"}, .origin = {}},
                   {.name = "tone", .title = {}, .sources = {"test:"}, .origin = {}}}};
    assert_refused(host, ask(host, "POST /nosuch HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", kHere), 404,
                   "there is no channel /nosuch\n");
    assert_refused(host, ask(host, "PUT /tone HTTP/1.1\r\nContent-Length: 5\r\n\r\n", kHere), 403,
                   "channel tone takes no push: its sources list no \"push:\"\n");
    assert_refused(host, ask(host, "POST /live?source=backup HTTP/1.1\r\n\r\n", kHere), 404,
                   "channel live has no push slot \"backup\", push to /live\n");
    assert_int_equal(host.stats().pushes_refused, 3);
}

static void what_is_not_asf_is_refused_and_the_present_source_goes_on(void**) {
    FakeHost host;
    VideoStream stream;
    FakePeer& present = push(host, stream);
    FakePeer& flv = ask(host, kUntilClose, kHereToo);
    flv.say("FLV\x01\x05");
    assert_refused(host, flv, 415,
                   "not a stream that weir knows (asf): it begins with \"FLV??\" at byte 0\n");
    FakePeer& slow = ask(host, kUntilClose, kHereToo);
    slow.say("0");
    assert_false(slow.is_closing());
    slow.say("1");
    assert_refused(host, slow, 415, "it begins with \"01\"");
    FakePeer& empty = ask(host, "POST /live HTTP/1.1\r\nContent-Length: 0\r\n\r\n", kHereToo);
    assert_refused(host, empty, 415, "the body ended before a stream could be recognised");
    present.say(stream.next());
    assert_false(present.is_closing());
    assert_int_equal(host.live().log().end(), 2);
}

static void a_header_that_contradicts_itself_or_is_too_long_is_refused_and_the_present_source_goes_on(
    void**) {
    FakeHost host{{{.name = "live", .title = {}, .sources = {"push:"}, .header_limit = 500, .origin = {}}}};
    VideoStream stream;
    FakePeer& present = push(host, stream);
    auto header = stream.header();
    store_u64le(header.data() + 30 + 16, 5);  // the File Properties object shorter than its own head
    FakePeer& bad = ask(host, kUntilClose, kHereToo);
    bad.say(header);
    bad.say(stream.next(true));
    assert_refused(host, bad, 400, "ASF");
    header = stream.header();
    store_u64le(header.data() + 16, 100'000);
    FakePeer& large = ask(host, kUntilClose, kHereToo);
    large.say(header);
    assert_refused(host, large, 400, "500");
    present.say(stream.next());
    assert_int_equal(host.live().log().end(), 2);
    assert_false(present.is_closing());
}

static void a_header_that_is_cut_is_refused_where_the_body_says_so(void**) {
    FakeHost host;
    VideoStream stream;
    FakePeer& chunked = ask(host, kChunkedPost, kHere);
    chunked.say(chunk(text(stream.header()).substr(0, 300)));
    chunked.say("0\r\n\r\n");
    assert_refused(host, chunked, 400, "the stream ended after 300 bytes");
    FakePeer& killed = ask(host, kChunkedPost, kHere);
    killed.say(chunk(text(stream.header()).substr(0, 300)));
    killed.half_close();
    host.end_turn();
    assert_true(killed.was_told());
    assert_int_equal(host.live().state(), Channel::State::closed);
}

static void a_newer_push_of_the_same_address_takes_the_place(void**) {
    FakeHost host;
    VideoStream stream, newer_stream;
    FakePeer& older = push(host, stream);
    FakePeer& newer = ask(host, kUntilClose, kHereToo);
    older.say(stream.next());
    assert_int_equal(host.live().log().end(), 2);  // until the newer one has a header and a packet
    newer.say(newer_stream.header());
    older.say(stream.next());
    assert_int_equal(host.live().log().end(), 3);
    newer.say(newer_stream.next_packets(2));
    host.end_turn();
    assert_true(older.was_told());
    assert_int_equal(older.reason(), CloseReason::replaced);
    assert_false(newer.is_closing());
    assert_int_equal(host.live().log().end(), 5);
    assert_true(host.live().has_source());
}

static void a_push_from_another_address_must_wait_for_two_seconds_of_silence(void**) {
    FakeHost host;
    VideoStream stream, other_stream;
    FakePeer& older = push(host, stream);
    host.advance(Duration{1999});
    FakePeer& early = ask(host, kUntilClose, kElsewhere);
    assert_refused(host, early, 409, "channel live is being pushed to by another encoder\n");
    assert_true(has(early.sent(), "Retry-After: 2\r\n"));
    host.advance(Duration{1});
    FakePeer& other = push(host, other_stream, kElsewhere);
    assert_false(other.is_closing());
    assert_true(older.was_told());
    assert_int_equal(older.reason(), CloseReason::replaced);
    assert_int_equal(host.live().log().end(), 2);
}

// A connection that was opened early, before anybody pushed, is no way around it.
static void a_push_whose_header_comes_late_finds_the_slot_taken(void**) {
    FakeHost host;
    VideoStream stream, other_stream;
    FakePeer& early = ask(host, kUntilClose, kElsewhere);
    FakePeer& present = push(host, stream);
    early.say(other_stream.header());
    early.say(other_stream.next(true));
    assert_refused(host, early, 409, "channel live is being pushed to by another encoder\n");
    present.say(stream.next());
    assert_int_equal(host.live().log().end(), 2);
    assert_false(present.is_closing());
}

static void an_address_is_not_another_one_that_begins_like_it(void**) {
    FakeHost host;
    VideoStream stream;
    push(host, stream, "192.0.2.12:4711");
    FakePeer& other = ask(host, kUntilClose, "192.0.2.1:4711");
    assert_refused(host, other, 409, "another encoder");
}

static void an_encoder_that_is_killed_in_mid_packet_leaves_whole_packets(void**) {
    for (const bool by_reset : {true, false}) {
        FakeHost host;
        VideoStream stream;
        FakePeer& peer = ask(host, kChunkedPost, kHere);
        peer.say(chunk(text(stream.header())));
        for (int i = 0; i < 6; ++i) peer.say(chunk(text(stream.next())));
        const std::string cut = chunk(text(stream.next()));
        peer.say(std::string_view{cut}.substr(0, 30));
        by_reset ? peer.reset() : peer.half_close();
        host.end_turn();
        assert_true(peer.was_told());
        assert_int_equal(peer.reason(), CloseReason::peer_closed);
        assert_false(host.live().has_source());
        assert_int_equal(host.live().log().end(), 6);
        VideoStream next;
        push(host, next);
        assert_int_equal(host.live().log().end(), 7);
        assert_int_equal(host.live().format_number(), 1);
    }
}

static void an_encoder_that_falls_silent_is_closed_after_a_minute(void**) {
    FakeHost host;
    VideoStream stream;
    FakePeer& peer = push(host, stream);
    host.advance(Duration{59'000});
    peer.say(stream.next());
    host.advance(Duration{59'999});
    assert_false(peer.is_closing());
    host.advance(Duration{1});
    assert_true(peer.sent().starts_with("HTTP/1.1 408 "));
    assert_true(peer.was_told());
    assert_false(host.live().has_source());
}

static void a_push_that_breaks_its_chunks_ends_alone(void**) {
    FakeHost host;
    VideoStream stream;
    FakePeer& peer = ask(host, kChunkedPost, kHere);
    peer.say(chunk(text(stream.header())));
    peer.say(chunk(text(stream.next())));
    peer.say("zz\r\n");
    host.end_turn();
    assert_true(peer.sent().starts_with("HTTP/1.1 400 "));
    assert_true(peer.was_told());
    assert_false(host.live().has_source());
    assert_int_equal(host.live().log().end(), 1);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_chunked_post_is_on_air_and_answered_at_its_end),
        cmocka_unit_test(a_push_may_come_byte_by_byte),
        cmocka_unit_test(head_header_and_packets_may_come_in_one_segment),
        cmocka_unit_test(post_and_put_with_a_length_are_taken),
        cmocka_unit_test(a_body_without_length_lasts_until_the_connection_ends),
        cmocka_unit_test(an_encoder_that_waits_for_it_is_told_to_continue),
        cmocka_unit_test(asf_stream_framing_is_taken),
        cmocka_unit_test(an_index_and_a_stray_end_behind_raw_asf_are_no_media),
        cmocka_unit_test(a_push_to_nowhere_is_refused),
        cmocka_unit_test(what_is_not_asf_is_refused_and_the_present_source_goes_on),
        cmocka_unit_test(
            a_header_that_contradicts_itself_or_is_too_long_is_refused_and_the_present_source_goes_on),
        cmocka_unit_test(a_header_that_is_cut_is_refused_where_the_body_says_so),
        cmocka_unit_test(a_newer_push_of_the_same_address_takes_the_place),
        cmocka_unit_test(a_push_from_another_address_must_wait_for_two_seconds_of_silence),
        cmocka_unit_test(a_push_whose_header_comes_late_finds_the_slot_taken),
        cmocka_unit_test(an_address_is_not_another_one_that_begins_like_it),
        cmocka_unit_test(an_encoder_that_is_killed_in_mid_packet_leaves_whole_packets),
        cmocka_unit_test(an_encoder_that_falls_silent_is_closed_after_a_minute),
        cmocka_unit_test(a_push_that_breaks_its_chunks_ends_alone)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
