// The URLs that weir pulls from: http:// and mmsh://, with mms:// read as mmsh (what players do when MMS over
// TCP is not there). A user name and password may stand in them; nothing that is printed ever shows these.
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace weir::http {

// What a client proves itself with. Never logged, never part of an Error.
struct Credentials {
    std::string user;
    std::string password;

    bool empty() const noexcept { return user.empty() && password.empty(); }
    friend bool operator==(const Credentials&, const Credentials&) = default;
};

struct Url {
    static constexpr std::size_t kMaxLength = 2048;

    std::string scheme;  // "http" or "mmsh"
    std::string host;    // without the brackets of an IPv6 address
    std::uint16_t port = 80;
    std::string path;         // with the query, as it goes into the request line: at least "/"
    Credentials credentials;  // percent-decoded; empty where the URL has none

    std::string host_header() const;  // "host", "host:8080", "[::1]:8080"
    std::string authority() const;    // "host:80", "[::1]:8080": the port always, as parse_address() wants it
    std::string text() const;         // for logs: without the credentials
};

// The Error quotes the text with its credentials hidden.
Result<Url> parse_url(std::string_view text);

// The text of a URL with "***@" for what stands between "//" and "@". Any text will do, also a URL that
// parse_url() refuses: where it is unclear how far the credentials go, more is hidden rather than less.
// "file:" names a path and is left alone.
std::string hide_credentials(std::string_view url_text);

}  // namespace weir::http
