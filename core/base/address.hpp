// host:port as written in configuration files and on command lines. Pure text: nothing is looked up here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace weir {

struct Address {
    enum class Kind { ipv4, ipv6, name };

    std::string host;  // without brackets; a literal in its shortest form, a name in lower case
    std::uint16_t port = 0;
    Kind kind = Kind::name;

    bool is_literal() const noexcept { return kind != Kind::name; }  // needs no name service
    friend bool operator==(const Address&, const Address&) = default;
};

// "127.0.0.1:8080", "[::]:8080", "[fe80::1%eth0]:8080", "relay.example:8080". The port must be written; 0 is
// taken, what it means is the caller's business. The Error says what is wrong and what would be right.
Result<Address> parse_address(std::string_view text);

// The reverse, with the brackets that IPv6 needs.
std::string to_string(const Address& address);

}  // namespace weir
