// Recordings played by PacedFile and by the source "file:": real files, read on a real loop, by a clock that
// the test moves.
#include <poll.h>
#include <unistd.h>
#include <uv.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "core/asf/container.hpp"
#include "core/asf/guid.hpp"
#include "core/io/loop.hpp"
#include "core/media/flush_hub.hpp"
#include "core/relay/sources/file_source.hpp"
#include "core/relay/sources/paced_file.hpp"
#include "test/support/asf_samples.hpp"
#include "test/support/bytes.hpp"
#include "test/support/fake_log.hpp"
#include "test/unit/core/asf/vectors.hpp"

// always last
#include "test/support/cmocka.hpp"

using namespace weir;
using test::Buffer;
using test::VideoStream;

namespace {

const Container* const kContainers[] = {&asf::container()};

// A file of its own, gone with the object.
class TemporaryFile {
  public:
    explicit TemporaryFile(Bytes content = {}) {
        char path[] = "/tmp/weir_paced_file_XXXXXX";
        const int fd = ::mkstemp(path);
        assert_true(fd >= 0);
        ::close(fd);
        path_ = path;
        write(content);
    }
    ~TemporaryFile() { remove(); }
    void write(Bytes content) const {
        std::ofstream out(path_, std::ios::binary);
        out.write(reinterpret_cast<const char*>(content.data()),
                  static_cast<std::streamsize>(content.size()));
    }
    void remove() const { std::remove(path_.c_str()); }
    const std::string& path() const noexcept { return path_; }

  private:
    std::string path_;
};

// The loop turns for the file; the timers go by the test's clock, which is faster than the real one.
class Turns {
  public:
    template <class Condition>
    bool until(Condition&& condition, Duration step = Duration{10}) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            uv_run(loop->raw(), UV_RUN_NOWAIT);
            now += step;
            loop->timers().run(now);
            ::poll(nullptr, 0, 1);
        }
        return true;
    }

    std::unique_ptr<Loop> loop = Loop::open(nullptr).value();
    TimePoint now = loop->timers().now();
};

// Everything it was told.
struct Record final : PacedFile::Listener {
    explicit Record(Turns& t) : turns(t) {}
    void on_format(StreamFormatPtr format) override { formats.push_back(std::move(format)); }
    Result<> on_packet(Bytes packet, const PacketInfo& info) override {
        assert_true(ends.empty());
        packets.push_back(test::copy(packet));
        infos.push_back(info);
        times.push_back(turns.loop->timers().now());
        if (packets.size() == refuse_at) return Error{Errc::refused, "enough"};
        return Ok{};
    }
    void on_flush() override { flushed = packets.size(); }
    void on_bad_packet(const Error&) override { ++bad; }
    void on_end(Result<> why) override { ends.push_back(why ? "" : why.error().detail); }

    Turns& turns;
    std::vector<StreamFormatPtr> formats;
    std::vector<Buffer> packets;
    std::vector<PacketInfo> infos;
    std::vector<TimePoint> times;
    std::vector<std::string> ends;
    std::size_t flushed = 0, bad = 0, refuse_at = 0;
};

struct Playing {
    Playing(std::string path, PacedFile::Repeat repeat)
        : file(*turns.loop, kContainers, std::move(path), repeat, record) {}
    bool until_end() {
        return turns.until([&] { return !record.ends.empty(); });
    }
    bool until_packets(std::size_t count) {
        return turns.until([&] { return record.packets.size() >= count || !record.ends.empty(); });
    }
    Turns turns;
    Record record{turns};
    PacedFile file;
};

Buffer recording(VideoStream& stream, std::size_t packets) {
    Buffer out = stream.header();
    const auto all = stream.next_packets(packets);
    out.insert(out.end(), all.begin(), all.end());
    return out;
}

// How it ends when it is played once, or looped.
std::string end_of(Bytes content, PacedFile::Repeat repeat = PacedFile::Repeat::once) {
    TemporaryFile file{content};
    Playing playing{file.path(), repeat};
    assert_true(playing.until_end());
    assert_int_equal(playing.record.ends.size(), 1);
    return playing.record.ends[0];
}

bool says(const std::string& text, std::string_view part) {
    const bool found = text.find(part) != std::string::npos;
    if (!found) print_error("'%s' does not say '%s'\n", text.c_str(), std::string{part}.c_str());
    return found;
}

void a_file_is_played_once_at_its_own_pace_and_ends(void**) {
    VideoStream stream;
    TemporaryFile file{recording(stream, 50)};
    Playing playing{file.path(), PacedFile::Repeat::once};
    assert_true(playing.until_end());
    auto& r = playing.record;
    assert_string_equal(r.ends[0].c_str(), "");
    assert_int_equal(r.packets.size(), 50);
    assert_int_equal(r.flushed, 50);
    assert_int_equal(r.formats.size(), 1);
    assert_true(test::same(r.formats[0]->header(), stream.format()->header()));
    VideoStream again;
    for (std::size_t n = 0; n < r.packets.size(); ++n) {
        assert_true(r.packets[n] == again.next());
        // Never early.
        assert_true(r.times[n] - r.times[0] >=
                    Duration{static_cast<Duration::rep>(n) * VideoStream::kPacketMs});
    }
}

void a_looped_file_is_one_stream_whose_times_go_on(void**) {
    constexpr std::size_t kPackets = 7, kPasses = 5;
    VideoStream stream;
    TemporaryFile file{recording(stream, kPackets)};
    Playing playing{file.path(), PacedFile::Repeat::loop};
    assert_true(playing.until_packets(kPasses * kPackets));
    auto& r = playing.record;
    assert_true(r.ends.empty());
    assert_int_equal(r.formats.size(), 1);
    VideoStream again;
    std::vector<Buffer> originals;
    for (std::size_t n = 0; n < kPackets; ++n) originals.push_back(again.next());
    for (std::size_t n = 0; n < kPasses * kPackets; ++n) {
        const auto expected = static_cast<std::uint32_t>(n) * VideoStream::kPacketMs;
        assert_int_equal(test::send_time_of(r.packets[n]), expected);
        assert_int_equal(r.infos[n].send_time, expected);
        assert_int_equal(r.infos[n].presentation_first, expected + 1000);
        assert_int_equal(r.infos[n].presentation_last, expected + 1000);
        const auto told = r.formats[0]->inspect(r.packets[n]).value();
        assert_int_equal(told.presentation_last, expected + 1000);
        // The numbers of another pass go on behind the one after the last.
        const auto pass = static_cast<std::uint32_t>(n / kPackets);
        Move back;
        back.send = back.presentation =
            static_cast<std::uint32_t>(n % kPackets) * VideoStream::kPacketMs - expected;
        back.numbers[2] = 0U - pass * (static_cast<std::uint32_t>(kPackets) + 1);
        auto original = r.packets[n];
        assert_true(r.formats[0]->retime(original, back).ok());
        assert_true(original == originals[n % kPackets]);
    }
}

void a_file_larger_than_what_is_read_ahead_comes_whole(void**) {
    constexpr std::size_t kPackets = 300;
    VideoStream stream{1000};
    TemporaryFile file{recording(stream, kPackets)};
    Playing playing{file.path(), PacedFile::Repeat::once};
    assert_true(playing.until_end());
    assert_int_equal(playing.record.packets.size(), kPackets);
    VideoStream again{1000};
    for (const auto& packet : playing.record.packets) assert_true(packet == again.next());
}

void a_header_inside_a_file_is_handed_on_and_times_continue(void**) {
    VideoStream first, second{80};
    auto bytes = recording(first, 3);
    const auto more = recording(second, 3);
    bytes.insert(bytes.end(), more.begin(), more.end());
    TemporaryFile file{bytes};
    Playing playing{file.path(), PacedFile::Repeat::loop};
    assert_true(playing.until_packets(12));
    auto& r = playing.record;
    assert_true(r.formats.size() >= 4);
    assert_int_equal(r.formats[1]->max_packet(), 80);
    assert_int_equal(r.formats[2]->max_packet(), 64);
    for (std::size_t n = 0; n < 12; ++n) {
        assert_int_equal(r.packets[n].size(), n % 6 < 3 ? 64 : 80);
        assert_int_equal(r.infos[n].send_time, n * VideoStream::kPacketMs);
    }
}

void damage_is_passed_over_and_fillers_are_left_out(void**) {
    VideoStream stream;
    auto bytes = stream.header();
    for (int n = 0; n < 6; ++n) {
        auto packet = stream.next();
        if (n == 2) packet[4] = 0xFF;
        bytes.insert(bytes.end(), packet.begin(), packet.end());
        if (n == 4) bytes.insert(bytes.end(), asf::vectors::kFiller.begin(), asf::vectors::kFiller.end());
    }
    TemporaryFile file{bytes};
    Playing playing{file.path(), PacedFile::Repeat::once};
    assert_true(playing.until_end());
    assert_string_equal(playing.record.ends[0].c_str(), "");
    assert_int_equal(playing.record.packets.size(), 5);
    assert_int_equal(playing.record.bad, 1);
}

void what_cannot_be_played_ends_with_its_reason(void**) {
    VideoStream stream;
    const auto& header = stream.header();
    assert_true(says(end_of(header), "no packets"));
    assert_true(says(end_of(header, PacedFile::Repeat::loop), "no packets"));
    Buffer idle = header;
    idle.insert(idle.end(), asf::vectors::kFiller.begin(), asf::vectors::kFiller.end());
    assert_true(says(end_of(idle, PacedFile::Repeat::loop), "no packets"));
    assert_true(says(end_of({}), "ended after 0 bytes"));
    assert_true(says(end_of(Bytes{header}.first(200)), "expected a whole header"));
    assert_true(says(end_of(as_bytes("RIFF....WAVE")), "not a stream that weir knows (asf)"));
    Playing missing{"/nonexistent/weir.asf", PacedFile::Repeat::once};
    assert_true(missing.until_end());
    assert_true(says(missing.record.ends[0], "No such file"));
}

void a_pipe_is_not_looped(void**) {
    Playing playing{"/dev/zero", PacedFile::Repeat::loop};
    assert_true(playing.until_end());
    assert_true(says(playing.record.ends[0], "cannot be read a second time"));
}

void what_was_read_before_an_error_is_played(void**) {
    VideoStream stream;
    auto bytes = recording(stream, 3);
    // An index object too large to be one.
    auto index = asf::vectors::object(asf::kSimpleIndex.bytes.data(), Buffer(100));
    store_u64le(index.data() + 16, std::uint64_t{1} << 40);
    bytes.insert(bytes.end(), index.begin(), index.end());
    TemporaryFile file{bytes};
    Playing playing{file.path(), PacedFile::Repeat::once};
    assert_true(playing.until_end());
    assert_true(says(playing.record.ends[0], "Simple Index"));
    assert_int_equal(playing.record.packets.size(), 3);
}

void a_listener_that_refuses_a_packet_ends_the_playing(void**) {
    VideoStream stream;
    TemporaryFile file{recording(stream, 10)};
    Playing playing{file.path(), PacedFile::Repeat::loop};
    playing.record.refuse_at = 3;
    assert_true(playing.until_end());
    assert_string_equal(playing.record.ends[0].c_str(), (file.path() + ": enough").c_str());
    assert_int_equal(playing.record.packets.size(), 3);
    // Nothing comes after that.
    assert_true(playing.turns.until(
        [now = playing.turns.now + Duration{2000}, &playing] { return playing.turns.now > now; }));
    assert_int_equal(playing.record.packets.size(), 3);
    assert_int_equal(playing.record.ends.size(), 1);
}

void packets_that_cannot_be_moved_end_a_loop_after_its_first_pass(void**) {
    // A compressed payload whose presentation time has two bytes.
    constexpr auto kShort =
        test::hex<"82 00 00 08 59 25 50 10 00 00 3C 00 01 FE 38 14 01 14 03 C0 C1 C2 02 C3 C4 01 C5">();
    Buffer bytes = test::copy(test::sample_header());
    bytes.insert(bytes.end(), kShort.begin(), kShort.end());
    bytes.resize(test::sample_header().size() + 64);
    TemporaryFile file{bytes};
    Playing playing{file.path(), PacedFile::Repeat::loop};
    assert_true(playing.until_end());
    assert_true(says(playing.record.ends[0], "cannot be moved in time"));
    assert_int_equal(playing.record.packets.size(), 1);
}

void a_file_may_be_let_go_at_any_time(void**) {
    VideoStream stream;
    TemporaryFile file{recording(stream, 10)};
    for (std::size_t packets = 0; packets < 4; ++packets) {
        Turns turns;
        Record record{turns};
        {
            PacedFile playing{*turns.loop, kContainers, file.path(), PacedFile::Repeat::loop, record};
            assert_true(turns.until([&] { return record.packets.size() >= packets; }));
        }
        const auto count = record.packets.size();
        assert_true(turns.until([end = turns.now + Duration{500}, &turns] { return turns.now > end; }));
        assert_int_equal(record.packets.size(), count);
    }
}

// A channel and its source "file:".
struct Station {
    explicit Station(const std::string& path, Feed::Role role = Feed::Role::source)
        : flush(turns.loop->timers(), Duration{5},
                {.wall = [] { return std::uint64_t{0}; }, .cpu = [] { return std::uint64_t{0}; }}),
          channel("live", "Live", {}, turns.loop->timers(), flush, log),
          spec{.kind = SourceSpec::Kind::file, .rank = 0, .role = role, .text = {}, .shown = {}, .slot = {}},
          source(*turns.loop, channel, spec, kContainers, path) {}

    bool until_packets(std::uint64_t count) {
        return turns.until([&] { return channel.stats().packets_in >= count; });
    }
    bool until_log(std::string_view text) {
        return turns.until([&] { return log.has(text); }, Duration{100});
    }

    Turns turns;
    test::FakeLog log;
    FlushHub flush;
    Channel channel;
    SourceSpec spec;
    FileSource source;
};

void a_channel_is_fed_with_one_run_however_often_the_file_is_played(void**) {
    VideoStream stream;
    TemporaryFile file{recording(stream, 10)};
    Station station{file.path()};
    assert_true(station.until_packets(45));
    assert_int_equal(station.channel.stats().runs, 1);
    assert_int_equal(station.channel.stats().packets_bad, 0);
    assert_int_equal(station.channel.format_number(), 1);
    const auto& log = station.channel.log();
    for (Seq seq = log.first(); seq < 45; ++seq)
        assert_int_equal(test::send_time_of(log.packet(seq).bytes), seq * VideoStream::kPacketMs);
    SourceStatus status;
    status.state = SourceStatus::State::on_air;
    station.source.describe(status);
    assert_int_equal(status.state, SourceStatus::State::on_air);
    assert_true(status.error.empty());
}

void a_file_that_is_missing_is_tried_again_until_it_is_there(void**) {
    VideoStream stream;
    TemporaryFile file;
    file.remove();
    Station station{file.path()};
    SourceStatus status{};
    station.source.describe(status);
    assert_int_equal(status.state, SourceStatus::State::dialling);
    assert_true(station.until_log("No such file"));
    station.source.describe(status);
    assert_int_equal(status.state, SourceStatus::State::waiting);
    assert_true(says(status.error, "No such file"));
    // Failures after the first are not news.
    const auto end = station.turns.now + 4 * FileSource::kRetryPause;
    assert_true(station.turns.until([&] { return station.turns.now > end; }, Duration{100}));
    assert_int_equal(station.log.count("No such file"), 1);
    file.write(recording(stream, 10));
    assert_true(station.until_log("is back"));
    assert_true(station.until_packets(5));
    assert_int_equal(station.log.count("is back"), 1);
}

void a_file_that_breaks_leaves_the_channel_and_comes_back(void**) {
    VideoStream stream;
    TemporaryFile file{recording(stream, 10)};
    Station station{file.path()};
    assert_true(station.until_packets(15));
    file.write(as_bytes("no longer what it was"));
    assert_true(station.until_log("not ASF"));
    assert_null(station.channel.switcher().feed_of(0));
    assert_true(says(station.log.lines.back(), file.path()));
    VideoStream again;
    file.write(recording(again, 10));
    assert_true(station.until_log("is back"));
    assert_non_null(station.channel.switcher().feed_of(0));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_played_once_at_its_own_pace_and_ends),
        cmocka_unit_test(a_looped_file_is_one_stream_whose_times_go_on),
        cmocka_unit_test(a_file_larger_than_what_is_read_ahead_comes_whole),
        cmocka_unit_test(a_header_inside_a_file_is_handed_on_and_times_continue),
        cmocka_unit_test(damage_is_passed_over_and_fillers_are_left_out),
        cmocka_unit_test(what_cannot_be_played_ends_with_its_reason),
        cmocka_unit_test(a_pipe_is_not_looped),
        cmocka_unit_test(what_was_read_before_an_error_is_played),
        cmocka_unit_test(a_listener_that_refuses_a_packet_ends_the_playing),
        cmocka_unit_test(packets_that_cannot_be_moved_end_a_loop_after_its_first_pass),
        cmocka_unit_test(a_file_may_be_let_go_at_any_time),
        cmocka_unit_test(a_channel_is_fed_with_one_run_however_often_the_file_is_played),
        cmocka_unit_test(a_file_that_is_missing_is_tried_again_until_it_is_there),
        cmocka_unit_test(a_file_that_breaks_leaves_the_channel_and_comes_back),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
