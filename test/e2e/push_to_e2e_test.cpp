// A relay that pushes its channel to another one, over real sockets: what the edge serves is what the origin
// serves, and an edge that goes and comes back has it again by itself.
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

std::string address_of(std::uint16_t port) {
    return "127.0.0.1:" + std::to_string(port);
}

// A relay, with what it logged.
struct Node {
    Node(Turns& turns, const Config& config)
        : relay(std::make_unique<Relay>(
              config, [this](Severity, std::string_view line) { lines.emplace_back(line); })) {
        const std::string error = relay->attach(&turns.loop);
        if (!error.empty()) fail_with(error);
        port = port_of(*relay);
    }
    bool has_logged(std::string_view text) const {
        return std::any_of(lines.begin(), lines.end(),
                           [&](const std::string& line) { return line.find(text) != std::string::npos; });
    }
    std::vector<std::string> lines;
    std::unique_ptr<Relay> relay;
    std::uint16_t port = 0;
};

Config edge_config(std::uint16_t port) {
    Config config = config_with_push();
    config.listen[0].address = address_of(port);
    config.channels[0].sources = {"push:", "push:origin"};
    return config;
}
Config origin_config(const PushTargetConfig& target) {
    Config config = config_with_push();
    config.channels[0].push_to = {target};
    config.channels[0].min_uptime = Milliseconds{0};
    config.channels[0].backoff_max = Milliseconds{200};
    return config;
}

bool has_last(const Player& player, std::uint64_t number) {
    return !player.packets.empty() &&
           NumberedStream::name_of(player.packets.back()).value_or(NumberedStream::Name{0, 0}).number ==
               number;
}

// All that the player got is the stream, byte for byte, from a sync point on and without a gap; gives the
// number of its first packet.
std::uint64_t assert_is_the_stream(const Player& player, const NumberedStream& stream, std::uint64_t last) {
    if (!player.wrong().empty()) fail_with(player.wrong());
    assert_true(same(player.header, stream.served_header()));
    assert_false(player.packets.empty());
    const auto first = NumberedStream::name_of(player.packets.front());
    assert_true(first && first->number % kPerSync == 0);
    assert_int_equal(player.packets.size(), last - first->number + 1);
    for (std::size_t i = 0; i < player.packets.size(); ++i)
        assert_true(stream.is_packet(first->number + i, player.packets[i]));
    return first->number;
}

void an_edge_has_what_the_origin_has_and_has_it_again(bool is_wm) {
    Turns turns;
    NumberedStream stream{{.packet_size = 1500, .packet_ms = 40, .packets_per_sync = kPerSync}};
    auto edge = std::make_unique<Node>(turns, edge_config(0));
    const std::uint16_t port = edge->port;
    const std::string url = "http://" + address_of(port) + "/live?source=origin";
    auto origin = std::make_unique<Node>(turns, origin_config(is_wm ? wm_push(url) : PushTargetConfig{url}));

    Players at_origin, at_edge;
    at_origin.push_back(std::make_unique<Player>(origin->port, Form::chunked));
    for (const Form form : {Form::wmsp, Form::chunked, Form::close_delimited})
        at_edge.push_back(std::make_unique<Player>(port, form));
    auto encoder = std::make_unique<Encoder>(origin->port);
    encoder->push(stream.header());
    const auto push = [&](std::uint64_t from, std::uint64_t to) {
        for (std::uint64_t n = from; n < to; ++n) encoder->push(stream.packet(n));
        assert_true(
            turns.until([&] { return has_last(*at_origin.front(), to - 1); }, *encoder, at_origin, at_edge));
    };
    const auto are_all_at = [&](std::uint64_t number) {
        assert_true(turns.until(
            [&] {
                return std::all_of(at_edge.begin(), at_edge.end(),
                                   [&](const auto& player) { return has_last(*player, number); });
            },
            *encoder, at_origin, at_edge));
    };
    push(0, 1);
    are_all_at(0);
    push(1, 37);
    are_all_at(36);
    for (const auto& player : at_edge) assert_int_equal(assert_is_the_stream(*player, stream, 36), 0);

    // The edge is gone without a word, and the stream goes on.
    edge.reset();
    at_edge.clear();
    assert_true(turns.until([&] { return origin->has_logged("it is tried again"); }, *encoder, at_origin));
    push(37, 52);
    edge = std::make_unique<Node>(turns, edge_config(port));
    at_edge.push_back(std::make_unique<Player>(port, Form::wmsp));
    are_all_at(51);
    push(52, 75);
    are_all_at(74);
    // From the first point that it can use: nothing is missing behind it.
    assert_int_equal(assert_is_the_stream(*at_edge.front(), stream, 74), 40);
    assert_int_equal(assert_is_the_stream(*at_origin.front(), stream, 74), 0);

    // The origin stops: it says so, and the edge's players are kept.
    origin->relay->stop();
    assert_true(turns.until([&] { return origin->relay->is_stopped(); }, at_origin, at_edge));
    assert_true(turns.until([&] { return edge->has_logged("clients are held"); }, at_edge));
    assert_true(edge->has_logged(is_wm ? "it ended its stream" : "it ended its push"));
    assert_false(at_edge.front()->is_over());
    edge->relay->stop();
    assert_true(turns.until([&] { return edge->relay->is_stopped(); }, at_edge));
    encoder.reset(), origin.reset(), edge.reset();
    uv_run(&turns.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&turns.loop), 0);
}

void by_a_raw_push(void**) {
    an_edge_has_what_the_origin_has_and_has_it_again(false);
}
void by_windows_media_push(void**) {
    an_edge_has_what_the_origin_has_and_has_it_again(true);
}

// The origin is there first: it asks until the edge is.
void the_order_in_which_they_start_does_not_matter(void**) {
    Turns turns;
    std::uint16_t port = 0;
    {
        Node free{turns, edge_config(0)};
        port = free.port;
    }
    Config config = origin_config("http://" + address_of(port) + "/live");
    config.channels[0].sources = {"test:"};
    auto origin = std::make_unique<Node>(turns, config);
    Players none;
    assert_true(turns.until([&] { return origin->has_logged("it is tried again"); }, none));
    auto edge = std::make_unique<Node>(turns, edge_config(port));
    Players players;
    players.push_back(std::make_unique<Player>(port, Form::wmsp));
    assert_true(turns.until([&] { return players[0]->packets.size() >= 3; }, players));
    assert_string_equal(players[0]->wrong().c_str(), "");
    // Nor does it matter who goes first, and how.
    origin.reset();
    edge.reset();
    uv_run(&turns.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&turns.loop), 0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(by_a_raw_push),
        cmocka_unit_test(by_windows_media_push),
        cmocka_unit_test(the_order_in_which_they_start_does_not_matter),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
