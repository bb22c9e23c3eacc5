// What a packet costs must not grow with the clients, but for the write itself: allocations are counted while
// one client plays and while a hundred do, over WMSP and over both kinds of plain HTTP, and every view that
// is handed to a socket must lie in a block, not in a copy.
#include <cstdlib>
#include <memory>
#include <new>
#include <set>
#include <string>
#include <vector>

#include "core/media/feed.hpp"
#include "core/media/flush_hub.hpp"
#include "core/relay/viewer.hpp"
#include "protocols/wmsp/play_style.hpp"
#include "test/e2e/numbered_stream.hpp"
#include "test/support/cmocka.hpp"

namespace {
std::size_t allocations = 0;
}

// Not inlined: g++ 12 would see free() on what it thinks another operator new made.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* p = std::malloc(size)) return p;
    std::abort();
}
[[gnu::noinline]] void operator delete(void* p) noexcept {
    std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept {
    std::free(p);
}

using namespace weir;
using namespace weir::test;

namespace {

constexpr NumberedStreamShape kShape{.packet_size = 1500, .packet_ms = 20, .packets_per_sync = 50};
constexpr int kTurns = 500;

std::uint64_t still() {
    return 0;
}

// Takes everything at once and remembers only how much, and from where.
class GreedyPeer final : public Peer {
  public:
    std::size_t send(std::span<const Bytes> parts) override {
        std::size_t taken = 0;
        for (const Bytes& part : parts) taken += part.size();
        first = parts.front().data();
        sent += taken;
        ++sends;
        return taken;
    }
    void write(Bytes bytes) override { written += bytes.size(); }
    void close(CloseReason) override {}
    bool is_closing() const noexcept override { return false; }
    void set_handler(std::unique_ptr<Handler>) override {}
    std::string remote() const override { return "192.0.2.1:4711"; }
    std::string remote_address() const override { return "192.0.2.1"; }
    std::string local() const override { return "192.0.2.7:8080"; }

    const std::uint8_t* first = nullptr;
    std::size_t sent = 0;
    std::size_t sends = 0;
    std::size_t written = 0;
};

class Silence final : public Log {
  public:
    void write(LogLevel, std::string_view) noexcept override {}
};

struct Cost {
    std::size_t allocations = 0;
    std::size_t sends = 0;
    std::size_t bytes = 0;  // per client
    std::size_t distinct_views =
        0;  // of the last turn: clients that read the same bytes read the same memory
};

Cost play(std::size_t clients, int packets_per_turn) {
    TimerQueue timers;
    Silence log;
    FlushHub flush{timers, Duration{5}, {.wall = still, .cpu = still}};
    Channel channel{"live", "Live", {.burst = Duration{0}, .log = {std::size_t{1} << 20, Duration{15000}}},
                    timers, flush,  log};
    NumberedStream stream{kShape};
    auto feed = std::make_unique<Feed>(channel, 0, Feed::Role::source, "test", Callback<void()>{});
    feed->begin(asf::container().parse_header(stream.header(), {}).value());
    assert_true(feed->append(stream.packet(0)).ok());
    feed->publish();

    wmsp::UserAgent agent{.kind = wmsp::UserAgent::Kind::player, .free = true};
    std::vector<std::unique_ptr<GreedyPeer>> peers;
    std::vector<std::unique_ptr<Viewer>> viewers;
    for (std::size_t i = 0; i < clients; ++i) {
        peers.push_back(std::make_unique<GreedyPeer>());
        viewers.push_back(
            std::make_unique<Viewer>(*peers.back(), channel, wmsp::play_style(agent, false), "", "test"));
    }
    const auto turn = [&](std::uint64_t first) {
        for (int i = 0; i < packets_per_turn; ++i)
            assert_true(feed->append(stream.packet(first + static_cast<std::uint64_t>(i))).ok());
        feed->publish();
        timers.run(timers.now() + Duration{10});
        timers.run(timers.now() + Duration{10});
    };
    std::uint64_t next = 1;
    // Until the log has dropped its first blocks all is new; what counts is the steady state.
    for (int i = 0; i < 1500; ++i, next += static_cast<std::uint64_t>(packets_per_turn)) turn(next);
    Cost cost;
    const std::size_t sends_before = peers[0]->sends;
    const std::size_t bytes_before = peers[0]->sent;
    const std::size_t before = allocations;
    for (int i = 0; i < kTurns; ++i, next += static_cast<std::uint64_t>(packets_per_turn)) turn(next);
    cost.allocations = allocations - before;
    cost.sends = peers[0]->sends - sends_before;
    cost.bytes = peers[0]->sent - bytes_before;
    std::set<const std::uint8_t*> views;
    for (const auto& peer : peers) {
        views.insert(peer->first);
        assert_int_equal(peer->sent, peers[0]->sent);
    }
    cost.distinct_views = views.size();
    viewers.clear();
    feed.reset();
    return cost;
}

}  // namespace

static void a_packet_allocates_no_more_for_a_hundred_clients_than_for_one(void**) {
    const Cost one = play(1, 1);
    const Cost hundred = play(100, 1);
    assert_int_equal(one.bytes, kTurns * (1500 + 12));
    assert_int_equal(hundred.bytes, one.bytes);
    assert_int_equal(hundred.allocations, one.allocations);
}

static void packets_of_one_interval_are_one_write_from_shared_memory(void**) {
    const Cost few = play(50, 1);
    const Cost many = play(50, 7);
    assert_int_equal(many.bytes, few.bytes * 7);
    assert_int_equal(few.sends, kTurns);
    assert_int_equal(many.sends, kTurns);
    assert_int_equal(many.distinct_views, 1);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_allocates_no_more_for_a_hundred_clients_than_for_one),
        cmocka_unit_test(packets_of_one_interval_are_one_write_from_shared_memory)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
