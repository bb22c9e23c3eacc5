// Answers of real servers read back, heads written, and both refused where they lie.
#include <string>
#include <string_view>
#include <vector>

#include "protocols/http/response.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;
using http::HeaderLimits;
using http::HeaderView;
using http::ResponseReader;
using http::Version;
using Event = ResponseReader::Event;
using Asked = ResponseReader::Asked;

namespace {

// VLC 3.0 as WMSP server: no length, lower-case t in Content-type.
constexpr std::string_view kVlc =
    "HTTP/1.0 200 OK\r\nContent-type: application/octet-stream\r\nServer: Cougar 4.1.0.3921\r\n"
    "Pragma: no-cache\r\nPragma: client-id=5396\r\nPragma: features=\"broadcast\"\r\n"
    "Cache-Control: no-cache\r\nConnection: close\r\n\r\n$H";
// ffmpeg -listen 1.
constexpr std::string_view kFfmpeg =
    "HTTP/1.1 200 OK\r\nContent-Type: video/x-ms-asf\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";

struct Seen {
    std::vector<int> statuses;
    std::string body;
    std::string detail;
    Errc code{};
    Event finished = Event::need_more;

    bool operator==(const Seen&) const = default;
};

Seen read_cut(std::string_view text, std::size_t cut, Asked asked = Asked::get) {
    ResponseReader reader{asked};
    Seen seen;
    for (const auto part : {text.substr(0, cut), text.substr(cut)}) {
        const std::vector<std::uint8_t> bytes(part.begin(), part.end());
        Bytes in{bytes};
        for (Event event = reader.next(in); event != Event::need_more; event = reader.next(in)) {
            if (event == Event::head) seen.statuses.push_back(reader.response().status);
            if (event == Event::body) seen.body += as_text(reader.body());
            if (event == Event::end) {
                seen.body += '|';
                reader.reset(asked);
            }
            if (event == Event::error) break;
        }
    }
    seen.finished = reader.finish();
    if (seen.finished == Event::error) {
        seen.detail = reader.error().detail;
        seen.code = reader.error().code;
    }
    return seen;
}

Seen read(std::string_view text, Asked asked = Asked::get) {
    const Seen whole = read_cut(text, text.size(), asked);
    for (std::size_t cut = 0; cut < text.size(); ++cut) assert_true(read_cut(text, cut, asked) == whole);
    return whole;
}

void a_body_without_length_lasts_until_the_connection_ends(void**) {
    const Seen seen = read(kVlc);
    assert_int_equal(seen.statuses.at(0), 200);
    assert_true(seen.body == "$H");
    assert_true(seen.finished == Event::end);

    ResponseReader reader;
    Bytes in = as_bytes(kVlc);
    assert_true(reader.next(in) == Event::head);
    const auto& response = reader.response();
    assert_true(response.reason == "OK");
    assert_int_equal(response.minor, 0);
    assert_true(response.header("content-type") == "application/octet-stream");
    assert_true(response.header("Server") == "Cougar 4.1.0.3921");
    int pragmas = 0;
    response.for_each("pragma", [&](std::string_view) { ++pragmas; });
    assert_int_equal(pragmas, 3);
    assert_false(response.keep_alive);
}

void a_chunked_body_ends_with_its_last_chunk(void**) {
    const Seen seen = read(kFfmpeg);
    assert_true(seen.body == "hello world|");
    assert_true(seen.finished == Event::need_more);
}

void a_body_with_a_length_ends_there(void**) {
    const Seen seen =
        read("HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 204 No Content\r\n\r\n");
    assert_int_equal(seen.statuses.size(), 2);
    assert_int_equal(seen.statuses[0], 404);
    assert_true(seen.body == "abc||");
}

void an_interim_answer_comes_before_the_real_one(void**) {
    const Seen seen =
        read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(seen.statuses.size(), 2);
    assert_int_equal(seen.statuses[0], 100);
    assert_int_equal(seen.statuses[1], 401);
    assert_true(seen.body == "||");
}

void an_answer_to_head_has_no_body(void**) {
    const Seen seen = read("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n", Asked::head);
    assert_true(seen.body == "|");
}

void an_answer_that_is_cut_short_is_an_error(void**) {
    for (std::size_t n = 1; n < kFfmpeg.size(); ++n) {
        const Seen seen = read_cut(kFfmpeg.substr(0, n), n);
        assert_true(seen.finished == Event::error);
        assert_true(seen.code == Errc::closed);
    }
    assert_true(read_cut("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\na", 0).finished == Event::error);
    assert_true(read_cut("", 0).finished == Event::need_more);
}

void what_is_no_answer_is_refused(void**) {
    using namespace std::string_literals;
    for (const auto& text : {"GET / HTTP/1.1\r\n\r\n"s, "ICY 200 OK\r\n\r\n"s, "\x01\0\0\0\xCE\xFA\x0B\xB0"s,
                             "HTTP/1.1 2 OK\r\n\r\n"s, "HTTP/1.1 099 OK\r\n\r\n"s, "HTTP/1.1 999 OK\r\n\r\n"s,
                             "HTTP/2.0 200 OK\r\n\r\n"s, "HTTP/1.1 abc\r\n\r\n"s,
                             "HTTP/1.1 200 OK\nA: b\n\n"s, "HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n"s,
                             "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"s,
                             "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"s,
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"s}) {
        const Seen seen = read(text);
        assert_true(seen.finished == Event::error);
        assert_true(seen.code != Errc::closed);
        assert_false(seen.detail.empty());
    }
}

void limits_are_told_as_too_large(void**) {
    const Seen line =
        read_cut("HTTP/1.1 200 OK\r\nA: " + std::string(HeaderLimits::kLine, 'a') + "\r\n\r\n", 0);
    assert_true(line.code == Errc::too_large);
    std::string lines = "HTTP/1.1 200 OK\r\n";
    for (std::size_t i = 0; i <= HeaderLimits::kCount; ++i) lines += "A: b\r\n";
    assert_true(read_cut(lines + "\r\n", 0).code == Errc::too_large);
    const Seen chunk = read_cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffff\r\n", 0);
    assert_true(chunk.code == Errc::too_large);
}

void a_head_is_written_in_order_and_spelling(void**) {
    assert_string_equal(
        http::format_response_head(Version::http_1_0, 200, {{"WWW-Authenticate", "Basic"}, {"a", ""}})
            .c_str(),
        "HTTP/1.0 200 OK\r\nWWW-Authenticate: Basic\r\na: \r\n\r\n");
    assert_string_equal(http::format_response_head(Version::http_1_1, 431, {}).c_str(),
                        "HTTP/1.1 431 Request Header Fields Too Large\r\n\r\n");
    const HeaderView host[] = {{"Host", "h:1"}};
    assert_string_equal(http::format_request_head(Version::http_1_0, "GET", "/x", host).c_str(),
                        "GET /x HTTP/1.0\r\nHost: h:1\r\n\r\n");
}

void no_value_begins_a_line_of_its_own(void**) {
    const auto head = http::format_response_head(
        Version::http_1_1, 302,
        {{"Location", "http://h/\r\nSet-Cookie: a"}, {"X\nY", std::string_view{"\0\x7F\tz", 4}}});
    assert_string_equal(head.c_str(),
                        "HTTP/1.1 302 Found\r\nLocation: http://h/Set-Cookie: a\r\nXY: \tz\r\n\r\n");
    const auto request = http::format_request_head(Version::http_1_1, "GET", "/\r\nX: y", {});
    assert_string_equal(request.c_str(), "GET /X: y HTTP/1.1\r\n\r\n");
}

void what_is_written_can_be_read(void**) {
    for (int status = 200; status < 600; ++status) {
        const auto head =
            http::format_response_head(Version::http_1_1, status, {{"Content-Length", "0"}, {"A", "b"}});
        ResponseReader reader;
        Bytes in = as_bytes(head);
        assert_true(reader.next(in) == Event::head);
        assert_int_equal(reader.response().status, status);
        assert_true(reader.response().header("a") == "b");
        assert_true(reader.next(in) == Event::end);
        assert_true(in.empty());
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_body_without_length_lasts_until_the_connection_ends),
        cmocka_unit_test(a_chunked_body_ends_with_its_last_chunk),
        cmocka_unit_test(a_body_with_a_length_ends_there),
        cmocka_unit_test(an_interim_answer_comes_before_the_real_one),
        cmocka_unit_test(an_answer_to_head_has_no_body),
        cmocka_unit_test(an_answer_that_is_cut_short_is_an_error),
        cmocka_unit_test(what_is_no_answer_is_refused),
        cmocka_unit_test(limits_are_told_as_too_large),
        cmocka_unit_test(a_head_is_written_in_order_and_spelling),
        cmocka_unit_test(no_value_begins_a_line_of_its_own),
        cmocka_unit_test(what_is_written_can_be_read),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
