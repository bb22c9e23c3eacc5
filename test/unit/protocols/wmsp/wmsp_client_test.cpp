// What weir says as a WMSP client, byte for byte, and what it reads of the answers.
#include "protocols/wmsp/client.hpp"

#include <string>
#include <vector>

#include "core/asf/chunk.hpp"
#include "protocols/wmsp/request.hpp"
#include "test/support/asf_samples.hpp"
#include "test/support/bytes.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

constexpr std::uint16_t kStreams[] = {1, 2, 10, 127};

http::Url url_of(std::string_view text) {
    return http::parse_url(text).value();
}
// A text in which weir's version stands as VERSION.
std::string without_version(std::string text) {
    const auto at = text.find("weir/");
    if (at == std::string::npos) return text;
    return text.replace(at + 5, text.find("\r\n", at) - at - 5, "VERSION");
}

void a_player_introduces_itself_as_one_of_windows_media(void**) {
    const wmsp::ClientIdentity player{.guid = "3300ad50-2c39-46c0-ae0a-000000000001"};
    const auto url = url_of("mmsh://up.example:8080/live?a=b");
    assert_string_equal(
        wmsp::describe_request(url, player).c_str(),
        "GET /live?a=b HTTP/1.0\r\nAccept: */*\r\nUser-Agent: NSPlayer/4.1.0.3925\r\nHost: "
        "up.example:8080\r\nPragma: no-cache,rate=1.000000,stream-time=0,stream-offset=0:0,"
        "request-context=1,max-duration=0\r\n"
        "Pragma: xClientGUID={3300ad50-2c39-46c0-ae0a-000000000001}\r\nConnection: Close\r\n\r\n");
    assert_string_equal(
        wmsp::play_request(url, player, kStreams).c_str(),
        "GET /live?a=b HTTP/1.0\r\nAccept: */*\r\nUser-Agent: NSPlayer/4.1.0.3925\r\nHost: "
        "up.example:8080\r\nPragma: no-cache,rate=1.000000,stream-time=0,stream-offset=4294967295:"
        "4294967295,packet-num=4294967295,request-context=2,max-duration=0\r\nPragma: xPlayStrm=1\r\n"
        "Pragma: stream-switch-count=4\r\nPragma: stream-switch-entry=ffff:1:0 ffff:2:0 ffff:a:0 "
        "ffff:7f:0\r\nPragma: xClientGUID={3300ad50-2c39-46c0-ae0a-000000000001}\r\nConnection: "
        "Close\r\n\r\n");
}

// [MS-WMSP] 3.1.5.4; no token of a later generation, no GUID, the product by which weirs know each other.
void a_server_introduces_itself_as_a_server_and_as_weir(void**) {
    const wmsp::ClientIdentity server{.as = PullAs::server,
                                      .guid = "3300ad50-2c39-46c0-ae0a-000000000001",
                                      .client_id = 1543854732,
                                      .authorization = "Basic dTpw"};
    const auto url = url_of("http://up.example/");
    assert_string_equal(
        without_version(wmsp::describe_request(url, server)).c_str(),
        "GET / HTTP/1.0\r\nAccept: */*\r\nUser-Agent: NSServer/4.1.0.3930 weir/VERSION\r\nHost: "
        "up.example\r\nMax-Forwards: 9\r\nAuthorization: Basic dTpw\r\nPragma: no-cache,rate=1.000000,"
        "stream-time=0,stream-offset=0:0,max-duration=0\r\nPragma: client-id=1543854732\r\n"
        "Pragma: xClientGUID={00000000-0000-0000-0000-000000000000}\r\nConnection: Close\r\n\r\n");
    assert_string_equal(
        without_version(wmsp::play_request(url, server, std::span{kStreams}.first(2))).c_str(),
        "GET / HTTP/1.0\r\nAccept: */*\r\nUser-Agent: NSServer/4.1.0.3930 weir/VERSION\r\nHost: "
        "up.example\r\nMax-Forwards: 9\r\nAuthorization: Basic dTpw\r\nPragma: no-cache,rate=1.000000,"
        "stream-time=0,stream-offset=4294967295:4294967295,packet-num=4294967295,max-duration=0\r\n"
        "Pragma: xPlayStrm=1\r\nPragma: stream-switch-count=2\r\nPragma: stream-switch-entry=ffff:1:0 "
        "ffff:2:0\r\nPragma: client-id=1543854732\r\nPragma: xClientGUID={00000000-0000-0000-0000-"
        "000000000000}\r\nConnection: Close\r\n\r\n");
}

void neither_is_one_of_the_clients_that_get_special_treatment(void**) {
    const auto player = wmsp::parse_user_agent(wmsp::kPlayerAgent);
    assert_true(player.kind == wmsp::UserAgent::Kind::player && !player.free && !player.weir);
    const auto server = wmsp::parse_user_agent(std::string(wmsp::kServerAgent) + " weir/1");
    assert_true(server.kind == wmsp::UserAgent::Kind::server && server.weir && server.major == 4);
}

void a_client_id_is_read_from_any_pragma_and_only_if_it_is_one(void**) {
    const auto id = [](std::vector<http::Header> headers) {
        http::Response response;
        response.headers = std::move(headers);
        return wmsp::client_id_of(response);
    };
    assert_false(id({}).has_value());
    assert_false(id({{"Pragma", "no-cache"}, {"X", "client-id=1"}}).has_value());
    assert_int_equal(id({{"Pragma", "no-cache"}, {"pragma", "x=1, Client-ID=4294967295"}}).value(),
                     4294967295U);
    assert_int_equal(id({{"Pragma", "client-id=0"}}).value(), 0);
    for (const char* no : {"client-id", "client-id=", "client-id=x", "client-id=4294967296", "client-id=-1"})
        assert_false(id({{"Pragma", no}}).has_value());
}

std::vector<std::uint8_t> in_pieces(Bytes blob, std::size_t size) {
    std::vector<std::uint8_t> out;
    while (!blob.empty()) {
        const Bytes part = blob.first(std::min(size, blob.size()));
        blob = blob.subspan(part.size());
        std::uint8_t head[asf::kDataOverhead];
        asf::encode_head(asf::ChunkType::header, {.af_flags = asf::kMiddleFragment}, part.size(), head);
        out.insert(out.end(), std::begin(head), std::end(head));
        out.insert(out.end(), part.begin(), part.end());
    }
    return out;
}

void the_streams_are_those_of_the_header_in_however_many_pieces(void**) {
    const std::vector<std::uint16_t> expected{1, 2};
    const Bytes blob = test::sample_header();
    for (const std::size_t size : {std::size_t{1}, std::size_t{100}, blob.size()}) {
        auto body = in_pieces(blob, size);
        assert_true(wmsp::streams_of(body).value() == expected);
        // $M in front, $E and a piece of something behind.
        static constexpr auto kMetadata = test::hex<"24 4D 09 00 00 00 00 00 00 0C 09 00 78">();
        static constexpr auto kEnd = test::hex<"24 45 04 00 00 00 00 00 24 44 48">();
        body.insert(body.begin(), kMetadata.begin(), kMetadata.end());
        body.insert(body.end(), kEnd.begin(), kEnd.end());
        assert_true(wmsp::streams_of(body).value() == expected);
    }
}

void a_description_without_a_header_names_no_streams(void**) {
    assert_false(wmsp::streams_of({}).ok());
    assert_false(wmsp::streams_of(as_bytes("<html>")).ok());
    const auto body = in_pieces(test::sample_header(), 100);
    assert_false(wmsp::streams_of(Bytes{body}.first(body.size() - 1)).ok());
    assert_false(wmsp::streams_of(as_bytes("$H")).error().detail.empty());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_player_introduces_itself_as_one_of_windows_media),
        cmocka_unit_test(a_server_introduces_itself_as_a_server_and_as_weir),
        cmocka_unit_test(neither_is_one_of_the_clients_that_get_special_treatment),
        cmocka_unit_test(a_client_id_is_read_from_any_pragma_and_only_if_it_is_one),
        cmocka_unit_test(the_streams_are_those_of_the_header_in_however_many_pieces),
        cmocka_unit_test(a_description_without_a_header_names_no_streams),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
