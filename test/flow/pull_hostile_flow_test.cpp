// What a broken or hostile server can send to weir that pulls from it: it costs the link, one line of the log
// says why, and the rules of every other failure hold. (wmsp.md 12, [MS-WMSP] 3.1.5)
#include "test/flow/pull_bench.hpp"
#include "test/support/bytes.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::test;

namespace {

const Sources kHttp{"http://up.example/live"}, kMmsh{"mmsh://up.example/live"};
constexpr std::string_view kOther = "up.example:80";

std::string chunk_with(char type, unsigned length, unsigned size, std::string_view payload = {}) {
    std::string out{'$', type};
    for (const unsigned v : {length, 0U, 0U, 0x0C00U, size}) {
        out += static_cast<char>(v & 0xFF);
        out += static_cast<char>(v >> 8 & 0xFF);
    }
    return out += payload;
}

// Answered to the first request of the source, it is the end of it.
void assert_ends(const Sources& url, std::string_view answer, std::string_view why) {
    PullBench b{url};
    FakePeer& up = b.answers(answer);
    b.turn();
    if (!up.was_told()) b.close(up);
    b.assert_failed(up, why);
    assert_int_equal(b.status().state, SourceStatus::State::waiting);
    // It is asked again, and if it behaves then it is taken.
    b.host.advance(Duration{1000});
    b.answers(ok() + b.header() + b.next());
    b.assert_logged();
}
// The same behind a good description.
void assert_play_ends(std::string_view body, std::string_view why) {
    PullBench b{kMmsh};
    b.close(b.answers(ok(kCougar) + b.framed_header()));
    FakePeer& play = b.answers(ok(kCougar) + std::string(body));
    b.assert_failed(play, why);
    assert_int_equal(b.status().state, SourceStatus::State::waiting);
    b.host.advance(Duration{1000});
    assert_true(b.is_dialling(kOther));
}
std::string header_of_video() {
    return test::framed_header(VideoStream{}.header());
}
std::string packet_of_video() {
    return framed_packet(VideoStream{}.next());
}

void answers_that_are_no_http_end_the_attempt(void**) {
    for (const auto& url : {kHttp, kMmsh}) {
        assert_ends(url, "SSH-2.0-OpenSSH_9.2\r\n\r\n", "");
        assert_ends(url, "\x16\x03\x01\x02\r\n\r\n", "");
        assert_ends(url, "", "the server closed the connection without an answer");
        assert_ends(url, "HTTP/1.1 200 OK\r\nX: y", "the connection ended inside the head");
        assert_ends(url, "HTTP/1.1 200 OK\nX: y\n\n", "");
        assert_ends(url, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "");
    }
}

void heads_over_the_limits_end_the_attempt(void**) {
    for (const auto& url : {kHttp, kMmsh}) {
        assert_ends(url, ok("X: " + std::string(9000, 'y') + "\r\n"), "");
        std::string many;
        for (int i = 0; i < 65; ++i) many += "X: y\r\n";
        assert_ends(url, ok(many), "");
        std::string long_head;
        for (int i = 0; i < 4; ++i) long_head += "X: " + std::string(5000, 'y') + "\r\n";
        assert_ends(url, ok(long_head), "");
    }
}

void a_reason_phrase_cannot_forge_a_line_of_the_log(void**) {
    PullBench b{kHttp};
    FakePeer& up = b.answers("HTTP/1.1 404 \x1b[31mGone\tx\r\n\r\n");
    b.assert_failed(up, "the server answered 404");
    assert_false(b.host.lines().has("\x1b"));
}

void chunks_that_lie_end_the_link(void**) {
    const std::string head = ok("Transfer-Encoding: chunked\r\n", "HTTP/1.1");
    assert_ends(kHttp, head + "zz\r\n", "in a chunk size; hexadecimal digits expected");
    assert_ends(kHttp, head + "fffffffff\r\n", "a chunk of more than 16777216 bytes");
    assert_ends(kHttp, head + "2\r\n0&30\r\n", "after a chunk; CR LF expected");
    assert_ends(kHttp, head + "2;" + std::string(300, 'x'), "a chunk's size line of more than 256 bytes");
    assert_ends(kHttp, head + "10\r\n0&", "the connection ended inside the body");
}

void bodies_that_are_no_stream_end_the_link(void**) {
    assert_ends(kHttp, ok() + "<html><body>It works!</body></html>",
                "not a stream that weir knows (asf): it begins with \"<html><body>It works!</b");
    assert_ends(kHttp, ok(), "the server sent no stream");
    assert_ends(kHttp, ok() + "0", "the server sent too little for a stream: \"0\"");
    assert_ends(kHttp, ok() + "0&0123456789", "the server sent too little for a stream: \"0&0123456789\"");
    assert_ends(kMmsh, ok() + "<html><body>It works!</body></html>",
                "not a Windows Media stream, which begins with $H or an ASF header: it begins with \"<html>");
    assert_ends(kMmsh, ok(), "the server sent no stream header");
    assert_ends(kMmsh, ok(kCougar) + header_of_video().substr(0, 100), "the server sent no stream header");
    assert_ends(kMmsh, ok(kCougar) + stream_end(0), "not a Windows Media stream");
    assert_ends(kMmsh, ok(kCougar) + packet_of_video(), "not a Windows Media stream");
}

void a_description_without_end_is_cut_off(void**) {
    // $M for ever.
    PullBench b{kMmsh};
    FakePeer& up = b.answers(ok(kCougar));
    const std::string metadata = chunk_with('M', 60008, 60008, std::string(60000, 'x'));
    for (int i = 0; i < 2; ++i) up.say(metadata);
    b.turn();
    assert_false(up.was_told());
    up.say(metadata);
    b.assert_failed(up, "180036 bytes of description came and no stream, expected a header of 65536 at");

    // It comes so slowly that no limit of size is met.
    PullBench c{kMmsh};
    FakePeer& slow = c.answers(ok(kCougar) + "$H");
    for (int i = 0; i < 35; ++i) {
        c.host.advance(Duration{1000});
        slow.say(std::string_view{"\xCF", 1}.substr(i == 0 ? 0 : 1));
    }
    assert_false(slow.was_told());
    c.host.advance(Duration{1});
    c.turn();
    assert_true(slow.was_told());
    assert_string_equal(c.status().error.c_str(), "it fell silent");
}

void lengths_that_lie_end_the_link(void**) {
    assert_ends(kMmsh, ok(kCougar) + chunk_with('H', 7, 7), "not a Windows Media stream");
    assert_ends(kMmsh, ok(kCougar) + chunk_with('H', 100, 99), "not a Windows Media stream");
    assert_play_ends(header_of_video() + chunk_with('D', 7, 7), "$D has length 7");
    assert_play_ends(header_of_video() + chunk_with('D', 72, 73), "$D has packet size 73");
    assert_play_ends(header_of_video() + packet_of_video() + std::string("$E\3\0", 4), "$E has length 3");
    assert_play_ends(header_of_video() + packet_of_video() + "<>", "it begins with 0x3C");
    assert_play_ends(header_of_video() + packet_of_video() + "$P", "type 0x50");
}

void packets_longer_than_the_header_says_are_dropped_until_they_are_too_many(void**) {
    PullBench b{kMmsh};
    b.close(b.answers(ok(kCougar) + b.framed_header()));
    FakePeer& play = b.answers(ok(kCougar) + b.framed_header() + b.next_framed());
    const Buffer longer = VideoStream{80}.next();
    for (int i = 0; i < 49; ++i) play.say(framed_packet(longer));
    play.say(b.next_framed());
    b.assert_logged();
    play.say(framed_packet(longer));
    b.assert_failed(play, "50 bad packets within 10 s");
    assert_int_equal(b.host.live().stats().packets_bad, 50);
}

void media_before_the_header_end_the_link(void**) {
    assert_play_ends(packet_of_video(), "not ASF: the first bytes are 24 44");
    assert_play_ends(stream_change() + packet_of_video(), "$D before any $H, expected the header first");
}

void fragments_out_of_order_end_the_link(void**) {
    const VideoStream stream;
    const std::string pieces = test::framed_header(stream.header(), 152);  // three: 164, 164, 163
    const std::string first = pieces.substr(0, 164), second = pieces.substr(164, 164),
                      third = pieces.substr(328);
    assert_play_ends(first + third, "$H fragment 2 with flags 0x08, expected fragment 1");
    assert_play_ends(second, "$H fragment 1 with flags 0x00, expected a first fragment");
    assert_play_ends(first + packet_of_video(), "$D inside a header in fragments");
    // In a description.
    assert_ends(kMmsh, ok(kCougar) + first + third, "");
    assert_ends(kMmsh, ok(kCougar) + second + third, "");
}

void too_many_changes_end_the_link(void**) {
    std::string changes;
    for (int i = 0; i < 10; ++i) changes += stream_change();
    assert_play_ends(
        header_of_video() + packet_of_video() + changes + packet_of_video() + changes + stream_change(),
        "11 $C without a $D between them, expected at most 10");
}

void headers_without_end_end_the_link(void**) {
    std::string runs;
    for (int i = 0; i < 11; ++i) runs += stream_change() + header_of_video() + packet_of_video();
    assert_play_ends(header_of_video() + packet_of_video() + runs, "more than 10 new headers within 60 s");
}

void headers_that_are_none_end_the_link(void**) {
    VideoStream stream;
    Buffer broken = stream.header();
    broken[30] ^= 0xFF;  // no File Properties
    assert_ends(kMmsh, ok(kCougar) + test::framed_header(broken), "");
    assert_ends(kHttp, ok() + text_of(broken) + text_of(stream.next()), "");
    assert_play_ends(test::framed_header(broken), "");
}

// A header with an object of no meaning that makes it longer.
Buffer padded_header(std::size_t by) {
    Buffer header = VideoStream{}.header();
    Buffer padding(by);
    static constexpr auto kPaddingGuid = hex<"74D40618DFCA0945A4BA9AABCB96AAE8">();
    std::copy(kPaddingGuid.begin(), kPaddingGuid.end(), padding.begin());
    store_u64le(padding.data() + 16, by);
    store_u64le(header.data() + 16, load_u64le(header.data() + 16) + by);
    store_u32le(header.data() + 24, load_u32le(header.data() + 24) + 1);
    header.insert(header.begin() + 30, padding.begin(), padding.end());
    return header;
}

void the_channels_limit_of_a_header_holds_for_pulls(void**) {
    for (const bool is_plain : {true, false}) {
        for (const std::size_t size : {4096UL, 4097UL}) {
            PullBench b{is_plain ? kHttp : kMmsh, 4096};
            const Buffer header = padded_header(size - VideoStream{}.header().size());
            assert_int_equal(header.size(), size);
            FakePeer* up = &b.connected();
            if (!is_plain) {
                up->say(ok(kCougar) + test::framed_header(header, 1000));
                b.close(*up);
                up = &b.connected();
            }
            up->say(ok() + (is_plain ? text_of(header) + b.next()
                                     : test::framed_header(header, 1000) + b.next_framed()));
            if (size == 4096) {
                b.assert_logged();
            } else {
                b.assert_failed(*up, "4096");
                assert_int_equal(b.count(), 0);
            }
        }
    }
}

void garbage_in_a_plain_stream_is_looked_through_and_given_up_after_a_mebibyte(void**) {
    PullBench b{kHttp};
    FakePeer& up = b.answers(ok() + b.header() + b.next());
    up.say(std::string(1000, 'x'));
    const std::string packets = b.next(2);
    up.say(packets);
    assert_int_equal(b.count(), 3);
    const std::string garbage(64 * 1024, 'x');
    for (int i = 0; i < 17 && !up.was_told(); ++i) {
        up.say(garbage);
        b.turn();
    }
    b.assert_failed(up, "bytes without a packet, given up");
}

void others_notice_nothing(void**) {
    ChannelConfig config;
    config.name = "live";
    config.sources = {"http://up.example/live", "push:"};
    config.failback = {.when = Failback::When::after, .beside = Milliseconds{30000}};
    PullBench b{config};
    FakePeer& push = b.host.connect();
    push.say("POST /live HTTP/1.1\r\nHost: weir\r\nTransfer-Encoding: chunked\r\n\r\n" +
             in_chunk(b.header()));
    push.say(in_chunk(b.next()));
    for (const std::string_view answer :
         {"garbage\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\ngarbage and no stream", "HTTP/1.1 404 a\r\n\r\n"}) {
        b.host.advance(Duration{1000});
        push.say(in_chunk(b.next()));
        if (b.host.dials().empty()) b.host.advance(Duration{4000});
        b.answers(answer);
        push.say(in_chunk(b.next()));
        b.turn();
        b.assert_logged();
        assert_false(push.was_told());
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(answers_that_are_no_http_end_the_attempt),
        cmocka_unit_test(heads_over_the_limits_end_the_attempt),
        cmocka_unit_test(a_reason_phrase_cannot_forge_a_line_of_the_log),
        cmocka_unit_test(chunks_that_lie_end_the_link),
        cmocka_unit_test(bodies_that_are_no_stream_end_the_link),
        cmocka_unit_test(a_description_without_end_is_cut_off),
        cmocka_unit_test(lengths_that_lie_end_the_link),
        cmocka_unit_test(packets_longer_than_the_header_says_are_dropped_until_they_are_too_many),
        cmocka_unit_test(media_before_the_header_end_the_link),
        cmocka_unit_test(fragments_out_of_order_end_the_link),
        cmocka_unit_test(too_many_changes_end_the_link),
        cmocka_unit_test(headers_without_end_end_the_link),
        cmocka_unit_test(headers_that_are_none_end_the_link),
        cmocka_unit_test(the_channels_limit_of_a_header_holds_for_pulls),
        cmocka_unit_test(garbage_in_a_plain_stream_is_looked_through_and_given_up_after_a_mebibyte),
        cmocka_unit_test(others_notice_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
