// What weir says to the servers and encoders it pulls from, and the forms of answer that it reads.
#include "test/flow/pull_bench.hpp"

using namespace weir;
using namespace weir::test;

namespace {

constexpr std::string_view kPlainRequest =
    "GET /live?a=b HTTP/1.1\r\nHost: up.example:8080\r\nUser-Agent: weir/VERSION\r\nAccept: "
    "*/*\r\nX-Weir-Via: ID\r\nConnection: close\r\n\r\n";

constexpr std::string_view kDescribe =
    "GET /live HTTP/1.0\r\nAccept: */*\r\nUser-Agent: NSServer/4.1.0.3930 weir/VERSION\r\n"
    "Host: up.example\r\nMax-Forwards: 9\r\nX-Weir-Via: ID\r\n"
    "Pragma: no-cache,rate=1.000000,stream-time=0,stream-offset=0:0,max-duration=0\r\n"
    "Pragma: xClientGUID={00000000-0000-0000-0000-000000000000}\r\nConnection: Close\r\n\r\n";

constexpr std::string_view kPlay =
    "GET /live HTTP/1.0\r\nAccept: */*\r\nUser-Agent: NSServer/4.1.0.3930 weir/VERSION\r\n"
    "Host: up.example\r\nMax-Forwards: 9\r\nX-Weir-Via: ID\r\n"
    "Pragma: no-cache,rate=1.000000,stream-time=0,stream-offset=4294967295:4294967295,"
    "packet-num=4294967295,max-duration=0\r\n"
    "Pragma: xPlayStrm=1\r\nPragma: stream-switch-count=2\r\n"
    "Pragma: stream-switch-entry=ffff:1:0 ffff:2:0\r\nPragma: client-id=1543854732\r\n"
    "Pragma: xClientGUID={00000000-0000-0000-0000-000000000000}\r\nConnection: Close\r\n\r\n";

const Sources kHttp{"http://up.example/live"}, kMmsh{"mmsh://up.example/live"};

void a_plain_stream_in_chunks_goes_on_air(void**) {
    PullBench b{Sources{"http://up.example:8080/live?a=b"}};
    assert_int_equal(b.status().state, SourceStatus::State::dialling);
    FakePeer& up = b.connected("up.example:8080");
    assert_string_equal(asked(up).c_str(), std::string(kPlainRequest).c_str());
    // As ffmpeg -listen 1 answers.
    up.say(ok("Content-Type: video/x-ms-asf\r\nTransfer-Encoding: chunked\r\n", "HTTP/1.1"));
    up.say(in_chunk(b.header()));
    for (int i = 0; i < 7; ++i) up.say(in_chunk(b.next()));
    b.assert_logged();
    assert_int_equal(b.status().state, SourceStatus::State::on_air);
    assert_string_equal(b.status().who.c_str(), "pull from http://up.example:8080/live?a=b");
    assert_true(b.status().error.empty());
    // The end of the stream is a loss.
    b.host.advance(Duration{6000 - 1200});
    up.say(in_chunk(b.next()) + "0\r\n\r\n");
    b.turn();
    assert_true(up.was_told());
    assert_true(b.host.lines().has(
        "warning: channel live: lost pull from http://up.example:8080/live?a=b after 8 packets: the stream"));
    assert_int_equal(b.host.live().state(), Channel::State::restarting);
}

void a_plain_stream_that_lasts_until_the_connection_ends_goes_on_air(void**) {
    PullBench b{kHttp};
    FakePeer& up = b.answers(ok());
    up.say(b.header() + b.next(2));
    b.assert_logged();
    b.close(up);
    assert_true(up.was_told());
    assert_int_equal(b.host.live().state(), Channel::State::restarting);
}

void answers_may_be_cut_at_every_byte(void**) {
    for (int form = 0; form < 6; ++form) {
        const bool is_plain = form < 2 || form == 5;
        PullBench b{form < 2 || form == 4 ? kHttp : kMmsh};
        FakePeer* up = &b.connected();
        if (form == 0 || form == 5) up->say_bytewise(ok() + b.header() + b.next(3));
        if (form == 1) {
            std::string answer = ok("Transfer-Encoding: chunked\r\n", "HTTP/1.1") + in_chunk(b.header());
            answer += in_chunk(b.next());
            up->say_bytewise(answer + in_chunk(b.next(2)));
        }
        if (!is_plain) {
            up->say_bytewise(ok(kCougar) + test::framed_header(b.stream.header(), form == 3 ? 100 : 65527));
            b.close(*up);
            up = &b.connected();
            up->say_bytewise(ok(kCougar) + test::framed_header(b.stream.header(), form == 3 ? 33 : 65527) +
                             b.next_framed(3));
        }
        b.assert_logged();
        assert_false(up->was_told());
    }
}

void describe_and_play_are_asked_byte_for_byte_as_a_server_of_the_4_1_generation(void**) {
    PullBench b{kMmsh};
    FakePeer& describe = b.connected();
    assert_string_equal(asked(describe).c_str(), std::string(kDescribe).c_str());
    describe.say(ok(kCougar) + b.framed_header());
    assert_true(b.host.dials().empty());
    b.close(describe);
    assert_true(describe.was_told());
    FakePeer& play = b.connected();
    assert_string_equal(asked(play).c_str(), std::string(kPlay).c_str());
    play.say(ok(kCougar) + b.framed_header() + b.next_framed(2));
    b.assert_logged();
    assert_true(b.is_on_air());
}

void a_description_with_a_length_needs_no_close(void**) {
    PullBench b{kMmsh};
    const std::string body = b.framed_header();
    FakePeer& describe =
        b.answers(ok(std::string(kCougar) + "Content-Length: " + std::to_string(body.size()) + "\r\n"));
    describe.say(body);
    b.turn();
    assert_true(describe.was_told());
    FakePeer& play = b.connected();
    assert_true(is_play(play));
    play.say(ok(kCougar) + b.framed_header() + b.next_framed());
    b.assert_logged();
}

void a_windows_media_server_that_keeps_a_description_open_is_asked_to_play_after_half_a_second(void**) {
    PullBench b{kMmsh};
    FakePeer& describe = b.answers(ok(kCougar) + b.framed_header());
    b.host.advance(Duration{499});
    assert_true(b.host.dials().empty());
    b.host.advance(Duration{2});
    assert_true(describe.was_told());
    b.answers(ok(kCougar) + b.framed_header() + b.next_framed());
    b.assert_logged();
}

void a_description_that_is_reset_after_the_header_will_do(void**) {
    PullBench b{kMmsh};
    FakePeer& describe = b.answers(ok(kCougar) + b.framed_header());
    describe.reset();
    b.turn();
    assert_true(is_play(b.connected()));
}

void a_header_in_several_pieces_is_put_together(void**) {
    PullBench b{kMmsh};
    b.close(b.answers(ok(kCougar) + test::framed_header(b.stream.header(), 120)));
    FakePeer& play = b.connected();
    assert_true(has(play.sent(), "stream-switch-entry=ffff:1:0 ffff:2:0\r\n"));
    play.say(ok(kCougar) + test::framed_header(b.stream.header(), 150) + b.next_framed());
    b.assert_logged();
}

void an_encoder_that_streams_on_a_describe_is_not_asked_again(void**) {
    PullBench b{kMmsh};
    FakePeer& up = b.answers(ok("Server: Rex/7.0.0.1956\r\n") + b.framed_header());
    b.host.advance(Duration{400});
    up.say(b.next_framed());
    b.host.advance(Duration{3000});
    up.say(b.next_framed());
    b.assert_logged();
    assert_true(b.host.dials().empty());
    assert_false(up.was_told());
}

// ffmpeg -f asf_stream -listen 1: one connection is all it takes, and a low bit rate fills packets slowly.
void a_server_without_a_name_may_stream_its_first_packet_late(void**) {
    for (const auto& url : {kHttp, kMmsh}) {
        PullBench b{url};
        FakePeer& up =
            b.answers(ok("Transfer-Encoding: chunked\r\n", "HTTP/1.1") + in_chunk(b.framed_header()));
        b.host.advance(Duration{4000});
        assert_true(b.host.dials().empty());
        up.say(in_chunk(b.next_framed()));
        b.assert_logged();
        assert_false(up.was_told());
    }
}

void a_server_without_a_name_that_never_streams_is_asked_to_play_in_the_end(void**) {
    PullBench b{kMmsh};
    FakePeer& describe = b.answers(ok() + b.framed_header());
    b.host.advance(Duration{5001});
    assert_true(describe.was_told());
    assert_true(is_play(b.connected()));
}

// VLC, access=mmsh,mux=asfh.
void vlc_as_encoder_is_pulled(void**) {
    PullBench b{kMmsh};
    constexpr std::string_view kVlc =
        "Content-type: application/octet-stream\r\nServer: Cougar 4.1.0.3921\r\nPragma: no-cache\r\n"
        "Pragma: client-id=5396\r\nPragma: features=\"broadcast\"\r\nCache-Control: "
        "no-cache\r\nConnection: close\r\n";
    b.close(b.answers(ok(kVlc) + b.framed_header()));
    FakePeer& play = b.connected();
    assert_true(has(play.sent(), "Pragma: client-id=5396\r\n"));
    // It lets in at any packet: those before the first sync point are no beginning.
    std::string joined = ok(kVlc) + b.framed_header();
    for (int i = 0; i < 3; ++i) joined += framed_packet(b.stream.next(false), 0x3F);
    play.say(joined);
    assert_int_equal(b.count(), 0);
    b.sent.push_back(b.stream.next(true));
    play.say(framed_packet(b.sent.back(), 0x42));
    play.say(b.next_framed());
    b.assert_logged();
    // Its clip ends, and its socket is reborn.
    b.host.advance(Duration{4000});
    play.say(b.next_framed());
    b.host.advance(Duration{2000});
    b.close(play);
    assert_true(b.is_dialling("up.example:80"));
}

void raw_asf_as_the_answer_to_a_describe_is_the_stream(void**) {
    PullBench b{kMmsh};
    FakePeer& up = b.answers(ok("Content-Type: video/x-ms-asf\r\n") + b.header() + b.next(2));
    b.assert_logged();
    assert_false(up.was_told());
    assert_true(b.host.dials().empty());
}

void the_end_of_the_stream_is_a_loss(void**) {
    PullBench b{kMmsh};
    b.close(b.answers(ok(kCougar) + b.framed_header()));
    FakePeer& play = b.answers(ok(kCougar) + b.framed_header() + b.next_framed());
    play.say(stream_end(0));
    b.assert_failed(play, "the stream ended");
    assert_int_equal(b.host.live().state(), Channel::State::restarting);
}

void the_next_entry_of_a_playlist_goes_on_in_the_same_connection(void**) {
    PullBench b{kMmsh};
    b.close(b.answers(ok(kCougar) + b.framed_header()));
    FakePeer& play = b.answers(ok(kCougar) + b.framed_header() + b.next_framed());
    play.say(stream_end(1));
    b.host.advance(Duration{2000});
    assert_false(play.was_told());
    VideoStream next{64, 1, '2'};
    play.say(stream_change() + test::framed_header(next.header()));
    const auto packet = next.next();
    play.say(framed_packet(packet, 0));
    assert_false(play.was_told());
    assert_int_equal(b.host.live().format_number(), 2);
    assert_true(text_of(b.host.live().format()->header()) == next.served_header());
    const BlockLog& log = b.host.live().log();
    assert_true(text_of(log.packet(log.end() - 1).bytes) == text_of(packet));
    // None follows.
    play.say(stream_end(1));
    b.host.advance(Duration{5001});
    b.assert_failed(play, "it fell silent");
}

void chunks_that_nobody_asked_for_are_taken(void**) {
    PullBench b{kMmsh};
    const std::string head = ok(std::string(kCougar) + "Transfer-Encoding: chunked\r\n", "HTTP/1.1");
    b.answers(head + in_chunk(b.framed_header()) + "0\r\n\r\n");
    FakePeer& play = b.connected();
    assert_true(is_play(play));
    play.say(head + in_chunk(b.framed_header()) + in_chunk(b.next_framed()));
    b.assert_logged();
}

void what_servers_of_the_9_generation_add_is_read_over(void**) {
    PullBench b{kMmsh};
    constexpr std::string_view kMetadata = "playlist-gen-id=1, broadcast-id=1, features=\"broadcast,live\"";
    std::string m(asf::kDataOverhead, '\0');
    asf::encode_head(asf::ChunkType::metadata, {.af_flags = asf::kOnlyFragment}, kMetadata.size(),
                     {reinterpret_cast<std::uint8_t*>(m.data()), m.size()});
    m += kMetadata;
    const auto fast = [](std::string chunk) {  // the B bit
        chunk[0] = static_cast<char>(0xA4);
        return chunk;
    };
    b.close(b.answers(ok("Server: Cougar/9.01.01.3814\r\n") + fast(m) + fast(b.framed_header())));
    FakePeer& play = b.connected();
    assert_false(has(play.sent(), "client-id"));
    play.say(ok("Server: Cougar/9.01.01.3814\r\n") + m + fast(b.framed_header()));
    play.say(fast(b.next_framed()));
    play.say(b.next_framed());
    b.assert_logged();
}

void an_http_url_that_a_windows_media_server_answers_is_played_by_its_protocol(void**) {
    struct Case {
        std::string headers;
        std::string body;   // empty: $H
        bool is_played_on;  // what was answered is the description
    };
    const Case cases[] = {
        {std::string(kCougar), "", true},
        {"Content-Type: application/octet-stream\r\nPragma: client-id=1543854732\r\n", "", true},
        {"Content-Type: application/x-mms-framed\r\n", "<p>not here</p>", false},
        {"Content-Type: Application/Vnd.ms.wms-hdr.asfv1 ; x=y\r\n", "0&", false},
        {"Server: Cougar/9.0\r\nContent-Length: 0\r\n", "\r", false},
        {"Server: Cougar/9.0\r\nContent-Type: video/x-ms-asf\r\n",
         "<ASX Version=\"3.0\"><Entry><Ref href=\"http://up.example/live?MSWMExt=.asf\"/></Entry></ASX>",
         false},
        {"Server: Cougar 4.1.0.3920\r\n", "[Reference]\r\nRef1=http://up.example/live\r\n", false},
    };
    for (const Case& c : cases) {
        PullBench b{kHttp};
        FakePeer& first = b.answers(ok(c.headers) + (c.body.empty() ? b.framed_header() : c.body));
        if (!c.is_played_on) {
            if (c.body.size() < 16) first.half_close();
            b.turn();
            assert_true(first.was_told());
            FakePeer& describe = b.connected();
            assert_string_equal(asked(describe).c_str(), std::string(kDescribe).c_str());
            describe.say(ok(kCougar) + b.framed_header());
            b.close(describe);
        } else {
            b.close(first);
        }
        FakePeer& play = b.connected();
        assert_string_equal(asked(play).c_str(), std::string(kPlay).c_str());
        play.say(ok(kCougar) + b.framed_header() + b.next_framed());
        b.assert_logged();
        assert_string_equal(b.status().who.c_str(), "pull from http://up.example/live");
    }
}

void a_server_whose_name_only_begins_like_one_is_none(void**) {
    PullBench b{kHttp};
    FakePeer& up = b.answers(ok("Server: Cougarette/1.0\r\n") + "<html>hello</html>");
    b.assert_failed(up, "not a stream that weir knows (asf): it begins with \"<html>hello</html>\"");
}

void a_plain_stream_of_a_windows_media_server_is_read_as_it_is(void**) {
    PullBench b{kHttp};
    FakePeer& up = b.connected();
    // So few bytes tell nothing yet.
    up.say(ok(kCougar) + b.header().substr(0, 15));
    up.say(b.header().substr(15) + b.next());
    b.assert_logged();
}

void interim_answers_are_read_over(void**) {
    PullBench b{kHttp};
    b.answers("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + ok() + b.header() +
              b.next());
    b.assert_logged();
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_stream_in_chunks_goes_on_air),
        cmocka_unit_test(a_plain_stream_that_lasts_until_the_connection_ends_goes_on_air),
        cmocka_unit_test(answers_may_be_cut_at_every_byte),
        cmocka_unit_test(describe_and_play_are_asked_byte_for_byte_as_a_server_of_the_4_1_generation),
        cmocka_unit_test(a_description_with_a_length_needs_no_close),
        cmocka_unit_test(
            a_windows_media_server_that_keeps_a_description_open_is_asked_to_play_after_half_a_second),
        cmocka_unit_test(a_description_that_is_reset_after_the_header_will_do),
        cmocka_unit_test(a_header_in_several_pieces_is_put_together),
        cmocka_unit_test(an_encoder_that_streams_on_a_describe_is_not_asked_again),
        cmocka_unit_test(a_server_without_a_name_may_stream_its_first_packet_late),
        cmocka_unit_test(a_server_without_a_name_that_never_streams_is_asked_to_play_in_the_end),
        cmocka_unit_test(vlc_as_encoder_is_pulled),
        cmocka_unit_test(raw_asf_as_the_answer_to_a_describe_is_the_stream),
        cmocka_unit_test(the_end_of_the_stream_is_a_loss),
        cmocka_unit_test(the_next_entry_of_a_playlist_goes_on_in_the_same_connection),
        cmocka_unit_test(chunks_that_nobody_asked_for_are_taken),
        cmocka_unit_test(what_servers_of_the_9_generation_add_is_read_over),
        cmocka_unit_test(an_http_url_that_a_windows_media_server_answers_is_played_by_its_protocol),
        cmocka_unit_test(a_server_whose_name_only_begins_like_one_is_none),
        cmocka_unit_test(a_plain_stream_of_a_windows_media_server_is_read_as_it_is),
        cmocka_unit_test(interim_answers_are_read_over),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
