#include "protocols/http/url.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace weir::http {

namespace {

constexpr std::string_view kDigits = "0123456789";

bool is_host_char(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '-' || c == '_';
}
bool is_address_char(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
}
bool is_control(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

std::string_view authority_of(std::string_view after_slashes) noexcept {
    return after_slashes.substr(0, after_slashes.find_first_of("/?#"));
}

struct HostPort {
    std::string host;
    std::uint16_t port = 80;
};

Result<HostPort> parse_host_port(std::string_view text) {
    const auto bad = [](std::string detail) { return Error{Errc::bad_input, std::move(detail)}; };
    HostPort out;
    std::string_view port;
    if (text.starts_with('[')) {
        const auto bracket = text.find(']');
        if (bracket == std::string_view::npos) return bad("no ']' after the IPv6 address");
        out.host = std::string(text.substr(1, bracket - 1));
        port = text.substr(bracket + 1);
        if (!std::all_of(out.host.begin(), out.host.end(), is_address_char) ||
            out.host.find(':') == std::string::npos)
            return bad("no IPv6 address between the brackets");
    } else {
        const auto colon = text.find(':');
        out.host = std::string(text.substr(0, colon));
        if (colon != std::string_view::npos) port = text.substr(colon);
        if (!std::all_of(out.host.begin(), out.host.end(), is_host_char)) return bad("not a host name");
    }
    if (out.host.empty()) return bad("no host");
    if (port.empty()) return out;
    const auto digits = port.substr(1);
    const auto number = leading_u32(digits);
    if (port.front() != ':' || !number || *number == 0 || *number > 65535 ||
        digits.find_first_not_of(kDigits) != std::string_view::npos)
        return bad("after the host comes ':' and a port from 1 to 65535");
    out.port = static_cast<std::uint16_t>(*number);
    return out;
}

// "user", "user:password", ":password"; the password may hold more colons.
Result<Credentials> parse_credentials(std::string_view text) {
    const auto colon = text.find(':');
    auto user = percent_decode(text.substr(0, colon));
    auto password =
        percent_decode(colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1));
    if (!user || !password)
        return Error{Errc::bad_input,
                     "a '%' in the user name or password begins no escape, a '%' itself is %25"};
    // RFC 7617 §2: no such user can be sent.
    if (user->find(':') != std::string::npos)
        return Error{Errc::bad_input, "a user name cannot have a ':' (%3A) in it"};
    if (std::any_of(user->begin(), user->end(), is_control) ||
        std::any_of(password->begin(), password->end(), is_control))
        return Error{Errc::bad_input, "control characters in the user name or password"};
    return Credentials{.user = std::move(*user), .password = std::move(*password)};
}

}  // namespace

std::string Url::host_header() const {
    return port == 80 ? (host.find(':') == std::string::npos ? host : "[" + host + "]") : authority();
}

std::string Url::authority() const {
    const std::string number = std::to_string(port);
    return host.find(':') == std::string::npos ? host + ":" + number : "[" + host + "]:" + number;
}

std::string Url::text() const {
    return scheme + "://" + host_header() + path;
}

std::string hide_credentials(std::string_view text) {
    if (starts_with_ignoring_case(text, "file:")) return std::string(text);
    std::string out;
    std::size_t from = 0;  // what is not in `out` yet
    auto slashes = text.find("//");
    if (slashes == std::string_view::npos) {
        // The slashes may have been forgotten.
        const auto at = text.rfind('@');
        return at == std::string_view::npos ? std::string(text) : "***" + std::string(text.substr(at));
    }
    while (slashes != std::string_view::npos) {
        const auto begin = slashes + 2;
        out += text.substr(from, begin - from);
        from = begin;
        const auto rest = text.substr(begin);
        auto at = authority_of(rest).rfind('@');
        // Not a host either: a password with a '/' of its own, say.
        if (at == std::string_view::npos && !parse_host_port(authority_of(rest)).ok()) at = rest.rfind('@');
        if (at != std::string_view::npos) {
            out += "***";
            from = begin + at;
        }
        slashes = text.find("//", from);
    }
    return out += text.substr(from);
}

Result<Url> parse_url(std::string_view text) {
    const auto bad = [&](std::string_view what) {
        return Error{Errc::bad_input, "'" + printable(hide_credentials(text)) + "': " + std::string(what)};
    };
    if (text.size() > Url::kMaxLength)
        return bad("longer than " + std::to_string(Url::kMaxLength) + " bytes");
    // A request line is made of it: neither blanks nor control characters.
    if (std::any_of(text.begin(), text.end(), [](char c) { return c <= 0x20 || c == 0x7F; }))
        return bad("blanks, control characters and bytes above 0x7E must be %-escaped");
    Url url;
    if (starts_with_ignoring_case(text, "http://"))
        url.scheme = "http";
    else if (starts_with_ignoring_case(text, "mmsh://") || starts_with_ignoring_case(text, "mms://"))
        url.scheme = "mmsh";
    else
        return bad("a URL begins with http://, mmsh:// or mms://");
    std::string_view rest = text.substr(text.find("://") + 3);

    rest = rest.substr(0, rest.find('#'));
    std::string_view authority = authority_of(rest);
    url.path = std::string(rest.substr(authority.size()));
    if (!url.path.starts_with('/')) url.path.insert(0, 1, '/');
    // Servers refuse a request for such a path.
    if (!percent_decode(std::string_view{url.path}.substr(0, url.path.find('?'))))
        return bad(
            "a broken %-escape in the path, after '%' come two hexadecimal digits (a '%' itself is %25)");

    // The last one: passwords are often written with an '@' as it is.
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        auto credentials = parse_credentials(authority.substr(0, at));
        if (!credentials) return bad(credentials.error().detail);
        url.credentials = std::move(credentials).value();
        authority.remove_prefix(at + 1);
    }
    auto place = parse_host_port(authority);
    if (!place) return bad(place.error().detail);
    url.host = std::move(place.value().host);
    url.port = place.value().port;
    return url;
}

}  // namespace weir::http
