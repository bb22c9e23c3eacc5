// What a WMSP client sends ([MS-WMSP] 3.1.5), and the part of the answer it needs to go on. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "protocols/http/response.hpp"
#include "protocols/http/url.hpp"

namespace weir::wmsp {

// A player of the 4.1 generation: no $M, no chunks, no pipelining; and none of the exact names by which
// servers know players that cannot take a new header in mid-stream.
inline constexpr std::string_view kClientAgent = "NSPlayer/4.1.0.3925";

std::string describe_request(const http::Url& url, std::string_view client_guid);
// All of `streams`, in full.
std::string play_request(const http::Url& url, std::string_view client_guid,
                         std::optional<std::uint32_t> client_id, std::span<const std::uint16_t> streams);

std::optional<std::uint32_t> client_id_of(const http::Response& response);
// The stream numbers in the $H of a Describe's body.
Result<std::vector<std::uint16_t>> streams_of(Bytes describe_body);

}  // namespace weir::wmsp
