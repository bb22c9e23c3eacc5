#include "core/base/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <algorithm>
#include <optional>

#include "core/base/text.hpp"

namespace weir {

namespace {

constexpr std::size_t kMaxName = 253;  // RFC 1035, 2.3.4, as text
constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxZone = 15;  // IFNAMSIZ without its NUL

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string quoted(std::string_view text) {
    return '"' + printable(text, 80) + '"';
}

Error bad(std::string detail) {
    return Error{Errc::bad_input, std::move(detail)};
}

// The literal in the form inet_ntop gives it, so that one address has one text.
std::optional<std::string> canonical(int family, std::string_view text) {
    if (text.find('\0') != std::string_view::npos) return std::nullopt;  // inet_pton would stop there
    in6_addr binary{};
    char out[INET6_ADDRSTRLEN];
    if (inet_pton(family, std::string(text).c_str(), &binary) != 1) return std::nullopt;
    if (inet_ntop(family, &binary, out, sizeof out) == nullptr) return std::nullopt;
    return std::string(out);
}

std::optional<std::string> parse_ipv6(std::string_view text) {
    const auto percent = text.find('%');
    auto host = canonical(AF_INET6, text.substr(0, percent));
    if (!host || percent == std::string_view::npos) return host;
    const auto zone = text.substr(percent + 1);
    if (zone.empty() || zone.size() > kMaxZone) return std::nullopt;
    for (char c : zone) {
        if (!is_digit(c) && !is_letter(c) && c != '-' && c != '_' && c != '.') return std::nullopt;
    }
    return *host + '%' + std::string(zone);
}

bool is_label(std::string_view label) noexcept {
    if (label.empty() || label.size() > kMaxLabel || label.front() == '-' || label.back() == '-')
        return false;
    return std::all_of(label.begin(), label.end(),
                       [](char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '_'; });
}

bool is_name(std::string_view name) noexcept {
    if (name.size() > kMaxName) return false;
    while (true) {
        const auto dot = name.find('.');
        if (!is_label(name.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        name.remove_prefix(dot + 1);
    }
}

// No top-level domain is all digits: such a host is an IPv4 address, or meant to be one.
bool looks_like_ipv4(std::string_view host) noexcept {
    const auto last = host.substr(host.rfind('.') + 1);
    return std::all_of(last.begin(), last.end(), is_digit);
}

Result<Address> parse_host(std::string_view host) {
    if (host.starts_with('[')) {
        auto ipv6 = parse_ipv6(host.substr(1, host.size() - 2));
        if (!ipv6)
            return bad(quoted(host) + " is not an IPv6 address in brackets, expected one such as \"[::1]\"");
        return Address{.host = std::move(*ipv6), .kind = Address::Kind::ipv6};
    }
    if (host.find(':') != std::string_view::npos) {
        return bad(quoted(host) +
                   " has a ':' of its own, an IPv6 address is written in brackets as in \"[::1]:8080\"");
    }
    if (host.empty() || host == "*") {
        return bad(
            "no host, write \"[::]\" for every address of this machine or \"127.0.0.1\" for local clients "
            "only");
    }
    if (looks_like_ipv4(host)) {
        auto ipv4 = canonical(AF_INET, host);
        if (!ipv4) return bad(quoted(host) + " is not an IPv4 address, expected one such as \"127.0.0.1\"");
        return Address{.host = std::move(*ipv4), .kind = Address::Kind::ipv4};
    }
    if (!is_name(host)) {
        return bad(quoted(host) +
                   " is not a host name, expected letters, digits, '-' and '.' as in \"relay.example\"");
    }
    std::string lower(host);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return Address{.host = std::move(lower), .kind = Address::Kind::name};
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
    const auto colon = text.rfind(':');
    const auto bracket = text.rfind(']');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || bracket < colon);
    if (!has_port) return bad(quoted(text) + " has no port, expected host:port such as \"[::]:8080\"");

    const auto host = text.substr(0, colon);
    if (host.starts_with('[') != host.ends_with(']')) {
        return bad(quoted(text) + " has one bracket only, expected host:port such as \"[::]:8080\"");
    }
    auto address = parse_host(host);
    if (!address) return address;

    const auto digits = text.substr(colon + 1);
    const auto port = leading_u32(digits);
    if (!port || *port > UINT16_MAX || !std::all_of(digits.begin(), digits.end(), is_digit)) {
        return bad(quoted(digits) + " is not a port, expected a number from 0 to 65535");
    }
    address.value().port = static_cast<std::uint16_t>(*port);
    return address;
}

std::string to_string(const Address& address) {
    const auto port = std::to_string(address.port);
    if (address.kind == Address::Kind::ipv6) return '[' + address.host + "]:" + port;
    return address.host + ':' + port;
}

}  // namespace weir
