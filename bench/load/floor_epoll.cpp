// weir-floor-epoll: the cheapest relay that this kernel allows. One epoll loop; every --flush milliseconds
// each client is sent what is new, straight from the ring, with send(2).
//
//   --listen ADDR:PORT  --streams N  --flush MS
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <deque>

#include "floor.hpp"
#include "net.hpp"
#include "options.hpp"

using namespace bench;

namespace {

struct Connection {
    int fd = -1;
    bool is_push = false, is_player = false;
    Ring* ring = nullptr;
    std::uint64_t at = 0;
    std::string asked;  // freed once it is read
};

class Floor {
  public:
    Floor(const sockaddr_in& address, std::size_t streams, double flush_ms)
        : rings_(streams),
          listener_(listen_on(address)),
          epoll_(epoll_create1(0)),
          slots_(flush_ms, now_ns()) {
        watch(EPOLL_CTL_ADD, listener_, EPOLLIN, kListener);
    }

    [[noreturn]] void run() {
        for (;;) {
            const std::int64_t rest = std::max<std::int64_t>(0, slots_.due() - now_ns());
            const timespec timeout{.tv_sec = 0, .tv_nsec = static_cast<long>(rest)};
            epoll_event events[256];
            const int n = epoll_pwait2(epoll_, events, 256, &timeout, nullptr);
            for (int i = 0; i < n; ++i) {
                if (events[i].data.u32 == kListener)
                    accept_all();
                else
                    on_readable(events[i].data.u32);
            }
            slots_.visit(now_ns(), [this](std::uint32_t index) { return pump(connections_[index]); });
        }
    }

  private:
    static constexpr std::uint32_t kListener = ~0U;

    void watch(int what, int fd, std::uint32_t events, std::uint32_t index) {
        epoll_event event{.events = events, .data = {.u32 = index}};
        epoll_ctl(epoll_, what, fd, &event);
    }
    void accept_all() {
        for (int fd; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
            const auto index = static_cast<std::uint32_t>(connections_.size());
            connections_.emplace_back().fd = fd;
            watch(EPOLL_CTL_ADD, fd, EPOLLIN, index);
        }
    }
    void on_readable(std::uint32_t index) {
        Connection& c = connections_[index];
        const ssize_t n = recv(c.fd, buffer_, sizeof buffer_, 0);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) return close(c);
        const std::string_view bytes{buffer_, static_cast<std::size_t>(n)};
        if (c.is_push) return c.ring->take_chunked(bytes);
        if (c.is_player) return;
        c.asked += bytes;
        const Request request = parse_request(c.asked);
        if (!request.is_whole) return;
        std::string().swap(c.asked);
        if (request.stream >= rings_.size()) return close(c);
        c.ring = &rings_[request.stream];
        c.is_push = request.is_push, c.is_player = !request.is_push;
        if (c.is_push) {
            c.ring->begin();
            return c.ring->take_chunked(request.rest);
        }
        const std::string head = play_head() + c.ring->header();
        if (send(c.fd, head.data(), head.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(head.size()))
            return close(c);
        c.at = c.ring->start();
        if (pump(c)) slots_.add(index);
    }
    // False: it is gone.
    bool pump(Connection& c) {
        while (c.fd >= 0 && c.at < c.ring->end()) {
            const std::string_view rest = c.ring->behind(c.at);
            const ssize_t n = send(c.fd, rest.data(), rest.size(), MSG_NOSIGNAL);
            if (n < 0 && errno != EAGAIN) close(c);
            if (n > 0) c.at += static_cast<std::uint64_t>(n);
            if (n != static_cast<ssize_t>(rest.size())) break;
        }
        return c.fd >= 0;
    }
    void close(Connection& c) {
        if (c.fd >= 0) ::close(c.fd);
        c.fd = -1;
    }

    std::vector<Ring> rings_;
    int listener_, epoll_;
    Slots slots_;
    std::deque<Connection> connections_;  // one for each that ever came
    char buffer_[65536];
};

}  // namespace

int main(int argc, char** argv) {
    Options options(argc, argv);
    const auto address = parse_address(options.text("listen"));
    const std::size_t streams = options.count("streams", 1);
    const double flush = options.number("flush", 50);
    options.finish();
    raise_descriptors(100'000);
    static Floor floor(address, streams, flush);
    floor.run();
}
