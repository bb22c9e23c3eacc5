#include "protocols/http/destination.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/base/text.hpp"

namespace weir::http {

namespace {

// A Location as a URL by itself (RFC 3986 section 5.2, but that dots in a path are left to the server).
std::string resolve(const Url& base, std::string_view location) {
    const auto end_of_scheme = location.find_first_of(":/?#");
    if (end_of_scheme != std::string_view::npos && end_of_scheme > 0 && location[end_of_scheme] == ':')
        return std::string(location);
    std::string out = base.scheme + ":";
    if (location.starts_with("//")) return out += location;
    out += "//" + base.host_header();
    if (location.starts_with('/')) return out += location;
    const std::string_view path = std::string_view{base.path}.substr(0, base.path.find('?'));
    out += location.empty() || location.front() == '?' ? path : path.substr(0, path.rfind('/') + 1);
    return out += location;
}

bool is_same_server(const Url& a, const Url& b) noexcept {
    return a.port == b.port && equal_ignoring_case(a.host, b.host);
}

// 305 names a proxy, which weir does not use.
bool is_redirect(const Response& response) noexcept {
    return response.status / 100 == 3 && response.status != 304 && response.status != 305 &&
           response.header("Location");
}

}  // namespace

Destination::Destination(Url url)
    : asked_(std::move(url)), url_(asked_), authenticator_(url_.credentials, fresh_cnonce()) {}

Result<bool> Destination::follow(const Response& response) {
    if (is_redirect(response)) {
        if (auto done = redirect(*response.header("Location")); !done) return done.error();
        return true;
    }
    if (response.status != 401) return false;
    if (auto challenged = authenticator_.challenge(response); !challenged)
        return Error{Errc::refused, where() + challenged.error().detail};
    return true;
}

Result<> Destination::redirect(std::string_view location) {
    if (++redirects_ > kMaxRedirects)
        return Error{Errc::refused,
                     fmt::format("more than {} redirects, the last to {}", kMaxRedirects, url_.text())};
    auto parsed = parse_url(resolve(url_, location));
    if (!parsed) return Error{Errc::refused, "redirected to " + parsed.error().detail};
    Url next = std::move(parsed).value();
    // Credentials are for the server they were given for, and for no other.
    const Url* const known[] = {&url_, &asked_};
    for (const Url* url : known) {
        if (next.credentials.empty() && is_same_server(next, *url)) next.credentials = url->credentials;
    }
    if (!is_same_server(next, url_) || next.credentials != url_.credentials)
        authenticator_ = Authenticator{next.credentials, fresh_cnonce()};
    url_ = std::move(next);
    return Ok{};
}

std::string Destination::where() const {
    return was_redirected() ? url_.text() + ": " : std::string{};
}

}  // namespace weir::http
