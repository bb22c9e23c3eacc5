#include "net.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "options.hpp"

namespace bench {

namespace {
const sockaddr* generic(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}
[[noreturn]] void failed(const std::string& what) {
    give_up(what + ": " + std::strerror(errno));
}
template <class T>
void set(int fd, int level, int name, T value) {
    setsockopt(fd, level, name, &value, sizeof value);
}
}  // namespace

sockaddr_in parse_address(const std::string& text) {
    const auto colon = text.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    if (colon == std::string::npos ||
        inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) != 1)
        give_up("expected ADDRESS:PORT, got " + text);
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(text.c_str() + colon + 1)));
    return address;
}

int listen_on(const sockaddr_in& address) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (bind(fd, generic(address), sizeof address) != 0) failed("bind");
    if (listen(fd, 65535) != 0) failed("listen");
    return fd;
}

int connect_to(const sockaddr_in& address) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, generic(address), sizeof address) != 0) failed("connect");
    return fd;
}

int begin_connect(const sockaddr_in& address, std::uint32_t from, int receive_buffer) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (receive_buffer > 0) set(fd, SOL_SOCKET, SO_RCVBUF, receive_buffer);
    // The port is drawn when connecting, so each source address has all ports once for each server.
    set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(0x7F000000U + from);
    if (bind(fd, generic(own), sizeof own) == 0 &&
        (connect(fd, generic(address), sizeof address) == 0 || errno == EINPROGRESS))
        return fd;
    const int error = errno;
    close(fd);
    errno = error;
    return -1;
}

void make_nonblocking(int fd) {
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void set_no_delay(int fd) {
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

void reset(int fd) {
    set(fd, SOL_SOCKET, SO_LINGER, linger{.l_onoff = 1, .l_linger = 0});
    close(fd);
}

}  // namespace bench
