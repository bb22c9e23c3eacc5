// A channel that pulls over MSBD: what weir says, what it makes of what a server says, timers, hostile input.
#include "protocols/msbd/wire.hpp"
#include "test/flow/pull_bench.hpp"

using namespace weir;
using namespace weir::test;
using namespace weir::msbd;

namespace {

constexpr std::string_view kAddress = "up.example:7007";
const Sources kNamed{"msbd://up.example/news"}, kPlain{"msbd://up.example"};

std::string text(const std::vector<std::uint8_t>& bytes) {
    return std::string(as_text(bytes));
}
const std::string kAccepted = text(encode_connected(kOk));
const std::string kPing = text(encode_plain(Kind::ping)), kPong = text(encode_plain(Kind::pong));
const std::string kEnd = text(encode_plain(Kind::end)), kNothing = text(encode_no_stream());

std::string info(const VideoStream& stream, std::uint16_t id = 0) {
    return text(*encode_info(Kind::info, {.stream = id, .packet_size = 64, .header = stream.header()}));
}
std::string message(std::uint32_t number, std::string_view bytes, std::uint16_t id = 0) {
    std::string out(kPacketOverhead, '\0');
    encode_packet_head({.number = number, .stream = id}, bytes.size(),
                       {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    return out + std::string(bytes);
}

struct Bench : PullBench {
    explicit Bench(const Sources& sources = kNamed) : PullBench(sources) {}
    explicit Bench(ChannelConfig config) : PullBench(std::move(config)) {}
    FakePeer& asked_for_stream() {
        FakePeer& peer = connected(kAddress);
        request = peer.take_sent();
        return peer;
    }
    std::string next(int count = 1, std::uint16_t id = 0) {
        std::string out;
        while (count-- > 0) {
            const auto number = stream.count();
            out += message(number, as_text(sent.emplace_back(stream.next())), id);
        }
        return out;
    }
    std::string request;
};

void the_stream_goes_on_air(void**) {
    Bench b;
    FakePeer& up = b.asked_for_stream();
    const RelayRequest relay{.resume = {}, .via = {b.host.live().lineage().relay_id()}};
    assert_true(b.request == text(encode_connect({.channel = "news", .relay = relay})));
    up.say(kAccepted + info(b.stream));
    up.say(b.next(7));
    b.assert_logged();
    assert_int_equal(b.status().state, SourceStatus::State::on_air);
    assert_string_equal(b.status().who.c_str(), "pull from msbd://up.example:7007/news");
    assert_string_equal(up.sent().c_str(), "");
}

void without_a_path_it_asks_as_the_4_x_era_did(void**) {
    Bench b{kPlain};
    b.asked_for_stream();
    assert_true(b.request == text(encode_connect({.channel = "NetShow", .relay = {}})));
}

void a_port_may_be_named(void**) {
    PullBench b{Sources{"msbd://up.example:7008/news"}};
    b.connected("up.example:7008");
}

void what_comes_may_be_cut_at_every_byte(void**) {
    Bench b;
    FakePeer& up = b.asked_for_stream();
    std::string said = kAccepted + info(b.stream);
    said += b.next(2);
    said += kPing;
    up.say_bytewise(said + b.next(2));
    b.assert_logged();
    assert_true(up.sent() == kPong);
}

void a_ping_is_answered_at_once(void**) {
    Bench b;
    FakePeer& up = b.asked_for_stream();
    up.say(kAccepted);
    up.say(kPing + info(b.stream));
    assert_true(up.take_sent() == kPong);
    up.say(kPing);
    assert_true(up.take_sent() == kPong);
}

void packets_of_another_stream_are_dropped(void**) {
    Bench b;
    FakePeer& up = b.asked_for_stream();
    VideoStream other;
    up.say(kAccepted + message(0, as_text(other.next())) + info(b.stream, 0x8001));
    up.say(message(0, as_text(other.next()), 1) + b.next(3, 0x8001));
    b.assert_logged();
}

void a_new_header_may_come_with_an_end_or_without(void**) {
    for (const std::string& between : {std::string{}, kEnd}) {
        Bench b;
        FakePeer& up = b.asked_for_stream();
        up.say(kAccepted + info(b.stream, 1) + b.next(2, 1));
        VideoStream other{64, 5, '2'};
        up.say(between + info(other, 2) + message(2, as_text(other.next()), 2));
        b.turn();
        assert_int_equal(b.host.live().format_number(), 2);
        assert_false(up.is_closing());
    }
}

void an_end_is_an_end(void**) {
    for (int form = 0; form < 3; ++form) {
        Bench b(ChannelConfig{.name = "live",
                              .title = "Live",
                              .sources = kNamed,
                              .stall_timeout = Duration{60'000},
                              .origin = {}});
        FakePeer& up = b.asked_for_stream();
        up.say(kAccepted + info(b.stream) + b.next(2));
        up.say(kEnd);
        if (form == 0) up.say(kNothing);
        if (form == 1) up.half_close();
        if (form == 2) b.host.advance(Duration{10'000});  // nothing follows
        b.turn();
        assert_true(up.was_told());
        assert_true(b.host.lines().has("the stream ended"));
    }
}

void a_refusal_says_why(void**) {
    struct Case {
        std::uint32_t hr;
        std::string_view why;
    };
    for (const Case& one :
         {Case{kNotFound, "0xC00D001A (no such channel)"}, Case{kNoStream, "it has no stream"},
          Case{kTooMany, "it takes no more clients"}, Case{0x80004005, "0x80004005"}}) {
        Bench b;
        FakePeer& up = b.asked_for_stream();
        up.say(text(encode_connected(one.hr)));
        b.assert_failed(up, one.why);
    }
}

void a_server_without_a_stream_is_asked_again_later(void**) {
    Bench b;
    FakePeer& up = b.asked_for_stream();
    up.say(kAccepted + kNothing);
    b.assert_failed(up, "the server has no stream");
}

void who_does_not_answer_is_given_up_after_10_s(void**) {
    Bench b;
    FakePeer& up = b.asked_for_stream();
    b.host.advance(Duration{9900});
    assert_false(up.is_closing());
    b.host.advance(Duration{200});
    b.assert_failed(up, "no answer within");
}

void what_breaks_the_protocol_ends_the_link(void**) {
    std::string multicast = kAccepted;
    multicast[20] = 2;
    std::string no_signature = kPing;
    no_signature[0] = 'X';
    std::string too_long = kPing;
    too_long[10] = 1;
    const VideoStream stream;
    std::string lies = message(0, std::string(64, 'x'));
    lies[22] = 1;
    const std::string no_packet = message(0, ""), short_packet = text(encode_plain(Kind::packet, kOk, 7));
    std::string liar = info(stream), wrapped = info(stream), odd_id = info(stream, 0x0800);
    ++liar[32];  // cbTitle
    for (const int at : {35, 39, 43, 47})
        wrapped[std::size_t(at)] = 0x40;  // four of them, nothing in 32 bits
    std::string no_header = info(stream).substr(0, kInfoFixed + 1),
                cut_header = no_header + info(stream).substr(kInfoFixed + 1, 60);
    for (std::string* one : {&no_header, &cut_header}) {
        const auto rest = static_cast<std::uint8_t>(one->size() - kInfoFixed);
        one->replace(8, 2, {static_cast<char>(one->size()), 0});
        one->replace(44, 2, {static_cast<char>(rest), 0});
    }
    const std::string long_ping = text(encode_plain(Kind::ping, kOk, 49));
    const std::string short_answer = text(encode_plain(Kind::connected, kOk, 19));
    struct Case {
        std::string said, why;
    };
    for (const Case& one :
         {Case{kPing, "where the answer to REQ_CONNECT should be"}, Case{multicast, "by multicast only"},
          Case{no_signature, "expected \"MSB \""}, Case{kAccepted + no_signature, "expected \"MSB \""},
          Case{kAccepted + too_long, "expected 16 to 65535"},
          Case{kAccepted + kAccepted, "a RES_CONNECT from a server"},
          Case{kAccepted + kPong, "a RES_PING from a server"}, Case{kAccepted + info(stream) + lies, "says"},
          Case{kAccepted + info(stream) + no_packet, "without a packet"},
          Case{kAccepted + info(stream) + short_packet, "expected more than"},
          Case{kAccepted + liar, "whose parts have"}, Case{kAccepted + wrapped, "whose parts have"},
          Case{kAccepted + odd_id, "stream 0x0800"}, Case{kAccepted + no_header, "header"},
          Case{kAccepted + cut_header, "header"}, Case{kAccepted + long_ping, "a REQ_PING of 65 bytes"},
          Case{short_answer, "a RES_CONNECT of 35 bytes"}}) {
        Bench b;
        FakePeer& up = b.asked_for_stream();
        up.say(one.said);
        b.assert_failed(up, one.why);
    }
}

void what_can_be_no_message_ends_the_link_at_its_first_wrong_byte(void**) {
    Bench b;
    FakePeer& up = b.asked_for_stream();
    up.say(kAccepted + info(b.stream));
    up.say(b.next());
    up.say("M");
    assert_false(up.is_closing());
    up.say("P");
    b.assert_failed(up, "expected \"MSB \"");
}

void too_much_that_says_nothing_ends_the_link(void**) {
    const std::string unknown = text(encode_plain(Kind{6}));
    const VideoStream stream;
    std::string early, infos, unknowns;
    for (int i = 0; i < 1001; ++i) early += message(0, "x");
    for (int i = 0; i < 11; ++i) infos += info(stream, static_cast<std::uint16_t>(i));
    for (int i = 0; i < 17; ++i) unknowns += unknown;
    for (const std::string& said : {early, infos, unknowns}) {
        Bench b;
        FakePeer& up = b.asked_for_stream();
        up.say(kAccepted + said);
        b.turn();
        assert_true(up.was_told());
    }
}

void headers_without_end_end_the_link_though_packets_are_between(void**) {
    Bench b;
    b.stream = VideoStream{64, 1};  // each packet begins a run
    FakePeer& up = b.asked_for_stream();
    up.say(kAccepted);
    const auto entry = [&](std::uint16_t id) { up.say(info(b.stream, id) + b.next(1, id)); };
    for (std::uint16_t id = 0; id < 11; ++id) entry(id);
    b.turn();
    assert_false(up.is_closing());
    entry(11);
    b.assert_failed(up, "more than 10 new headers within 60 s");
}

void a_new_id_for_the_same_header_changes_nothing_for_clients(void**) {
    Bench b;
    b.stream = VideoStream{64, 1};
    FakePeer& up = b.asked_for_stream();
    up.say(kAccepted + info(b.stream, 1) + b.next(2, 1));
    up.say(info(b.stream, 0x8001) + b.next(2, 0x8001));
    b.turn();
    assert_int_equal(b.host.live().format_number(), 1);
    assert_int_equal(b.count(), 4);
    assert_false(up.is_closing());
    assert_true(b.is_on_air());
}

void what_the_empty_header_holds_is_not_looked_at(void**) {
    std::string garbage = kNothing;
    std::fill(garbage.begin() + kHead, garbage.end(), '\xA5');
    for (const std::string& said :
         {garbage, garbage.substr(0, kHead) + std::string(3, 'x'), garbage + "more"}) {
        std::string one = said;
        one[8] = static_cast<char>(one.size());
        Bench b;
        FakePeer& up = b.asked_for_stream();
        up.say(kAccepted + info(b.stream) + b.next(2));
        up.say(kEnd + one);
        b.turn();
        assert_true(up.was_told());
        assert_true(b.host.lines().has("the stream ended"));
    }
}

void error_correction_is_taken_out(void**) {
    Bench b;
    FakePeer& up = b.asked_for_stream();
    up.say(kAccepted + info(b.stream));
    Buffer first = b.stream.next(true);
    b.sent.push_back(first);
    first[1] = 0x11;
    first[2] = 7;
    Buffer parity = first;
    parity[0] = 0x92;
    up.say(message(0, as_text(first)) + message(0, as_text(parity)) + b.next(1));
    b.assert_logged();
    assert_int_equal(b.host.live().stats().packets_bad, 0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_stream_goes_on_air),
        cmocka_unit_test(without_a_path_it_asks_as_the_4_x_era_did),
        cmocka_unit_test(a_port_may_be_named),
        cmocka_unit_test(what_comes_may_be_cut_at_every_byte),
        cmocka_unit_test(a_ping_is_answered_at_once),
        cmocka_unit_test(packets_of_another_stream_are_dropped),
        cmocka_unit_test(a_new_header_may_come_with_an_end_or_without),
        cmocka_unit_test(an_end_is_an_end),
        cmocka_unit_test(a_refusal_says_why),
        cmocka_unit_test(a_server_without_a_stream_is_asked_again_later),
        cmocka_unit_test(who_does_not_answer_is_given_up_after_10_s),
        cmocka_unit_test(what_breaks_the_protocol_ends_the_link),
        cmocka_unit_test(what_can_be_no_message_ends_the_link_at_its_first_wrong_byte),
        cmocka_unit_test(too_much_that_says_nothing_ends_the_link),
        cmocka_unit_test(headers_without_end_end_the_link_though_packets_are_between),
        cmocka_unit_test(a_new_id_for_the_same_header_changes_nothing_for_clients),
        cmocka_unit_test(what_the_empty_header_holds_is_not_looked_at),
        cmocka_unit_test(error_correction_is_taken_out),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
