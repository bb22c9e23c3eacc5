#include "protocols/wmsp/client.hpp"

#include <fmt/format.h>

#include "core/asf/chunk.hpp"
#include "core/asf/header.hpp"
#include "core/base/text.hpp"
#include "protocols/wmsp/pragma.hpp"

namespace weir::wmsp {

namespace {

std::string request(const http::Url& url, std::span<const std::string> pragmas) {
    const std::string host = url.host_header();
    std::vector<http::HeaderView> headers{{"Accept", "*/*"}, {"User-Agent", kClientAgent}, {"Host", host}};
    for (const std::string& pragma : pragmas) headers.push_back({"Pragma", pragma});
    headers.push_back({"Connection", "Close"});
    return http::format_request_head(http::Version::http_1_0, "GET", url.path, headers);
}

}  // namespace

std::string describe_request(const http::Url& url, std::string_view client_guid) {
    const std::string pragmas[] = {
        "no-cache,rate=1.000000,stream-time=0,stream-offset=0:0,request-context=1,max-duration=0",
        fmt::format("xClientGUID={{{}}}", client_guid)};
    return request(url, pragmas);
}

std::string play_request(const http::Url& url, std::string_view client_guid,
                         std::optional<std::uint32_t> client_id, std::span<const std::uint16_t> streams) {
    std::string entries;
    for (std::uint16_t stream : streams)
        entries += fmt::format("{}ffff:{:x}:0", entries.empty() ? "" : " ", stream);
    std::vector<std::string> pragmas{
        "no-cache,rate=1.000000,stream-time=0,stream-offset=4294967295:4294967295,packet-num=4294967295,"
        "request-context=2,max-duration=0",
        fmt::format("xClientGUID={{{}}}", client_guid), "xPlayStrm=1"};
    if (client_id) pragmas.push_back(fmt::format("client-id={}", *client_id));
    pragmas.push_back(fmt::format("stream-switch-count={}", streams.size()));
    pragmas.push_back("stream-switch-entry=" + entries);
    return request(url, pragmas);
}

std::optional<std::uint32_t> client_id_of(const http::Response& response) {
    std::optional<std::uint32_t> id;
    response.for_each("Pragma", [&](std::string_view line) {
        for_each_token(line, [&](const PragmaToken& token) {
            if (equal_ignoring_case(token.name, "client-id")) id = leading_u32(token.value);
        });
    });
    return id;
}

Result<std::vector<std::uint16_t>> streams_of(Bytes body) {
    std::vector<std::uint8_t> blob;
    // $M may stand in front of $H, and a long header comes in pieces.
    while (!body.empty()) {
        const auto parsed = asf::parse_chunk(body);
        if (const auto* error = std::get_if<Error>(&parsed)) return *error;
        const auto* chunk = std::get_if<Got<asf::Chunk>>(&parsed);
        if (!chunk) break;
        if (chunk->value.type == asf::ChunkType::header)
            blob.insert(blob.end(), chunk->value.payload.begin(), chunk->value.payload.end());
        body = body.subspan(chunk->used);
    }
    const auto header = asf::parse_header(blob, asf::kMaxHeaderBlob);
    if (!header) return header.error();
    std::vector<std::uint16_t> streams;
    for (const asf::Stream& stream : header.value().streams) streams.push_back(stream.number);
    return streams;
}

}  // namespace weir::wmsp
