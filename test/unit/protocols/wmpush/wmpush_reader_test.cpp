// The bodies of a push, read: the order of packets over bodies and breaks, whatever the pieces.
#include "protocols/wmpush/reader.hpp"

#include <string>
#include <vector>

#include "test/support/asf_samples.hpp"
#include "test/support/bytes.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using wmpush::PacketId;
using wmpush::PushReader;

namespace {

constexpr std::uint64_t kEndless = 2147483647;

struct Record final : StreamReader::Output {
    std::string log;  // F format, P packet, b bad packet
    Result<> on_format(StreamFormatPtr) override {
        log += 'F';
        return Ok{};
    }
    Result<> on_packet(Bytes, const PacketInfo&) override {
        log += 'P';
        return Ok{};
    }
    Result<> on_bad_packet(const Error&) override {
        log += 'b';
        return Ok{};
    }
};

std::vector<std::uint8_t> packet(PacketId id, Bytes payload, std::size_t reason_bytes = 0) {
    std::vector<std::uint8_t> out(wmpush::kHead + reason_bytes);
    wmpush::encode_head(id, reason_bytes + payload.size(), out);
    out.insert(out.end(), payload.begin(), payload.end());
    return out;
}

// A body by letters: H D C as the digest's vectors, e for $E 1, E for $E 0, f for an empty $F.
std::vector<std::uint8_t> body(std::string_view letters) {
    std::vector<std::uint8_t> out;
    const auto add = [&](const std::vector<std::uint8_t>& bytes) {
        out.insert(out.end(), bytes.begin(), bytes.end());
    };
    for (const char letter : letters) {
        std::vector<std::uint8_t> end(wmpush::kEndPacket);
        wmpush::encode_end(letter == 'e' ? 1 : 0, end);
        switch (letter) {
            case 'H':
                add(packet(PacketId::header, test::sample_header()));
                break;
            case 'D':
                add(packet(PacketId::data, test::sample_key()));
                break;
            case 'C':
                add(packet(PacketId::change, test::sample_header(), wmpush::kReason));
                break;
            case 'f':
                add(packet(PacketId::filler, {}));
                break;
            default:
                add(end);
        }
    }
    return out;
}

// What comes of bodies that are separated by '|'; '!' at the end: the last was malformed.
std::string read(std::string_view bodies) {
    Record out;
    PushReader reader{{}};
    while (true) {
        const auto end = std::min(bodies.find('|'), bodies.size());
        const auto bytes = body(bodies.substr(0, end));
        reader.begin_body(bytes.size());
        if (!reader.feed(bytes, out)) return out.log + "!";
        if (end == bodies.size()) return out.log;
        bodies.remove_prefix(end + 1);
    }
}

}  // namespace

static void the_order_of_packets_is_that_of_the_specification(void**) {
    struct Case {
        const char* bodies;
        const char* result;
    };
    const Case cases[] = {
        {"HDDf", "FPP"},
        {"Hf", ""},
        // START: $H only
        {"D", "!"},
        {"C", "!"},
        {"e", "!"},
        {"E", "!"},
        {"f", "!"},
        // MEDIA
        {"HDeCD", "FPFP"},
        {"HDfDfD", "FPPP"},
        {"HDCD", "FPFP"},
        {"HDHD", "FPFP"},
        {"HDE", "FP"},
        // ENTRY-END: $C $E $F, and after $F the same
        {"HDeefeCD", "FPFP"},
        {"HDeD", "FP!"},
        {"HDefD", "FP!"},
        {"HDeHD", "FPFP"},
        {"HDeE", "FP"},
        // DONE: what fills the body up, or a new stream
        {"HDEfEe", "FP"},
        {"HDED", "FP!"},
        {"HDEC", "FP!"},
        {"HDEfHD", "FPFP"},
        // over bodies
        {"HD|D", "FPP"},
        {"H|D", "FP"},
        {"HDf|Df|CD", "FPPFP"},
        {"HDe|D", "FP!"},
        {"HDe|CD", "FPFP"},
        {"HD|HD", "FPFP"},
        {"HDE|D", "FP!"},
        {"HDE|HD", "FPFP"},
    };
    for (const Case& c : cases) {
        const auto result = read(c.bodies);
        if (result != c.result) print_error("%s: %s, expected %s\n", c.bodies, result.c_str(), c.result);
        assert_string_equal(result.c_str(), c.result);
    }
}

static void a_body_may_be_cut_anywhere(void**) {
    const auto bytes = body("HDDfeCDE");
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        Record out;
        PushReader reader{{}};
        reader.begin_body(bytes.size() + 3);
        const std::vector<std::uint8_t> first(bytes.begin(),
                                              bytes.begin() + static_cast<std::ptrdiff_t>(cut));
        const std::vector<std::uint8_t> rest(bytes.begin() + static_cast<std::ptrdiff_t>(cut), bytes.end());
        assert_true(reader.feed(first, out).ok());
        assert_true(reader.feed(rest, out).ok());
        assert_string_equal(out.log.c_str(), "FPPFP");
        assert_true(reader.finished());
        assert_int_equal(reader.packets(), 8);
        assert_true(reader.feed(test::hex<"00 01 02">(), out).ok());  // too few for a packet
    }
    Record out;
    PushReader reader{{}};
    reader.begin_body(kEndless);
    for (const std::uint8_t byte : bytes) assert_true(reader.feed(Bytes{&byte, 1}, out).ok());
    assert_string_equal(out.log.c_str(), "FPPFP");
}

static void of_a_packet_cut_by_a_lost_connection_nothing_is_kept(void**) {
    Record out;
    PushReader reader{{}};
    reader.begin_body(kEndless);
    const auto first = body("HD"), second = body("DD");
    assert_true(reader.feed(first, out).ok());
    assert_true(reader.feed(Bytes{second}.first(30), out).ok());
    reader.begin_body(kEndless);
    assert_true(reader.feed(second, out).ok());
    assert_string_equal(out.log.c_str(), "FPPP");
}

static void another_output_is_given_the_format_again(void**) {
    Record one, two, three;
    PushReader reader{{}};
    reader.begin_body(kEndless);
    assert_true(reader.feed(body("HDD"), one).ok());
    reader.announce_again();
    assert_true(reader.feed(body("DD"), two).ok());
    reader.announce_again();
    assert_true(reader.feed(body("eCD"), three).ok());
    assert_string_equal(one.log.c_str(), "FPP");
    assert_string_equal(two.log.c_str(), "FPP");
    assert_string_equal(three.log.c_str(), "FP");
}

static void headers_and_packets_are_limited_by_time(void**) {
    Record out;
    PushReader reader{{}};
    reader.begin_body(kEndless);
    assert_true(reader.feed(body("HCCCCCCCCCC"), out).ok());
    reader.begin_minute();
    assert_true(reader.feed(body("C"), out).ok());
    assert_false(reader.feed(body("CCCCCCCCCC"), out).ok());
    PushReader other{{}};
    other.begin_body(kEndless);
    assert_true(other.feed(body("H" + std::string(19'999, 'f')), out).ok());
    other.begin_second();
    assert_true(other.feed(body(std::string(20'000, 'f')), out).ok());
    assert_false(other.feed(body("f"), out).ok());
    assert_true(other.feed(body("f"), out).ok());  // what follows an error is not read
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(the_order_of_packets_is_that_of_the_specification),
                                cmocka_unit_test(a_body_may_be_cut_anywhere),
                                cmocka_unit_test(of_a_packet_cut_by_a_lost_connection_nothing_is_kept),
                                cmocka_unit_test(another_output_is_given_the_format_again),
                                cmocka_unit_test(headers_and_packets_are_limited_by_time)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
