// Windows Media over HTTP, byte for byte: the requests of real players and of the specification's, and what
// each gets.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

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

constexpr std::string_view kGuid = "Pragma: xClientGUID={c77e7400-738a-11d2-9add-0020af0a3278}\r\n";
constexpr std::string_view kFree = "NSPlayer/4.1.0.3856";
constexpr std::string_view kVlc = "NSPlayer/7.10.0.3059";
constexpr std::string_view kOld = "NSPlayer/4.1.0.3925";
constexpr std::string_view kNine = "NSPlayer/9.0.0.2980 WMFSDK/9.0";
constexpr std::string_view kServer = "NSServer/4.1.0.3930";
constexpr std::string_view kWeir = "NSServer/4.1.0.3930 weir/0.1.0";

struct Encoder {
    explicit Encoder(Channel& channel, char codec = '3', unsigned key_every = 5)
        : stream(64, key_every, codec),
          feed(std::make_unique<Feed>(channel, 0, Feed::Role::source, "encoder",
                                      Callback<void()>::of<&Encoder::on_replaced>(this))) {
        feed->begin(stream.format());
    }
    void on_replaced() noexcept {}
    void send(int count) {
        while (count-- > 0) {
            packets.push_back(stream.next());
            assert_true(feed->append(packets.back()).ok());
        }
        feed->publish();
    }
    std::uint32_t behind = 0;  // so many packets of another run
    VideoStream stream;
    std::unique_ptr<Feed> feed;
    std::vector<test::Buffer> packets;
};

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::string head_of(const FakePeer& peer) {
    return peer.sent().substr(0, peer.sent().find("\r\n\r\n") + 4);
}
std::string body_of(const FakePeer& peer) {
    return peer.sent().substr(head_of(peer).size());
}

std::string bytes(std::initializer_list<unsigned> values) {
    std::string out;
    for (unsigned v : values) out += static_cast<char>(v);
    return out;
}

std::string header_chunk(const VideoStream& stream) {
    const std::string blob = stream.served_header();
    assert_int_equal(blob.size(), 455);
    return bytes({0x24, 0x48, 0xCF, 0x01, 0, 0, 0, 0, 0, 0x0C, 0xCF, 0x01}) + blob;
}
std::string data_chunk(std::uint32_t location, unsigned flags, std::string_view packet) {
    return bytes({0x24, 0x44, 0x48, 0, location & 0xFF, location >> 8 & 0xFF, location >> 16 & 0xFF,
                  location >> 24, 0, flags & 0xFF, 0x48, 0}) +
           std::string(packet);
}
// $D of packets [from, to), whose first has these numbers.
std::string data(const Encoder& encoder, std::size_t from, std::size_t to, std::uint32_t location,
                 unsigned flags) {
    std::string out;
    for (std::size_t i = from; i < to; ++i)
        out +=
            data_chunk(location++, flags++, as_text(test::served_behind(encoder.behind, encoder.packets[i])));
    return out;
}
const std::string kEnd0 = bytes({0x24, 0x45, 4, 0, 0, 0, 0, 0});
const std::string kEnd1 = bytes({0x24, 0x45, 4, 0, 1, 0, 0, 0});
const std::string kChange = bytes({0x24, 0x43, 4, 0, 0, 0, 0, 0});

std::string describe_head(std::uint32_t client_id, std::string_view more = {}) {
    return "HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 467\r\nServer: "
           "Cougar/4.1.0.3930\r\nPragma: no-cache\r\nPragma: client-id=" +
           std::to_string(client_id) + "\r\n" + std::string(more) + "Pragma: features=\"broadcast\"\r\n";
}
std::string play_head(std::uint32_t client_id, std::string_view more = {}) {
    return "HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\nServer: "
           "Cougar/4.1.0.3930\r\nPragma: "
           "no-cache\r\nPragma: client-id=" +
           std::to_string(client_id) + "\r\n" + std::string(more) + "Pragma: features=\"broadcast\"\r\n\r\n";
}
constexpr std::string_view kReset = "Pragma: xResetStrm=1\r\n";

std::string describe(std::string_view agent, std::string_view more = {}) {
    return "GET /live HTTP/1.0\r\nUser-Agent: " + std::string(agent) +
           "\r\nPragma: "
           "no-cache,rate=1.000,stream-time=0,stream-offset=0:0,request-context=1,max-duration=0\r\n" +
           std::string(more) + "\r\n";
}
std::string play(std::string_view agent, std::string_view more = {}, unsigned context = 2) {
    return "GET /live HTTP/1.0\r\nUser-Agent: " + std::string(agent) +
           "\r\nPragma: no-cache,rate=1.000,request-context=" + std::to_string(context) +
           "\r\nPragma: xPlayStrm=1\r\n" + std::string(more) +
           "Pragma: stream-switch-count=2\r\nPragma: stream-switch-entry=ffff:1:0 ffff:2:0 \r\n\r\n";
}
std::string client_id(std::uint32_t id) {
    return "Pragma: client-id=" + std::to_string(id) + "\r\n";
}
std::string post(std::string_view more, std::string_view agent = kNine) {
    return "POST /live HTTP/1.0\r\nUser-Agent: " + std::string(agent) + "\r\n" + std::string(more);
}

void assert_same(const std::string& found, const std::string& expected) {
    if (found != expected) {
        const auto at =
            std::mismatch(found.begin(), found.end(), expected.begin(), expected.end()).first - found.begin();
        print_error("%zu bytes instead of %zu, another from %td on\n", found.size(), expected.size(), at);
    }
    assert_true(found == expected);
}

// Described and closed: one $H, no $E.
void assert_described(FakeHost& host, std::string_view request, const Encoder& encoder, std::uint32_t id) {
    FakePeer& peer = host.ask(request);
    assert_same(peer.sent(), describe_head(id) + "\r\n" + header_chunk(encoder.stream));
    assert_true(peer.was_told());
    assert_int_equal(peer.reason(), CloseReason::finished);
}
void assert_plays(FakeHost& host, std::string_view request, const Encoder& encoder, std::uint32_t id) {
    FakePeer& peer = host.ask(request);
    host.advance(Duration{5});
    assert_same(peer.sent(), play_head(id) + header_chunk(encoder.stream) +
                                 data(encoder, 0, encoder.packets.size(), 0, 0));
    assert_false(peer.is_closing());
}

void assert_refused(FakePeer& peer, int status) {
    const std::string line = "HTTP/1.0 " + std::to_string(status) + " ";
    assert_string_equal(peer.sent().substr(0, line.size()).c_str(), line.c_str());
    assert_true(has(peer.sent(), "Server: Cougar/4.1.0.3930\r\n"));
    assert_true(peer.was_told());
}

void assert_noted(const FakePeer& peer, std::uint32_t id) {
    assert_true(peer.sent().starts_with(
        "HTTP/1.0 204 No Content\r\nContent-Length: 0\r\nServer: Cougar/4.1.0.3930\r\nPragma: "
        "no-cache\r\nPragma: client-id=" +
        std::to_string(id) + "\r\n"));
    assert_true(peer.sent().ends_with("\r\n\r\n"));
}

}  // namespace

static void ffmpeg_describes_and_plays(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(7);
    const std::string common =
        "GET /live HTTP/1.1\r\nAccept: */*\r\nUser-Agent: NSPlayer/4.1.0.3856\r\nRange: "
        "bytes=0-\r\nConnection: "
        "close\r\nHost: 127.0.0.1:8080\r\nIcy-MetaData: 1\r\n";
    assert_described(
        host,
        common +
            "Pragma: "
            "no-cache,rate=1.000000,stream-time=0,stream-offset=0:0,request-context=1,max-duration=0\r\n" +
            std::string(kGuid) + "Connection: Close\r\n\r\n",
        encoder, 1000);
    // The last Pragma and Connection run together in one line.
    assert_plays(
        host,
        common + "Pragma: no-cache,rate=1.000000,request-context=2\r\nPragma: xPlayStrm=1\r\n" +
            std::string(kGuid) +
            "Pragma: stream-switch-count=2\r\nPragma: stream-switch-entry=ffff:1:0 ffff:2:0 \r\nPragma: "
            "no-cache,rate=1.000000,stream-time=0Connection: Close\r\n\r\n",
        encoder, 1001);
}

static void vlc_describes_and_plays(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(7);
    const std::string common =
        "GET /live HTTP/1.0\r\nAccept: */*\r\nUser-Agent: NSPlayer/7.10.0.3059\r\nHost: h:8080\r\nPragma: "
        "xClientGUID={0xbabac001-0xeff7-0x4567-89-ab-cd-ef-01-23}\r\n";
    assert_described(
        host,
        common +
            "Pragma: "
            "no-cache,rate=1.000000,stream-time=0,stream-offset=0:0,request-context=1,max-duration=0\r\n"
            "Connection: Close\r\n\r\n",
        encoder, 1000);
    assert_plays(host,
                 common +
                     "Pragma: no-cache,rate=1.000000,request-context=2\r\nPragma: xPlayStrm=1\r\nPragma: "
                     "stream-switch-count=2\r\nPragma: stream-switch-entry=ffff:1:0 ffff:2:2 \r\nConnection: "
                     "Close\r\n\r\n",
                 encoder, 1001);
}

static void mplayer_and_libmms_describe_and_play(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(7);
    const std::string common =
        "GET /live HTTP/1.0\r\nAccept: */*\r\nUser-Agent: NSPlayer/4.1.0.3856\r\nHost: h:8080\r\n" +
        std::string(kGuid);
    const std::string pragma =
        "Pragma: no-cache,rate=1.000000,stream-time=0,stream-offset=0:0,request-context=";
    assert_described(host, common + pragma + "1,max-duration=0\r\nConnection: Close\r\n\r\n", encoder, 1000);
    assert_plays(
        host,
        common + pragma +
            "2,max-duration=0\r\nPragma: xPlayStrm=1\r\nPragma: stream-switch-entry=ffff:2:0 ffff:1:0 "
            "\r\nPragma: stream-switch-count=2\r\nConnection: Close\r\n\r\n",
        encoder, 1001);
    assert_plays(host,
                 common +
                     "Pragma: no-cache,rate=1.000000,request-context=2\r\nPragma: xPlayStrm=1\r\nPragma: "
                     "stream-switch-count=2\r\nPragma: stream-switch-entry=ffff:1:0 ffff:2:2 \r\nConnection: "
                     "Close\r\n\r\n",
                 encoder, 1002);
}

static void windows_players_4_7_and_9_get_the_same_of_the_4_1_personality(void**) {
    for (const std::string_view agent : {kOld, std::string_view{"NSPlayer/7.0.0.1956"}, kNine, kServer}) {
        FakeHost host;
        Encoder encoder{host.live()};
        encoder.send(7);
        const std::string nine = agent == kNine
                                     ? "Supported: com.microsoft.wm.srvppair, com.microsoft.wm.sswitch, "
                                       "com.microsoft.wm.predstrm\r\nPragma: "
                                       "version11-enabled=1\r\nPragma: packet-pair-experiment=1\r\nPragma: "
                                       "pipeline-experiment=1\r\nPragma: "
                                       "LinkBW=2147483647, AccelBW=2147483647, AccelDuration=18000\r\n"
                                     : "";
        assert_described(host, describe(agent, nine), encoder, 1000);
        // It says who it is from now on; neither chunks nor $M, whatever it supports.
        assert_plays(host, play(agent, client_id(1000) + nine, agent == kServer ? 3 : 2), encoder, 1000);
    }
}

static void an_absolute_target_is_taken(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    std::string request = describe(kOld);
    request.replace(request.find("/live"), 5, "http://relay.example:8080/live");
    assert_described(host, request, encoder, 1000);
}

static void keep_alive_is_honoured_where_it_is_asked_for(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(3);
    FakePeer& peer = host.ask(describe(kOld, "Connection: Keep-Alive\r\n"));
    assert_same(peer.take_sent(),
                describe_head(1000) + "Connection: Keep-Alive\r\n\r\n" + header_chunk(encoder.stream));
    assert_false(peer.is_closing());
    peer.say(play(kOld, client_id(1000)));
    host.advance(Duration{5});
    assert_same(peer.sent(), play_head(1000) + header_chunk(encoder.stream) + data(encoder, 0, 3, 0, 0));
    // HTTP/1.1 keeps connections by itself, but a free player waits for the end of this one.
    FakePeer& silent = host.ask("GET /live HTTP/1.1\r\nUser-Agent: NSPlayer/4.1.0.3856\r\n\r\n");
    assert_true(silent.was_told());
    assert_false(has(silent.sent(), "Connection"));
}

static void describe_and_play_may_come_in_one_segment(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(3);
    FakePeer& peer = host.ask(describe(kOld, "Connection: Keep-Alive\r\n") + play(kOld));
    host.advance(Duration{5});
    assert_same(peer.sent(), describe_head(1000) + "Connection: Keep-Alive\r\n\r\n" +
                                 header_chunk(encoder.stream) + play_head(1001) +
                                 header_chunk(encoder.stream) + data(encoder, 0, 3, 0, 0));
}

static void requests_may_come_byte_by_byte(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(3);
    FakePeer& peer = host.connect();
    peer.say_bytewise(describe(kOld, "Connection: Keep-Alive\r\n") + play(kOld, client_id(1000)));
    host.advance(Duration{5});
    assert_same(body_of(peer), header_chunk(encoder.stream) + play_head(1000) + header_chunk(encoder.stream) +
                                   data(encoder, 0, 3, 0, 0));
}

static void numbers_are_the_channels_and_flags_count_in_the_rendition(void**) {
    FakeHost host{
        {{.name = "live", .title = {}, .sources = {"push:"}, .burst = Milliseconds{0}, .origin = {}}}};
    Encoder encoder{host.live()};
    encoder.send(303);
    FakePeer& first = host.ask(play(kFree));
    host.advance(Duration{5});
    assert_same(body_of(first), header_chunk(encoder.stream) + data(encoder, 300, 303, 300, 0));
    encoder.send(270);
    FakePeer& second = host.ask(play(kVlc));
    host.advance(Duration{5});
    assert_same(body_of(first), header_chunk(encoder.stream) + data(encoder, 300, 573, 300, 0));
    // The same bytes for both.
    assert_same(body_of(second), header_chunk(encoder.stream) + data(encoder, 570, 573, 570, 270));
    assert_int_equal(host.live().viewers(), 2);
}

static void an_unknown_client_id_is_told_so_and_gets_another(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(3);
    FakePeer& peer = host.ask(describe(kOld, client_id(7)));
    assert_same(peer.sent(), describe_head(1000, kReset) + "\r\n" + header_chunk(encoder.stream));
    FakePeer& nine = host.ask(play(kNine, client_id(7)));
    host.advance(Duration{5});
    assert_same(nine.sent(),
                play_head(1001, kReset) + header_chunk(encoder.stream) + data(encoder, 0, 3, 0, 0));
    FakePeer& bad = host.ask(describe(kOld, "Pragma: client-id=99999999999\r\n"));
    assert_refused(bad, 400);
}

static void old_clients_whose_context_is_lost_are_reset_in_the_stream(void**) {
    struct Row {
        std::string_view agent;
        unsigned context;
        bool reset;
    };
    for (const Row& row :
         {Row{kOld, 2, true}, Row{kOld, 3, false}, Row{"NSPlayer/6.4.0.3857", 2, true},
          Row{"NSPlayer/7.0.0.1956", 2, false}, Row{kServer, 3, true}, Row{kServer, 2, false},
          Row{"NSServer/9.0.0.1", 3, false}, Row{kFree, 2, false}, Row{kVlc, 2, false}}) {
        FakeHost host;
        Encoder encoder{host.live()};
        encoder.send(3);
        FakePeer& peer = host.ask(play(row.agent, client_id(7), row.context));
        host.advance(Duration{5});
        const std::string header = header_chunk(encoder.stream);
        assert_same(peer.sent(), play_head(1000, kReset) + header +
                                     (row.reset ? kEnd1 + kChange + header : "") + data(encoder, 0, 3, 0, 0));
        // And never where the client named no context, or a known one.
        FakePeer& anonymous = host.ask(play(row.agent, {}, row.context));
        host.advance(Duration{5});
        assert_same(anonymous.sent(), play_head(1001) + header + data(encoder, 0, 3, 0, 0));
        anonymous.reset();
        host.advance(Duration{5});
        FakePeer& known = host.ask(play(row.agent, client_id(1001), row.context));
        host.advance(Duration{5});
        // Nothing is remembered of a free player, which never comes back with the id it got; one that did
        // would be told that it is unknown.
        const bool is_free = row.agent == kFree || row.agent == kVlc;
        const std::string head = is_free ? play_head(1002, kReset) : play_head(1001);
        assert_same(known.sent(), head + header + data(encoder, 0, 3, 0, 0));
    }
}

static void a_second_play_on_a_context_that_streams_is_refused(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(3);
    FakePeer& first = host.ask(play(kNine));
    FakePeer& second = host.ask(play(kNine, client_id(1000)));
    assert_refused(second, 400);
    FakePeer& described = host.ask(describe(kNine, client_id(1000)));
    assert_refused(described, 400);
    host.advance(Duration{5});
    assert_false(first.is_closing());
    first.reset();
    host.end_turn();
    FakePeer& third = host.ask(play(kNine, client_id(1000)));
    assert_true(third.sent().starts_with(play_head(1000)));
}

static void a_client_id_belongs_to_its_address(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(3);
    host.ask(describe(kNine));
    FakePeer& other = host.ask(play(kNine, client_id(1000)), "192.0.2.99:1");
    assert_true(other.sent().starts_with(play_head(1001, kReset)));
    FakePeer& log = host.ask(post(client_id(1000) + "Pragma: xKeepAliveInPause=1\r\n\r\n"), "192.0.2.99:2");
    assert_refused(log, 400);
    FakePeer& same = host.ask(play(kNine, client_id(1000)), "192.0.2.1:9");
    assert_true(same.sent().starts_with(play_head(1000) + "$H"));
}

static void an_idle_context_is_forgotten_after_75_seconds(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(3);
    host.ask(describe(kNine));
    host.advance(Duration{74'999});
    const std::string keep_alive = post(client_id(1000) + "Pragma: xKeepAliveInPause=1\r\n\r\n");
    assert_noted(host.ask(keep_alive), 1000);  // and its time begins anew
    host.advance(Duration{74'999});
    assert_noted(host.ask(keep_alive), 1000);
    host.advance(Duration{75'000});
    assert_refused(host.ask(keep_alive), 400);
    FakePeer& peer = host.ask(play(kNine, client_id(1000)));
    assert_true(peer.sent().starts_with(play_head(1001, kReset)));
    // One that plays is not idle, however long; its time begins when it stops.
    for (int i = 0; i < 20; ++i) {
        encoder.send(1);
        host.advance(Duration{10'000});
    }
    assert_false(peer.is_closing());
    peer.reset();
    host.advance(Duration{74'999});
    assert_noted(host.ask(post(client_id(1001) + "Pragma: xKeepAliveInPause=1\r\n\r\n")), 1001);
}

static void stop_on_another_connection_ends_the_stream(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(3);
    FakePeer& peer = host.ask(play(kNine));
    host.advance(Duration{5});
    FakePeer& stop = host.ask(post(client_id(1000) + "Pragma: xStopStrm=1\r\nContent-Length: 0\r\n\r\n"));
    assert_noted(stop, 1000);
    assert_same(body_of(peer), header_chunk(encoder.stream) + data(encoder, 0, 3, 0, 0) + kEnd0);
    assert_true(peer.was_told());
    assert_int_equal(peer.reason(), CloseReason::finished);
    FakePeer& again = host.ask(play(kNine, client_id(1000)));
    assert_true(again.sent().starts_with(play_head(1000)));
    FakePeer& idle = host.ask(post(client_id(1000) + "Pragma: xStopStrm=1\r\n\r\n"));
    assert_noted(idle, 1000);
}

static void stop_on_the_same_connection_ends_the_stream(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(3);
    FakePeer& peer = host.ask(play(kNine));
    host.advance(Duration{5});
    peer.say_bytewise(post(client_id(1000) + "Pragma: xStopStrm=1\r\nContent-Length: 0\r\n\r\n"));
    host.end_turn();
    assert_same(body_of(peer), header_chunk(encoder.stream) + data(encoder, 0, 3, 0, 0) + kEnd0);
    assert_true(peer.was_told());
}

static void stop_in_mid_packet_completes_it_first(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(3);
    FakePeer& peer = host.ask(play(kNine));
    host.advance(Duration{5});
    peer.limit_room(50);
    encoder.send(3);
    host.advance(Duration{5});
    host.ask(post(client_id(1000) + "Pragma: xStopStrm=1\r\n\r\n"));
    peer.make_room(FakePeer::kUnlimited);
    assert_same(body_of(peer), header_chunk(encoder.stream) + data(encoder, 0, 4, 0, 0) + kEnd0);
}

static void what_a_playing_client_says_besides_changes_nothing(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(3);
    FakePeer& peer = host.ask(play(kNine));
    peer.say(post(client_id(1000) + "Pragma: xKeepAliveInPause=1\r\n\r\n"));
    peer.say(post(client_id(1000) +
                  "Content-Type: application/x-wms-LogStats\r\nContent-Length: 9\r\n\r\n<XML></XM"));
    peer.say(play(kNine, client_id(1000)));
    host.advance(Duration{5});
    assert_same(body_of(peer), header_chunk(encoder.stream) + data(encoder, 0, 3, 0, 0));
    assert_int_equal(host.lines().count("player's log"), 1);
    peer.say("nonsense\r\n\r\n");
    host.end_turn();
    assert_int_equal(peer.reason(), CloseReason::protocol_error);
    assert_int_equal(host.stats().bad_requests, 1);
}

static void a_log_with_a_context_is_noted_and_without_is_refused(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    host.ask(describe(kNine));
    const std::string line =
        "Pragma: log-line=0.0.0.0 2003-01-02 03:04:05 - /live 0 60 1 200 {guid} 7.1 en-US - - "
        "wmplayer.exe\r\n";
    FakePeer& old = host.ask(
        post(client_id(1000) + line + "Content-Type: text/plain\r\nContent-Length: 0\r\n\r\n", kOld));
    assert_noted(old, 1000);
    assert_true(host.lines().has("192.0.2.1:4711: player's log: status 200, played 60 s"));
    const std::string xml = "<XML><Summary>0.0.0.0 2003-01-02 03:04:05 - /live 0 61 1 210</Summary></XML>";
    const std::string head =
        "Content-Type: application/x-wms-LogStats\r\nContent-Length: " + std::to_string(xml.size()) + "\r\n";
    FakePeer& nine = host.ask(post(client_id(1000) + head + "Connection: Keep-Alive\r\n\r\n" + xml));
    assert_noted(nine, 1000);
    assert_true(has(nine.sent(), "Connection: Keep-Alive\r\n"));
    assert_false(nine.is_closing());
    assert_true(host.lines().has("status 210, played 61 s"));
    assert_refused(host.ask(post(head + "\r\n" + xml)), 400);
    assert_refused(host.ask(post(client_id(77) + head + "\r\n" + xml)), 400);
    // Whatever it contains.
    FakePeer& odd = host.ask(post(
        client_id(1000) + "Content-Type: application/x-wms-LogStats\r\nContent-Length: 3\r\n\r\n\1\2\3"));
    assert_noted(odd, 1000);
    FakePeer& large = host.ask(
        post(client_id(1000) + "Content-Type: application/x-wms-LogStats\r\nContent-Length: 70000\r\n\r\n"));
    large.say(std::string(70000, 'x'));
    host.end_turn();
    assert_refused(large, 413);
}

static void what_belongs_to_the_9_personality_is_refused(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    host.ask(describe(kNine));
    const std::string get = "GET /live HTTP/1.1\r\nUser-Agent: NSPlayer/9.0\r\n" + client_id(1000);
    assert_refused(host.ask(get + "Pragma: pipeline-request=1\r\n\r\n"), 400);
    assert_refused(host.ask(get + "Pragma: xPlayNextEntry=1\r\n\r\n"), 400);
    FakePeer& proxy = host.ask(
        "POST /live HTTP/1.1\r\nUser-Agent: WMCacheProxy/9.0\r\nContent-Type: "
        "application/x-wms-getcontentinfo\r\nContent-Length: 1\r\n\r\nx");
    assert_refused(proxy, 400);
    assert_refused(host.ask(post("Content-Length: 3\r\n\r\nabc")), 400);
    FakePeer& options = host.ask("OPTIONS * HTTP/1.1\r\nUser-Agent: NSPlayer/9.0\r\n\r\n");
    assert_true(options.sent().starts_with("HTTP/1.0 204 No Content\r\n"));
}

static void players_and_weirs_get_a_filler_once_a_second_with_the_last_numbers_and_other_servers_none(
    void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(3);
    std::vector<FakePeer*> players;
    for (const auto agent : {kFree, kVlc, kOld, kNine}) players.push_back(&host.ask(play(agent)));
    FakePeer& weir = host.ask(play(kWeir));
    FakePeer& server = host.ask(play(kServer));
    FakePeer& proxy = host.ask(play("WMCacheProxy/9.0.0.1"));
    host.advance(Duration{5});
    const std::string before = header_chunk(encoder.stream) + data(encoder, 0, 3, 0, 0);
    encoder.feed.reset();
    host.advance(Duration{2500});
    std::string packet(64, '\0');
    packet.replace(0, 5, bytes({0x82, 0, 0, 0x11, 0x5D}));
    packet[5] = 64 - 14;
    packet[7] = 2 * VideoStream::kPacketMs;
    packet[13] = '\x80';
    const std::string filler = data_chunk(2, 2, packet);
    for (FakePeer* peer : players) assert_same(body_of(*peer), before + filler + filler);
    assert_true(body_of(weir).ends_with(data(encoder, 0, 3, 0, 0) + filler + filler));
    assert_same(body_of(server), before);
    assert_same(body_of(proxy), before);
    Encoder next{host.live()};
    next.behind = 3;
    next.send(1);
    host.advance(Duration{5});
    for (FakePeer* peer : players)
        assert_same(body_of(*peer), before + filler + filler + data(next, 0, 1, 3, 3));
    assert_same(body_of(server), before + data(next, 0, 1, 3, 3));
}

static void a_play_in_an_outage_begins_with_fillers(void**) {
    FakeHost host;
    auto encoder = std::make_unique<Encoder>(host.live());
    encoder->send(3);
    encoder.reset();
    host.advance(Duration{40'000});
    FakePeer& peer = host.ask(play(kFree));
    host.advance(Duration{1000});
    Encoder next{host.live()};
    next.behind = 3;
    // The number of the packet before, in a rendition that has none yet.
    assert_same(body_of(peer).substr(467, 12), data_chunk(2, 0xFF, {}));
    next.send(2);
    host.advance(Duration{5});
    assert_true(body_of(peer).ends_with(data(next, 0, 2, 3, 0)));
}

static void an_incompatible_header_ends_free_clients_and_is_told_to_the_others(void**) {
    FakeHost host;
    auto encoder = std::make_unique<Encoder>(host.live());
    encoder->send(3);
    std::vector<FakePeer*> free{&host.ask(play(kFree)), &host.ask(play(kVlc))};
    std::vector<FakePeer*> others;
    for (const auto agent : {kOld, std::string_view{"NSPlayer/7.0.0.1956"}, kNine, kServer})
        others.push_back(&host.ask(play(agent)));
    host.advance(Duration{5});
    const std::string before = header_chunk(encoder->stream) + data(*encoder, 0, 3, 0, 0);
    encoder.reset();
    Encoder other{host.live(), '2', 0};
    host.advance(Duration{500});
    other.send(2);
    host.advance(Duration{5});
    // Nothing before there is a packet to begin with.
    for (FakePeer* peer : free) assert_same(body_of(*peer), before);
    for (FakePeer* peer : others) assert_same(body_of(*peer), before);
    other.packets.push_back(other.stream.next(true));
    assert_true(other.feed->append(other.packets.back()).ok());
    other.send(1);
    host.advance(Duration{5});
    for (FakePeer* peer : free) {
        assert_same(body_of(*peer), before + kEnd1);
        assert_true(peer->was_told());
        assert_int_equal(peer->reason(), CloseReason::finished);
    }
    for (FakePeer* peer : others) {
        assert_same(body_of(*peer), before + kChange + header_chunk(other.stream) + data(other, 2, 4, 3, 3));
        assert_false(peer->is_closing());
    }
    // Who comes back at once plays the new one.
    FakePeer& back = host.ask(play(kFree));
    host.advance(Duration{5});
    assert_same(body_of(back), header_chunk(other.stream) + data(other, 2, 4, 3, 3));
}

// Cut in mid-packet when the header changes: neither $C nor $E may stand inside a packet.
static void a_packet_that_was_begun_is_completed_before_the_change(void**) {
    for (const auto agent : {kFree, kNine}) {
        for (std::size_t cut = 1; cut < 76; ++cut) {
            for (const bool wheel_sees_it : {true, false}) {
                FakeHost host;
                auto encoder = std::make_unique<Encoder>(host.live());
                encoder->send(3);
                FakePeer& peer = host.ask(play(agent));
                host.advance(Duration{5});
                peer.limit_room(cut);
                encoder->send(2);
                host.advance(Duration{5});
                const std::string before = header_chunk(encoder->stream) + data(*encoder, 0, 4, 0, 0);
                encoder.reset();
                Encoder other{host.live(), '2'};
                other.send(1);
                if (wheel_sees_it) host.advance(Duration{5});
                peer.make_room(FakePeer::kUnlimited);
                host.advance(Duration{5});
                assert_same(body_of(peer), before + (agent == kFree ? kEnd1
                                                                    : kChange + header_chunk(other.stream) +
                                                                          data(other, 0, 1, 5, 5)));
            }
        }
    }
}

static void the_end_of_the_channel_is_said_and_closes(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(3);
    std::vector<FakePeer*> peers;
    for (const auto agent : {kFree, kVlc, kOld, kNine, kServer}) peers.push_back(&host.ask(play(agent)));
    FakePeer& blocked = host.connect();
    blocked.limit_room(500);
    blocked.say(play(kFree));
    host.advance(Duration{5});
    encoder.send(2);  // not sent yet
    host.stop();
    host.advance(Duration{10});
    for (FakePeer* peer : peers) {
        assert_same(body_of(*peer), header_chunk(encoder.stream) + data(encoder, 0, 5, 0, 0) + kEnd0);
        assert_true(peer->was_told());
        assert_int_equal(peer->reason(), CloseReason::finished);
    }
    assert_false(blocked.is_closing());
    for (int i = 0; i < 50 && !blocked.is_closing(); ++i) {
        blocked.make_room(37);
        host.advance(Duration{5});
    }
    blocked.make_room(FakePeer::kUnlimited);
    assert_same(body_of(blocked), header_chunk(encoder.stream) + data(encoder, 0, 5, 0, 0) + kEnd0);
}

static void a_held_request_is_served_when_the_header_comes(void**) {
    FakeHost host;
    FakePeer& describing = host.ask(describe(kFree));
    FakePeer& playing = host.ask(play(kFree));
    host.advance(Duration{5000});
    assert_string_equal(playing.sent().c_str(), "");
    Encoder encoder{host.live()};
    encoder.send(1);
    host.advance(Duration{5});
    assert_same(body_of(describing), header_chunk(encoder.stream));
    assert_same(body_of(playing), header_chunk(encoder.stream) + data(encoder, 0, 1, 0, 0));
    FakeHost empty;
    FakePeer& waiting = empty.ask(play(kFree));
    empty.advance(Duration{10'000});
    assert_true(waiting.sent().starts_with("HTTP/1.0 503 "));
    assert_true(waiting.was_told());
}

static void an_unknown_name_is_refused(void**) {
    FakeHost host;
    std::string request = play(kFree);
    request.replace(request.find("/live"), 5, "/nope");
    FakePeer& peer = host.ask(request);
    assert_refused(peer, 404);
    assert_true(has(peer.sent(), "There is no channel /nope here."));
}

static void one_url_serves_both_kinds(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.send(3);
    FakePeer& plain = host.ask("GET /live HTTP/1.0\r\nUser-Agent: MPlayer 1.5\r\n\r\n");
    FakePeer& wmsp = host.ask(play(kFree));
    host.advance(Duration{5});
    assert_true(body_of(plain).starts_with(encoder.stream.served_header()));
    assert_true(body_of(wmsp).starts_with(header_chunk(encoder.stream)));
    plain.reset();
    host.advance(Duration{5});
    assert_int_equal(host.live().viewers(), 1);
}

static void mms_on_an_http_port_is_closed_at_once(void**) {
    static constexpr auto kConnect = test::hex<"01000000cefa0bb0b00000004d4d5320 14000000">();
    FakeHost host;
    for (const std::size_t n : {std::size_t{1}, std::size_t{4}, kConnect.size()}) {
        FakePeer& peer = host.ask(as_text(Bytes{kConnect}.first(n)));
        assert_string_equal(peer.sent().c_str(), "");
        assert_true(peer.was_told());
        assert_int_equal(peer.reason(), CloseReason::protocol_error);
    }
    assert_int_equal(host.stats().unknown_protocol, 3);
}

static void an_announcement_names_both_urls(void**) {
    FakeHost host{{{.name = "live", .title = "News & \"more\"", .sources = {"push:"}, .origin = {}}}};
    FakePeer& peer = host.ask("GET /live.asx HTTP/1.1\r\nHost: relay.example:8080\r\n\r\n");
    assert_true(head_of(peer).starts_with("HTTP/1.1 200 OK\r\n"));
    assert_true(has(head_of(peer), "Content-Type: video/x-ms-asf\r\n"));
    assert_string_equal(
        body_of(peer).c_str(),
        "<ASX version=\"3.0\">\r\n<TITLE>News &amp; &quot;more&quot;</TITLE>\r\n<ENTRY>\r\n<TITLE>News &amp; "
        "&quot;more&quot;</TITLE>\r\n<REF HREF=\"mmsh://relay.example:8080/live\"/>\r\n<REF "
        "HREF=\"http://relay.example:8080/live\"/>\r\n</ENTRY>\r\n</ASX>\r\n");
    FakePeer& hostless = host.ask("GET /live.asx HTTP/1.0\r\n\r\n");
    assert_true(has(body_of(hostless), "mmsh://192.0.2.7:8080/live"));
    FakePeer& evil = host.ask("GET /live.asx HTTP/1.1\r\nHost: x\"><script>\r\n\r\n");
    assert_false(has(body_of(evil), "<script>"));
    FakePeer& head = host.ask("HEAD /live.asx HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_string_equal(body_of(head).c_str(), "");
    assert_true(host.ask("GET /nope.asx HTTP/1.1\r\n\r\n").sent().starts_with("HTTP/1.1 404 "));
}

static void the_page_lists_the_channels_and_their_state(void**) {
    FakeHost host{{{.name = "live", .title = "Live <one>", .sources = {"push:"}, .origin = {}},
                   {.name = "off", .title = {}, .sources = {"push:"}, .origin = {}}}};
    auto encoder = std::make_unique<Encoder>(host.live());
    encoder->send(3);
    host.ask(play(kFree));
    host.advance(Duration{5});
    const std::string get = "GET / HTTP/1.1\r\nHost: h:8080\r\n\r\n";
    FakePeer& page = host.ask(get);
    assert_true(has(body_of(page), "<td>Live &lt;one&gt;</td><td>on air</td><td>1</td>"));
    assert_true(has(body_of(page), "<td>off</td><td>not on air yet</td><td>0</td>"));
    assert_true(has(body_of(page), "href=\"mmsh://h:8080/live\""));
    assert_true(has(body_of(page), "href=\"/live.asx\""));
    encoder.reset();
    assert_true(has(body_of(host.ask(get)), "<td>waiting for its source</td>"));
    assert_string_equal(body_of(host.ask("HEAD / HTTP/1.1\r\n\r\n")).c_str(), "");
    FakePeer& deleted = host.ask("OPTIONS / HTTP/1.1\r\n\r\n");
    assert_true(has(deleted.sent(), "Allow: GET, HEAD, OPTIONS, POST, PUT\r\n"));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(ffmpeg_describes_and_plays),
        cmocka_unit_test(vlc_describes_and_plays),
        cmocka_unit_test(mplayer_and_libmms_describe_and_play),
        cmocka_unit_test(windows_players_4_7_and_9_get_the_same_of_the_4_1_personality),
        cmocka_unit_test(an_absolute_target_is_taken),
        cmocka_unit_test(keep_alive_is_honoured_where_it_is_asked_for),
        cmocka_unit_test(describe_and_play_may_come_in_one_segment),
        cmocka_unit_test(requests_may_come_byte_by_byte),
        cmocka_unit_test(numbers_are_the_channels_and_flags_count_in_the_rendition),
        cmocka_unit_test(an_unknown_client_id_is_told_so_and_gets_another),
        cmocka_unit_test(old_clients_whose_context_is_lost_are_reset_in_the_stream),
        cmocka_unit_test(a_second_play_on_a_context_that_streams_is_refused),
        cmocka_unit_test(a_client_id_belongs_to_its_address),
        cmocka_unit_test(an_idle_context_is_forgotten_after_75_seconds),
        cmocka_unit_test(stop_on_another_connection_ends_the_stream),
        cmocka_unit_test(stop_on_the_same_connection_ends_the_stream),
        cmocka_unit_test(stop_in_mid_packet_completes_it_first),
        cmocka_unit_test(what_a_playing_client_says_besides_changes_nothing),
        cmocka_unit_test(a_log_with_a_context_is_noted_and_without_is_refused),
        cmocka_unit_test(what_belongs_to_the_9_personality_is_refused),
        cmocka_unit_test(
            players_and_weirs_get_a_filler_once_a_second_with_the_last_numbers_and_other_servers_none),
        cmocka_unit_test(a_play_in_an_outage_begins_with_fillers),
        cmocka_unit_test(an_incompatible_header_ends_free_clients_and_is_told_to_the_others),
        cmocka_unit_test(a_packet_that_was_begun_is_completed_before_the_change),
        cmocka_unit_test(the_end_of_the_channel_is_said_and_closes),
        cmocka_unit_test(a_held_request_is_served_when_the_header_comes),
        cmocka_unit_test(an_unknown_name_is_refused),
        cmocka_unit_test(one_url_serves_both_kinds),
        cmocka_unit_test(mms_on_an_http_port_is_closed_at_once),
        cmocka_unit_test(an_announcement_names_both_urls),
        cmocka_unit_test(the_page_lists_the_channels_and_their_state)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
