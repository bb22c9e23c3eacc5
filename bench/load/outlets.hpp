// Where a source's packets go: to servers that are pushed to, or to a server that pulls.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

enum class Way { push, icecast, metacube };

// One connection to a server. Bytes that the socket does not take wait here; a server that takes none for
// long ends the program.
class Outlet {
  public:
    Outlet(int fd, std::size_t stream) : fd_(fd), stream_(stream) {}
    int fd() const { return fd_; }
    std::size_t stream() const { return stream_; }
    bool is_open() const { return fd_ >= 0; }
    void send(std::string_view bytes);
    // Call it now and then for what had to wait.
    void flush();
    void close();

  private:
    int fd_;
    std::size_t stream_;
    std::string waiting_;
};

// Pushes stream `index` to /s<index>. Blocks until the request is sent and, by Icecast, permitted.
Outlet push(Way way, const sockaddr_in& server, std::size_t index, const std::string& password);

// A packet or a header as the server wants it framed. Flags as Metacube has them are made from `kind`.
enum class Kind { header, key, other };
std::string framed(Way way, std::string_view bytes, Kind kind);

// Serves streams by Metacube to whoever asks for /s<index>.
class MetacubeServer {
  public:
    MetacubeServer(const sockaddr_in& address, std::size_t streams);
    int listener() const { return listener_; }
    // Takes connections and reads requests; returns those that can be served from now on.
    std::vector<Outlet> accept();

  private:
    struct Guest {
        int fd;
        std::string request;
    };
    int listener_;
    std::size_t streams_;
    std::vector<Guest> guests_;
};

}  // namespace bench
