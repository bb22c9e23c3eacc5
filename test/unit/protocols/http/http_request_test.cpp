// RequestReader on what encoders and players really send, cut anywhere, and on what nobody should send.
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/http/wire.hpp"
#include "test/support/bytes.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;
using http::HeaderLimits;
using http::Method;
using http::RequestReader;
using Event = RequestReader::Event;

namespace {

// ffmpeg 5.1's push: POST, chunked, one ASF packet a chunk.
constexpr std::string_view kFfmpegPush =
    "POST /live HTTP/1.1\r\nTransfer-Encoding: chunked\r\nUser-Agent: Lavf/59.27.100\r\nAccept: */*\r\n"
    "Connection: close\r\nHost: 127.0.0.1:7070\r\nIcy-MetaData: 1\r\n\r\n";
// ffmpeg's mmsh play: the CR LF after the last Pragma is missing.
constexpr std::string_view kFfmpegPlay =
    "GET /live HTTP/1.1\r\nAccept: */*\r\nUser-Agent: NSPlayer/4.1.0.3856\r\nRange: bytes=0-\r\n"
    "Connection: close\r\nHost: 127.0.0.1:8080\r\nIcy-MetaData: 1\r\n"
    "Pragma: no-cache,rate=1.000000,request-context=2\r\nPragma: xPlayStrm=1\r\n"
    "Pragma: stream-switch-count=2\r\nPragma: stream-switch-entry=ffff:1:0 ffff:2:0 \r\n"
    "Pragma: no-cache,rate=1.000000,stream-time=0Connection: Close\r\n\r\n";
constexpr std::string_view kVlcPlain =
    "GET /live HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept: */*\r\nAccept-Language: en_US\r\n"
    "User-Agent: VLC/3.0.24 LibVLC/3.0.24\r\nRange: bytes=0-\r\n\r\n";
constexpr std::string_view kIcecastPush =
    "PUT /live.asf HTTP/1.1\r\nExpect: 100-continue\r\nAuthorization: Basic c291cmNlOnB3\r\n"
    "Content-Type: video/x-ms-asf\r\nIce-Public: 0\r\nHost: h:1\r\n\r\n";

// Everything that came out, so that two ways of cutting can be compared.
struct Seen {
    std::vector<http::Request> requests;
    std::string body;
    int ends = 0;
    int status = 0;
    std::string detail;
    bool is_in_head = false;
    std::string left;

    bool operator==(const Seen& other) const {
        if (requests.size() != other.requests.size()) return false;
        for (std::size_t i = 0; i < requests.size(); ++i) {
            if (requests[i].target != other.requests[i].target ||
                requests[i].headers.size() != other.requests[i].headers.size())
                return false;
        }
        return body == other.body && ends == other.ends && status == other.status && detail == other.detail &&
               is_in_head == other.is_in_head;
    }
};

struct Feeder {
    explicit Feeder(const HeaderLimits& limits = {}, bool until_close = false)
        : reader(limits), is_until_close(until_close) {}

    void feed(std::string_view text) {
        // A copy of its own: the sanitizer sees a read past its end.
        const std::vector<std::uint8_t> bytes(text.begin(), text.end());
        Bytes in{bytes};
        while (true) {
            switch (reader.next(in)) {
                case Event::need_more:
                    seen.is_in_head = reader.in_head();
                    return;
                case Event::head:
                    seen.requests.push_back(reader.request());
                    if (is_until_close) reader.body_until_close();
                    break;
                case Event::body:
                    seen.body += as_text(reader.body());
                    break;
                case Event::end:
                    ++seen.ends;
                    seen.body += '|';
                    reader.reset();
                    break;
                case Event::error:
                    seen.is_in_head = false;
                    seen.status = reader.error().status;
                    seen.detail = reader.error().detail;
                    return;
            }
        }
    }
    RequestReader reader;
    bool is_until_close;
    Seen seen;
};

Seen read(std::string_view text, const HeaderLimits& limits = {}) {
    Feeder feeder{limits};
    feeder.feed(text);
    return feeder.seen;
}

void check_every_split(std::string_view text) {
    const Seen whole = read(text);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Feeder feeder;
        feeder.feed(text.substr(0, cut));
        if (feeder.seen.status == 0) feeder.feed(text.substr(cut));
        assert_true(feeder.seen == whole);
    }
    Feeder feeder;
    for (std::size_t i = 0; i < text.size() && feeder.seen.status == 0; ++i) feeder.feed(text.substr(i, 1));
    assert_true(feeder.seen == whole);
}

int status_of(std::string_view text, const HeaderLimits& limits = {}) {
    const Seen seen = read(text, limits);
    if (seen.status != 0) assert_false(seen.detail.empty());
    check_every_split(text);
    return seen.status;
}

std::string get_with(std::string_view headers) {
    return "GET /x HTTP/1.1\r\n" + std::string(headers) + "\r\n";
}

void a_plain_get_is_read(void**) {
    const Seen seen = read(kVlcPlain);
    assert_int_equal(seen.requests.size(), 1);
    assert_int_equal(seen.ends, 1);
    const auto& request = seen.requests[0];
    assert_true(request.method == Method::get);
    assert_true(request.method_name == "GET");
    assert_true(request.path == "/live");
    assert_int_equal(request.minor, 1);
    assert_true(request.keep_alive);
    assert_true(request.header("user-agent") == "VLC/3.0.24 LibVLC/3.0.24");
    assert_false(request.header("Pragma").has_value());
    assert_int_equal(request.headers.size(), 5);
}

void ffmpegs_glued_last_line_is_one_header(void**) {
    const Seen seen = read(kFfmpegPlay);
    assert_int_equal(seen.ends, 1);
    std::vector<std::string> pragmas;
    seen.requests[0].for_each("pragma", [&](std::string_view v) { pragmas.emplace_back(v); });
    assert_int_equal(pragmas.size(), 5);
    assert_true(pragmas[3] == "stream-switch-entry=ffff:1:0 ffff:2:0");
    assert_true(pragmas[4] == "no-cache,rate=1.000000,stream-time=0Connection: Close");
    assert_false(seen.requests[0].keep_alive);
}

void ffmpegs_chunked_push_is_read(void**) {
    const std::string text =
        std::string(kFfmpegPush) + "5\r\nhello\r\n00a\r\n0123456789\r\n3;x=y\r\nend\r\n0\r\n\r\n";
    const Seen seen = read(text);
    assert_int_equal(seen.status, 0);
    assert_true(seen.requests[0].method == Method::post);
    assert_true(seen.requests[0].chunked);
    assert_false(seen.requests[0].keep_alive);
    assert_false(seen.requests[0].has_empty_body());
    assert_true(seen.body == "hello0123456789end|");
    check_every_split(text);
}

void a_push_with_length_and_one_behind_it_are_told_apart(void**) {
    const std::string text = "PUT /a HTTP/1.1\r\ncontent-length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n\r\n";
    const Seen seen = read(text);
    assert_int_equal(seen.requests.size(), 2);
    assert_true(seen.requests[0].content_length == 3U);
    assert_true(seen.requests[1].path == "/b");
    assert_true(seen.body == "abc||");
    check_every_split(text);
}

void pipelined_requests_come_out_one_by_one(void**) {
    std::string text;
    for (int i = 0; i < 3; ++i) text += std::string(kVlcPlain) + std::string(kFfmpegPlay);
    assert_int_equal(read(text).ends, 6);
    check_every_split(std::string(kVlcPlain) + std::string(kFfmpegPlay));
}

void what_follows_the_end_is_left_to_the_next_request(void**) {
    RequestReader reader;
    const std::string text = std::string(kVlcPlain) + "GET /next";
    Bytes in = as_bytes(text);
    assert_true(reader.next(in) == Event::head);
    assert_true(reader.next(in) == Event::end);
    assert_true(reader.next(in) == Event::end);
    assert_true(as_text(in) == "GET /next");
    reader.reset();
    assert_true(reader.next(in) == Event::need_more);
    assert_true(reader.in_head());
    assert_true(reader.finish() == Event::error);
}

void the_body_is_a_view_into_what_was_given(void**) {
    RequestReader reader;
    const std::string_view text = "POST /x HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcd";
    Bytes in = as_bytes(text);
    assert_true(reader.next(in) == Event::head);
    assert_true(reader.next(in) == Event::body);
    assert_ptr_equal(reader.body().data(), text.data() + text.size() - 4);
    assert_int_equal(reader.body().size(), 4);
    assert_true(reader.next(in) == Event::end);
}

void a_post_without_length_has_no_body(void**) {
    const Seen seen = read("POST /x HTTP/1.1\r\n\r\nGET /y HTTP/1.1\r\n\r\n");
    assert_int_equal(seen.ends, 2);
    assert_true(seen.body == "||");
}

void a_body_may_last_until_the_connection_ends(void**) {
    Feeder feeder{{}, true};
    feeder.feed(std::string(kIcecastPush) + "raw");
    feeder.feed(" bytes");
    assert_true(feeder.seen.body == "raw bytes");
    assert_true(feeder.seen.requests[0].expects_continue);
    assert_false(feeder.reader.request().keep_alive);
    assert_true(feeder.reader.finish() == Event::end);
}

void a_body_with_a_length_does_not_last_until_the_connection_ends(void**) {
    Feeder feeder{{}, true};
    feeder.feed("POST /x HTTP/1.1\r\nContent-Length: 4\r\n\r\nab");
    assert_true(feeder.reader.finish() == Event::error);
    assert_int_equal(feeder.reader.error().status, 400);
}

void a_connection_that_ends_between_requests_is_fine(void**) {
    RequestReader reader;
    assert_true(reader.finish() == Event::need_more);
    Bytes in = as_bytes("\r\n");
    assert_true(reader.next(in) == Event::need_more);
    assert_false(reader.in_head());
    assert_true(reader.finish() == Event::need_more);
}

void every_prefix_of_a_head_asks_for_more(void**) {
    for (const auto text : {kFfmpegPush, kFfmpegPlay, kVlcPlain, kIcecastPush}) {
        for (std::size_t n = 1; n < text.size(); ++n) {
            const Seen seen = read(text.substr(0, n));
            assert_int_equal(seen.requests.size() + static_cast<std::size_t>(seen.status), 0);
            assert_true(seen.is_in_head);
        }
        assert_int_equal(read(text).requests.size(), 1);
        check_every_split(text);
    }
}

void targets_are_split_into_path_and_query(void**) {
    struct {
        std::string_view target, path, query;
    } const cases[] = {
        {"/live", "/live", ""},
        {"/a%20b?x=%31&y", "/a b", "x=%31&y"},
        {"http://host:8080/live?q", "/live", "q"},
        {"http://host", "/", ""},
        {"http://host?q", "/", "q"},
        {"mms://host/a", "/a", ""},
        {"/a?b=http://c/d", "/a", "b=http://c/d"},
    };
    for (const auto& c : cases) {
        const Seen seen = read("GET " + std::string(c.target) + " HTTP/1.0\r\n\r\n");
        assert_int_equal(seen.requests.size(), 1);
        assert_true(seen.requests[0].path == c.path);
        assert_true(seen.requests[0].query == c.query);
        assert_true(seen.requests[0].target == c.target);
        assert_false(seen.requests[0].keep_alive);
    }
    assert_int_equal(status_of("GET /%zz HTTP/1.0\r\n\r\n"), 400);
    assert_int_equal(status_of("GET /%00 HTTP/1.0\r\n\r\n"), 400);
    assert_int_equal(status_of("GET /%4 HTTP/1.0\r\n\r\n"), 400);
}

void values_in_the_query_are_found_and_decoded(void**) {
    const Seen seen = read("GET /x?a=1+2&flag&b%63=%2f&bad=%x&a=3 HTTP/1.1\r\n\r\n");
    const auto& request = seen.requests[0];
    assert_true(request.query_value("a") == "1 2");
    assert_true(request.query_value("flag") == "");
    assert_true(request.query_value("bc") == "/");
    assert_false(request.query_value("bad").has_value());
    assert_false(request.query_value("nothing").has_value());
    // As they came: what is broken is there all the same.
    assert_true(http::query_item(request.query, "a") == "1+2");
    assert_true(http::query_item(request.query, "flag") == "");
    assert_true(http::query_item(request.query, "bad") == "%x");
    assert_false(http::query_item(request.query, "nothing").has_value());
    assert_false(http::query_item("", "").has_value());
    assert_true(http::query_item("&&a", "a") == "");
    assert_false(http::decode_query("%x").has_value());
}

void methods_are_told_apart(void**) {
    assert_true(read("HEAD /x HTTP/1.1\r\n\r\n").requests[0].method == Method::head);
    const auto options = read("OPTIONS * HTTP/1.1\r\nUpgrade: TLS/1.0\r\nConnection: upgrade\r\n\r\n");
    assert_true(options.requests[0].method == Method::options);
    assert_true(options.requests[0].path == "*");
    assert_int_equal(options.ends, 1);
    const auto source = read("SOURCE /x HTTP/1.1\r\n\r\n");
    assert_true(source.requests[0].method == Method::other);
    assert_true(source.requests[0].method_name == "SOURCE");
    assert_int_equal(read("CONNECT a:1 HTTP/1.1\r\n\r\n").ends, 1);
    assert_int_equal(status_of("BREW /pot HTTP/1.1\r\n\r\n"), 405);
    assert_int_equal(status_of("get /x HTTP/1.1\r\n\r\n"), 405);
}

void keep_alive_is_by_version_and_connection(void**) {
    const auto keeps = [](std::string_view text) { return read(text).requests.at(0).keep_alive; };
    assert_true(keeps("GET / HTTP/1.1\r\n\r\n"));
    assert_false(keeps("GET / HTTP/1.0\r\n\r\n"));
    assert_true(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
    assert_false(keeps("GET / HTTP/1.1\r\nconnection: x, CLOSE\r\n\r\n"));
    assert_false(keeps("POST / HTTP/1.0\r\nConnection: Keep-Alive\r\nTransfer-Encoding: chunked\r\n\r\n"));
    assert_false(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n"));
}

void other_versions_and_protocols_are_refused(void**) {
    assert_int_equal(status_of("GET / HTTP/2.0\r\n\r\n"), 505);
    assert_int_equal(status_of("GET / HTTP/0.9\r\n\r\n"), 505);
    assert_int_equal(status_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
    assert_int_equal(status_of("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"), 505);
    assert_int_equal(status_of("SOURCE /x ICE/1.0\r\n\r\n"), 505);
    assert_int_equal(status_of("GET /x\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1x\r\n\r\n"), 505);
}

void bytes_that_are_not_http_end_it_at_once(void**) {
    const auto mms = test::hex<"01 00 00 00 ce fa 0b b0">();
    assert_int_equal(read(as_text(mms)).status, 400);
    assert_int_equal(status_of(as_text(mms)), 400);
    assert_int_equal(read(as_text(mms).substr(0, 1)).status, 400);
    assert_int_equal(status_of("\x16\x03\x01"), 400);
    assert_int_equal(status_of("$H\xCF\x01"), 400);
    assert_int_equal(status_of("GET /\x01 HTTP/1.0\r\n\r\n"), 400);
}

void nuls_bare_line_ends_and_folded_lines_are_refused(void**) {
    using namespace std::string_literals;
    assert_int_equal(status_of("GET /a\0b HTTP/1.1\r\n\r\n"s), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\nA: b\0c\r\n\r\n"s), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\nA: b\n\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\rA: b\r\r"), 400);
    assert_int_equal(status_of(get_with("A: b\n")), 400);
    assert_int_equal(status_of(get_with("A: b\rc\r\n")), 400);
    assert_int_equal(status_of(get_with("A: b\r\n c\r\n")), 400);
    assert_int_equal(status_of(get_with("A : b\r\n")), 400);
    assert_int_equal(status_of(get_with("A b: c\r\n")), 400);
    assert_int_equal(status_of(get_with("no colon\r\n")), 400);
    assert_int_equal(status_of(get_with(": no name\r\n")), 400);
    assert_int_equal(status_of(std::string(1000, '\n')), 400);
    assert_int_equal(status_of("\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n"), 0);
    assert_int_equal(status_of("\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n"), 400);
    assert_int_equal(status_of("\r\rGET / HTTP/1.1\r\n\r\n"), 400);
}

void blanks_behind_a_value_and_empty_values_are_fine(void**) {
    const Seen seen = read(get_with("A:  b \t \r\nB:\r\nC: \r\n"));
    assert_int_equal(seen.ends, 1);
    assert_true(seen.requests[0].header("a") == "b");
    assert_true(seen.requests[0].header("b") == "");
    assert_true(seen.requests[0].header("c") == "");
}

void a_length_must_be_said_once_and_in_one_way(void**) {
    const auto post = [](std::string_view headers) {
        return "POST /x HTTP/1.1\r\n" + std::string(headers) + "\r\n";
    };
    assert_int_equal(status_of(post("Content-Length: 1\r\nContent-Length: 2\r\n")), 400);
    assert_int_equal(status_of(post("Content-Length: 1\r\nContent-Length: 1\r\n")), 400);
    assert_int_equal(status_of(post("Content-Length: 1, 1\r\n")), 400);
    assert_int_equal(status_of(post("Content-Length: -1\r\n")), 400);
    assert_int_equal(status_of(post("Content-Length: +1\r\n")), 400);
    assert_int_equal(status_of(post("Content-Length: 0x1\r\n")), 400);
    assert_int_equal(status_of(post("Content-Length: \r\n")), 400);
    assert_int_equal(status_of(post("Content-Length: 99999999999999999999\r\n")), 400);
    assert_int_equal(status_of(post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")), 400);
    assert_int_equal(status_of(post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")), 400);
    assert_true(status_of(post("Transfer-Encoding: gzip\r\n")) >= 400);
    assert_int_equal(status_of(post("Transfer-Encoding: gzip, chunked\r\n")), 501);
    assert_true(status_of(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")) >= 400);
    assert_int_equal(status_of(post("transfer-encoding: Chunked\r\n")), 0);
    assert_int_equal(status_of(post("Content-Length: 18446744073709551615\r\n")), 0);
}

void bad_chunks_are_refused(void**) {
    const auto push = [](std::string_view body) { return std::string(kFfmpegPush) + std::string(body); };
    for (const char* body :
         {"\r\n", "x\r\n", "-1\r\n", "5", "0", ";a\r\n", " 5\r\n", "5x\r\n", "5\n", "5\r5", "0x5\r\n"})
        assert_int_equal(status_of(push(body)),
                         std::string_view{body} == "5" || std::string_view{body} == "0" ? 0 : 400);
    assert_int_equal(status_of(push("2\r\nabc\r\n")), 400);
    assert_int_equal(status_of(push("2\r\nab\n")), 400);
    assert_int_equal(status_of(push("2\r\nab\rx")), 400);
    assert_int_equal(status_of(push("00000000000000001\r\n")), 400);
    assert_int_equal(status_of(push("0000000000000001\r\na\r\n0 \r\n\r\n")), 0);
    assert_int_equal(status_of(push("0\r\nx: y\n")), 400);
    assert_int_equal(status_of(push("0\r\nx: y\rz")), 400);
    assert_int_equal(status_of(push("0\r\nx: y\r\nz: w\r\n\r\n")), 0);
    assert_int_equal(read(push("1;" + std::string(254, 'a') + "\r\n")).status, 0);
    assert_int_equal(read(push("1;" + std::string(255, 'a') + "\r\n")).status, 400);
    assert_int_equal(read(push("0\r\n" + std::string(8192, 'a'))).status, 0);
    assert_int_equal(read(push("0\r\n" + std::string(8193, 'a'))).status, 431);
}

void a_chunk_may_be_as_large_as_the_limit(void**) {
    assert_int_equal(read(std::string(kFfmpegPush) + "1000000\r\n").status, 0);
    assert_int_equal(status_of(std::string(kFfmpegPush) + "1000001\r\n"), 413);
    assert_int_equal(status_of(std::string(kFfmpegPush) + "ffffffffffffffff\r\n"), 413);
    assert_int_equal(read(std::string(kFfmpegPush) + "5\r\n", {.chunk = 5}).status, 0);
    const Seen seen = read(std::string(kFfmpegPush) + "6\r\n", {.chunk = 5});
    assert_int_equal(seen.status, 413);
    assert_non_null(std::strstr(seen.detail.c_str(), "5 bytes"));
}

void a_line_may_be_as_long_as_the_limit(void**) {
    const auto request_line = [](std::size_t n) {
        return "GET /" + std::string(n - 14, 'a') + " HTTP/1.1\r\n\r\n";
    };
    assert_int_equal(read(request_line(HeaderLimits::kLine)).ends, 1);
    assert_int_equal(read(request_line(HeaderLimits::kLine + 1)).status, 431);
    const auto line = [](std::size_t n) { return get_with("A: " + std::string(n - 3, 'b') + "\r\n"); };
    assert_int_equal(read(line(HeaderLimits::kLine)).ends, 1);
    assert_int_equal(read(line(HeaderLimits::kLine + 1)).status, 431);
    // Refused before its end came, so no more than the limit is ever stored.
    assert_int_equal(read("GET /" + std::string(HeaderLimits::kLine, 'a')).status, 431);
}

void there_may_be_as_many_lines_as_the_limit(void**) {
    const auto with = [](std::size_t n) {
        std::string lines;
        for (std::size_t i = 0; i < n; ++i) lines += "A: b\r\n";
        return get_with(lines);
    };
    assert_int_equal(read(with(HeaderLimits::kCount)).ends, 1);
    assert_int_equal(read(with(HeaderLimits::kCount + 1)).status, 431);
}

void a_head_may_be_as_large_as_the_limit(void**) {
    const auto with = [](std::size_t n) {
        std::string text =
            get_with("A: " + std::string(8000, 'a') + "\r\nB: " + std::string(8000, 'b') + "\r\nC: \r\n");
        text.insert(text.size() - 4, n - text.size(), 'c');
        return text;
    };
    assert_int_equal(with(HeaderLimits::kTotal).size(), HeaderLimits::kTotal);
    assert_int_equal(read(with(HeaderLimits::kTotal)).ends, 1);
    assert_int_equal(read(with(HeaderLimits::kTotal + 1)).status, 431);
}

void an_error_is_final(void**) {
    RequestReader reader;
    Bytes in = as_bytes("\x01");
    assert_true(reader.next(in) == Event::error);
    in = as_bytes(kVlcPlain);
    assert_true(reader.next(in) == Event::error);
    assert_true(reader.finish() == Event::error);
    assert_int_equal(in.size(), kVlcPlain.size());
}

void a_reader_can_be_moved_while_it_reads(void**) {
    RequestReader first;
    Bytes in = as_bytes(kVlcPlain.substr(0, 40));
    assert_true(first.next(in) == Event::need_more);
    RequestReader second{std::move(first)};
    in = as_bytes(kVlcPlain.substr(40));
    assert_true(second.next(in) == Event::head);
    assert_true(second.request().path == "/live");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_get_is_read),
        cmocka_unit_test(ffmpegs_glued_last_line_is_one_header),
        cmocka_unit_test(ffmpegs_chunked_push_is_read),
        cmocka_unit_test(a_push_with_length_and_one_behind_it_are_told_apart),
        cmocka_unit_test(pipelined_requests_come_out_one_by_one),
        cmocka_unit_test(what_follows_the_end_is_left_to_the_next_request),
        cmocka_unit_test(the_body_is_a_view_into_what_was_given),
        cmocka_unit_test(a_post_without_length_has_no_body),
        cmocka_unit_test(a_body_may_last_until_the_connection_ends),
        cmocka_unit_test(a_body_with_a_length_does_not_last_until_the_connection_ends),
        cmocka_unit_test(a_connection_that_ends_between_requests_is_fine),
        cmocka_unit_test(every_prefix_of_a_head_asks_for_more),
        cmocka_unit_test(targets_are_split_into_path_and_query),
        cmocka_unit_test(values_in_the_query_are_found_and_decoded),
        cmocka_unit_test(methods_are_told_apart),
        cmocka_unit_test(keep_alive_is_by_version_and_connection),
        cmocka_unit_test(other_versions_and_protocols_are_refused),
        cmocka_unit_test(bytes_that_are_not_http_end_it_at_once),
        cmocka_unit_test(nuls_bare_line_ends_and_folded_lines_are_refused),
        cmocka_unit_test(blanks_behind_a_value_and_empty_values_are_fine),
        cmocka_unit_test(a_length_must_be_said_once_and_in_one_way),
        cmocka_unit_test(bad_chunks_are_refused),
        cmocka_unit_test(a_chunk_may_be_as_large_as_the_limit),
        cmocka_unit_test(a_line_may_be_as_long_as_the_limit),
        cmocka_unit_test(there_may_be_as_many_lines_as_the_limit),
        cmocka_unit_test(a_head_may_be_as_large_as_the_limit),
        cmocka_unit_test(an_error_is_final),
        cmocka_unit_test(a_reader_can_be_moved_while_it_reads),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
