// A channel "*": every name that its sources know, made when a client asks for it.
#include "protocols/msbd/wire.hpp"
#include "test/flow/pull_bench.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::test;

namespace {

ChannelConfig any(Sources sources = {"http://up.example/{name}"}, std::size_t max_channels = 256) {
    ChannelConfig config{
        .name = "*", .title = "{name} of upstream", .sources = std::move(sources), .origin = {}};
    config.max_channels = max_channels;
    return config;
}
ChannelConfig listed(std::string name, Sources sources = {"push:"}) {
    return {.name = std::move(name), .title = "Listed", .sources = std::move(sources), .origin = {}};
}
std::string get(std::string_view name) {
    return "GET /" + std::string(name) + " HTTP/1.0\r\n\r\n";
}
std::string over_msbd(std::string_view name) {
    return text_of(msbd::encode_connect({.channel = std::string(name), .relay = {}}));
}

std::string packet_over_msbd(Bytes packet) {
    std::string head(msbd::kPacketOverhead, '\0');
    msbd::encode_packet_head({}, packet.size(), {reinterpret_cast<std::uint8_t*>(head.data()), head.size()});
    return head + text_of(packet);
}

struct World {
    explicit World(std::vector<ChannelConfig> channels = {any()}) : host(std::move(channels)) {}

    // The one dial that there is, answered; what was asked there is in its sent().
    FakePeer& upstream(std::string_view address = "up.example:80") {
        host.advance(Duration{0});
        FakePeer* peer = host.answer_dial_to(address);
        assert_non_null(peer);
        return *peer;
    }
    void serve(FakePeer& peer) {
        std::string packets;
        for (int i = 0; i < 6; ++i) packets += text_of(stream.next());
        peer.say(ok("Content-Type: video/x-ms-asf\r\n") + text_of(stream.header()) + packets);
        host.advance(Duration{200});
    }
    std::vector<std::string> names() {
        std::vector<std::string> out;
        for (const Channel* channel : host.channels()) out.push_back(channel->name());
        return out;
    }

    FakeHost host;
    VideoStream stream;
};

using Names = std::vector<std::string>;

void each_name_becomes_a_channel_of_its_own(void**) {
    World world;
    assert_true(world.names().empty());
    FakePeer& news = world.host.ask(get("news"));
    FakePeer& up = world.upstream();
    assert_true(up.sent().starts_with("GET /news HTTP/"));
    world.serve(up);
    FakePeer& sport = world.host.ask(get("sport"));
    FakePeer& other = world.upstream();
    assert_true(other.sent().starts_with("GET /sport HTTP/"));
    world.serve(other);
    for (FakePeer* client : {&news, &sport})
        assert_true(client->sent().starts_with("HTTP/1.0 200 ") &&
                    has(client->sent(), world.stream.served_header()));
    assert_true((world.names() == Names{"news", "sport"}));
    assert_string_equal(world.host.channel("news")->title().c_str(), "news of upstream");
    // The next client of a name finds its channel.
    world.host.ask(get("news.asf"));
    world.host.advance(Duration{0});
    assert_int_equal(world.host.dials_begun().size(), 2);
}

void it_is_asked_by_whatever_protocol_and_pulls_by_any(void**) {
    World world{{any({"msbd://up.example/{name}"})}};
    FakePeer& server = world.host.ask(over_msbd("news"));
    FakePeer& up = world.upstream("up.example:7007");
    const std::string request = up.sent();
    const auto parsed = msbd::parse_message(as_bytes(request));
    assert_string_equal(
        msbd::parse_connect(std::get<Got<msbd::Message>>(parsed).value.body).value().channel.c_str(), "news");
    up.say(text_of(msbd::encode_connected(msbd::kOk)) +
           text_of(*msbd::encode_info(
               msbd::Kind::info, {.packet_size = 64, .bit_rate = 48000, .header = world.stream.header()})) +
           packet_over_msbd(world.stream.next()));
    world.host.advance(Duration{200});
    assert_true(server.sent().starts_with(text_of(msbd::encode_connected(msbd::kOk))));
    assert_true(
        world.host.ask("GET /news HTTP/1.0\r\nUser-Agent: NSPlayer/4.1.0.3856\r\nPragma: xPlayStrm=1\r\n\r\n")
            .sent()
            .starts_with("HTTP/1.0 200 "));
}

void a_listed_channel_comes_first(void**) {
    World world{{any(), listed("local")}};
    world.host.ask(get("local"));
    world.host.advance(Duration{0});
    assert_true(world.host.dials_begun().empty());
    world.host.ask(get("other"));
    world.host.advance(Duration{0});
    assert_int_equal(world.host.dials_begun().size(), 1);
    assert_true((world.names() == Names{"local", "other"}));
}

void what_the_origin_does_not_know_is_404_at_once(void**) {
    World world;
    FakePeer& client = world.host.ask(get("nothing"));
    FakePeer& second = world.host.ask(get("nothing"));
    FakePeer& up = world.upstream();
    const TimePoint before = world.host.now();
    up.say("HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    world.host.advance(Duration{10});
    for (FakePeer* one : {&client, &second}) {
        assert_true(one->sent().starts_with("HTTP/1.0 404 "));
        assert_true(one->is_closing() || one->was_told());
    }
    assert_true(world.host.now() - before <= Duration{10});
    assert_true(world.names().empty());
    // Nor is the origin asked again by everyone who comes.
    for (int i = 0; i < 20; ++i)
        assert_true(world.host.ask(get("nothing")).sent().starts_with("HTTP/1.0 404 "));
    world.host.advance(Duration{1000});
    assert_int_equal(world.host.dials_begun().size(), 1);
    // Nor does the log fill with what anybody asked for.
    for (const std::string& line : world.host.lines().lines)
        assert_true(line.starts_with("debug: ") || !has(line, "nothing"));
    // But a while later it may have come.
    world.host.advance(Duration{5000});
    FakePeer& later = world.host.ask(get("nothing"));
    world.serve(world.upstream());
    assert_true(later.sent().starts_with("HTTP/1.0 200 "));
}

void the_same_over_msbd(void**) {
    World world{{any({"msbd://up.example/{name}"})}};
    FakePeer& server = world.host.ask(over_msbd("nothing"));
    FakePeer& client = world.host.ask(get("nothing"));
    world.upstream("up.example:7007").say(text_of(msbd::encode_connected(msbd::kNotFound)));
    world.host.advance(Duration{10});
    assert_true(server.sent() == text_of(msbd::encode_connected(msbd::kNotFound)));
    assert_true(client.sent().starts_with("HTTP/1.0 404 "));
    assert_true(world.names().empty());
}

// With two origins it is unknown when neither knows it; one that cannot be reached may know it.
void all_sources_are_asked(void**) {
    World world{{any({"http://one.example/{name}", "http://two.example/{name}"})}};
    FakePeer& client = world.host.ask(get("news"));
    world.upstream("one.example:80").say("HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    FakePeer& two = world.upstream("two.example:80");
    assert_true(client.sent().empty());
    world.serve(two);
    assert_true(client.sent().starts_with("HTTP/1.0 200 "));

    FakePeer& other = world.host.ask(get("other"));
    world.upstream("one.example:80").say("HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    world.host.advance(Duration{0});
    assert_true(world.host.refuse_dial_to("two.example:80"));
    world.host.advance(Duration{100});
    assert_true(other.sent().empty());
}

void an_origin_that_loses_the_channel_costs_no_client(void**) {
    World world;
    FakePeer& client = world.host.ask(get("news"));
    FakePeer& up = world.upstream();
    world.serve(up);
    up.reset();
    world.host.advance(Duration{200});
    for (int i = 0; i < 5; ++i) {
        while (world.host.dials().empty()) world.host.advance(Duration{100});
        world.upstream().say("HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        world.host.advance(Duration{100});
    }
    assert_false(client.is_closing());
    client.take_sent();
    while (world.host.dials().empty()) world.host.advance(Duration{100});
    world.serve(world.upstream());
    assert_false(client.sent().empty());
}

void what_nobody_wants_any_more_is_gone(void**) {
    World world;
    FakePeer& client = world.host.ask(get("news"));
    FakePeer& up = world.upstream();
    world.serve(up);
    client.reset();
    world.host.advance(Duration{13'000});
    assert_true(up.is_closing() || up.was_told());
    assert_true(world.names().empty());
    assert_null(world.host.channel("news"));
    FakePeer& again = world.host.ask(get("news"));
    world.serve(world.upstream());
    assert_true(again.sent().starts_with("HTTP/1.0 200 "));
}

void there_are_max_channels_at_most(void**) {
    World world{{any({"http://up.example/{name}"}, 3)}};
    for (const char* name : {"a", "b", "c"}) world.host.ask(get(name));
    for (int i = 0; i < 30; ++i)
        assert_true(world.host.ask(get("d" + std::to_string(i))).sent().starts_with("HTTP/1.0 503 "));
    assert_true(world.host.ask(over_msbd("d")).sent() == text_of(msbd::encode_connected(msbd::kTooMany)));
    assert_int_equal(world.names().size(), 3);
    assert_int_equal(world.host.lines().count("max_channels"), 1);
    // Who has a place keeps it; a place that is left is given away.
    assert_false(world.host.ask(get("a")).sent().starts_with("HTTP/1.0 503 "));
    world.host.advance(Duration{30'000});
    assert_true(world.names().empty());
    world.host.ask(get("d"));
    assert_int_equal(world.names().size(), 1);
}

void what_is_no_name_makes_no_channel(void**) {
    World world;
    for (const std::string& path :
         {std::string(".hidden"), std::string("a/b"), std::string("a%20b"), std::string("metrics"),
          std::string("api"), std::string(65, 'a'), std::string("..")})
        assert_true(world.host.ask(get(path)).sent().starts_with("HTTP/1.0 404 "));
    assert_true(world.host.ask(get("")).sent().starts_with("HTTP/1.0 200 "));  // the list of channels
    assert_true(world.host.ask(get("health")).sent().starts_with("HTTP/1.0 204 "));
    world.host.advance(Duration{1000});
    assert_true(world.host.dials_begun().empty());
    assert_true(world.names().empty());
}

void a_push_makes_no_channel(void**) {
    World world;
    assert_true(world.host.ask("POST /news HTTP/1.0\r\nContent-Length: 10\r\n\r\n0123456789")
                    .sent()
                    .starts_with("HTTP/1.0 404 "));
    assert_true(world.names().empty());
}

// The announcement is of a name alone: whether there is such a stream is seen when it is played.
void every_name_is_announced(void**) {
    World world;
    const std::string asx = world.host.ask("GET /news.asx HTTP/1.0\r\nHost: edge\r\n\r\n").sent();
    assert_true(has(asx, "mmsh://edge/news\""));
    world.host.advance(Duration{0});
    assert_true(world.host.dials_begun().empty());
}

void it_goes_with_weir(void**) {
    World world;
    FakePeer& client = world.host.ask(get("news"));
    world.host.ask(get("waiting"));
    world.serve(world.upstream());
    world.host.stop();
    world.host.advance(Duration{1000});
    assert_true(client.is_closing() || client.was_told());
    assert_true(world.host.ask(get("late")).sent().starts_with("HTTP/1.0 404 "));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_name_becomes_a_channel_of_its_own),
        cmocka_unit_test(it_is_asked_by_whatever_protocol_and_pulls_by_any),
        cmocka_unit_test(a_listed_channel_comes_first),
        cmocka_unit_test(what_the_origin_does_not_know_is_404_at_once),
        cmocka_unit_test(the_same_over_msbd),
        cmocka_unit_test(all_sources_are_asked),
        cmocka_unit_test(an_origin_that_loses_the_channel_costs_no_client),
        cmocka_unit_test(what_nobody_wants_any_more_is_gone),
        cmocka_unit_test(there_are_max_channels_at_most),
        cmocka_unit_test(what_is_no_name_makes_no_channel),
        cmocka_unit_test(a_push_makes_no_channel),
        cmocka_unit_test(every_name_is_announced),
        cmocka_unit_test(it_goes_with_weir),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
