#include "core/io/socket_address.hpp"

#include <netdb.h>
#include <netinet/in.h>

#include <cstddef>
#include <cstring>

namespace weir {

void SocketAddress::set_port(std::uint16_t port) noexcept {
    const in_port_t on_wire = htons(port);
    if (storage.ss_family == AF_INET)
        std::memcpy(reinterpret_cast<char*>(&storage) + offsetof(sockaddr_in, sin_port), &on_wire,
                    sizeof on_wire);
    else if (storage.ss_family == AF_INET6)
        std::memcpy(reinterpret_cast<char*>(&storage) + offsetof(sockaddr_in6, sin6_port), &on_wire,
                    sizeof on_wire);
}

SocketAddresses to_socket_addresses(const addrinfo* list) {
    SocketAddresses out;
    for (const addrinfo* a = list; a && out.size() < kMaxAddresses; a = a->ai_next) {
        if ((a->ai_family != AF_INET && a->ai_family != AF_INET6) || a->ai_addrlen > sizeof(sockaddr_storage))
            continue;
        SocketAddress& address = out.emplace_back();
        std::memcpy(&address.storage, a->ai_addr, a->ai_addrlen);
        address.length = a->ai_addrlen;
    }
    return out;
}

Result<SocketAddresses> literal_addresses(const Address& address) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST;
    addrinfo* found = nullptr;
    if (const int code = ::getaddrinfo(address.host.c_str(), nullptr, &hints, &found))
        return Error{Errc::bad_input, ::gai_strerror(code)};
    auto out = to_socket_addresses(found);
    ::freeaddrinfo(found);
    for (SocketAddress& one : out) one.set_port(address.port);
    return out;
}

}  // namespace weir
