#include "protocols/wmsp/client.hpp"

#include <fmt/format.h>

#include "core/asf/chunk.hpp"
#include "core/asf/header.hpp"
#include "core/base/text.hpp"
#include "protocols/http/relay_headers.hpp"
#include "protocols/wmsp/pragma.hpp"

namespace weir::wmsp {

namespace {

constexpr std::string_view kNoGuid = "00000000-0000-0000-0000-000000000000";

// `pragmas`: what differs between the requests ([MS-WMSP] 2.2.1.4). A server has no request-context, and says
// by Max-Forwards what it is (3.1.5.4).
std::string request(const http::Url& url, const ClientIdentity& identity, std::vector<std::string> pragmas) {
    const bool is_server = identity.as == PullAs::server;
    const std::string host = url.host_header();
    const std::string agent =
        is_server ? std::string(kServerAgent) + " weir/" WEIR_VERSION : std::string(kPlayerAgent);
    std::vector<http::HeaderView> headers{{"Accept", "*/*"}, {"User-Agent", agent}, {"Host", host}};
    if (is_server) headers.push_back({"Max-Forwards", "9"});
    if (identity.authorization) headers.push_back({"Authorization", *identity.authorization});
    if (!identity.via.empty()) headers.push_back({http::kViaHeader, identity.via});
    if (!identity.resume.empty()) headers.push_back({http::kResumeHeader, identity.resume});
    if (identity.client_id) pragmas.push_back(fmt::format("client-id={}", *identity.client_id));
    pragmas.push_back(fmt::format("xClientGUID={{{}}}", is_server ? kNoGuid : identity.guid));
    for (const std::string& pragma : pragmas) headers.push_back({"Pragma", pragma});
    headers.push_back({"Connection", "Close"});
    return http::format_request_head(http::Version::http_1_0, "GET", url.path, headers);
}

std::string_view context_of(const ClientIdentity& identity, std::string_view number) {
    return identity.as == PullAs::server ? std::string_view{} : number;
}

}  // namespace

std::string describe_request(const http::Url& url, const ClientIdentity& identity) {
    return request(url, identity,
                   {fmt::format("no-cache,rate=1.000000,stream-time=0,stream-offset=0:0{},max-duration=0",
                                context_of(identity, ",request-context=1"))});
}

std::string play_request(const http::Url& url, const ClientIdentity& identity,
                         std::span<const std::uint16_t> streams) {
    std::string entries;
    for (std::uint16_t stream : streams)
        entries += fmt::format("{}ffff:{:x}:0", entries.empty() ? "" : " ", stream);
    return request(url, identity,
                   {fmt::format("no-cache,rate=1.000000,stream-time=0,stream-offset=4294967295:4294967295,"
                                "packet-num=4294967295{},max-duration=0",
                                context_of(identity, ",request-context=2")),
                    "xPlayStrm=1", fmt::format("stream-switch-count={}", streams.size()),
                    "stream-switch-entry=" + entries});
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
