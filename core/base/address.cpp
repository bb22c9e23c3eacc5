#include "core/base/address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <system_error>

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

// Four numbers up to 255, without leading zeros, which some readers take for octal.
bool parse_ipv4(std::string_view text, std::array<std::uint8_t, 4>& out) noexcept {
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto part = text.substr(0, text.find('.'));
        const auto number = leading_u32(part);
        if (!number || *number > 255 || part.size() > 3 || !std::all_of(part.begin(), part.end(), is_digit))
            return false;
        if (part.size() > 1 && part.front() == '0') return false;
        out[i] = static_cast<std::uint8_t>(*number);
        text.remove_prefix(part.size());
        if (i + 1 == out.size()) return text.empty();
        if (text.empty()) return false;
        text.remove_prefix(1);
    }
    return false;
}

using Groups = std::array<std::uint16_t, 8>;  // of an IPv6 address

// "1:2:abcd" or "1:2:1.2.3.4" into the front of `out`; gives the number of groups, or nothing.
std::optional<std::size_t> parse_groups(std::string_view text, Groups& out) noexcept {
    if (text.empty()) return 0;
    for (std::size_t n = 0; n < out.size();) {
        const auto part = text.substr(0, text.find(':'));
        const bool is_last = part.size() == text.size();
        std::array<std::uint8_t, 4> ipv4{};
        if (is_last && n + 2 <= out.size() && parse_ipv4(part, ipv4)) {
            out[n] = static_cast<std::uint16_t>(ipv4[0] << 8 | ipv4[1]);
            out[n + 1] = static_cast<std::uint16_t>(ipv4[2] << 8 | ipv4[3]);
            return n + 2;
        }
        const char* end = part.data() + part.size();
        const auto [rest, error] = std::from_chars(part.data(), end, out[n], 16);
        if (error != std::errc{} || rest != end || part.size() > 4) return std::nullopt;
        ++n;
        if (is_last) return n;
        text.remove_prefix(part.size() + 1);
    }
    return std::nullopt;
}

std::string to_hex(std::uint16_t group) {
    char out[4];
    const auto [end, error] = std::to_chars(std::begin(out), std::end(out), group, 16);
    return {out, end};
}

// RFC 5952: lower case, the first longest run of two or more zero groups as "::", mapped IPv4 in dots.
std::string format_ipv6(const Groups& groups) {
    if (std::all_of(groups.begin(), groups.begin() + 5, [](auto g) { return g == 0; }) &&
        groups[5] == 0xffff) {
        const auto byte = [&](std::size_t i) {
            return std::to_string(groups[6 + i / 2] >> (i % 2 == 0 ? 8 : 0) & 0xff);
        };
        return "::ffff:" + byte(0) + '.' + byte(1) + '.' + byte(2) + '.' + byte(3);
    }
    std::size_t zeros = 0;
    std::size_t length = 1;  // of the longest run yet; one zero group is written out
    for (std::size_t i = 0; i < groups.size(); ++i) {
        std::size_t n = 0;
        while (i + n < groups.size() && groups[i + n] == 0) ++n;
        if (n > length) {
            zeros = i;
            length = n;
        }
    }
    std::string out;
    for (std::size_t i = 0; i < groups.size();) {
        if (length > 1 && i == zeros) {
            out += "::";
            i += length;
            continue;
        }
        if (!out.empty() && !out.ends_with(':')) out += ':';
        out += to_hex(groups[i++]);
    }
    return out;
}

// The literal in its one canonical form, so that the same address is the same text.
std::optional<std::string> canonical_ipv6(std::string_view text) {
    const auto gap = text.find("::");
    Groups groups{};
    if (gap == std::string_view::npos) {
        if (parse_groups(text, groups) != groups.size()) return std::nullopt;
        return format_ipv6(groups);
    }
    Groups tail{};
    const auto before = text.substr(0, gap);
    if (before.find('.') != std::string_view::npos) return std::nullopt;  // IPv4 stands last only
    const auto left = parse_groups(before, groups);
    const auto right = parse_groups(text.substr(gap + 2), tail);
    if (!left || !right || *left + *right >= groups.size()) return std::nullopt;
    std::copy_n(tail.begin(), *right, groups.end() - static_cast<std::ptrdiff_t>(*right));
    return format_ipv6(groups);
}

std::optional<std::string> parse_ipv6(std::string_view text) {
    const auto percent = text.find('%');
    auto host = canonical_ipv6(text.substr(0, percent));
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
        std::array<std::uint8_t, 4> numbers{};
        if (!parse_ipv4(host, numbers)) {
            return bad(quoted(host) + " is not an IPv4 address, expected one such as \"127.0.0.1\"");
        }
        return Address{.host = std::string(host), .kind = Address::Kind::ipv4};
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
