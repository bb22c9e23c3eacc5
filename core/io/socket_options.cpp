#include "core/io/socket_options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <limits>

namespace weir {

namespace {
template <class Value>
void set(int socket, int level, int name, Value value) noexcept {
    ::setsockopt(socket, level, name, &value, sizeof value);
}
}  // namespace

void set_options(int socket, const SocketOptions& options) noexcept {
    set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(socket, IPPROTO_TCP, TCP_NODELAY, options.tcp_nodelay ? 1 : 0);
    constexpr std::size_t kMost = std::numeric_limits<int>::max();
    if (options.send_buffer > 0)
        set(socket, SOL_SOCKET, SO_SNDBUF, static_cast<int>(std::min(options.send_buffer, kMost)));
    if (options.pacing > 0) set(socket, SOL_SOCKET, SO_MAX_PACING_RATE, options.pacing);
}

// Linux keeps, and tells, twice what it was asked for: the other half is for its own use.
std::size_t send_buffer_in_force(int socket) noexcept {
    int bytes = 0;
    socklen_t length = sizeof bytes;
    if (::getsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, &length) != 0) return 0;
    return static_cast<std::size_t>(bytes) / 2;
}

}  // namespace weir
