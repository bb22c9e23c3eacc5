// What the kernel is asked to do with a connection. Set on a listening socket it holds for all that are
// accepted from it, at no cost for each. Plain values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weir {

struct SocketOptions {
    bool tcp_nodelay = true;
    std::size_t send_buffer = 0;  // bytes that the kernel holds of what is sent; 0: as many as it sees fit
    std::uint64_t pacing = 0;     // bytes a second, sent evenly; 0: as fast as it goes
};

// Of a TCP socket; also makes the kernel find out by itself (SO_KEEPALIVE) when the other side is gone.
void set_options(int socket, const SocketOptions& options) noexcept;

// What set_options() came to: the kernel has a limit of its own (net.core.wmem_max).
std::size_t send_buffer_in_force(int socket) noexcept;

}  // namespace weir
