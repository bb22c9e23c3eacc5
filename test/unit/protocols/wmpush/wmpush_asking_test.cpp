// A pushing client's arithmetic, cookies and requests.
#include "protocols/wmpush/asking.hpp"
#include "protocols/wmpush/body_room.hpp"
#include "protocols/wmpush/wire.hpp"
#include "test/support/asf_samples.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::wmpush;

namespace {

http::Response response(std::string_view headers) {
    const std::string text = "HTTP/1.1 204 No Content\r\n" + std::string(headers) + "\r\n";
    http::ResponseReader reader;
    Bytes in = as_bytes(text);
    assert_true(reader.next(in) == http::ResponseReader::Event::head);
    return reader.response();
}

std::vector<std::size_t> fillers(std::uint64_t left) {
    BodyRoom room{left};
    std::vector<std::size_t> out;
    while (const std::size_t size = room.next_filler()) {
        out.push_back(size);
        room.use(size);
    }
    assert_true(room.left() == 0 || left < kHead);
    return out;
}

}  // namespace

static void a_body_of_1000_bytes_takes_a_header_and_seven_packets(void**) {
    BodyRoom room{1000};
    assert_true(room.takes(459));
    room.use(459);
    assert_int_equal(room.left(), 541);
    int packets = 0;
    for (; room.takes(68); ++packets) room.use(68);
    assert_int_equal(packets, 7);
    assert_int_equal(room.left(), 65);
    assert_int_equal(room.next_filler(), 65);
}

static void what_is_left_is_nothing_or_room_for_an_end(void**) {
    for (std::size_t left = 0; left < 300; ++left) {
        for (std::size_t size = 4; size < 300; ++size) {
            const bool takes = BodyRoom{left}.takes(size);
            assert_int_equal(takes, size == left || size + kEndPacket <= left);
        }
    }
}

static void fillers_use_up_what_is_left(void**) {
    struct Case {
        std::uint64_t left;
        std::vector<std::size_t> fillers;
    };
    const Case cases[] = {{0, {}},
                          {3, {}},
                          {4, {4}},
                          {7, {7}},
                          {8, {8}},
                          {65'535, {65'535}},
                          {65'536, {65'532, 4}},
                          {65'538, {65'534, 4}},
                          {65'539, {65'535, 4}},
                          {200'000, {65'535, 65'535, 65'535, 3'395}}};
    for (const Case& c : cases) assert_true(fillers(c.left) == c.fillers);
    for (std::uint64_t left = 4; left < 140'000; ++left) {
        for (const std::size_t size : fillers(left)) assert_true(size >= kHead && size <= kMaxPacket);
    }
}

static void a_body_is_two_gigabytes_or_behind_a_proxy_a_minute(void**) {
    const test::VideoStream stream;
    assert_int_equal(body_length(*stream.format(), false), 2147483647);
    const auto behind_proxy = body_length(*stream.format(), true);
    assert_true(behind_proxy >= 1024 * 1024 && behind_proxy < kDirectLength);
}

static void cookies_are_kept_and_given_back(void**) {
    Cookies cookies;
    assert_string_equal(cookies.header().c_str(), "push-id=0");
    cookies.take(response("Set-Cookie: push-id=123; path=/\r\nSet-Cookie: node = a7 ;secure\r\n"));
    assert_string_equal(cookies.push_id().c_str(), "123");
    assert_string_equal(cookies.header().c_str(), "push-id=123; node=a7");
    cookies.take(
        response("Set-Cookie: node=b8\r\nSet-Cookie: Push-ID=124\r\nSet-Cookie: none\r\nSet-Cookie: "
                 "=x\r\nSet-Cookie: a=b c\r\nSet-Cookie: push-id=\r\n"));
    assert_string_equal(cookies.header().c_str(), "push-id=124; node=b8");
}

static void cookies_are_bounded(void**) {
    Cookies cookies;
    cookies.take(response("Set-Cookie: a=" + std::string(1100, 'x') +
                          "\r\nSet-Cookie: push-id=" + std::string(256, '1') + "\r\n"));
    assert_string_equal(cookies.header().c_str(), "push-id=0");
    for (int i = 0; i < 100; ++i) cookies.take(response("Set-Cookie: c" + std::to_string(i) + "=1\r\n"));
    assert_true(cookies.header().size() < 200);
}

static void a_request_is_what_an_encoder_sends(void**) {
    const auto url = http::parse_url("http://relay.example:8080/live");
    assert_true(url.ok());
    Cookies cookies;
    assert_string_equal(request_head(Kind::setup, url.value(), cookies, 0, std::nullopt).c_str(),
                        "POST /live HTTP/1.1\r\nContent-Type: application/x-wms-pushsetup\r\n"
                        "X-Accept-Authentication: Digest\r\nUser-Agent: WMEncoder/9.0.0.3287\r\n"
                        "Host: relay.example:8080\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n"
                        "Cache-Control: no-cache\r\nCookie: push-id=0\r\n\r\n");
    const auto start = request_head(Kind::start, url.value(), cookies, kDirectLength, "Basic abc");
    assert_true(start.find("Content-Type: application/x-wms-pushstart\r\n") != std::string::npos);
    assert_true(start.find("Content-Length: 2147483647\r\n") != std::string::npos);
    assert_true(start.find("Authorization: Basic abc\r\n") != std::string::npos);
}

static void a_media_server_says_so(void**) {
    assert_true(is_media_server(response("Server: Cougar/9.01.01.3841\r\n")));
    assert_true(is_media_server(response("Server: Rex/9.0.0.2980\r\n")));
    assert_false(is_media_server(response("Server: nginx\r\n")));
    assert_false(is_media_server(response("")));
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(a_body_of_1000_bytes_takes_a_header_and_seven_packets),
                                cmocka_unit_test(what_is_left_is_nothing_or_room_for_an_end),
                                cmocka_unit_test(fillers_use_up_what_is_left),
                                cmocka_unit_test(a_body_is_two_gigabytes_or_behind_a_proxy_a_minute),
                                cmocka_unit_test(cookies_are_kept_and_given_back),
                                cmocka_unit_test(cookies_are_bounded),
                                cmocka_unit_test(a_request_is_what_an_encoder_sends),
                                cmocka_unit_test(a_media_server_says_so)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
