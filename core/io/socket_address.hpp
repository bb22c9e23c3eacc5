// An IPv4 or IPv6 address with its port as the socket calls take it. A plain value; safe on any thread.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <vector>

#include "core/base/address.hpp"
#include "core/base/result.hpp"

struct addrinfo;

namespace weir {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;

    const sockaddr& get() const noexcept { return reinterpret_cast<const sockaddr&>(storage); }
    void set_port(std::uint16_t port) noexcept;
};
using SocketAddresses = std::vector<SocketAddress>;

// What a name service answers, in its order; no more than kMaxAddresses of it.
constexpr std::size_t kMaxAddresses = 32;
SocketAddresses to_socket_addresses(const addrinfo* list);

// Of a literal ("127.0.0.1", "fe80::1%eth0"): no name service is asked and nothing waits.
Result<SocketAddresses> literal_addresses(const Address& address);

}  // namespace weir
