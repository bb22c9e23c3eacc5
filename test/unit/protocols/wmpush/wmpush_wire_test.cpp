// The packets of a push's body: the specification digest's vectors, whole, cut anywhere, and broken.
#include "protocols/wmpush/wire.hpp"

#include <vector>

#include "test/support/asf_samples.hpp"
#include "test/support/bytes.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::wmpush;

namespace {

constexpr std::uint64_t kEndless = 2147483647;

constexpr auto kHeaderHead = test::hex<"24 48 C7 01">();           // and 455 bytes
constexpr auto kDataHead = test::hex<"24 44 40 00">();             // and 64
constexpr auto kChangeHead = test::hex<"24 43 CB 01 00000000">();  // and 455
constexpr auto kEntryEnd = test::hex<"24 45 04 00 01000000">();
constexpr auto kEnd = test::hex<"24 45 04 00 00000000">();
constexpr auto kFailure = test::hex<"24 45 04 00 2900 0DC0">();
constexpr auto kLongEnd = test::hex<"24 45 08 00 01000000 07000000">();  // ffmpeg's form
constexpr auto kShortEnd = test::hex<"24 45 00 00">();                   // S2MMSH's
constexpr auto kEmptyFiller = test::hex<"24 46 00 00">();
constexpr auto kFillerHead = test::hex<"24 46 3D 00">();    // and 61
constexpr auto kLargestHead = test::hex<"24 46 FB FF">();   // and 65 531
constexpr auto kTooLargeHead = test::hex<"24 46 FC FF">();  // one more than allowed
constexpr auto kWithB = test::hex<"A4 46 00 00">();

std::vector<std::uint8_t> whole(Bytes head, Bytes payload) {
    auto out = test::copy(head);
    out.insert(out.end(), payload.begin(), payload.end());
    return out;
}
std::vector<std::uint8_t> filled(Bytes head, std::size_t payload) {
    return whole(head, std::vector<std::uint8_t>(payload));
}

struct Vector {
    std::vector<std::uint8_t> bytes;
    PacketId id;
    std::uint32_t reason;
    std::size_t payload;
};
std::vector<Vector> vectors() {
    return {{whole(kHeaderHead, test::sample_header()), PacketId::header, 0, 455},
            {whole(kDataHead, test::sample_key()), PacketId::data, 0, 64},
            {whole(kChangeHead, test::sample_header()), PacketId::change, 0, 455},
            {test::copy(kEntryEnd), PacketId::end, kEntryFinished, 0},
            {test::copy(kEnd), PacketId::end, kFinished, 0},
            {test::copy(kFailure), PacketId::end, 0xC00D0029, 0},
            {test::copy(kLongEnd), PacketId::end, kEntryFinished, 0},
            {test::copy(kShortEnd), PacketId::end, kFinished, 0},
            {test::copy(kEmptyFiller), PacketId::filler, 0, 0},
            {test::copy(kWithB), PacketId::filler, 0, 0},
            {filled(kFillerHead, 61), PacketId::filler, 0, 0},
            {filled(kLargestHead, 65531), PacketId::filler, 0, 0}};
}

std::string error_of(Bytes in, std::uint64_t left = kEndless) {
    const auto parsed = parse_packet(in, left);
    const auto* error = std::get_if<Error>(&parsed);
    return error ? error->detail : std::string{};
}

}  // namespace

static void each_packet_is_read_whole(void**) {
    for (const Vector& v : vectors()) {
        auto followed = v.bytes;
        followed.push_back('x');
        for (const std::uint64_t left : {kEndless, std::uint64_t{v.bytes.size()}}) {
            const auto parsed = parse_packet(followed, left);
            const auto* got = std::get_if<Got<Packet>>(&parsed);
            assert_non_null(got);
            assert_int_equal(got->used, v.bytes.size());
            assert_true(got->value.id == v.id);
            assert_int_equal(got->value.reason, v.reason);
            assert_int_equal(got->value.payload.size(), v.payload);
        }
    }
}

static void every_shorter_prefix_asks_for_what_is_missing(void**) {
    for (const Vector& v : vectors()) {
        for (std::size_t n = 0; n < v.bytes.size(); ++n) {
            // In memory of its own, so that reading past it is seen.
            const std::vector<std::uint8_t> cut(v.bytes.begin(),
                                                v.bytes.begin() + static_cast<std::ptrdiff_t>(n));
            const auto parsed = parse_packet(cut, kEndless);
            assert_non_null(std::get_if<Need>(&parsed));
            assert_int_equal(std::get<Need>(parsed).more, n < kHead ? kHead - n : v.bytes.size() - n);
        }
    }
}

static void what_is_no_packet_is_known_by_its_first_bytes(void**) {
    assert_string_equal(error_of(test::hex<"25">()).c_str(),
                        "push packets: byte 0x25 where a packet should begin, expected 0x24 ('$')");
    for (const auto letter : {'N', 'P', 'T', 'h', '\0'}) {
        const std::uint8_t in[] = {0x24, static_cast<std::uint8_t>(letter)};
        assert_true(error_of(in).find("expected $H, $D, $C, $E or $F") != std::string::npos);
    }
    assert_true(error_of(kTooLargeHead).find("65532 bytes, expected at most 65531") != std::string::npos);
    assert_true(error_of(test::hex<"24 43 03 00">()).find("a $C of 3 bytes") != std::string::npos);
    for (const int length : {1, 2, 3, 5, 7, 9}) {
        const std::uint8_t in[] = {0x24, 0x45, static_cast<std::uint8_t>(length), 0};
        assert_true(error_of(in).find("expected 4") != std::string::npos);
    }
}

static void a_packet_may_not_reach_beyond_the_body(void**) {
    for (const Vector& v : vectors()) {
        const auto parsed = parse_packet(Bytes{v.bytes}.first(kHead), v.bytes.size());
        assert_null(std::get_if<Error>(&parsed));
        if (v.bytes.size() > kHead)
            assert_true(
                error_of(Bytes{v.bytes}.first(kHead), v.bytes.size() - 1).find("Content-Length leaves") !=
                std::string::npos);
    }
}

static void what_is_written_is_what_the_vectors_say(void**) {
    std::uint8_t out[8];
    encode_head(PacketId::header, 455, out);
    assert_memory_equal(out, kHeaderHead.data(), kHead);
    encode_head(PacketId::data, 64, out);
    assert_memory_equal(out, kDataHead.data(), kHead);
    encode_head(PacketId::filler, kMaxPayload, out);
    assert_memory_equal(out, kLargestHead.data(), kHead);
    encode_change_head(455, out);
    assert_memory_equal(out, kChangeHead.data(), kHead + kReason);
    encode_end(kEntryFinished, out);
    assert_memory_equal(out, kEntryEnd.data(), kEndPacket);
    encode_end(kFinished, out);
    assert_memory_equal(out, kEnd.data(), kEndPacket);
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(each_packet_is_read_whole),
                                cmocka_unit_test(every_shorter_prefix_asks_for_what_is_missing),
                                cmocka_unit_test(what_is_no_packet_is_known_by_its_first_bytes),
                                cmocka_unit_test(a_packet_may_not_reach_beyond_the_body),
                                cmocka_unit_test(what_is_written_is_what_the_vectors_say)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
