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

std::string socket_name(int socket, GetName get) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    if (get(socket, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return "unknown";
    return name_of(reinterpret_cast<const sockaddr&>(storage));
}
}  // namespace

std::string remote_name(int socket) {
    return socket_name(socket, ::getpeername);
}
std::string local_name(int socket) {
    return socket_name(socket, ::getsockname);
}

}  // namespace weir
