// Hot standbys: where one begins that takes over, and what it holds before.
#include "test/unit/core/media/standby_bench.hpp"

using namespace weir;
using namespace weir::test;

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

// While there is another one, who is on air holds what it brings: it may be wanted again in the next moment.
static void who_gave_way_is_back_at_once_with_a_sync_point_that_it_had_on_air(void**) {
    FakeHost host{with()};
    Channel& channel = host.live();
    Encoder worse{channel, 1, '3', kSource, "worse"};
    worse.begin().send(3);
    assert_null(worse.feed->held());  // alone, it keeps nothing
    Encoder better{channel, 0, '3', kSource, "better"};
    better.begin();
    worse.send(4);  // its key is 5
    assert_true(worse.feed->holds_sync());
    better.send(1);
    assert_true(better.feed->is_on_air());
    const Seq before = channel.log().end();
    better.gone();
    assert_true(worse.feed->is_on_air());
    assert_int_equal(channel.log().end(), before + 2);
    assert_true(channel.log().packet(before).sync);
    assert_null(worse.feed->held());
    const auto sent = times(channel);
    for (std::size_t n = 1; n < sent.size(); ++n) assert_int_equal(sent[n] - sent[n - 1], kPace.count());
}

static void where_another_may_come_who_is_on_air_holds_its_sync_point_before(void**) {
    auto channels = with();
    channels.front().sources = {"push:main", "push:backup"};
    FakeHost host{channels};
    Channel& channel = host.live();
    Encoder worse{channel, 1, '3', kSource, "worse"};
    worse.begin().send(3);  // its key is 0
    Encoder better{channel, 0, '3', kSource, "better"};
    better.begin().send(1);
    worse.send(1);
    const Seq before = channel.log().end();
    better.gone();
    assert_true(worse.feed->is_on_air());
    assert_int_equal(channel.log().end(), before + 4);
    assert_true(channel.log().packet(before).sync);
}

static void a_run_that_marks_no_sync_point_begins_without_one(void**) {
    FakeHost host{with()};
    Channel& channel = host.live();
    Encoder encoder{channel, 0, '3', kSource, "encoder", 0};
    encoder.begin();
    const TimePoint began = host.now();
    while (!encoder.feed->is_on_air()) {
        host.advance(kPace);
        encoder.send(1);
        assert_true(host.now() - began <= Switcher::kSyncPatience + kPace);
    }
    assert_true(host.now() - began >= Switcher::kSyncPatience);
}

// A standby whose keys are far apart is not begun in the middle of a picture, however long it has been there.
static void a_standby_with_rare_sync_points_waits_for_the_next(void**) {
    FakeHost host{with({}, std::size_t{256} << 10)};
    Channel& channel = host.live();
    Encoder first{channel, 0, '3', kSource, "first"};
    first.begin().send(1);
    VideoStream stream{1400, 0};
    Feed second{channel, 1, kSource, "second", {}};
    second.begin(stream.format());
    assert_true(second.append(stream.next(true)).ok());
    for (int n = 0; n < 400; ++n) {
        assert_true(second.append(stream.next(false)).ok());
        first.send(1);
        host.advance(kPace);  // 16 s in all
    }
    first.gone();
    assert_true(second.append(stream.next(false)).ok());
    assert_false(second.is_on_air());
    assert_true(second.append(stream.next(true)).ok());
    assert_true(second.is_on_air());
}

static void clients_that_were_ended_get_a_header_with_the_next_source_whoever_brings_it(void**) {
    for (const bool is_same_one : {true, false}) {
        auto channels = with();
        channels.front().hold = Milliseconds{8000};
        FakeHost host{channels};
        Channel& channel = host.live();
        Original original;
        Copy first{channel, original, 0, "first"};
        Copy second{channel, original, 1, "second"};
        first.send(4);
        second.send(4);
        host.advance(Duration{20'000});  // both are silent
        assert_null(channel.format().get());
        Copy& next = is_same_one ? first : second;
        next.send(7);  // keys are 0, 5, 10
        assert_true(next.feed->is_on_air());
        assert_non_null(channel.format().get());
        assert_true(channel.log().packet(channel.format_first()).sync);
        assert_int_equal(channel.stats().runs, 2);
        const std::uint64_t packets = channel.log().end();
        next.send(3);
        assert_int_equal(channel.log().end(), packets + 3);
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_standby_begins_at_its_newest_sync_point_in_the_instant_of_the_loss),
        cmocka_unit_test(a_standby_that_holds_no_sync_point_begins_with_the_next),
        cmocka_unit_test(a_sync_point_that_fell_out_of_the_held_log_is_none),
        cmocka_unit_test(who_was_on_air_stands_by_behind_a_better_one_with_a_log_of_its_own),
        cmocka_unit_test(who_gave_way_is_back_at_once_with_a_sync_point_that_it_had_on_air),
        cmocka_unit_test(where_another_may_come_who_is_on_air_holds_its_sync_point_before),
        cmocka_unit_test(a_run_that_marks_no_sync_point_begins_without_one),
        cmocka_unit_test(a_standby_with_rare_sync_points_waits_for_the_next),
        cmocka_unit_test(clients_that_were_ended_get_a_header_with_the_next_source_whoever_brings_it),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
