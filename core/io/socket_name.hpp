// Socket addresses as text: "192.0.2.1:4711", "[2001:db8::1]:4711"; an IPv4 client on an IPv6 socket as IPv4.
#pragma once

#include <netinet/in.h>

#include <string>

struct sockaddr;

namespace weir {

// The address of one end of a connection, IPv4 or IPv6, as the system gave it; all zero: it is not known.
struct EndAddress {
    sockaddr_in6 storage{};

    sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
    const sockaddr& get() const noexcept { return reinterpret_cast<const sockaddr&>(storage); }
};

std::string name_of(const sockaddr& address);
EndAddress remote_end(int socket) noexcept;
std::string local_name(int socket);

}  // namespace weir
