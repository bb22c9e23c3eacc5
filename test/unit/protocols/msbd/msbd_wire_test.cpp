// The messages of MSBD: the specification digest's vectors, whole, cut anywhere, and broken.
#include "protocols/msbd/wire.hpp"

#include <string>
#include <vector>

#include "test/support/asf_samples.hpp"
#include "test/support/bytes.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::msbd;
using test::Buffer;

namespace {

constexpr auto kConnect = test::hex<
    "4D534220 0601 0700 22000000 00000000"
    "01000000 4E00 6500 7400 5300 6800 6F00 7700">();
constexpr auto kAccepted = test::hex<
    "4D534220 0601 0800 24000000 00000000"
    "00000000 0000 0000 00000000 0000000000000000">();
constexpr auto kRefused = test::hex<
    "4D534220 0601 0800 24000000 1A000DC0"
    "00000000 0000 0000 00000000 0000000000000000">();
constexpr auto kMulticastOffer = test::hex<
    "4D534220 0601 0800 24000000 00000000"
    "00000000 0200 1B5F EFC00001 0000000000000000">();
constexpr auto kInfoHead = test::hex<
    "4D534220 0601 0500 F7010000 00000000"
    "0000 4000 00000000 80BB0000 FFFFFFFF"
    "00000000 00000000 00000000 C7010000">();
constexpr auto kPacketFront = test::hex<
    "4D534220 0601 0A00 58000000 00000000"
    "00000000 0000 4800">();
constexpr auto kPingMessage = test::hex<"4D534220 0601 0100 10000000 00000000">();
constexpr auto kPongMessage = test::hex<"4D534220 0601 0200 10000000 00000000">();
constexpr auto kEndMessage = test::hex<"4D534220 0601 0900 10000000 00000000">();
constexpr auto kEmptyInfo = test::hex<
    "4D534220 0601 0500 30000000 33000DC0"
    "0000 0000 00000000 00000000 00000000"
    "00000000 00000000 00000000 00000000">();

Buffer joined(Bytes front, Bytes rest) {
    Buffer out = test::copy(front);
    out.insert(out.end(), rest.begin(), rest.end());
    return out;
}

Message whole(Bytes in) {
    const auto parsed = parse_message(in);
    assert_true((std::holds_alternative<Got<Message>>(parsed)));
    const auto& got = std::get<Got<Message>>(parsed);
    assert_int_equal(got.used, in.size());
    return got.value;
}

struct Vector {
    Buffer bytes;
    Kind kind;
    std::uint32_t hr = kOk;
};
std::vector<Vector> vectors() {
    return {{test::copy(kConnect), Kind::connect},
            {test::copy(kAccepted), Kind::connected},
            {test::copy(kRefused), Kind::connected, kNotFound},
            {test::copy(kMulticastOffer), Kind::connected},
            {joined(kInfoHead, test::sample_header()), Kind::info},
            {joined(kPacketFront, test::sample_key()), Kind::packet},
            {test::copy(kPingMessage), Kind::ping},
            {test::copy(kPongMessage), Kind::pong},
            {test::copy(kEndMessage), Kind::end},
            {test::copy(kEmptyInfo), Kind::info, kNoStream}};
}

std::string error_of(Bytes in) {
    const auto parsed = parse_message(in);
    const auto* error = std::get_if<Error>(&parsed);
    return error ? error->detail : std::string{};
}
bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// A field of a message, changed.
Buffer with(Buffer bytes, std::size_t at, std::size_t size, std::uint32_t value) {
    for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
    return bytes;
}
Result<std::optional<Info>> info_of(const Buffer& bytes) {
    return parse_info(whole(bytes));
}

Bytes body_of(const Buffer& bytes) {
    return whole(bytes).body;
}

void each_message_is_read_whole(void**) {
    for (const Vector& v : vectors()) {
        Buffer followed = v.bytes;
        followed.push_back('M');
        const auto parsed = parse_message(followed);
        const auto* got = std::get_if<Got<Message>>(&parsed);
        assert_non_null(got);
        assert_int_equal(got->used, v.bytes.size());
        assert_true(got->value.kind == v.kind);
        assert_int_equal(got->value.hr, v.hr);
        assert_int_equal(got->value.body.size(), v.bytes.size() - kHead);
    }
}

void every_shorter_prefix_asks_for_what_is_missing(void**) {
    for (const Vector& v : vectors()) {
        for (std::size_t n = 0; n < v.bytes.size(); ++n) {
            const Buffer cut(v.bytes.begin(), v.bytes.begin() + static_cast<std::ptrdiff_t>(n));
            const auto parsed = parse_message(cut);
            const auto* need = std::get_if<Need>(&parsed);
            assert_non_null(need);
            assert_int_equal(need->more, n < kHead ? kHead - n : v.bytes.size() - n);
        }
    }
}

void what_is_no_message_is_known_by_its_first_bytes(void**) {
    for (std::size_t at = 0; at < 4; ++at) {
        Buffer bytes = test::copy(kPingMessage);
        bytes[at] ^= 0x20;
        for (std::size_t n = at + 1; n <= bytes.size(); ++n)
            assert_true(has(error_of(Bytes{bytes}.first(n)), "expected \"MSB \""));
    }
    for (const std::uint32_t size : {0U, 15U, 0x10000U, 0x10010U, 0xFFFFFFFFU}) {
        const Buffer bytes = with(test::copy(kPingMessage), 8, 4, size);
        assert_true(has(error_of(bytes), "expected 16 to 65535"));
    }
    // Another version is no reason to say no.
    assert_true(whole(with(test::copy(kPingMessage), 4, 2, 0x0200)).kind == Kind::ping);
}

void what_is_written_is_what_the_vectors_say(void**) {
    assert_true(test::same(encode_connect({.channel = "NetShow", .relay = {}}), kConnect));
    assert_true(test::same(encode_connected(kOk), kAccepted));
    assert_true(test::same(encode_connected(kNotFound), kRefused));
    assert_true(test::same(encode_plain(Kind::ping), kPingMessage));
    assert_true(test::same(encode_plain(Kind::pong), kPongMessage));
    assert_true(test::same(encode_plain(Kind::end), kEndMessage));
    assert_true(test::same(encode_no_stream(), kEmptyInfo));
    const auto info = encode_info(
        Kind::info,
        {.stream = 0, .packet_size = 64, .bit_rate = 48000, .link = {}, .header = test::sample_header()});
    assert_true(info && test::same(*info, joined(kInfoHead, test::sample_header())));
    std::uint8_t front[kPacketOverhead];
    encode_packet_head({.number = 0, .stream = 0}, 64, front);
    assert_true(test::same(front, kPacketFront));
}

void a_request_names_a_channel(void**) {
    const auto read = [](const Connect& connect) {
        const auto back = parse_connect(body_of(encode_connect(connect)));
        assert_true(back.ok());
        assert_string_equal(back.value().channel.c_str(), connect.channel.c_str());
        assert_true(back.value().relay == connect.relay);
        return back.value();
    };
    assert_true(read({.channel = "NetShow", .relay = {}}).wants_default());
    assert_true(read({.channel = "netshow", .relay = {}}).wants_default());
    assert_true(read({.channel = "", .relay = {}}).wants_default());
    assert_false(read({.channel = "news", .relay = {}}).wants_default());
    read({.channel = "news", .relay = RelayRequest{}});
    const StreamPlace place{.run = {{1, 2, 3, 0xFFFFFFFF}}, .number = ~std::uint64_t{0}};
    read({.channel = "news", .relay = RelayRequest{.resume = place, .via = {}}});
    read({.channel = "news", .relay = RelayRequest{.resume = {}, .via = {1, ~RelayId{0}}}});
    read({.channel = "news", .relay = RelayRequest{.resume = place, .via = {1, 2, 3}}});
    read({.channel = "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x8E\xB5", .relay = {}});
    // A slash in front; a NUL behind, which says nothing.
    const auto of = [](std::string_view text) {
        return parse_connect(body_of(encode_connect({.channel = std::string(text), .relay = {}})));
    };
    assert_string_equal(of("/news").value().channel.c_str(), "news");
    assert_false(of(std::string_view{"news\0", 5}).value().relay.has_value());
    assert_string_equal(of(std::string_view{"news\0", 5}).value().channel.c_str(), "news");
}

void a_bad_request_is_refused_with_a_sentence(void**) {
    const auto refused = [](Bytes body, std::string_view why) {
        const auto parsed = parse_connect(body);
        assert_false(parsed.ok());
        if (!has(parsed.error().detail, why)) print_error("%s\n", parsed.error().detail.c_str());
        assert_true(has(parsed.error().detail, why));
    };
    refused({}, "expected 20 and a channel's name");
    refused(test::hex<"010000">(), "expected 20");
    refused(test::hex<"01000000 4E">(), "an even number");
    refused(test::hex<"01000000 00D8">(), "half of a surrogate pair");
    refused(test::hex<"01000000 00D8 4100">(), "half of a surrogate pair");
    refused(test::hex<"01000000 00DC">(), "half of a surrogate pair");
    refused(test::hex<"01000000 4100 0A00">(), "control characters");
    refused(test::hex<"01000000 2E00 2E00 2F00">(), "\"..\"");
    Buffer name = test::copy(test::hex<"01000000">());
    name.resize(4 + kMaxChannelBytes, 'a');
    assert_true(parse_connect(name).ok());
    name.resize(4 + kMaxChannelBytes + 2, 'a');
    refused(name, "expected at most 512");
}

void an_answer_that_leads_elsewhere_is_refused(void**) {
    assert_true(check_connected(body_of(test::copy(kAccepted))).ok());
    assert_false(check_connected(body_of(test::copy(kMulticastOffer))).ok());
    assert_false(check_connected(Bytes{kAccepted}.subspan(kHead, 19)).ok());
}

void a_stream_s_information_is_read(void**) {
    const Buffer bytes = joined(kInfoHead, test::sample_header());
    const auto info = info_of(bytes);
    assert_true(info.ok() && info.value().has_value());
    assert_int_equal(info.value()->packet_size, 64);
    assert_int_equal(info.value()->bit_rate, 48000);
    assert_int_equal(info.value()->stream, 0);
    assert_true(info.value()->link.empty());
    assert_true(test::same(info.value()->header, test::sample_header()));
    // Texts in front of it are passed over.
    Buffer titled = with(with(joined(kInfoHead, test::hex<"610062006300">()), 32, 4, 2), 36, 4, 4);
    titled.insert(titled.end(), test::sample_header().begin(), test::sample_header().end());
    titled = with(titled, 8, 4, static_cast<std::uint32_t>(titled.size()));
    assert_true(test::same(info_of(titled).value()->header, test::sample_header()));
}

void an_empty_information_is_not_looked_into(void**) {
    assert_true(info_of(test::copy(kEmptyInfo)).ok());
    assert_false(info_of(test::copy(kEmptyInfo)).value().has_value());
    // Whatever was in memory there.
    Buffer garbage = test::copy(kEmptyInfo);
    std::fill(garbage.begin() + kHead, garbage.end(), std::uint8_t{0xCD});
    assert_false(info_of(garbage).value().has_value());
    assert_false(info_of(with(garbage, 12, 4, 0)).value().has_value());
    for (std::uint32_t size = kHead; size < kInfoFixed; ++size) {
        const Buffer shorter = with(Buffer(garbage.begin(), garbage.begin() + size), 8, 4, size);
        assert_false(info_of(shorter).value().has_value());
        assert_false(info_of(with(shorter, 12, 4, 0)).ok());
    }
}

void lengths_that_lie_are_refused(void**) {
    const Buffer good = joined(kInfoHead, test::sample_header());
    for (const std::size_t at : {32U, 36U, 40U, 44U}) {
        for (const std::uint32_t value : {1U, 454U, 456U, 0xFFCFU, 0xFFD0U, 0x40000000U, 0xFFFFFFFFU})
            assert_false(info_of(with(good, at, 4, value)).ok());
    }
    // Four of these are 0 in 32 bits.
    Buffer wraps = good;
    for (const std::size_t at : {32U, 36U, 40U, 44U}) wraps = with(wraps, at, 4, 0x40000000);
    assert_false(info_of(wraps).ok());
    for (const std::uint32_t stream : {0x0800U, 0x7FFFU, 0x8800U, 0xFFFFU})
        assert_false(info_of(with(good, 16, 2, stream)).ok());
    for (const std::uint32_t stream : {0x07FFU, 0x8000U, 0x87FFU})
        assert_int_equal(info_of(with(good, 16, 2, stream)).value()->stream, stream);
    // What does not fit is not written.
    const Buffer large(kMaxInfoParts - 3);
    assert_true(encode_info(Kind::info, {.link = Bytes{large}.first(3), .header = large}).has_value());
    assert_false(encode_info(Kind::info, {.link = Bytes{large}.first(4), .header = large}).has_value());
}

void a_packet_says_its_size_twice(void**) {
    const Buffer good = joined(kPacketFront, test::sample_key());
    const Buffer other = with(with(good, 16, 4, 0xFFFFFFFF), 20, 2, 0x8001);
    const auto parsed = parse_packet(body_of(other));
    assert_true(parsed.ok());
    assert_int_equal(parsed.value().head.number, 0xFFFFFFFF);
    assert_int_equal(parsed.value().head.stream, 0x8001);
    assert_true(test::same(parsed.value().payload, test::sample_key()));
    for (const std::uint32_t size : {0U, 8U, 0x47U, 0x49U, 0xFFFFU})
        assert_false(parse_packet(body_of(with(good, 22, 2, size))).ok());
    for (std::size_t n = 0; n <= 8; ++n) {
        Buffer body(n);
        if (n == 8) store_u16le(body.data() + 6, 8);
        assert_false(parse_packet(body).ok());
    }
}

void results_are_told_in_words(void**) {
    assert_string_equal(describe_result(kNotFound).c_str(), "0xC00D001A (no such channel)");
    assert_string_equal(describe_result(0xA00D0001).c_str(), "0xA00D0001");
    assert_true(is_failure(kInvalid) && is_failure(kNotFound) && !is_failure(kOk) && !is_failure(1));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_message_is_read_whole),
        cmocka_unit_test(every_shorter_prefix_asks_for_what_is_missing),
        cmocka_unit_test(what_is_no_message_is_known_by_its_first_bytes),
        cmocka_unit_test(what_is_written_is_what_the_vectors_say),
        cmocka_unit_test(a_request_names_a_channel),
        cmocka_unit_test(a_bad_request_is_refused_with_a_sentence),
        cmocka_unit_test(an_answer_that_leads_elsewhere_is_refused),
        cmocka_unit_test(a_stream_s_information_is_read),
        cmocka_unit_test(an_empty_information_is_not_looked_into),
        cmocka_unit_test(lengths_that_lie_are_refused),
        cmocka_unit_test(a_packet_says_its_size_twice),
        cmocka_unit_test(results_are_told_in_words),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
