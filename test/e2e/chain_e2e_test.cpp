// Three relays in a row, A <- B <- C, and their clients: what the last one serves is what the first one
// serves, and no outage ahead of it costs a client its connection.
#include <map>

#include "test/e2e/loopback.hpp"
#include "test/e2e/numbered_stream.hpp"
#include "test/e2e/verdict.hpp"
#include "test/support/bytes.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::test;

namespace {

using Players = std::vector<std::unique_ptr<Player>>;

constexpr std::uint64_t kPerSync = 10;

NumberedStream stream_of_run(std::uint32_t run) {
    return NumberedStream{{.packet_size = 1500, .packet_ms = 40, .packets_per_sync = kPerSync, .run = run}};
}
bool is_filler(Bytes packet) {
    return !NumberedStream::name_of(packet).has_value();
}
std::string address_of(std::uint16_t port) {
    return "127.0.0.1:" + std::to_string(port);
}

// A relay of the chain, with what it logged.
struct Link {
    Link(Turns& turns, const std::string& source, std::uint16_t at = 0) {
        Config config = config_with_push();
        config.listen[0].address = address_of(at);
        config.channels[0].sources = {source};
        // Outages are told by fillers here, so that a test need not wait long.
        config.channels[0].keepalive = Milliseconds{500};
        relay = std::make_unique<Relay>(config, [this](Severity severity, std::string_view line) {
            if (severity >= Severity::warning) warnings.emplace_back(line);
        });
        const std::string error = relay->attach(&turns.loop);
        if (!error.empty()) fail_with(error);
        port = port_of(*relay);
    }
    std::unique_ptr<Relay> relay;
    std::uint16_t port = 0;
    std::vector<std::string> warnings;
};

// The packets of a player without fillers, in order.
std::vector<Bytes> media_of(const Player& player) {
    std::vector<Bytes> out;
    for (const auto& packet : player.packets) {
        if (!is_filler(packet)) out.emplace_back(packet);
    }
    return out;
}
std::size_t fillers_of(const Player& player) {
    return static_cast<std::size_t>(std::count_if(player.packets.begin(), player.packets.end(),
                                                  [](const auto& p) { return is_filler(p); }));
}

// What A served since it began, as one of its clients saw it, and all of a later A.
struct Served {
    std::vector<std::vector<std::uint8_t>> packets;
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::size_t> place;  // by run and number

    // A later A begins its times anew: what was served goes on behind `packets` packets of `runs` runs.
    void take(const Player& player, std::int64_t behind = 0, std::int64_t runs = 0) {
        const NumberedStream any = stream_of_run(1);
        for (const Bytes packet : media_of(player)) {
            const auto name = NumberedStream::name_of(packet);
            place[{name->run, name->number}] = packets.size();
            packets.push_back(any.moved(packet, behind, runs));
        }
    }
};

// All that the player got is what A served, byte for byte, from a sync point on and without a gap.
void assert_same_as_at_a(const Player& player, const Served& a) {
    if (!player.wrong().empty()) fail_with(player.wrong());
    const auto media = media_of(player);
    assert_true(!media.empty());
    const auto name = NumberedStream::name_of(media.front());
    const auto first = a.place.find({name->run, name->number});
    assert_true(first != a.place.end());
    assert_int_equal(name->number % kPerSync, 0);
    for (std::size_t i = 0; i < media.size(); ++i) {
        assert_true(first->second + i < a.packets.size());
        assert_true(same(media[i], a.packets[first->second + i]));
    }
    // LocationIds, where there are some, count packets and nothing else; fillers repeat the last.
    if (player.location_ids.front() == 0 && player.location_ids.back() == 0) return;
    std::uint32_t last = 0;
    for (std::size_t i = 0; i < player.packets.size(); ++i) {
        const std::uint32_t id = player.location_ids[i];
        if (i > 0) assert_int_equal(id, is_filler(player.packets[i]) ? last : last + 1);
        last = id;
    }
}

struct Chain {
    explicit Chain(const std::string& scheme_of_c)
        : a(std::make_unique<Link>(turns, "push:")),
          b(std::make_unique<Link>(turns, "mmsh://" + address_of(a->port) + "/live")),
          c(std::make_unique<Link>(turns, scheme_of_c + address_of(b->port) + "/live")) {}

    void push(Encoder& encoder, NumberedStream& stream, std::uint64_t from, std::uint64_t to) {
        for (std::uint64_t n = from; n < to; ++n) encoder.push(stream.packet(n));
        is_at_all(encoder, {stream.shape().run, to - 1});
    }
    // Turns until every client has that packet.
    void is_at_all(Encoder& encoder, std::pair<std::uint32_t, std::uint64_t> last) {
        const auto has_last = [&](const auto& player) {
            for (auto p = player->packets.rbegin(); p != player->packets.rend(); ++p) {
                if (const auto name = NumberedStream::name_of(*p))
                    return std::pair{name->run, name->number} == last;
            }
            return false;
        };
        assert_true(turns.until(
            [&] {
                return std::all_of(at_a.begin(), at_a.end(), has_last) &&
                       std::all_of(at_c.begin(), at_c.end(), has_last);
            },
            encoder, at_a, at_c));
    }
    // The time until a newcomer at C has its first packet.
    Duration join(Encoder& encoder, Form form) {
        const auto began = Clock::now();
        at_c.push_back(std::make_unique<Player>(c->port, form));
        assert_true(turns.until([&] { return !at_c.back()->packets.empty(); }, encoder, at_a, at_c));
        return std::chrono::duration_cast<Duration>(Clock::now() - began);
    }
    void stop(std::unique_ptr<Link>& link) {
        link->relay->stop();
        assert_true(turns.until([&] { return link->relay->is_stopped(); }, at_a, at_c));
        link.reset();
    }
    void assert_all_are_on() {
        for (const auto& player : at_c) {
            if (!player->wrong().empty()) fail_with(player->wrong());
            assert_false(player->is_over());
        }
    }
    void close() {
        for (auto* link : {&c, &b, &a}) (*link)->relay->stop();
        stop(c), stop(b), stop(a);
        uv_run(&turns.loop, UV_RUN_DEFAULT);
        assert_int_equal(uv_loop_close(&turns.loop), 0);
    }

    Turns turns;
    std::unique_ptr<Link> a, b, c;
    Players at_a, at_c;
};

void clients_of_the_last_relay_get_what_the_first_one_serves_and_outlive_it(const char* scheme_of_c) {
    Chain chain{scheme_of_c};
    NumberedStream first = stream_of_run(1), second = stream_of_run(2), third = stream_of_run(3);
    auto encoder = std::make_unique<Encoder>(chain.a->port);
    // The first client of each comes before there is a stream, the others whenever.
    chain.at_a.push_back(std::make_unique<Player>(chain.a->port, Form::wmsp));
    chain.at_c.push_back(std::make_unique<Player>(chain.c->port, Form::wmsp));
    encoder->push(first.header());
    const auto began = Clock::now();
    chain.push(*encoder, first, 0, 1);
    print_message("%s: %jd ms from the first packet at A to a client of C\n", scheme_of_c,
                  std::chrono::duration_cast<Duration>(Clock::now() - began).count());
    std::uint64_t at = 1;
    Duration longest{0};
    for (const std::uint64_t more : {3U, 9U, 14U, 25U, 1U, 38U}) {
        const Form form = at % 3 == 0 ? Form::chunked : at % 3 == 1 ? Form::wmsp : Form::close_delimited;
        longest = std::max(longest, chain.join(*encoder, form));
        chain.at_a.push_back(std::make_unique<Player>(chain.a->port, form));
        chain.push(*encoder, first, at, at + more);
        at += more;
    }
    print_message("%s: %jd ms at most from a join at C to the first packet\n", scheme_of_c, longest.count());
    Served served;
    served.take(*chain.at_a.front());
    assert_int_equal(served.packets.size(), at);
    for (const auto& player : chain.at_a) assert_same_as_at_a(*player, served);
    for (const auto& player : chain.at_c) {
        assert_same_as_at_a(*player, served);
        assert_true(same(player->header, chain.at_a.front()->header));
        assert_int_equal(fillers_of(*player), 0);
    }

    // The encoder goes for as long as six fillers take, three seconds, and comes back.
    encoder->end();
    const auto have_fillers = [&] {
        return std::all_of(chain.at_c.begin(), chain.at_c.end(),
                           [](const auto& player) { return fillers_of(*player) >= 6; });
    };
    assert_true(chain.turns.until(have_fillers, *encoder, chain.at_a, chain.at_c));
    chain.assert_all_are_on();
    encoder = std::make_unique<Encoder>(chain.a->port);
    encoder->push(second.header());
    chain.push(*encoder, second, 0, 43);
    chain.assert_all_are_on();
    // Who joins now reads what the relays keep: no filler is in it.
    chain.join(*encoder, Form::wmsp);
    Players at_b;
    at_b.push_back(std::make_unique<Player>(chain.b->port, Form::wmsp));
    assert_true(chain.turns.until([&] { return media_of(*at_b.front()).size() > 3; }, at_b, *encoder));
    chain.push(*encoder, second, 43, 50);
    assert_int_equal(fillers_of(*chain.at_c.back()), 0);
    assert_int_equal(fillers_of(*at_b.front()), 0);
    served = {};
    served.take(*chain.at_a.front());
    assert_int_equal(served.packets.size(), at + 50);
    for (const auto& player : chain.at_c) assert_same_as_at_a(*player, served);
    assert_same_as_at_a(*at_b.front(), served);
    // Neither link was lost: A went on by itself.
    assert_int_equal(chain.b->warnings.size(), 0);
    assert_int_equal(chain.c->warnings.size(), 0);

    // The first relay itself ends, and another one is started in its place.
    const std::uint16_t port = chain.a->port;
    encoder.reset();
    chain.stop(chain.a);
    chain.at_a.clear();
    const auto gone = Clock::now();
    const auto had = fillers_of(*chain.at_c.front());
    assert_true(chain.turns.until([&] { return fillers_of(*chain.at_c.front()) >= had + 2; }, chain.at_c));
    chain.a = std::make_unique<Link>(chain.turns, "push:", port);
    chain.at_a.push_back(std::make_unique<Player>(port, Form::wmsp));
    encoder = std::make_unique<Encoder>(port);
    encoder->push(third.header());
    const auto back = Clock::now();
    chain.push(*encoder, third, 0, 30);
    print_message("%s: A was away for %jd ms, C's clients had it %jd ms later\n", scheme_of_c,
                  std::chrono::duration_cast<Duration>(back - gone).count(),
                  std::chrono::duration_cast<Duration>(Clock::now() - back).count());
    served.take(*chain.at_a.front(), static_cast<std::int64_t>(at + 50), 2);
    assert_int_equal(served.packets.size(), at + 80);
    chain.assert_all_are_on();
    for (const auto& player : chain.at_c) assert_same_as_at_a(*player, served);
    // It was lost, and then refused, until it was there again.
    assert_int_equal(chain.b->warnings.size(), 2);
    assert_int_equal(chain.c->warnings.size(), 0);
    encoder.reset();
    chain.close();
}

void a_chain_over_http(void**) {
    clients_of_the_last_relay_get_what_the_first_one_serves_and_outlive_it("http://");
}
void a_chain_over_wmsp(void**) {
    clients_of_the_last_relay_get_what_the_first_one_serves_and_outlive_it("mmsh://");
}

// A whole chain that comes up at once: the order does not matter, and nobody is dialled in vain for long.
void relays_that_start_before_those_they_pull_from_find_them(void**) {
    Turns turns;
    std::uint16_t port_a = 0, port_b = 0;
    {
        // Ports that are free.
        Link one{turns, "push:"}, other{turns, "push:"};
        port_a = one.port, port_b = other.port;
    }
    auto c = std::make_unique<Link>(turns, "http://" + address_of(port_b) + "/live");
    Players players;
    players.push_back(std::make_unique<Player>(c->port, Form::wmsp));
    assert_true(turns.until([&] { return !c->warnings.empty(); }, players));
    auto b = std::make_unique<Link>(turns, "mmsh://" + address_of(port_a) + "/live", port_b);
    auto a = std::make_unique<Link>(turns, "test:", port_a);
    assert_true(turns.until([&] { return players[0]->packets.size() >= 3; }, players));
    assert_string_equal(players[0]->wrong().c_str(), "");
    assert_int_equal(c->warnings.size(), 1);
    for (auto* link : {&c, &b, &a}) {
        (*link)->relay->stop();
        assert_true(turns.until([&] { return (*link)->relay->is_stopped(); }, players));
        link->reset();
    }
    uv_run(&turns.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&turns.loop), 0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_over_http),
        cmocka_unit_test(a_chain_over_wmsp),
        cmocka_unit_test(relays_that_start_before_those_they_pull_from_find_them),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
