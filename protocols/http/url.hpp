// The URLs that weir pulls from: http:// and mmsh://, with mms:// read as mmsh (what players do when MMS over
// TCP is not there). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace weir::http {

struct Url {
    static constexpr std::size_t kMaxLength = 2048;

    std::string scheme;  // "http" or "mmsh"
    std::string host;    // without the brackets of an IPv6 address
    std::uint16_t port = 80;
    std::string path;  // with the query, as it goes into the request line: at least "/"

    std::string host_header() const;  // "host", "host:8080", "[::1]:8080"
};

Result<Url> parse_url(std::string_view text);

}  // namespace weir::http
