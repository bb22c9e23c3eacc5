// What is on air, who reads it, and what bridges a pause.
#include "core/media/channel.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include "core/media/feed.hpp"
#include "test/support/asf_samples.hpp"
#include "test/support/bytes.hpp"
#include "test/support/fake_host.hpp"
#include "test/unit/core/media/encoder.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using test::Encoder;
using test::FakeHost;
using test::kFill;
using test::kSource;
using test::VideoStream;

namespace {

constexpr Framing kPlain{.name = "plain"};

struct Waiter final : FormatWaiter {
    int calls = 0;
    int refusals = 0;
    void on_format() noexcept override { ++calls; }
    void on_not_found() noexcept override { ++refusals; }
};

// Its second source is fill; without a loop nothing plays it, so the test may.
std::vector<ChannelConfig> with_fill() {
    ChannelConfig config;
    config.name = "live";
    config.sources = {"push:", "file:slate.asf"};
    return {config};
}

std::uint32_t number_of(const Channel& channel, Seq seq) {
    return test::send_time_of(channel.log().packet(seq).bytes) / VideoStream::kPacketMs;
}

}  // namespace

static void a_channel_that_nobody_fed_is_closed(void**) {
    FakeHost host;
    assert_int_equal(host.live().state(), Channel::State::closed);
    assert_null(host.live().format().get());
    assert_false(host.live().newcomer_start(host.now()).has_value());
    host.advance(Duration{5000});
    assert_int_equal(host.live().stats().fillers, 0);
}

static void the_first_run_brings_the_header_and_is_on_air(void**) {
    FakeHost host;
    Channel& channel = host.live();
    Encoder encoder{channel};
    encoder.begin().send(3);
    assert_int_equal(channel.state(), Channel::State::streaming);
    assert_true(encoder.feed->is_on_air());
    assert_int_equal(channel.format_number(), 1);
    assert_int_equal(channel.log().end(), 3);
    assert_int_equal(*channel.newcomer_start(host.now()), 0);
    assert_int_equal(channel.stats().runs, 1);
    assert_int_equal(channel.stats().packets_in, 3);
    assert_int_equal(channel.stats().bytes_in, 3 * 64);
    assert_true(host.lines().has("encoder is on air"));
}

static void a_run_begins_at_its_first_sync_point(void**) {
    FakeHost host;
    Encoder encoder{host.live(), 0, '3', kSource, "encoder", 0};
    encoder.begin().send(7);
    assert_int_equal(host.live().log().end(), 0);
    assert_int_equal(host.live().stats().packets_dropped, 7);
    assert_true(encoder.feed->append(encoder.stream.next(true)).ok());
    encoder.send(2);
    assert_int_equal(host.live().log().end(), 3);
    assert_int_equal(number_of(host.live(), 0), 7);
}

static void a_run_without_sync_points_is_on_air_after_ten_seconds(void**) {
    FakeHost host;
    Encoder encoder{host.live(), 0, '3', kSource, "encoder", 0};
    encoder.begin();
    host.advance(Duration{9999});
    encoder.send(2);
    assert_int_equal(host.live().log().end(), 0);
    host.advance(Duration{1});
    encoder.send(2);
    assert_int_equal(host.live().log().end(), 2);
    assert_int_equal(*host.live().newcomer_start(host.now()), 0);  // or nobody could ever join
    assert_true(host.live().log().packet(0).sync);
    assert_false(host.live().log().packet(1).sync);
}

static void a_compatible_run_continues_under_the_same_header(void**) {
    FakeHost host;
    Channel& channel = host.live();
    Encoder first{channel};
    first.begin().send(4);
    const StreamFormatPtr header = channel.format();
    first.gone();
    assert_int_equal(channel.state(), Channel::State::restarting);
    assert_true(host.lines().has("lost encoder after 4 packets: its connection broke"));
    assert_int_equal(channel.stats().losses, 1);
    Encoder second{channel};
    second.begin().send(4);
    assert_ptr_equal(channel.format().get(), header.get());
    assert_int_equal(channel.format_number(), 1);
    assert_int_equal(channel.log().first(), 0);
    assert_int_equal(channel.log().end(), 8);
    assert_int_equal(channel.stats().runs, 2);
}

static void an_incompatible_run_brings_a_new_header_and_an_empty_log(void**) {
    FakeHost host;
    Channel& channel = host.live();
    Encoder first{channel};
    first.begin().send(4);
    first.gone();
    Encoder second{channel, 0, '2'};
    second.begin();
    assert_int_equal(channel.format_number(), 1);  // nothing to start from yet
    second.send(1);
    assert_int_equal(channel.format_number(), 2);
    assert_ptr_equal(channel.format().get(), second.stream.format().get());
    assert_int_equal(channel.format_first(), 4);
    assert_int_equal(channel.log().first(), 4);
    assert_int_equal(channel.log().end(), 5);  // numbers go on
    assert_int_equal(*channel.newcomer_start(host.now()), 4);
    assert_true(host.lines().has("clients get a new header"));
    assert_true(host.lines().has("MP42"));  // the field that differs
    second.gone();
    Encoder third{channel};
    third.begin().send(1);
    assert_int_equal(channel.format_number(), 3);
}

static void one_feed_may_begin_a_new_run(void**) {
    FakeHost host;
    Encoder encoder{host.live()};
    encoder.begin().send(3);
    encoder.begin();
    assert_int_equal(encoder.replaced, 0);
    assert_int_equal(host.live().format_number(), 1);
    encoder.send(4);  // packets 3 and 4 are before the new run's first sync point
    assert_int_equal(host.live().stats().runs, 2);
    assert_int_equal(host.live().log().end(), 5);
    assert_int_equal(number_of(host.live(), 3), 3);  // packet 5 in the place of 3: times go on
    assert_true(host.lines().has("encoder begins another run; gap 0 ms"));
}

static void a_rendition_is_shared_by_its_readers_and_gone_with_the_last(void**) {
    FakeHost host;
    Channel& channel = host.live();
    static constexpr Framing framed{
        .name = "framed",
        .overhead = 1,
        .encode = [](Bytes packet, const FrameNumbers&, MutableBytes out) noexcept {
            out[0] = '>';
            std::copy(packet.begin(), packet.end(), out.begin() + 1);
            return packet.size() + 1;
        }};
    Encoder encoder{channel};
    encoder.begin().send(6);
    Rendition& rendition = channel.rendition(framed, 5);
    assert_int_equal(rendition.log().first(), 5);
    rendition.readers = 2;
    assert_ptr_equal(&channel.rendition(framed, 0), &rendition);
    assert_ptr_not_equal(&channel.rendition(kPlain, 0), &rendition);
    encoder.send(1);
    assert_int_equal(rendition.log().end(), 7);
    assert_int_equal(rendition.log().packet(6).bytes.size(), 65);
    rendition.readers = 1;
    channel.release(rendition);
    assert_ptr_equal(&channel.rendition(framed, 0), &rendition);
    rendition.readers = 0;
    channel.release(rendition);
    assert_int_equal(channel.rendition(framed, 2).log().first(), 2);
}

// Whoever is promised a packet of the log gets it, and two renditions are enough for all of them.
static void any_packet_that_is_held_can_be_begun_with(void**) {
    FakeHost host;
    Channel& channel = host.live();
    static constexpr Framing framed{
        .name = "framed",
        .overhead = 0,
        .encode = [](Bytes packet, const FrameNumbers&, MutableBytes out) noexcept {
            std::copy(packet.begin(), packet.end(), out.begin());
            return packet.size();
        }};
    Encoder encoder{channel};
    encoder.begin().send(40);
    Rendition& newest = channel.rendition(framed, 35);
    newest.readers = 1;
    assert_ptr_equal(&channel.rendition_from(framed, 36), &newest);
    Rendition& whole = channel.rendition_from(framed, 30);
    whole.readers = 1;
    for (const Seq from : {Seq{29}, Seq{20}, Seq{3}, Seq{0}}) {
        Rendition& found = channel.rendition_from(framed, from);
        assert_ptr_equal(&found, &whole);
        assert_true(found.log().first() <= from);
    }
    newest.readers = whole.readers = 0;
    channel.release(newest);
    channel.release(whole);
}

static void a_better_rank_goes_on_air_and_a_worse_one_stands_by(void**) {
    FakeHost host;
    Channel& channel = host.live();
    Encoder second{channel, 1, '3', kSource, "second"};
    second.begin().send(5);
    Encoder third{channel, 2, '3', kSource, "third"};
    third.begin().send(5);
    assert_true(second.feed->is_on_air());
    assert_int_equal(channel.log().end(), 5);
    assert_true(host.lines().has("third stands by behind second"));
    Encoder first{channel, 0, '3', kSource, "first"};
    first.begin().send(5);
    assert_true(first.feed->is_on_air());
    second.send(5);
    assert_int_equal(channel.log().end(), 10);
    assert_int_equal(second.replaced + third.replaced, 0);
    assert_ptr_equal(channel.switcher().feed_of(1), second.feed.get());
    assert_null(channel.switcher().feed_of(3));
    assert_true(host.lines().has("switched from second to first"));
    assert_int_equal(channel.stats().switches, 1);
    assert_int_equal(channel.stats().losses, 0);
}

static void when_the_one_on_air_leaves_the_best_that_stands_by_takes_over(void**) {
    FakeHost host;
    Channel& channel = host.live();
    Encoder first{channel, 0, '3', kSource, "first"};
    Encoder third{channel, 2, '3', kSource, "third"};
    Encoder second{channel, 1, '3', kSource, "second"};
    const auto all_send = [&] {
        for (Encoder* e : {&first, &second, &third})
            if (e->feed) e->send(5);
    };
    first.begin();
    third.begin();
    second.begin();
    all_send();
    assert_true(first.feed->is_on_air());
    first.gone();
    assert_true(second.feed->is_on_air());
    assert_true(host.lines().has("back on air with second after the loss of first; gap 0 ms"));
    all_send();
    second.gone();
    assert_true(third.feed->is_on_air());
    assert_int_equal(channel.state(), Channel::State::streaming);
    assert_int_equal(channel.stats().losses, 2);
    assert_int_equal(channel.stats().recoveries, 2);
    third.gone();
    assert_int_equal(channel.state(), Channel::State::restarting);
}

static void a_newer_feed_of_the_same_rank_takes_the_place(void**) {
    FakeHost host;
    Channel& channel = host.live();
    Encoder older{channel, 0, '3', kSource, "older"};
    older.begin().send(5);
    Encoder newer{channel, 0, '3', kSource, "newer"};
    newer.begin();
    assert_int_equal(older.replaced, 1);
    assert_int_equal(newer.replaced, 0);
    older.send(5);  // too late
    assert_int_equal(channel.log().end(), 5);
    older.gone();
    newer.send(5);
    assert_true(newer.feed->is_on_air());
    assert_int_equal(channel.log().end(), 10);
    assert_true(host.lines().has("newer takes the place of older"));
}

static void fill_is_on_air_while_there_is_no_source(void**) {
    FakeHost host{with_fill()};
    Channel& channel = host.live();
    Encoder fill{channel, 1, '3', kFill, "fill"};
    fill.begin().send(5);
    assert_true(fill.feed->is_on_air());
    assert_int_equal(channel.log().end(), 5);
    assert_int_equal(channel.state(), Channel::State::restarting);  // the source is away all the same
    Encoder source{channel, 0, '3', kSource, "source"};
    source.begin().send(5);
    assert_true(source.feed->is_on_air());
    assert_int_equal(channel.state(), Channel::State::streaming);
    fill.send(5);
    source.gone();
    fill.send(5);
    assert_true(fill.feed->is_on_air());
    assert_int_equal(channel.log().end(), 15);
}

static void fill_with_another_header_is_not_used_while_clients_are_there_and_that_is_said_once(void**) {
    FakeHost host{with_fill()};
    Channel& channel = host.live();
    Encoder source{channel, 0, '3', kSource, "source"};
    source.begin().send(5);
    Encoder fill{channel, 1, '2', kFill, "fill"};
    fill.begin().send(5);
    channel.clients_of("http").now = 1;
    source.gone();
    fill.send(20);
    assert_false(fill.feed->is_on_air());
    assert_int_equal(channel.format_number(), 1);
    assert_int_equal(host.lines().count("fill is not used as fill"), 1);
    assert_int_equal(host.lines().count("MP42"), 1);
    channel.clients_of("http").now = 0;
    fill.send(5);
    assert_true(fill.feed->is_on_air());
    assert_int_equal(channel.format_number(), 2);
}

static void whoever_waits_for_a_header_is_told_once(void**) {
    FakeHost host;
    Channel& channel = host.live();
    Waiter a, b, left;
    channel.wait_for_format(a);
    channel.wait_for_format(b);
    channel.wait_for_format(left);
    left.unlink();
    Encoder encoder{channel};
    assert_int_equal(a.calls, 0);
    encoder.begin();
    assert_int_equal(a.calls, 1);
    assert_int_equal(b.calls, 1);
    assert_int_equal(left.calls, 0);
    encoder.begin();
    assert_int_equal(a.calls, 1);
}

static void fillers_begin_after_a_second_without_media_and_come_once_a_second(void**) {
    FakeHost host;
    Channel& channel = host.live();
    Encoder encoder{channel};
    encoder.begin().send(3);
    Rendition& rendition = channel.rendition(kPlain, 0);
    host.advance(Duration{500});
    encoder.send(1);
    host.advance(Duration{999});
    assert_int_equal(channel.stats().fillers, 0);
    host.advance(Duration{1});
    assert_int_equal(channel.stats().fillers, 1);
    assert_int_equal(rendition.filler_number(), 1);
    host.advance(Duration{999});
    assert_int_equal(channel.stats().fillers, 1);
    host.advance(Duration{4001});
    assert_int_equal(channel.stats().fillers, 6);
    encoder.send(1);
    host.advance(Duration{999});
    assert_int_equal(channel.stats().fillers, 6);
    host.advance(Duration{1});
    assert_int_equal(channel.stats().fillers, 7);
}

static void a_filler_repeats_the_last_send_time_and_is_in_no_log(void**) {
    FakeHost host;
    Channel& channel = host.live();
    Encoder encoder{channel};
    encoder.begin().send(4);
    Rendition& rendition = channel.rendition(kPlain, 0);
    encoder.gone();
    // The log is dropped when all of it is old; the filler stays what it is.
    for (int second = 0; second < 30; ++second) {
        host.advance(Duration{1000});
        const Bytes filler = rendition.filler();
        assert_int_equal(filler.size(), 64);
        assert_int_equal(test::send_time_of(test::copy(filler)) == 0, false);
        assert_int_equal(channel.log().end(), 4);
    }
    assert_int_equal(channel.log().first(), 4);
    assert_int_equal(channel.stats().fillers, 30);
    // 82 00 00 11 5D, padding's length (a word), then the send time.
    const Bytes filler = rendition.filler();
    assert_memory_equal(filler.data(), "\x82\x00\x00\x11\x5D", 5);
    assert_int_equal(load_u32le(filler.data() + 7), 3 * VideoStream::kPacketMs);
    Encoder next{channel};
    next.begin().send(2);
    host.advance(Duration{1000});
    assert_int_equal(load_u32le(rendition.filler().data() + 7), 5 * VideoStream::kPacketMs);
}

static void another_relays_filler_is_no_media(void**) {
    FakeHost host;
    Channel& channel = host.live();
    Encoder encoder{channel};
    encoder.begin().send(1);
    test::Buffer filler(64);
    assert_int_equal(channel.format()->make_filler({}, filler), 64);
    for (int i = 0; i < 4; ++i) {
        host.advance(Duration{500});
        assert_true(encoder.feed->append(filler).ok());
        encoder.feed->publish();
    }
    assert_int_equal(channel.log().end(), 1);
    assert_int_equal(channel.stats().fillers, 2);
}

static void the_log_is_dropped_in_an_outage_and_the_header_stays(void**) {
    FakeHost host;
    Channel& channel = host.live();
    Encoder encoder{channel};
    encoder.begin().send(4);
    encoder.gone();
    host.advance(channel.policy().log.time);
    assert_int_equal(channel.log().first(), 0);
    host.advance(Duration{2000});
    assert_int_equal(channel.log().first(), 4);
    assert_non_null(channel.format().get());
}

static void a_channel_that_ended_makes_no_fillers(void**) {
    FakeHost host;
    Channel& channel = host.live();
    Encoder encoder{channel};
    encoder.begin().send(4);
    channel.end();
    assert_true(channel.has_ended());
    host.advance(Duration{5000});
    assert_int_equal(channel.stats().fillers, 0);
}

static void packets_without_media_are_counted_unless_they_are_fillers(void**) {
    FakeHost host;
    Channel& channel = host.live();
    Encoder encoder{channel};
    encoder.begin().send(1);
    assert_false(channel.switcher().packet(*encoder.feed, {}, {.media = false}));
    assert_int_equal(channel.stats().packets_dropped, 1);
    assert_false(channel.switcher().packet(*encoder.feed, {}, {.media = false, .filler = true}));
    assert_int_equal(channel.stats().packets_dropped, 1);
    channel.publish();
    assert_int_equal(channel.log().end(), 1);
}

static void a_packet_that_cannot_be_fitted_is_refused_and_not_in_the_log(void**) {
    FakeHost host;
    Channel& channel = host.live();
    Encoder encoder{channel};
    encoder.begin().send(1);
    encoder.gone();
    // A run without the error-correction part whose packets are full: three bytes too long.
    VideoStream stream{64};
    const auto bare = stream.next();
    const PacketInfo info{.media = true, .sync = true, .send_time = 0};
    Encoder next{channel};
    next.begin();
    test::Buffer parity(64, 0);
    parity[0] = 0x92;  // opaque: a parity packet
    assert_false(channel.append(*next.feed, parity, info).ok());
    assert_true(channel.append(*next.feed, bare, info).ok());
    channel.publish();
    assert_int_equal(channel.log().end(), 2);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_channel_that_nobody_fed_is_closed),
        cmocka_unit_test(the_first_run_brings_the_header_and_is_on_air),
        cmocka_unit_test(a_run_begins_at_its_first_sync_point),
        cmocka_unit_test(a_run_without_sync_points_is_on_air_after_ten_seconds),
        cmocka_unit_test(a_compatible_run_continues_under_the_same_header),
        cmocka_unit_test(an_incompatible_run_brings_a_new_header_and_an_empty_log),
        cmocka_unit_test(one_feed_may_begin_a_new_run),
        cmocka_unit_test(a_rendition_is_shared_by_its_readers_and_gone_with_the_last),
        cmocka_unit_test(any_packet_that_is_held_can_be_begun_with),
        cmocka_unit_test(a_better_rank_goes_on_air_and_a_worse_one_stands_by),
        cmocka_unit_test(when_the_one_on_air_leaves_the_best_that_stands_by_takes_over),
        cmocka_unit_test(a_newer_feed_of_the_same_rank_takes_the_place),
        cmocka_unit_test(fill_is_on_air_while_there_is_no_source),
        cmocka_unit_test(fill_with_another_header_is_not_used_while_clients_are_there_and_that_is_said_once),
        cmocka_unit_test(whoever_waits_for_a_header_is_told_once),
        cmocka_unit_test(fillers_begin_after_a_second_without_media_and_come_once_a_second),
        cmocka_unit_test(a_filler_repeats_the_last_send_time_and_is_in_no_log),
        cmocka_unit_test(another_relays_filler_is_no_media),
        cmocka_unit_test(the_log_is_dropped_in_an_outage_and_the_header_stays),
        cmocka_unit_test(a_channel_that_ended_makes_no_fillers),
        cmocka_unit_test(packets_without_media_are_counted_unless_they_are_fillers),
        cmocka_unit_test(a_packet_that_cannot_be_fitted_is_refused_and_not_in_the_log)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
