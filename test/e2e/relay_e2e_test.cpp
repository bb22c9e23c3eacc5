// Whole relays in this process, real sockets on loopback.
#include <atomic>
#include <deque>
#include <thread>

#include "core/asf/container.hpp"
#include "test/e2e/loopback.hpp"
#include "test/e2e/numbered_stream.hpp"
#include "test/e2e/verdict.hpp"
#include "test/support/bytes.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::test;

namespace {

using Players = std::vector<std::unique_ptr<Player>>;

constexpr NumberedStreamShape kShape{.packet_size = 1500, .packet_ms = 40, .packets_per_sync = 10};

// A relay on the test's loop. Closing it closes the loop, which must then be empty.
struct Fixture {
    explicit Fixture(Config config = config_with_push()) : relay(std::make_unique<Relay>(std::move(config))) {
        const std::string error = relay->attach(&turns.loop);
        if (!error.empty()) fail_with(error);
        port = port_of(*relay);
    }
    // stop(), then the loop ends by itself.
    void close() {
        relay->stop();
        uv_run(&turns.loop, UV_RUN_DEFAULT);
        assert_true(relay->is_stopped());
        destroy();
    }
    void destroy() {
        relay.reset();
        uv_run(&turns.loop, UV_RUN_DEFAULT);
        assert_int_equal(uv_loop_close(&turns.loop), 0);
    }

    Turns turns;
    std::unique_ptr<Relay> relay;
    std::uint16_t port = 0;
};

Players players_of_every_form(std::uint16_t port) {
    Players players;
    for (Form form : {Form::wmsp, Form::close_delimited, Form::chunked})
        players.push_back(std::make_unique<Player>(port, form));
    return players;
}

bool all_have(const Players& players, std::size_t packets) {
    return std::all_of(players.begin(), players.end(),
                       [&](const auto& p) { return p->packets.size() >= packets; });
}

void assert_nothing_is_wrong(const Players& players) {
    for (const auto& p : players) {
        if (!p->wrong().empty()) fail_with(p->wrong());
    }
}

void push_packets(Encoder& encoder, NumberedStream& stream, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t n = from; n < to; ++n) encoder.push(stream.packet(n));
}

bool is_filler(Bytes packet) {
    return !NumberedStream::name_of(packet).has_value();
}

void bytes_out_equal_bytes_in_for_every_form(void**) {
    Fixture f;
    TestTone tone;
    Encoder encoder{f.port};
    // Those who come before the stream are held until it begins.
    Players players = players_of_every_form(f.port);
    constexpr std::uint64_t kPackets = 60;
    std::vector<std::uint8_t> stream = copy(tone.header());
    for (std::uint64_t n = 0; n < kPackets; ++n) {
        const Bytes packet = tone.packet(n);
        stream.insert(stream.end(), packet.begin(), packet.end());
    }
    // Pieces whose borders have nothing to do with those of packets.
    for (std::size_t at = 0; at < stream.size(); at += 1000)
        encoder.push(Bytes{stream}.subspan(at, std::min<std::size_t>(1000, stream.size() - at)));
    assert_true(f.turns.until([&] { return all_have(players, kPackets); }, encoder, players));
    assert_nothing_is_wrong(players);
    for (const auto& p : players) {
        assert_true(same(p->header, tone.header()));
        for (std::uint64_t n = 0; n < kPackets; ++n) assert_true(same(p->packets[n], tone.packet(n)));
    }
    for (std::uint64_t n = 0; n < kPackets; ++n) assert_int_equal(players[0]->location_ids[n], n);
    // And those who come later start at a packet of the burst and get all from there on.
    Players late = players_of_every_form(f.port);
    assert_true(f.turns.until([&] { return all_have(late, 1); }, encoder, players, late));
    for (std::uint64_t n = kPackets; n < kPackets + 20; ++n) encoder.push(tone.packet(n));
    const auto last = copy(tone.packet(kPackets + 19));
    assert_true(f.turns.until(
        [&] {
            return std::all_of(late.begin(), late.end(),
                               [&](const auto& p) { return same(p->packets.back(), last); });
        },
        encoder, players, late));
    assert_nothing_is_wrong(late);
    for (const auto& p : late) {
        assert_true(same(p->header, tone.header()));
        const std::uint64_t first = kPackets + 20 - p->packets.size();
        for (std::uint64_t n = 0; n < p->packets.size(); ++n)
            assert_true(same(p->packets[n], tone.packet(first + n)));
    }
    f.close();
}

void a_push_that_dies_and_one_that_follows_keep_every_connection(void**) {
    Fixture f;
    NumberedStream first{kShape};
    auto shape = kShape;
    shape.run = 2;
    NumberedStream second{shape};
    auto encoder = std::make_unique<Encoder>(f.port);
    encoder->push(first.header());
    push_packets(*encoder, first, 0, 25);
    Players players = players_of_every_form(f.port);
    assert_true(f.turns.until([&] { return all_have(players, 25); }, *encoder, players));
    encoder->push(first.packet(25).first(700));
    assert_true(f.turns.until([&] { return encoder->socket().is_written(); }, *encoder));
    encoder->socket().reset();  // in the middle of a packet

    Encoder again{f.port};
    again.push(second.header());
    push_packets(again, second, 0, 25);
    const auto has_new_run = [](const auto& p) {
        const auto name = NumberedStream::name_of(p->packets.back());
        return name && name->run == 2 && name->number == 24;
    };
    assert_true(f.turns.until([&] { return std::all_of(players.begin(), players.end(), has_new_run); }, again,
                              players));
    assert_nothing_is_wrong(players);
    for (const auto& p : players) {
        assert_false(p->is_over());
        std::size_t n = 0;
        for (const auto& packet : p->packets) {
            if (is_filler(packet)) continue;
            assert_true(n < 25 ? first.is_packet(n, packet)
                               : second.is_packet(n - 25, second.moved(packet, -25, -1)));
            ++n;
        }
        assert_int_equal(n, 50);
    }
    f.close();
}

void a_publisher_without_a_push_slot_is_on_air_while_the_sources_are_away(void**) {
    Fixture origin;  // it has no such channel: the source is refused
    Config config = config_with_push();
    config.channels[0].sources = {"http://127.0.0.1:" + std::to_string(origin.port) + "/none"};
    auto relay = std::make_unique<Relay>(config);
    assert_string_equal(relay->attach(&origin.turns.loop).c_str(), "");
    TestTone tone;
    auto publisher = relay->publish("live");
    assert_string_equal(publisher->begin(tone.header()).c_str(), "");
    assert_string_equal(publisher->append(tone.packet(0)).c_str(), "");
    publisher->flush();
    assert_true(publisher->is_on_air());
    Players players;
    players.push_back(std::make_unique<Player>(port_of(*relay), Form::wmsp));
    assert_true(origin.turns.until([&] { return all_have(players, 1); }, players));
    assert_true(same(players[0]->packets[0], tone.packet(0)));
    publisher.reset();
    relay->stop();
    assert_true(origin.turns.until([&] { return relay->is_stopped(); }, players));
    relay.reset();
    origin.close();
}

void publishers_take_named_slots_by_their_rank(void**) {
    Turns turns;
    Config config = config_with_push();
    config.channels[0].sources = {"push:main", "push:backup"};
    auto relay = std::make_unique<Relay>(config);
    assert_string_equal(relay->attach(&turns.loop).c_str(), "");
    assert_null(relay->publish("live", "nosuch").get());
    assert_null(relay->publish("nosuch", "main").get());
    TestTone tone;
    auto backup = relay->publish("live", "backup");
    auto main = relay->publish("live", "main");
    auto unlisted = relay->publish("live");  // behind them all
    std::uint64_t next = 0;
    const auto send = [&](Publisher& publisher) {
        assert_string_equal(publisher.append(tone.packet(next++)).c_str(), "");
        publisher.flush();
    };
    for (Publisher* publisher : {unlisted.get(), backup.get(), main.get()}) {
        assert_string_equal(publisher->begin(tone.header()).c_str(), "");
        send(*publisher);
        assert_true(publisher->is_on_air());
    }
    send(*backup);
    assert_false(backup->is_on_air());
    // A newer one of the same slot takes its place, and no other's.
    auto newer = relay->publish("live", "backup");
    assert_string_equal(newer->begin(tone.header()).c_str(), "");
    assert_string_equal(backup->append(tone.packet(next)).c_str(), "another source took this one's place");
    send(*main);
    assert_true(main->is_on_air());
    main.reset();
    send(*newer);
    assert_true(newer->is_on_air());
    for (auto* publisher : {&backup, &newer, &unlisted}) publisher->reset();
    relay->stop();
    uv_run(&turns.loop, UV_RUN_DEFAULT);
    relay.reset();
    uv_run(&turns.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&turns.loop), 0);
}

void a_port_in_use_is_an_error_that_names_the_address(void**) {
    Fixture f;
    Config config = config_with_push();
    config.listen[0].address = "127.0.0.1:" + std::to_string(f.port);
    Turns turns;
    {
        Relay second{config};
        const std::string error = second.attach(&turns.loop);
        assert_non_null(std::strstr(error.c_str(), config.listen[0].address.c_str()));
        assert_non_null(std::strstr(error.c_str(), "in use"));
        Relay third{config};
        assert_non_null(std::strstr(third.start().c_str(), config.listen[0].address.c_str()));
    }
    uv_run(&turns.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&turns.loop), 0);
    f.close();
}

void two_relays_in_one_process_know_nothing_of_each_other(void**) {
    Turns turns;
    NumberedStream stream{kShape};
    auto shape = kShape;
    shape.run = 2;
    NumberedStream other_stream{shape};
    auto one = std::make_unique<Relay>(config_with_push());
    auto other = std::make_unique<Relay>(config_with_push());
    assert_string_equal(one->attach(&turns.loop).c_str(), "");
    assert_string_equal(other->attach(&turns.loop).c_str(), "");
    Encoder encoder{port_of(*one)};
    Encoder other_encoder{port_of(*other)};
    encoder.push(stream.header());
    other_encoder.push(other_stream.header());
    push_packets(encoder, stream, 0, 20);
    push_packets(other_encoder, other_stream, 0, 20);
    Player player{port_of(*one), Form::wmsp};
    Player other_player{port_of(*other), Form::wmsp};
    assert_true(turns.until([&] { return player.packets.size() >= 20 && other_player.packets.size() >= 20; },
                            encoder, other_encoder, player, other_player));
    for (std::size_t n = 0; n < 20; ++n) {
        assert_true(stream.is_packet(n, player.packets[n]));
        assert_true(other_stream.is_packet(n, other_player.packets[n]));
    }
    // One ends, the other goes on.
    one->stop();
    assert_true(turns.until([&] { return one->is_stopped(); }, player, encoder));
    one.reset();
    push_packets(other_encoder, other_stream, 20, 30);
    assert_true(turns.until([&] { return other_player.packets.size() >= 30; }, other_encoder, other_player));
    other->stop();
    assert_true(turns.until([&] { return other->is_stopped(); }, other_player, other_encoder));
    other.reset();
    uv_run(&turns.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&turns.loop), 0);
}

void stop_gives_clients_all_that_was_theirs_and_the_end_of_their_form(void**) {
    Config config = config_with_push();
    config.channels[0].burst = Milliseconds{60000};
    config.channels[0].log_time = Milliseconds{60000};
    config.server.drain = Milliseconds{30000};
    Fixture f{config};
    // More than is sent to a client at one visit.
    constexpr std::uint64_t kPackets = 1200;
    auto shape = kShape;
    shape.packet_size = 4000;
    NumberedStream stream{shape};
    Encoder encoder{f.port};
    encoder.push(stream.header());
    push_packets(encoder, stream, 0, kPackets);
    Player first{f.port, Form::wmsp};
    assert_true(f.turns.until([&] { return first.packets.size() == kPackets; }, encoder, first));
    Players players = players_of_every_form(f.port);
    assert_true(f.turns.until([&] { return all_have(players, 1); }, players));
    f.relay->stop();
    assert_true(f.turns.until([&] { return f.relay->is_stopped(); }, players, first, encoder));
    for (auto& p : players) assert_true(f.turns.until([&] { return p->is_over(); }, players));
    assert_nothing_is_wrong(players);
    for (const auto& p : players) {
        assert_int_equal(p->packets.size(), kPackets);
        for (std::uint64_t n = 0; n < kPackets; ++n) assert_true(stream.is_packet(n, p->packets[n]));
        assert_true(p->decoder().is_between_items());
    }
    assert_true(players[0]->decoder().has_ended());
    assert_int_equal(players[0]->decoder().end_reason(), 0);
    assert_true(players[2]->decoder().has_ended());
    // Nobody is let in any more.
    Socket late{f.port};
    late.write(play_request(Form::chunked, "live"));
    assert_true(f.turns.until([&] { return late.is_over(); }, late));
    assert_int_equal(late.got().size(), 0);
    f.close();
}

void stop_comes_from_another_thread_and_ends_run(void**) {
    Config config = config_with_push();
    config.channels[0].sources = {"test:"};
    Relay relay{config};
    assert_string_equal(relay.start().c_str(), "");
    const std::uint16_t port = port_of(relay);
    std::atomic<bool> has_returned = false;
    std::thread thread{[&] {
        relay.run();
        has_returned = true;
    }};
    Turns turns;  // of this thread, for the clients only
    Players players = players_of_every_form(port);
    const bool have_media = turns.until([&] { return all_have(players, 2); }, players);
    relay.stop();
    relay.stop();
    const bool are_over = turns.until(
        [&] {
            return std::all_of(players.begin(), players.end(), [](const auto& p) { return p->is_over(); });
        },
        players);
    thread.join();
    assert_true(have_media);
    assert_true(are_over);
    assert_true(has_returned);
    assert_true(relay.is_stopped());
    assert_nothing_is_wrong(players);
    assert_true(players[0]->decoder().has_ended());
    assert_int_equal(players[0]->decoder().end_reason(), 0);
    assert_true(players[2]->decoder().has_ended());
    assert_int_equal(uv_loop_close(&turns.loop), 0);
}

void a_loop_of_the_embedders_ends_by_itself_when_the_relay_has_stopped(void**) {
    Config config = config_with_push();
    config.channels[0].sources = {"test:", "push:"};
    Fixture f{config};
    bool was_told = false;
    f.relay->on_stopped([&] { was_told = true; });
    Player player{f.port, Form::chunked};
    assert_true(f.turns.until([&] { return !player.packets.empty(); }, player));
    f.close();  // the client, which is there still, is told; the loop runs out and is empty
    assert_true(was_told);
}

void a_relay_destroyed_without_a_stop_leaves_no_handle_open(void**) {
    Config config = config_with_push();
    config.channels[0].sources = {"test:"};
    Fixture f{config};
    Players players = players_of_every_form(f.port);
    Socket silent{f.port};
    Encoder refused{f.port};
    assert_true(f.turns.until([&] { return all_have(players, 1); }, players, silent, refused));
    f.destroy();
}

void connections_over_the_limit_are_refused_and_the_others_play_on(void**) {
    Config config = config_with_push();
    config.channels[0].sources = {"test:"};
    config.server.max_connections = 3;
    Fixture f{config};
    Players players = players_of_every_form(f.port);
    assert_true(f.turns.until([&] { return all_have(players, 1); }, players));
    Socket over{f.port};
    over.write("GET /demo HTTP/1.1\r\nHost: relay\r\n\r\n");
    assert_true(f.turns.until([&] { return over.is_over(); }, over, players));
    assert_true(over.text().starts_with("HTTP/1.1 503 "));
    // A source gets in all the same, and is heard.
    Socket source{f.port};
    source.write("PUT /nothing HTTP/1.1\r\nContent-Length: 5\r\n\r\n");
    assert_true(f.turns.until([&] { return source.is_over(); }, source, players));
    assert_true(source.text().starts_with("HTTP/1.1 404 "));
    const std::size_t had = players[0]->packets.size();
    assert_true(f.turns.until([&] { return all_have(players, had + 2); }, players));
    assert_nothing_is_wrong(players);
    // Who leaves makes room.
    players.erase(players.begin());
    Players next;
    next.push_back(std::make_unique<Player>(f.port, Form::wmsp));
    assert_true(f.turns.until(
        [&] {
            if (next[0]->is_over()) next[0] = std::make_unique<Player>(f.port, Form::wmsp);
            return all_have(next, 1);
        },
        players, next));
    f.close();
}

void a_crowd_beyond_the_limit_is_told_so_one_by_one(void**) {
    Config config = config_with_push();
    config.channels[0].sources = {"test:"};
    config.server.max_connections = 2;
    Fixture f{config};
    Players players;
    for (int i = 0; i < 2; ++i) players.push_back(std::make_unique<Player>(f.port, Form::wmsp));
    assert_true(f.turns.until([&] { return all_have(players, 1); }, players));
    std::deque<Socket> crowd;
    for (int i = 0; i < 100; ++i) {
        crowd.emplace_back(f.port).write("GET /demo HTTP/1.1\r\nHost: relay\r\n\r\n");
        crowd.back().step();
    }
    assert_true(f.turns.until(
        [&] { return std::all_of(crowd.begin(), crowd.end(), [](const Socket& s) { return s.is_over(); }); },
        crowd, players));
    for (const auto& one : crowd) assert_true(one.text().starts_with("HTTP/1.1 503 "));
    assert_nothing_is_wrong(players);
    f.close();
}

void who_says_nothing_makes_room_when_all_connections_are_taken(void**) {
    Config config = config_with_push();
    config.channels[0].sources = {"test:"};
    config.server.max_links = 0;
    config.server.max_connections = 2;
    Fixture f{config};
    // More than may be there at once: beside the two a source for each channel, and 16 that were not heard
    // yet.
    std::deque<Socket> silent;
    for (int i = 0; i < 40; ++i) silent.emplace_back(f.port);
    Players players;
    players.push_back(std::make_unique<Player>(f.port, Form::wmsp));
    assert_true(f.turns.until(
        [&] {
            // In the first moments nobody counts as silent: it is refused, and comes again.
            if (players[0]->is_over()) players[0] = std::make_unique<Player>(f.port, Form::wmsp);
            return all_have(players, 1);
        },
        players, silent));
    assert_true(f.turns.until([&] { return silent.front().is_over(); }, players, silent));
    assert_false(std::all_of(silent.begin(), silent.end(), [](const Socket& s) { return s.is_over(); }));
    f.close();
}

// The stream header with a padding object in it that makes it `size` bytes long.
std::vector<std::uint8_t> header_of_size(const NumberedStream& stream, std::size_t size) {
    std::vector<std::uint8_t> header = copy(stream.header());
    constexpr std::size_t kHeaderFixed = 30;
    std::vector<std::uint8_t> padding(size - header.size());
    std::copy(asf::kPadding.bytes.begin(), asf::kPadding.bytes.end(), padding.begin());
    store_u64le(padding.data() + 16, padding.size());
    store_u64le(header.data() + 16, load_u64le(header.data() + 16) + padding.size());
    header.insert(header.begin() + kHeaderFixed, padding.begin(), padding.end());
    return header;
}

void a_stream_header_may_be_64_kib_and_not_a_byte_more(void**) {
    Fixture f;
    NumberedStream stream{kShape};
    constexpr std::size_t kLimit = 64 * 1024;
    {
        Encoder encoder{f.port};
        encoder.push(header_of_size(stream, kLimit + 1));
        push_packets(encoder, stream, 0, 5);
        assert_true(f.turns.until([&] { return encoder.socket().is_over(); }, encoder));
        assert_true(encoder.socket().text().starts_with("HTTP/1.1 400 "));
        assert_non_null(std::strstr(std::string(encoder.socket().text()).c_str(), "the limit is 65536"));
    }
    Encoder encoder{f.port};
    encoder.push(header_of_size(stream, kLimit));
    push_packets(encoder, stream, 0, 5);
    Player player{f.port, Form::wmsp};
    assert_true(f.turns.until([&] { return player.packets.size() >= 5; }, encoder, player));
    assert_string_equal(player.wrong().c_str(), "");
    f.close();
}

void clients_that_send_garbage_end_only_themselves(void**) {
    Fixture f;
    NumberedStream stream{kShape};
    Encoder encoder{f.port};
    encoder.push(stream.header());
    push_packets(encoder, stream, 0, 10);
    Players players = players_of_every_form(f.port);
    assert_true(f.turns.until([&] { return all_have(players, 10); }, encoder, players));

    static constexpr auto kMms = hex<"01000000 cefa0bb0 a0000000 4d4d5320">();
    std::vector<std::unique_ptr<Socket>> garbage;
    const auto send = [&](Bytes bytes) {
        garbage.push_back(std::make_unique<Socket>(f.port));
        garbage.back()->write(bytes);
    };
    send(kMms);
    for (const char* text :
         {"\x16\x03\x01 not a request", "GET / HTTP/9.9\r\n\r\n",
          "GET /live HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
          "Content-Length: 2\r\n\r\n",
          "GET  /live\r\n\r\n", "POST /live HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
          "POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
          "PUT /live HTTP/1.0\r\n\r\nThis is no stream at all, and says so in its first bytes."})
        send(as_bytes(text));
    std::string long_head = "GET /live HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 4000; ++i) long_head += "X-Header-" + std::to_string(i) + ": and another one\r\n";
    send(as_bytes(long_head));
    std::vector<std::uint8_t> noise(100000);
    std::uint32_t x = 1;
    for (auto& byte : noise) byte = static_cast<std::uint8_t>((x = x * 1664525 + 1013904223) >> 24);
    send(noise);
    assert_true(f.turns.until(
        [&] {
            return std::all_of(garbage.begin(), garbage.end(), [](const auto& g) { return g->is_over(); });
        },
        encoder, players, garbage));

    push_packets(encoder, stream, 10, 20);
    assert_true(f.turns.until([&] { return all_have(players, 20); }, encoder, players));
    assert_nothing_is_wrong(players);
    for (const auto& p : players) {
        for (std::size_t n = 0; n < 20; ++n) assert_true(stream.is_packet(n, p->packets[n]));
    }
    f.close();
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(bytes_out_equal_bytes_in_for_every_form),
        cmocka_unit_test(a_push_that_dies_and_one_that_follows_keep_every_connection),
        cmocka_unit_test(a_publisher_without_a_push_slot_is_on_air_while_the_sources_are_away),
        cmocka_unit_test(publishers_take_named_slots_by_their_rank),
        cmocka_unit_test(a_port_in_use_is_an_error_that_names_the_address),
        cmocka_unit_test(two_relays_in_one_process_know_nothing_of_each_other),
        cmocka_unit_test(stop_gives_clients_all_that_was_theirs_and_the_end_of_their_form),
        cmocka_unit_test(stop_comes_from_another_thread_and_ends_run),
        cmocka_unit_test(a_loop_of_the_embedders_ends_by_itself_when_the_relay_has_stopped),
        cmocka_unit_test(a_relay_destroyed_without_a_stop_leaves_no_handle_open),
        cmocka_unit_test(connections_over_the_limit_are_refused_and_the_others_play_on),
        cmocka_unit_test(a_crowd_beyond_the_limit_is_told_so_one_by_one),
        cmocka_unit_test(who_says_nothing_makes_room_when_all_connections_are_taken),
        cmocka_unit_test(a_stream_header_may_be_64_kib_and_not_a_byte_more),
        cmocka_unit_test(clients_that_send_garbage_end_only_themselves),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
