// A viewer whose client takes less than comes: whatever the moment at which it can take more, it gets whole
// packets.
#include <memory>
#include <string>
#include <vector>

#include "core/media/channel.hpp"
#include "core/media/feed.hpp"
#include "core/media/flush_hub.hpp"
#include "core/relay/viewer.hpp"
#include "test/e2e/numbered_stream.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::test;

namespace {

constexpr NumberedStreamShape kShape{.packet_size = 5000, .packet_ms = 40, .packets_per_sync = 10};
constexpr std::size_t kSmallLog = std::size_t{256} << 10;  // 52 packets

// Takes as many bytes as the test has given it room for.
class NarrowPeer final : public Peer {
  public:
    std::size_t send(std::span<const Bytes> parts) override {
        std::size_t taken = 0;
        for (const Bytes& part : parts) {
            const Bytes some = part.first(std::min(part.size(), room));
            got.insert(got.end(), some.begin(), some.end());
            room -= some.size();
            taken += some.size();
        }
        return taken;
    }
    void write(Bytes bytes) override { got.insert(got.end(), bytes.begin(), bytes.end()); }
    void close(CloseReason) override { closing = true; }
    bool is_closing() const noexcept override { return closing; }
    void set_handler(std::unique_ptr<Handler>) override {}
    std::string remote() const override { return "192.0.2.1:4711"; }
    std::string remote_address() const override { return "192.0.2.1"; }
    std::string local() const override { return "192.0.2.7:8080"; }

    std::size_t room = 0;
    std::vector<std::uint8_t> got;
    bool closing = false;
};

class Silence final : public Log {
  public:
    void write(LogLevel, std::string_view) noexcept override {}
};

constexpr Framing kFraming{.name = "plain"};
constexpr std::string_view kEnd = "the end";
constexpr PlayStyle kStyle{
    .protocol = "test",
    .framing = &kFraming,
    .wants_fillers = false,
    .header_in_band = false,
    .is_link = false,
    .header = [](const StreamFormat&, const HeaderPlace&, std::vector<std::uint8_t>&) {},
    .end = [](EndReason, std::vector<std::uint8_t>& out) { out.assign(kEnd.begin(), kEnd.end()); }};

struct Fixture {
    explicit Fixture(std::size_t log_bytes = kSmallLog)
        : channel("live", "Live", {.burst = Duration{600000}, .log = {log_bytes, Duration{600000}}}, timers,
                  flush, log) {
        const auto format = asf::container().parse_header(stream.header(), {});
        feed = std::make_unique<Feed>(channel, 0, Feed::Role::source, "test",
                                      Callback<void()>::of<&Fixture::on_replaced>(this));
        feed->begin(format.value());
    }
    void on_replaced() {}
    void append(std::uint64_t packets) {
        for (std::uint64_t i = 0; i < packets; ++i)
            assert_true(static_cast<bool>(feed->append(stream.packet(next++))));
        feed->publish();
    }
    void open() { viewer = std::make_unique<Viewer>(peer, channel, kStyle, "", "test"); }
    // Long enough for the wheel to have visited the viewer.
    void turn() {
        for (int i = 0; i < 20; ++i) timers.run(timers.now() + FlushPace::kShortest);
    }
    void make_room(std::size_t bytes) {
        peer.room = bytes;
        viewer->on_ready();
    }
    // Whole packets, each the next one or, after a skip, a later sync point; then, maybe, the end. The
    // numbers.
    std::vector<std::uint64_t> numbers() const {
        std::vector<std::uint64_t> out;
        Bytes rest = peer.got;
        while (rest.size() >= kShape.packet_size) {
            const Bytes packet = rest.first(kShape.packet_size);
            const auto name = NumberedStream::name_of(packet);
            assert_true(name && stream.is_packet(name->number, packet));
            assert_true(out.empty() || name->number == out.back() + 1 || stream.is_sync(name->number));
            out.push_back(name->number);
            rest = rest.subspan(kShape.packet_size);
        }
        assert_true(rest.empty() || as_text(rest) == kEnd);
        return out;
    }

    TimerQueue timers;
    Silence log;
    FlushHub flush{timers,
                   FlushPace::kShortest,
                   {.wall = [] { return std::uint64_t{0}; }, .cpu = [] { return std::uint64_t{0}; }}};
    Channel channel;
    NumberedStream stream{kShape};
    std::unique_ptr<Feed> feed;
    NarrowPeer peer;
    std::unique_ptr<Viewer> viewer;
    std::uint64_t next = 0;
};

void ready_before_the_wheel_has_seen_that_it_lagged_it_gets_the_rest_of_its_packet_first(void**) {
    Fixture f;
    f.append(10);
    f.open();
    f.peer.room = 7000;  // a packet and a part of the next
    f.turn();
    assert_int_equal(f.peer.got.size(), 7000);
    f.append(200);  // the log has moved on; no visit since
    f.make_room(std::size_t{10} << 20);
    const auto numbers = f.numbers();
    assert_int_equal(numbers[1], 1);
    assert_int_equal(numbers[2], 200);
    assert_int_equal(numbers.back(), 209);
    assert_int_equal(f.channel.stats().skips, 1);
}

void ready_after_the_wheel_has_seen_it_it_gets_the_same(void**) {
    Fixture f;
    f.append(10);
    f.open();
    f.peer.room = 7000;
    f.turn();
    f.append(200);
    f.turn();
    f.make_room(std::size_t{10} << 20);
    const auto numbers = f.numbers();
    assert_int_equal(numbers[1], 1);
    assert_int_equal(numbers[2], 200);
    assert_int_equal(f.channel.stats().skips, 1);
}

void a_visit_that_ends_inside_a_packet_is_continued_though_nothing_new_comes(void**) {
    Fixture f{std::size_t{8} << 20};
    f.append(400);  // 2 MB, more than goes out at one visit
    f.open();
    f.peer.room = std::size_t{10} << 20;
    f.turn();
    const auto numbers = f.numbers();
    assert_int_equal(numbers.size(), 400);
}

void the_end_comes_behind_all_that_was_held(void**) {
    Fixture f;
    f.append(40);
    f.open();
    f.peer.room = 12345;
    f.turn();
    f.channel.end();
    f.turn();
    assert_false(f.peer.closing);
    f.make_room(std::size_t{10} << 20);
    assert_true(f.peer.closing);
    assert_int_equal(f.numbers().size(), 40);
    assert_int_equal(f.peer.got.size(), 40 * kShape.packet_size + kEnd.size());
}

void a_slow_client_costs_the_fast_ones_nothing(void**) {
    Fixture f;
    NarrowPeer fast_peers[3];
    std::vector<std::unique_ptr<Viewer>> fast;
    f.append(10);
    f.open();
    f.peer.room = 7000;
    for (NarrowPeer& peer : fast_peers) {
        peer.room = std::size_t{1} << 30;
        fast.push_back(std::make_unique<Viewer>(peer, f.channel, kStyle, "", "fast"));
    }
    for (std::size_t n = 10; n <= 400; n += 10) {
        f.turn();
        // All that there is, after every turn, whatever the slow one holds up.
        for (const NarrowPeer& peer : fast_peers) assert_int_equal(peer.got.size(), n * kShape.packet_size);
        f.append(10);
    }
    assert_int_equal(f.peer.got.size(), 2 * kShape.packet_size);  // it lagged; its packet was completed
    assert_int_equal(f.channel.stats().skips, 0);
    f.turn();
    for (const NarrowPeer& peer : fast_peers) assert_true(peer.got == fast_peers[0].got);
    assert_int_equal(fast_peers[0].got.size(), 410 * kShape.packet_size);
    f.make_room(std::size_t{10} << 20);
    assert_int_equal(f.numbers()[2], 400);  // the newest sync point
    assert_int_equal(f.channel.stats().skips, 1);
    assert_int_equal(f.channel.stats().slow_closed + f.channel.stats().stalled_closed, 0);
}

void one_that_takes_nothing_for_half_a_minute_is_closed_and_counted_as_that(void**) {
    Fixture f;
    f.append(2);
    f.open();
    f.peer.room = 7000;
    f.turn();
    const auto pass = [&](Duration time) {
        f.timers.run(f.timers.now() + time);
        f.append(1);  // or the wheel would stand still
        f.turn();
    };
    pass(Viewer::kStallLimit - Duration{2000});
    assert_false(f.peer.closing);
    f.make_room(1);  // a byte is a sign of life
    pass(Viewer::kStallLimit - Duration{2000});
    assert_false(f.peer.closing);
    pass(Duration{4000});
    assert_true(f.peer.closing);
    assert_int_equal(f.channel.stats().stalled_closed, 1);
    assert_int_equal(f.channel.stats().slow_closed, 0);
    assert_int_equal(f.channel.stats().skips, 0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(ready_before_the_wheel_has_seen_that_it_lagged_it_gets_the_rest_of_its_packet_first),
        cmocka_unit_test(ready_after_the_wheel_has_seen_it_it_gets_the_same),
        cmocka_unit_test(a_visit_that_ends_inside_a_packet_is_continued_though_nothing_new_comes),
        cmocka_unit_test(the_end_comes_behind_all_that_was_held),
        cmocka_unit_test(a_slow_client_costs_the_fast_ones_nothing),
        cmocka_unit_test(one_that_takes_nothing_for_half_a_minute_is_closed_and_counted_as_that),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
