// Socket addresses as text: "192.0.2.1:4711", "[2001:db8::1]:4711"; an IPv4 client on an IPv6 socket as IPv4.
#pragma once

#include <string>

struct sockaddr;

namespace weir {

std::string name_of(const sockaddr& address);
std::string remote_name(int socket);
std::string local_name(int socket);

}  // namespace weir
