// Sockets of the bench's programs. What cannot be done ends the program, with a sentence.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <string>

namespace bench {

// "127.0.0.1:80"
sockaddr_in parse_address(const std::string& text);

// Non-blocking, with the longest backlog the kernel gives.
int listen_on(const sockaddr_in& address);

// Waits for the connection; the socket blocks until make_nonblocking.
int connect_to(const sockaddr_in& address);

// Begins to connect from 127.0.0.`from`; -1 with errno.
int begin_connect(const sockaddr_in& address, std::uint32_t from, int receive_buffer);

void make_nonblocking(int fd);
void set_no_delay(int fd);

// Closes without TIME_WAIT, so that one run leaves nothing behind for the next.
void reset(int fd);

}  // namespace bench
