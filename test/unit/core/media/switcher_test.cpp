// Hot standbys: where one begins that takes over, and what becomes of the packets of two that bring the same.
#include "core/media/switcher.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "test/support/fake_host.hpp"
#include "test/unit/core/media/encoder.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using test::Buffer;
using test::Encoder;
using test::FakeHost;
using test::kSource;
using test::VideoStream;

namespace {

constexpr Duration kPace{VideoStream::kPacketMs};

std::vector<ChannelConfig> with(std::vector<std::string> keys = {}, std::size_t log_size = 0) {
    ChannelConfig config;
    config.name = "live";
    config.sources = {"push:"};
    for (const auto& key : keys) {
        if (key == "after") config.failback = {.when = Failback::When::after, .beside = Milliseconds{10'000}};
        if (key == "never") config.failback = {.when = Failback::When::never};
    }
    if (log_size > 0) config.log_size = log_size;
    return {config};
}

// One encoder's packets, brought by several feeds, each from where it stands.
struct Original {
    VideoStream stream{};
    std::vector<Buffer> packets{};
    const Buffer& at(std::size_t n) {
        while (packets.size() <= n) packets.push_back(stream.next());
        return packets[n];
    }
};

struct Copy {
    Copy(Channel& channel, Original& o, std::size_t rank, std::string who)
        : original(o),
          feed(std::make_unique<Feed>(channel, rank, kSource, std::move(who),
                                      Callback<void()>::of<&Copy::on_replaced>(this))) {
        feed->begin(original.stream.format());
    }
    void on_replaced() noexcept {}
    void send(std::size_t count) {
        for (; count > 0; --count) assert_true(feed->append(original.at(next++)).ok());
        feed->publish();
    }
    Original& original;
    std::unique_ptr<Feed> feed;
    std::size_t next = 0;
};

// What was served is the original, packet for packet, up to `count`.
void assert_served(Channel& channel, Original& original, std::size_t count) {
    assert_int_equal(channel.log().first(), 0);
    assert_int_equal(channel.log().end(), count);
    for (std::size_t n = 0; n < count; ++n)
        assert_true(std::ranges::equal(channel.log().packet(n).bytes, original.at(n)));
    assert_int_equal(channel.stats().runs, 1);
}

std::vector<std::uint32_t> times(const Channel& channel) {
    std::vector<std::uint32_t> out;
    for (Seq n = channel.log().first(); n < channel.log().end(); ++n)
        out.push_back(test::send_time_of(channel.log().packet(n).bytes));
    return out;
}

}  // namespace

static void a_standby_begins_at_its_newest_sync_point_in_the_instant_of_the_loss(void**) {
    FakeHost host{with()};
    Channel& channel = host.live();
    Encoder first{channel, 0, '3', kSource, "first"};
    Encoder second{channel, 1, '3', kSource, "second"};
    first.begin().send(7);
    second.begin().send(13);  // keys are 0, 5, 10
    assert_int_equal(channel.log().end(), 7);
    assert_true(second.feed->holds_sync());
    first.gone();
    assert_true(second.feed->is_on_air());
    assert_int_equal(channel.state(), Channel::State::streaming);
    assert_int_equal(channel.log().end(), 10);  // the key, and the two behind it
    assert_true(channel.log().packet(7).sync);
    assert_null(second.feed->held());
    second.send(1);
    assert_int_equal(channel.log().end(), 11);
    // One stream for whoever plays: each packet a picture behind the last.
    const auto sent = times(channel);
    for (std::size_t n = 1; n < sent.size(); ++n) assert_int_equal(sent[n] - sent[n - 1], kPace.count());
    assert_int_equal(channel.stats().losses, 1);
    assert_int_equal(channel.stats().recoveries, 1);
    assert_int_equal(channel.stats().switches, 1);
}

static void a_standby_that_holds_no_sync_point_begins_with_the_next(void**) {
    FakeHost host{with()};
    Channel& channel = host.live();
    Encoder first{channel, 0, '3', kSource, "first"};
    Encoder second{channel, 1, '3', kSource, "second"};
    first.begin().send(7);
    second.begin();
    second.stream.next();  // its key is lost
    second.send(3);
    assert_null(second.feed->held());
    first.gone();
    assert_false(second.feed->is_on_air());
    second.send(1);
    assert_false(second.feed->is_on_air());
    second.send(1);  // the key
    assert_true(second.feed->is_on_air());
    assert_int_equal(channel.log().end(), 8);
}

// What a standby holds is bounded as the channel's log is; where its key falls out it is no candidate.
static void a_sync_point_that_fell_out_of_the_held_log_is_none(void**) {
    FakeHost host{with({}, std::size_t{256} << 10)};
    Channel& channel = host.live();
    Encoder first{channel, 0, '3', kSource, "first"};
    first.begin().send(1);
    VideoStream stream{1400, 0};
    Feed second{channel, 1, kSource, "second", {}};
    second.begin(stream.format());
    assert_true(second.append(stream.next(true)).ok());
    assert_true(second.holds_sync());
    for (int n = 0; n < 400; ++n) assert_true(second.append(stream.next(false)).ok());
    assert_false(second.holds_sync());
    assert_true(second.held()->bytes() <= (std::size_t{256 + 64} << 10));
    first.gone();
    assert_false(second.is_on_air());
    assert_true(second.append(stream.next(true)).ok());
    assert_true(second.is_on_air());
}

static void who_was_on_air_stands_by_behind_a_better_one_with_a_log_of_its_own(void**) {
    FakeHost host{with()};
    Channel& channel = host.live();
    Encoder worse{channel, 1, '3', kSource, "worse"};
    worse.begin().send(5);
    Encoder better{channel, 0, '3', kSource, "better"};
    better.begin().send(5);
    assert_true(better.feed->is_on_air());
    assert_null(worse.feed->held());
    worse.send(5);
    assert_true(worse.feed->holds_sync());
    better.gone();
    assert_true(worse.feed->is_on_air());
    assert_int_equal(channel.log().end(), 15);
}

static void a_standby_ahead_with_the_same_packets_goes_on_behind_the_last_one_served(void**) {
    FakeHost host{with()};
    Channel& channel = host.live();
    Original original;
    Copy first{channel, original, 0, "first"};
    first.send(2);
    Copy second{channel, original, 1, "second"};
    second.send(2);
    first.send(6);
    second.send(11);  // it holds 0 to 12; 8 were served
    first.feed.reset();
    assert_true(second.feed->is_on_air());
    assert_served(channel, original, 13);
    second.send(5);
    assert_served(channel, original, 18);
    assert_true(host.lines().has("gap 0 ms, not a packet lost or doubled"));
}

static void a_standby_behind_with_the_same_packets_is_caught_up_with(void**) {
    FakeHost host{with()};
    Channel& channel = host.live();
    Original original;
    Copy first{channel, original, 0, "first"};
    Copy second{channel, original, 1, "second"};
    first.send(1);
    second.send(1);
    first.send(12);
    second.send(6);  // up to 6 of 12
    first.feed.reset();
    assert_true(second.feed->is_on_air());
    assert_served(channel, original, 13);
    second.send(4);
    assert_served(channel, original, 13);
    second.send(4);
    assert_served(channel, original, 15);
    // Where both stood at the same packet, the next one is next.
    Copy third{channel, original, 2, "third"};
    third.send(15);
    second.send(1), third.send(1);
    second.feed.reset();
    assert_served(channel, original, 16);
    third.send(4);
    assert_served(channel, original, 20);
}

static void one_that_is_far_behind_is_not_waited_for(void**) {
    FakeHost host{with()};
    Channel& channel = host.live();
    Original original;
    Copy first{channel, original, 0, "first"};
    Copy second{channel, original, 1, "second"};
    first.send(1);
    second.send(6);
    first.send(1);
    for (int n = 0; n < 30; ++n) {
        first.send(1);
        host.advance(kPace);
    }
    first.feed.reset();  // 6 packets, of 32
    assert_true(second.feed->is_on_air());
    assert_int_equal(channel.stats().runs, 2);
    assert_int_equal(channel.log().end(), 32 + 1);  // from its newest key on
}

static void one_that_parts_from_the_original_while_it_catches_up_begins_a_run(void**) {
    FakeHost host{with()};
    Channel& channel = host.live();
    Original original;
    Copy first{channel, original, 0, "first"};
    Copy second{channel, original, 1, "second"};
    first.send(1);
    second.send(1);
    first.send(12);
    second.send(6);
    first.feed.reset();
    assert_int_equal(channel.log().end(), 13);
    second.next = 40;
    second.send(1);
    assert_int_equal(channel.stats().runs, 2);
    assert_int_equal(channel.log().end(), 14);
    const auto sent = times(channel);
    assert_int_equal(sent[13] - sent[12], kPace.count());
}

static void other_packets_or_another_header_are_another_run(void**) {
    FakeHost host{with()};
    Channel& channel = host.live();
    Original original, swapped;
    swapped.stream = VideoStream{64, 5, '3', VideoStream::Numbers::swapped};
    Copy first{channel, original, 0, "first"};
    Copy second{channel, swapped, 1, "second"};
    first.send(3);
    second.send(6);
    first.feed.reset();
    assert_true(second.feed->is_on_air());
    assert_int_equal(channel.stats().runs, 2);
}

// With one source there is nobody to take over, and nothing is kept for it.
static void a_rival_that_left_leaves_no_trail(void**) {
    FakeHost host{with()};
    Channel& channel = host.live();
    Original original;
    Copy first{channel, original, 0, "first"};
    Copy second{channel, original, 1, "second"};
    first.send(6);
    second.send(6);
    second.feed.reset();
    first.send(6);
    Copy third{channel, original, 2, "third"};
    third.send(8);
    first.feed.reset();
    assert_true(third.feed->is_on_air());
    assert_int_equal(channel.stats().runs, 2);
    assert_int_equal(channel.log().end(), 12 + 3);
}

static void failback_loses_and_doubles_nothing(void**) {
    // However far the better one is ahead or behind (in packets) when it takes over.
    for (const int ahead : {-12, -3, -1, 0, 1, 4, 11}) {
        FakeHost host{with({"after"})};
        Channel& channel = host.live();
        Original original;
        Copy worse{channel, original, 1, "worse"};
        worse.send(15);
        Copy better{channel, original, 0, "better"};
        better.next = static_cast<std::size_t>(15 + ahead);
        while (!better.feed->is_on_air()) {
            better.send(1);
            worse.send(1);
            host.advance(kPace);
            assert_true(host.now() < TimePoint{Duration{1'000'000'000}});
        }
        for (int n = 0; n < 40; ++n) {
            worse.send(1);
            better.send(1);
            host.advance(kPace);
        }
        const auto served = channel.log().end();
        assert_int_equal(served, std::max<std::size_t>(better.next, served));
        for (Seq n = channel.log().first(); n < served; ++n)
            assert_true(std::ranges::equal(channel.log().packet(n).bytes, original.at(n)));
        assert_int_equal(channel.stats().runs, 1);
        assert_int_equal(channel.stats().losses, 0);
        assert_int_equal(channel.stats().switches, 1);
        assert_true(host.lines().has("not a packet lost or doubled"));
    }
}

static void failback_to_another_stream_takes_whole_runs_of_both(void**) {
    FakeHost host{with({"after"})};
    Channel& channel = host.live();
    Encoder worse{channel, 1, '3', kSource, "worse"};
    worse.begin().send(3);
    Encoder better{channel, 0, '3', kSource, "better"};
    better.stream = VideoStream{64, 5, '3', VideoStream::Numbers::swapped};
    better.begin();
    std::uint32_t from_worse = 3;
    std::uint32_t first_of_better = 0;
    while (!better.feed->is_on_air()) {
        worse.send(1), ++from_worse;
        host.advance(kPace / 2);
        first_of_better = better.stream.count();
        better.send(1);
        host.advance(kPace / 2);
    }
    assert_int_equal(first_of_better % 5, 0);               // a key
    assert_int_equal(channel.log().end(), from_worse + 1);  // all of the one, then the key of the other
    worse.send(5);
    better.send(5);
    assert_int_equal(channel.log().end(), from_worse + 6);
    assert_int_equal(channel.stats().gaps, 0);
    const auto sent = times(channel);
    for (std::size_t n = 1; n < sent.size(); ++n) assert_int_equal(sent[n] - sent[n - 1], kPace.count());
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_standby_begins_at_its_newest_sync_point_in_the_instant_of_the_loss),
        cmocka_unit_test(a_standby_that_holds_no_sync_point_begins_with_the_next),
        cmocka_unit_test(a_sync_point_that_fell_out_of_the_held_log_is_none),
        cmocka_unit_test(who_was_on_air_stands_by_behind_a_better_one_with_a_log_of_its_own),
        cmocka_unit_test(a_standby_ahead_with_the_same_packets_goes_on_behind_the_last_one_served),
        cmocka_unit_test(a_standby_behind_with_the_same_packets_is_caught_up_with),
        cmocka_unit_test(one_that_is_far_behind_is_not_waited_for),
        cmocka_unit_test(one_that_parts_from_the_original_while_it_catches_up_begins_a_run),
        cmocka_unit_test(other_packets_or_another_header_are_another_run),
        cmocka_unit_test(a_rival_that_left_leaves_no_trail),
        cmocka_unit_test(failback_loses_and_doubles_nothing),
        cmocka_unit_test(failback_to_another_stream_takes_whole_runs_of_both),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
