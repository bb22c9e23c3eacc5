#include "protocols/http/url.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace weir::http {

namespace {

Error bad(std::string_view text, std::string_view what) {
    return Error{Errc::bad_input, "'" + printable(text) + "': " + std::string(what)};
}

bool is_host_char(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '-' || c == '_';
}
bool is_address_char(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
}

}  // namespace

std::string Url::host_header() const {
    std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port != 80) out += ":" + std::to_string(port);
    return out;
}

Result<Url> parse_url(std::string_view text) {
    if (text.size() > Url::kMaxLength)
        return bad(text, "longer than " + std::to_string(Url::kMaxLength) + " bytes");
    // A request line is made of it: neither blanks nor control characters.
    if (std::any_of(text.begin(), text.end(), [](char c) { return c <= 0x20 || c == 0x7F; }))
        return bad(text, "blanks, control characters and bytes above 0x7E must be %-escaped");
    Url url;
    if (starts_with_ignoring_case(text, "http://"))
        url.scheme = "http";
    else if (starts_with_ignoring_case(text, "mmsh://") || starts_with_ignoring_case(text, "mms://"))
        url.scheme = "mmsh";
    else
        return bad(text, "a URL begins with http://, mmsh:// or mms://");
    std::string_view rest = text.substr(text.find("://") + 3);

    rest = rest.substr(0, rest.find('#'));
    const auto slash = rest.find_first_of("/?");
    std::string_view authority = rest.substr(0, slash);
    url.path = slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
    if (url.path.front() == '?') url.path.insert(0, 1, '/');
    if (authority.find('@') != std::string_view::npos)
        return bad(text, "a user name in a URL is not supported");

    std::string_view port;
    if (authority.starts_with('[')) {
        const auto bracket = authority.find(']');
        if (bracket == std::string_view::npos) return bad(text, "no ']' after the IPv6 address");
        url.host = std::string(authority.substr(1, bracket - 1));
        port = authority.substr(bracket + 1);
        if (!std::all_of(url.host.begin(), url.host.end(), is_address_char) ||
            url.host.find(':') == std::string::npos)
            return bad(text, "no IPv6 address between the brackets");
    } else {
        const auto colon = authority.find(':');
        url.host = std::string(authority.substr(0, colon));
        if (colon != std::string_view::npos) port = authority.substr(colon);
        if (!std::all_of(url.host.begin(), url.host.end(), is_host_char)) return bad(text, "not a host name");
    }
    if (url.host.empty()) return bad(text, "no host");
    if (port.empty()) return url;
    const auto digits = port.substr(1);
    const auto number = leading_u32(digits);
    if (port.front() != ':' || !number || *number == 0 || *number > 65535 ||
        digits.find_first_not_of("0123456789") != std::string_view::npos)
        return bad(text, "after the host comes ':' and a port from 1 to 65535");
    url.port = static_cast<std::uint16_t>(*number);
    return url;
}

}  // namespace weir::http
