// Who asks over MSBD for what it cannot have, says what makes no sense, or says it for ever.
#include "core/asf/container.hpp"
#include "core/asf/guid.hpp"
#include "test/flow/msbd_bench.hpp"

using namespace weir;
using namespace weir::test;

namespace {

// A stream whose header has a long object that nobody may leave out.
std::unique_ptr<Feed> put_on_air_with_long_header(FakeHost& host) {
    VideoStream stream;
    Buffer header = stream.header();
    Buffer object(kMaxInfoParts, 0xA5);
    const auto& guid = asf::kAdvancedContentEncryption.bytes;
    std::copy(guid.begin(), guid.end(), object.begin());
    store_u64le(object.data() + 16, object.size());
    store_u64le(header.data() + 16, load_u64le(header.data() + 16) + object.size());
    store_u32le(header.data() + 24, load_u32le(header.data() + 24) + 1);
    header.insert(header.begin() + 30, object.begin(), object.end());
    auto format = asf::container().parse_header(header, {.header_bytes = std::size_t{1} << 20});
    auto feed = std::make_unique<Feed>(host.live(), 0, Feed::Role::source, "long header", Callback<void()>{});
    feed->begin(format.value());
    assert_true(feed->append(stream.next()).ok());
    feed->publish();
    return feed;
}

void what_only_a_server_says_ends_the_link(void**) {
    for (const Kind kind : {Kind::ping, Kind::info_again, Kind::info, Kind::connect, Kind::connected,
                            Kind::end, Kind::packet}) {
        FakeHost host;
        Encoder encoder(host);
        encoder.send(1);
        FakePeer& peer = host.ask(request("live"));
        peer.say(text(encode_plain(kind)));
        assert_int_equal(peer.reason(), CloseReason::protocol_error);
        assert_int_equal(host.stats().bad_requests, 1);
    }
}

void unknown_messages_are_passed_over_16_times(void**) {
    FakeHost host;
    Encoder encoder(host);
    encoder.send(1);
    FakePeer& peer = host.ask(request("live"));
    for (int i = 0; i < 16; ++i)
        peer.say(text(encode_plain(Kind{static_cast<std::uint16_t>(i % 2 ? 6 : 99)})));
    assert_false(peer.is_closing());
    peer.say(text(encode_plain(Kind{0})));
    assert_true(peer.is_closing());
}

void half_a_message_is_waited_for_10_s(void**) {
    FakeHost host;
    Encoder encoder(host);
    encoder.send(1);
    FakePeer& peer = host.ask(request("live"));
    peer.say(kPong.substr(0, 9));
    host.advance(Duration{9900});
    peer.say(kPong.substr(9) + kPong.substr(0, 9));
    host.advance(Duration{9900});
    assert_false(peer.is_closing());
    host.advance(Duration{200});
    assert_int_equal(peer.reason(), CloseReason::protocol_error);
}

void what_is_no_message_ends_the_link(void**) {
    std::string no_signature = kPong, too_short = kPong, too_long = kPong, long_one = kPong;
    no_signature[3] = '_';
    too_short[8] = 15;
    too_long[10] = 1;
    long_one[8] = 65;
    for (const std::string& said : {no_signature, too_short, too_long, long_one}) {
        FakeHost host;
        Encoder encoder(host);
        encoder.send(1);
        FakePeer& peer = host.ask(request("live"));
        peer.say(said);
        assert_int_equal(peer.reason(), CloseReason::protocol_error);
    }
}

void more_pongs_than_anybody_asked_for_end_the_link(void**) {
    FakeHost host;
    Encoder encoder(host);
    encoder.send(1);
    FakePeer& peer = host.ask(request("live"));
    for (int second = 0; second < 3; ++second) {
        for (int i = 0; i < 10; ++i) peer.say(kPong);
        host.advance(Duration{1000});
    }
    assert_false(peer.is_closing());
    for (int i = 0; i < 11; ++i) peer.say(kPong);
    assert_int_equal(peer.reason(), CloseReason::protocol_error);
}

// A channel's name in UTF-16, as it stands: what encode_connect() cannot write.
void names_that_are_none_are_refused(void**) {
    const auto raw = [](std::string_view units) {
        std::string out = request("");
        out += units;
        out[8] = static_cast<char>(out.size());
        return out;
    };
    using namespace std::string_view_literals;
    for (const std::string_view units : {"a"sv, "\x00\xD8"sv, "\x00\xDC\x00\xD8"sv, "\n\0"sv, "\x7F\0"sv}) {
        FakeHost host;
        Encoder encoder(host);
        encoder.send(1);
        assert_refused(host.ask(raw(units)), kInvalid);
    }
    FakeHost host;
    Encoder encoder(host);
    encoder.send(1);
    assert_refused(host.ask(text(encode_plain(Kind::connect))), kInvalid);  // no flags
    std::string endless = request("");
    endless[9] = 127;
    assert_refused(host.ask(endless), kInvalid);
    FakePeer& nul = host.ask(raw("l\0i\0v\0e\0\0\0"sv));
    assert_true(nul.sent().starts_with(kAccepted));
}

void who_says_too_much_before_the_answer_is_refused(void**) {
    FakeHost host;
    FakePeer& peer = host.ask(request("live"));
    for (int i = 0; i < 31; ++i) peer.say(kPong);
    assert_false(peer.is_closing());
    peer.say(std::string(200, '\0'));
    assert_refused(peer, kInvalid);
}

void where_servers_have_all_their_places_one_more_is_refused(void**) {
    ServerConfig server;
    server.max_links = 1;
    FakeHost host{{}, server};
    Encoder encoder(host);
    encoder.send(1);
    FakePeer& first = host.ask(request("live"));
    FakePeer& second = host.ask(request("live"));
    assert_false(first.is_closing());
    assert_sent(second, text(encode_connected(kTooMany)));
    assert_true(second.was_told());
}

void a_header_too_long_for_a_message_is_refused(void**) {
    FakeHost host;
    const auto feed = put_on_air_with_long_header(host);
    assert_refused(host.ask(request("live")), kIncompatible);
}

void a_header_that_becomes_too_long_for_a_message_ends_the_link(void**) {
    FakeHost host;
    auto encoder = std::make_unique<Encoder>(host);
    encoder->send(1);
    FakePeer& peer = host.ask(request("live"));
    flush(host);
    peer.take_sent();
    encoder.reset();
    const auto feed = put_on_air_with_long_header(host);
    flush(host);
    assert_sent(peer, kOver);
    assert_int_equal(peer.reason(), CloseReason::finished);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_only_a_server_says_ends_the_link),
        cmocka_unit_test(unknown_messages_are_passed_over_16_times),
        cmocka_unit_test(half_a_message_is_waited_for_10_s),
        cmocka_unit_test(what_is_no_message_ends_the_link),
        cmocka_unit_test(more_pongs_than_anybody_asked_for_end_the_link),
        cmocka_unit_test(names_that_are_none_are_refused),
        cmocka_unit_test(who_says_too_much_before_the_answer_is_refused),
        cmocka_unit_test(where_servers_have_all_their_places_one_more_is_refused),
        cmocka_unit_test(a_header_too_long_for_a_message_is_refused),
        cmocka_unit_test(a_header_that_becomes_too_long_for_a_message_ends_the_link),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
