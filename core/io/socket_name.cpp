#include "core/io/socket_name.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

namespace weir {

std::string name_of(const sockaddr& address) {
    char text[INET6_ADDRSTRLEN] = "?";
    if (address.sa_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, &address, sizeof in);
        inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
        return std::string(text) + ":" + std::to_string(ntohs(in.sin_port));
    }
    if (address.sa_family != AF_INET6) return "unknown";
    sockaddr_in6 in{};
    std::memcpy(&in, &address, sizeof in);
    const std::string port = std::to_string(ntohs(in.sin6_port));
    if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) {
        inet_ntop(AF_INET, &in.sin6_addr.s6_addr[12], text, sizeof text);
        return std::string(text) + ":" + port;
    }
    inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
    return "[" + std::string(text) + "]:" + port;
}

namespace {
using GetName = int (*)(int, sockaddr*, socklen_t*);

EndAddress end_of(int socket, GetName get) noexcept {
    EndAddress end;
    socklen_t length = sizeof end.storage;
    return get(socket, end.get(), &length) == 0 ? end : EndAddress{};
}
}  // namespace

EndAddress remote_end(int socket) noexcept {
    return end_of(socket, ::getpeername);
}
std::string local_name(int socket) {
    const EndAddress end = end_of(socket, ::getsockname);
    return name_of(end.get());
}

}  // namespace weir
