// A channel that is pushed from one weir to another, with a line between them that breaks: what the other one
// serves is what this one serves, without a gap.
#include "core/relay/push_link.hpp"

#include <memory>
#include <optional>

#include "protocols/http/relay_headers.hpp"
#include "test/flow/pull_bench.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::test;

namespace {

const PushTargetConfig kRaw{"http://edge.example:8080/live"}, kWm = wm_push("http://edge.example:8080/live");
const RunId kRun{{1, 2, 3, 4}}, kOtherRun{{5, 6, 7, 8}};

ChannelConfig channel(const std::vector<PushTargetConfig>& targets = {}) {
    return {.name = "live",
            .title = "Live",
            .sources = {"push:"},
            .push_to = targets,
            .log_time = Milliseconds{60'000},
            .origin = {}};
}

struct World {
    explicit World(const PushTargetConfig& target, std::uint32_t size = 64)
        : origin({channel({target})}),
          edge(std::make_unique<FakeHost>(std::vector{channel()})),
          stream(size) {
        begin_encoder();
    }
    ~World() { feed.reset(); }

    void begin_encoder() {
        feed = std::make_unique<Feed>(origin.live(), 0, Feed::Role::source, "encoder", Callback<void()>{});
        feed->begin(stream.format());
    }
    // The encoder's next packets, 40 ms each; what is on the line arrives.
    void next(int count = 1) {
        for (; count > 0; --count) {
            assert_true(feed->append(stream.next()).ok());
            feed->publish();
            wait(Duration{40});
        }
    }
    void wait(Duration time) {
        for (const TimePoint until = origin.now() + time; origin.now() < until;) {
            origin.advance(Duration{5});
            edge->advance(Duration{5});
            carry();
        }
    }
    // Whatever was said on either side comes to the other; who is dialled answers.
    void carry() {
        if (!is_up) return;
        if (!near) {
            near = origin.answer_dial_to({});
            if (!near) return;
            far = &edge->connect();
        }
        for (int i = 0; i < 4; ++i) {
            if (auto said = near->take_sent(); !said.empty()) far->say(said);
            edge->end_turn();
            if (auto said = far->take_sent(); !said.empty()) near->say(said);
            origin.end_turn();
        }
        if (!near->was_told() && !far->was_told()) return;
        if (!near->was_told()) near->reset();
        if (!far->was_told()) far->reset();
        origin.end_turn();
        edge->end_turn();
        near = far = nullptr;
    }
    // Of what is sent from now on so many bytes arrive, and then nothing; both sides learn of it at once.
    void cut_behind(int packets, std::size_t bytes) {
        for (; packets > 0; --packets) {
            assert_true(feed->append(stream.next()).ok());
            feed->publish();
            origin.advance(Duration{40});
        }
        const std::string said = near->take_sent();
        far->say(said.substr(0, bytes));
        edge->end_turn();
        near->reset();
        far->reset();
        origin.end_turn();
        edge->end_turn();
        near = far = nullptr;
    }
    // The edge has what the origin has, from its own first packet on, under the same names.
    void assert_same(std::size_t at_least) {
        const BlockLog& here = origin.live().log();
        const BlockLog& there = edge->live().log();
        const auto count = there.end() - there.first();
        if (count < at_least) print_error("%zu packets came\n", static_cast<std::size_t>(count));
        assert_true(count >= at_least && count <= here.end() - here.first());
        const Seq from = here.end() - count;
        for (Seq i = 0; i < count; ++i) {
            assert_true(text_of(here.packet(from + i).bytes) ==
                        text_of(there.packet(there.first() + i).bytes));
            const auto& named = edge->live().lineage().names().of(there.first() + i);
            assert_true(named.place(there.first() + i) ==
                        origin.live().lineage().names().of(from + i).place(from + i));
            assert_true(named.via.at(1) == origin.live().lineage().relay_id());
        }
    }

    FakeHost origin;
    std::unique_ptr<FakeHost> edge;
    VideoStream stream;
    std::unique_ptr<Feed> feed;
    FakePeer* near = nullptr;
    FakePeer* far = nullptr;
    bool is_up = true;
};

void nothing_is_lost_when_the_line_breaks(void**) {
    for (const auto& target : {kRaw, kWm}) {
        for (const std::size_t bytes : std::initializer_list<std::size_t>{0, 1, 30, 70, 95, 200, 100'000}) {
            World world(target);
            world.next(150);
            world.assert_same(145);
            world.cut_behind(3, bytes);
            world.next(60);
            world.assert_same(205);
            const ChannelStats& stats = world.edge->live().stats();
            assert_int_equal(stats.runs, 1);
            assert_int_equal(stats.resumes, 1);
            assert_int_equal(stats.packets_bad, 0);
        }
    }
}

void nor_while_it_is_away_for_as_long_as_the_log_is(void**) {
    for (const auto& target : {kRaw, kWm}) {
        World world(target);
        world.next(150);
        world.cut_behind(2, 50);
        world.is_up = false;
        world.next(250);  // 10 s
        world.is_up = true;
        world.wait(Duration{6000});
        world.next(100);
        world.assert_same(490);
        assert_int_equal(world.edge->live().stats().runs, 1);
        assert_int_equal(world.edge->live().stats().resumes, 1);
    }
}

void it_breaks_again_and_again(void**) {
    for (const auto& target : {kRaw, kWm}) {
        World world(target);
        world.next(150);
        for (std::size_t i = 0; i < 20; ++i) {
            world.cut_behind(1 + static_cast<int>(i % 3), i * 17);
            world.next(200);
        }
        world.assert_same(1000);  // the log is a minute long
        assert_int_equal(world.edge->live().stats().runs, 1);
        assert_int_equal(world.edge->live().stats().resumes, 20);
    }
}

// The line takes the connection and carries nothing for seconds: the edge is waited for, or it could not say
// where.
void an_edge_that_answers_late_is_waited_for(void**) {
    for (const auto& target : {kRaw, kWm}) {
        World world(target);
        world.next(150);
        world.cut_behind(2, 50);
        world.is_up = false;
        world.next(2);
        world.near = world.origin.answer_dial_to({});
        assert_non_null(world.near);
        world.far = &world.edge->connect();
        world.next(75);
        world.is_up = true;
        world.next(20);
        world.assert_same(240);
        assert_int_equal(world.edge->live().stats().runs, 1);
        assert_int_equal(world.edge->live().stats().resumes, 1);
    }
}

// Another program than a weir is there by now, which knows no Expect: it has the stream at the second
// attempt.
void a_weir_that_is_none_any_more_gets_the_stream(void**) {
    World world(kRaw);
    world.next(150);
    world.cut_behind(2, 50);
    world.is_up = false;
    world.next(2);
    assert_non_null(world.origin.answer_dial_to({}));
    world.next(250);
    FakePeer* server = nullptr;
    for (int i = 0; i < 100 && !server; ++i) {
        world.next();
        server = world.origin.answer_dial_to({});
    }
    assert_non_null(server);
    world.next(30);
    assert_true(has(server->sent(), world.stream.served_header()));
    world.is_up = true;
}

// What the origin gets from further up changes its name in mid-stream, and jumps.
void names_are_told_as_they_change(void**) {
    for (const auto& target : {kRaw, kWm}) {
        World world(target);
        assert_true(world.feed->name_next({.place = {kRun, 1000}, .via = {0xAAAA, 0xBBBB}}).ok());
        world.next(150);
        assert_true(world.feed->name_next({.place = {kRun, 5000}, .via = {0xAAAA, 0xBBBB}}).ok());
        world.next(10);
        assert_true(world.feed->name_next({.place = {kOtherRun, 7}, .via = {0xCCCC}}).ok());
        world.next(10);
        world.assert_same(165);
        const auto& last = world.edge->live().lineage().names().last();
        assert_true(last.run == kOtherRun);
        assert_true((last.via == std::vector<RelayId>{world.edge->live().lineage().relay_id(),
                                                      world.origin.live().lineage().relay_id(), 0xCCCC}));
        world.cut_behind(1, 20);
        // While it is away, too: the edge asks by the old name.
        assert_true(world.feed->name_next({.place = {kRun, 9000}, .via = {0xAAAA}}).ok());
        world.next(60);
        world.assert_same(230);
        assert_int_equal(world.edge->live().stats().runs, 1);
    }
}

// An edge that has not seen the stream begins at a key frame.
void an_edge_that_is_new_joins_as_any_other(void**) {
    for (const auto& target : {kRaw, kWm}) {
        World world(target);
        world.next(150);
        world.is_up = false;
        world.near->reset();
        world.origin.end_turn();
        world.near = world.far = nullptr;
        world.edge = std::make_unique<FakeHost>(std::vector{channel()});
        world.edge->advance(world.origin.now() - world.edge->now());
        world.next(5);
        world.is_up = true;
        world.next(60);
        world.assert_same(55);
        assert_int_equal(world.edge->live().stats().resumes, 0);
        assert_true(is_key(world.edge->live().log().packet(world.edge->live().log().first()).bytes));
    }
}

// What is asked for is not held any more: it is joined anew, and that is a new run.
void what_is_gone_is_not_waited_for(void**) {
    for (const auto& target : {kRaw, kWm}) {
        World world(target, 3000);
        world.next(150);
        world.cut_behind(2, 50);
        world.is_up = false;
        world.next(1600);  // more than a minute
        world.is_up = true;
        world.wait(Duration{6000});
        world.next(20);
        assert_int_equal(world.edge->live().stats().resumes, 0);
        assert_int_equal(world.edge->live().stats().runs, 2);
        assert_int_equal(world.edge->live().state(), Channel::State::streaming);
    }
}

// A player at the edge is the same on the same connection, and misses no packet.
void a_player_sees_no_more_than_a_pause(void**) {
    for (const auto& target : {kRaw, kWm}) {
        World world(target);
        world.next(10);
        FakePeer& player = world.edge->ask("GET /live HTTP/1.0\r\n\r\n");
        world.next(140);
        world.cut_behind(3, 80);
        world.next(100);
        assert_false(player.is_closing());
        std::string all;
        const BlockLog& log = world.origin.live().log();
        for (Seq seq = log.end() - 200; seq < log.end() - 10; ++seq) all += text_of(log.packet(seq).bytes);
        assert_true(has(player.sent(), all));
    }
}

void a_loop_is_refused(void**) {
    for (const auto& target : {kRaw, kWm}) {
        World world(target);
        world.next(20);
        // The edge's own stream comes back to it.
        const std::string via =
            to_string(std::vector<RelayId>{0x1234, world.edge->live().lineage().relay_id()});
        FakePeer& raw = world.edge->ask("POST /live HTTP/1.1\r\nHost: a\r\nX-Weir-Via: " + via +
                                        "\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
        assert_true(raw.sent().starts_with("HTTP/1.1 508 "));
        FakePeer& wm = world.edge->ask(
            "POST /live HTTP/1.1\r\nHost: a\r\nUser-Agent: WMEncoder/9.0.0.3287\r\nX-Weir-Via: " + via +
            "\r\nContent-Type: application/x-wms-pushsetup\r\nContent-Length: 0\r\nCookie: "
            "push-id=0\r\n\r\n");
        assert_true(wm.sent().starts_with("HTTP/1.1 508 "));
        assert_int_equal(world.edge->live().state(), Channel::State::streaming);
        // Or it turns out later: the stream that is pushed has come from there.
        assert_true(
            world.feed
                ->name_next({.place = {kRun, 1}, .via = {0xAAAA, world.edge->live().lineage().relay_id()}})
                .ok());
        world.next(3);
        assert_true(world.edge->lines().has("a loop"));
        assert_null(world.edge->live().switcher().on_air());
    }
}

// An extension says nothing where no weir pushes, and nothing where it cannot be read.
void other_extensions_are_ignored(void**) {
    for (const std::string& extension :
         {std::string(";weir-run=\"zz\""), std::string(";weir-run="), std::string(";a=b;weir-run=\""),
          std::string(";weir-run=\"" + to_string(kRun) + ":5\""), std::string(" "),
          std::string(";" + std::string(200, 'x'))}) {
        for (const char* via : {"", "X-Weir-Via: 00000000000000ff\r\n"}) {
            FakeHost host({channel()});
            VideoStream stream;
            FakePeer& encoder = host.ask("POST /live HTTP/1.1\r\nHost: a\r\n" + std::string(via) +
                                         "Transfer-Encoding: chunked\r\n\r\n");
            const auto chunk = [&](std::string_view body) {
                return fmt::format("{:x}{}\r\n{}\r\n", body.size(), extension, body);
            };
            encoder.say(chunk(text_of(stream.header())));
            encoder.say(chunk(text_of(stream.next())));
            encoder.say(chunk(text_of(stream.next())));
            host.advance(Duration{100});
            assert_int_equal(host.live().log().end(), 2);
            assert_false(encoder.is_closing());
        }
    }
}

void what_a_chunk_says_is_read_as_it_was_written(void**) {
    Provenance provenance{.place = {kRun, ~std::uint64_t{0}}, .via = {}};
    for (std::size_t relays = 1; relays <= kMaxVia; ++relays) {
        provenance.via.push_back(0xFFFFFFFFFFFFFF00 + relays);
        const std::string text = http::chunk_extension(provenance);
        assert_true(text.size() + 8 <= http::BodyReader::kMaxChunkLine);
        const auto read = http::provenance_in(text);
        assert_true(read && read->place == provenance.place);
        assert_true(read->via.size() == std::min<std::size_t>(relays, 8));
        assert_true(std::equal(read->via.begin(), read->via.end(), provenance.via.begin()));
    }
}

// A server that knows neither: it is given its time, or says so, and gets the stream all the same.
void servers_that_do_not_know_expect_get_the_stream(void**) {
    for (const bool says_so : {true, false}) {
        FakeHost origin({channel({kRaw})});
        VideoStream stream;
        Feed feed(origin.live(), 0, Feed::Role::source, "encoder", Callback<void()>{});
        feed.begin(stream.format());
        assert_true(feed.append(stream.next()).ok());
        feed.publish();
        origin.advance(Duration{100});
        FakePeer* server = &origin.answer_dial();
        assert_true(has(server->sent(), "Expect: 100-continue\r\n"));
        if (says_so) {
            server->say("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
            origin.advance(Duration{100});
            server = &origin.answer_dial();
            assert_false(has(server->sent(), "Expect"));
        } else {
            origin.advance(Duration{1000});
        }
        origin.advance(Duration{10});
        assert_true(has(server->sent(), stream.served_header()));
        assert_false(has(server->sent(), "weir-run"));
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_when_the_line_breaks),
        cmocka_unit_test(nor_while_it_is_away_for_as_long_as_the_log_is),
        cmocka_unit_test(it_breaks_again_and_again),
        cmocka_unit_test(an_edge_that_answers_late_is_waited_for),
        cmocka_unit_test(a_weir_that_is_none_any_more_gets_the_stream),
        cmocka_unit_test(names_are_told_as_they_change),
        cmocka_unit_test(an_edge_that_is_new_joins_as_any_other),
        cmocka_unit_test(what_is_gone_is_not_waited_for),
        cmocka_unit_test(a_player_sees_no_more_than_a_pause),
        cmocka_unit_test(a_loop_is_refused),
        cmocka_unit_test(other_extensions_are_ignored),
        cmocka_unit_test(what_a_chunk_says_is_read_as_it_was_written),
        cmocka_unit_test(servers_that_do_not_know_expect_get_the_stream),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
