// A source's byte stream on its way into the channel.
#include "core/media/feed.hpp"

#include <string>

#include "core/asf/container.hpp"
#include "core/media/channel.hpp"
#include "test/support/asf_samples.hpp"
#include "test/support/fake_host.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using test::FakeHost;
using test::VideoStream;

namespace {

struct Source {
    explicit Source(FakeHost& host)
        : feed(host.live(), 0, Feed::Role::source, "encoder",
               Callback<void()>::of<&Source::on_replaced>(this)) {}
    void on_replaced() noexcept {}
    Result<> write(Bytes bytes) { return feed.write(asf::container(), bytes); }
    Feed feed;
};

const test::Buffer kBad(64, 0xFF);

}  // namespace

static void a_byte_stream_becomes_packets_however_it_is_cut(void**) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{64}, std::size_t{100000}}) {
        FakeHost host;
        Source source{host};
        VideoStream stream;
        test::Buffer bytes = stream.header();
        const auto packets = stream.next_packets(10);
        bytes.insert(bytes.end(), packets.begin(), packets.end());
        for (std::size_t at = 0; at < bytes.size(); at += piece)
            assert_true(source.write(Bytes{bytes}.subspan(at, std::min(piece, bytes.size() - at))).ok());
        assert_true(source.feed.is_on_air());
        assert_int_equal(host.live().log().end(), 10);
        assert_int_equal(source.feed.packets(), 10);
        assert_true(source.feed.end().ok());
    }
}

static void a_feed_without_a_header_is_not_there_for_the_channel(void**) {
    FakeHost host;
    VideoStream stream;
    {
        Source source{host};
        assert_true(source.write(Bytes{stream.header()}.first(200)).ok());
        assert_null(source.feed.format().get());
        assert_null(host.live().switcher().feed_of(0));
        assert_false(source.feed.end().ok());
    }
    assert_int_equal(host.live().state(), Channel::State::closed);
}

static void a_header_over_the_channels_limit_is_an_error(void**) {
    FakeHost host{{{.name = "live", .title = {}, .sources = {"push:"}, .header_limit = 300, .origin = {}}}};
    Source source{host};
    const auto written = source.write(VideoStream{}.header());
    assert_false(written.ok());
    assert_int_equal(written.error().code, Errc::too_large);
}

static void bytes_are_noted_with_their_time(void**) {
    FakeHost host;
    Source source{host};
    const TimePoint began = host.now();
    assert_true(source.feed.last_bytes() == began);
    host.advance(Duration{700});
    assert_true(source.feed.last_bytes() == began);
    assert_true(source.write(Bytes{VideoStream{}.header()}.first(1)).ok());
    assert_true(source.feed.last_bytes() == began + Duration{700});
}

static void a_stream_that_says_it_is_over_has_finished(void**) {
    FakeHost host;
    Source source{host};
    VideoStream stream;
    assert_true(source.write(stream.header()).ok());
    assert_true(source.write(stream.next_packets(3)).ok());
    assert_false(source.feed.has_finished());
    assert_true(source.write(as_bytes(std::string_view{"\x24\x45\x04\x00\x00\x00\x00\x00", 8})).ok());
    assert_true(source.feed.has_finished());
    assert_true(source.write(stream.next_packets(3)).ok());
    assert_int_equal(host.live().log().end(), 3);
}

static void fifty_bad_packets_within_ten_seconds_end_the_source(void**) {
    FakeHost host;
    Source source{host};
    VideoStream stream;
    source.feed.begin(stream.format());
    for (int i = 0; i < 49; ++i) {
        assert_true(source.feed.append(kBad).ok());
        host.advance(Duration{200});
    }
    const auto last = source.feed.append(kBad);
    assert_false(last.ok());
    assert_true(last.error().detail.find("50 bad packets within 10 s") != std::string::npos);
    assert_int_equal(host.live().stats().packets_bad, 50);
    assert_int_equal(host.lines().count("bad packet dropped"), 1);
}

static void bad_packets_now_and_then_are_dropped_and_no_more(void**) {
    FakeHost host;
    VideoStream stream;
    {
        Source source{host};
        source.feed.begin(stream.format());
        for (int i = 0; i < 500; ++i) {
            assert_true(source.feed.append(kBad).ok());
            assert_true(source.feed.append(stream.next()).ok());
            host.advance(Duration{210});
        }
        source.feed.publish();
        assert_int_equal(host.live().log().end(), 500);
    }
    assert_true(host.lines().has("500 bad packets in all"));
}

// A run by its header and one packet.
static Result<> another_run(Source& source) {
    VideoStream stream;
    if (auto written = source.write(stream.header()); !written) return written;
    return source.write(stream.next());
}

static void more_than_ten_new_headers_within_a_minute_end_the_source(void**) {
    FakeHost host;
    Source source{host};
    assert_true(another_run(source).ok());
    for (int i = 0; i < 10; ++i) {
        assert_true(another_run(source).ok());
        host.advance(Duration{5000});
    }
    const auto last = another_run(source);
    assert_false(last.ok());
    assert_true(last.error().detail.find("more than 10 new headers within 60 s") != std::string::npos);
    assert_int_equal(host.live().stats().runs, 11);
}

static void new_headers_now_and_then_are_taken(void**) {
    FakeHost host;
    Source source{host};
    for (int i = 0; i < 50; ++i) {
        assert_true(another_run(source).ok());
        host.advance(Duration{6100});
    }
    assert_int_equal(host.live().stats().runs, 50);
}

static void a_feed_takes_itself_off_air(void**) {
    FakeHost host;
    {
        Source source{host};
        VideoStream stream;
        source.feed.begin(stream.format());
        assert_false(host.live().has_source());
        assert_non_null(host.live().format().get());  // clients may be answered
        assert_int_equal(host.live().state(), Channel::State::open);
        assert_true(source.feed.append(stream.next()).ok());
        assert_true(host.live().has_source());
    }
    assert_false(host.live().has_source());
    assert_null(host.live().switcher().feed_of(0));
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(a_byte_stream_becomes_packets_however_it_is_cut),
                                cmocka_unit_test(a_feed_without_a_header_is_not_there_for_the_channel),
                                cmocka_unit_test(a_header_over_the_channels_limit_is_an_error),
                                cmocka_unit_test(bytes_are_noted_with_their_time),
                                cmocka_unit_test(a_stream_that_says_it_is_over_has_finished),
                                cmocka_unit_test(fifty_bad_packets_within_ten_seconds_end_the_source),
                                cmocka_unit_test(bad_packets_now_and_then_are_dropped_and_no_more),
                                cmocka_unit_test(more_than_ten_new_headers_within_a_minute_end_the_source),
                                cmocka_unit_test(new_headers_now_and_then_are_taken),
                                cmocka_unit_test(a_feed_takes_itself_off_air)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
