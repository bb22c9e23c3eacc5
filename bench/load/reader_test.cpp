// What a client of the bench reads out of its bytes, whatever the framing and wherever reads end.
#include "bench/load/reader.hpp"

#include <string>
#include <vector>

#include "bench/load/options.hpp"
#include "bench/load/stream.hpp"
#include "test/support/cmocka.hpp"  // always last: it defines macros with common names

using namespace bench;

namespace {

constexpr std::uint64_t kPackets = 200;
constexpr std::uint64_t kFirstMissing = 50, kMissing = 3;
const std::string kAnswer = "HTTP/1.1 200 OK\r\nContent-Type: video/x-ms-asf\r\n\r\n";

enum class Framing { plain, chunked, chunks_of_three, windows_media };

// kPackets packets of which a few are missing, behind an answer and a header.
std::string stream_in(Framing framing) {
    Stream stream(1e6, 1, 7);
    std::string out = kAnswer + stream.header(), chunk;
    for (std::uint64_t i = 0; i < kPackets; ++i) {
        const std::string packet = stream.next();
        if (i >= kFirstMissing && i < kFirstMissing + kMissing) continue;
        switch (framing) {
            case Framing::plain:
                out += packet;
                break;
            case Framing::chunked:
                out += "578\r\n" + packet + "\r\n";
                break;
            case Framing::windows_media:
                out += "$D" + std::string(10, 'x') + packet;
                break;
            case Framing::chunks_of_three:
                chunk += packet;
                if (chunk.size() == 3 * kPacketSize) out += "1068\r\n" + chunk + "\r\n", chunk.clear();
        }
    }
    return out;
}

struct Result {
    Reader reader;
    Totals totals;
};

// Reads pieces of `piece` bytes; passes over `skip` of every ten once the reader can.
void read_all(const std::string& bytes, std::size_t piece, std::size_t skip, Result& result) {
    std::vector<char> buffer(kStampSize + piece);
    std::size_t turn = 0;
    for (std::size_t at = 0; at < bytes.size(); at += piece, ++turn) {
        const std::size_t n = std::min(piece, bytes.size() - at);
        if (result.reader.can_pass_over() && turn % 10 < skip &&
            bytes.size() - at > 2 * piece + 2 * kPacketSize) {
            result.reader.pass_over(n);
            continue;
        }
        bytes.copy(buffer.data() + kStampSize, n, at);
        result.reader.read(buffer.data() + kStampSize, n, now_ns(), true, result.totals);
    }
}

}  // namespace

static void each_packet_is_counted_once_wherever_reads_end(void**) {
    for (const Framing framing : {Framing::plain, Framing::chunked, Framing::windows_media}) {
        const std::string bytes = stream_in(framing);
        for (const std::size_t piece : {1U, 7U, 27U, 28U, 29U, 1399U, 1400U, 1407U, 5000U, 100'000U}) {
            Result result;
            read_all(bytes, piece, 0, result);
            assert_int_equal(result.reader.status(), 200);
            assert_int_equal(result.totals.packets, kPackets - kMissing);
            assert_int_equal(result.totals.lost, kMissing);
            assert_int_equal(result.totals.latency.total(), kPackets - kMissing);
        }
    }
}

static void packets_that_share_a_chunk_are_counted_too(void**) {
    Result result;
    read_all(stream_in(Framing::chunks_of_three), 1000, 0, result);
    assert_int_equal(result.totals.packets, (kPackets - kMissing) / 3 * 3);
    assert_int_equal(result.totals.lost, kMissing);
}

static void what_is_missing_among_bytes_that_are_passed_over_is_noticed(void**) {
    for (const Framing framing : {Framing::plain, Framing::chunked, Framing::windows_media}) {
        for (const std::size_t piece : {900U, 1400U, 4321U}) {
            for (const std::size_t skip : {3U, 7U, 9U}) {
                Result result;
                read_all(stream_in(framing), piece, skip, result);
                assert_int_equal(result.totals.lost, kMissing);
                assert_int_equal(result.totals.packets, kPackets - kMissing);
            }
        }
    }
}

static void another_run_is_no_loss(void**) {
    Stream first(1e6, 1, 7), second(1e6, 1, 8);
    std::string bytes = kAnswer + first.header();
    for (int i = 0; i < 10; ++i) bytes += first.next();
    for (int i = 0; i < 5; ++i) bytes += second.next();
    Result result;
    read_all(bytes, 3000, 0, result);
    assert_int_equal(result.totals.packets, 15);
    assert_int_equal(result.totals.lost, 0);
    assert_int_equal(result.reader.run(), 8);
}

static void an_answer_that_is_none_brings_no_packet(void**) {
    Result result;
    read_all("HTTP/1.1 404 Not Found\r\n\r\nno", 5, 0, result);
    assert_true(result.reader.has_answer());
    assert_int_equal(result.reader.status(), 404);
    assert_false(result.reader.has_packet());
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(each_packet_is_counted_once_wherever_reads_end),
                                cmocka_unit_test(packets_that_share_a_chunk_are_counted_too),
                                cmocka_unit_test(what_is_missing_among_bytes_that_are_passed_over_is_noticed),
                                cmocka_unit_test(another_run_is_no_loss),
                                cmocka_unit_test(an_answer_that_is_none_brings_no_packet)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
