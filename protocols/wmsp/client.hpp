// What a WMSP client sends ([MS-WMSP] 3.1.5), and the part of the answer it needs to go on. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/relay/pull.hpp"
#include "protocols/http/response.hpp"
#include "protocols/http/url.hpp"

namespace weir::wmsp {

// Of the 4.1 generation: no $M, no chunks, no pipelining. A player by none of the exact names by which
// servers know those that cannot take a new header in mid-stream; a server by the name that makes upstream
// keep padding and send all streams. The product behind it tells another weir that fillers are understood.
inline constexpr std::string_view kPlayerAgent = "NSPlayer/4.1.0.3925";
inline constexpr std::string_view kServerAgent = "NSServer/4.1.0.3930";

// What all requests of one viewing have in common.
struct ClientIdentity {
    PullAs as = PullAs::player;
    std::string guid;                             // of a player, for the server's log; a server's is all zero
    std::optional<std::uint32_t> client_id = {};  // once the server gave one
    std::optional<std::string> authorization = {};  // the header's value, where one is due
    // For another weir; empty: nothing to say.
    std::string resume = {};
    std::string via = {};
};

std::string describe_request(const http::Url& url, const ClientIdentity& identity);
// All of `streams`, in full.
std::string play_request(const http::Url& url, const ClientIdentity& identity,
                         std::span<const std::uint16_t> streams);

std::optional<std::uint32_t> client_id_of(const http::Response& response);
// The stream numbers in the $H of a Describe's body.
Result<std::vector<std::uint16_t>> streams_of(Bytes describe_body);

}  // namespace weir::wmsp
