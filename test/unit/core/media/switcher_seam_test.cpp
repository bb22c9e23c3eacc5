// Two feeds that bring the same packets: where one stops the other goes on.
#include <fmt/format.h>

#include "test/unit/core/media/standby_bench.hpp"

using namespace weir;
using namespace weir::test;

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

// Feeds of one encoder and of another come, go, lag and fall silent in any order: what is served stays one
// line of times, and mostly they find to each other's packets.
static void in_any_order_there_is_one_stream(void**) {
    std::uint64_t runs = 0, seams = 0;
    for (std::uint32_t seed = 1; seed <= 60; ++seed) {
        std::uint32_t state = seed;
        const auto below = [&](std::uint32_t n) {
            return (state = state * 1664525 + 1013904223) / 65536 % n;
        };
        FakeHost host{with({below(2) ? "after" : "on_close"})};
        Channel& channel = host.live();
        Original original, other;
        std::vector<std::unique_ptr<Copy>> copies(4);
        std::size_t live = 0;  // where the encoder is
        Seq seen = 0;
        std::uint32_t last_time = 0;
        for (int step = 0; step < 1500; ++step) {
            const std::size_t rank = below(4);
            auto& copy = copies[rank];
            if (!copy) {
                copy = std::make_unique<Copy>(channel, rank == 3 ? other : original, rank,
                                              fmt::format("c{}", rank));
                copy->next = live;
            } else if (below(60) == 0) {
                copy.reset();
            } else {
                const std::size_t most = live + 12 - std::min(copy->next, live + 12);
                copy->send(std::min<std::size_t>(below(4), most));
            }
            if (below(3) == 0) host.advance(kPace), ++live;
            if (below(200) == 0) host.advance(Duration{5001 + below(3000)});
            for (; seen < channel.log().end(); ++seen) {
                if (seen < channel.log().first()) continue;
                const auto packet = channel.log().packet(seen);
                const std::uint32_t time = send_time_of(packet.bytes);
                if (seen > 0) assert_true(time > last_time);
                last_time = time;
            }
        }
        assert_true(seen > 100);
        runs += channel.stats().runs;
        seams += host.lines().count("not a packet lost or doubled");
    }
    assert_true(runs > 60);
    assert_true(seams > 60);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_standby_ahead_with_the_same_packets_goes_on_behind_the_last_one_served),
        cmocka_unit_test(a_standby_behind_with_the_same_packets_is_caught_up_with),
        cmocka_unit_test(one_that_is_far_behind_is_not_waited_for),
        cmocka_unit_test(one_that_parts_from_the_original_while_it_catches_up_begins_a_run),
        cmocka_unit_test(other_packets_or_another_header_are_another_run),
        cmocka_unit_test(a_rival_that_left_leaves_no_trail),
        cmocka_unit_test(failback_loses_and_doubles_nothing),
        cmocka_unit_test(failback_to_another_stream_takes_whole_runs_of_both),
        cmocka_unit_test(in_any_order_there_is_one_stream),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
