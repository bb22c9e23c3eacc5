#include "core/io/listener.hpp"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cstring>
#include <limits>
#include <utility>

#include "core/io/handle.hpp"
#include "core/io/loop.hpp"
#include "core/io/socket_name.hpp"
#include "core/io/tcp_peer.hpp"
#include "core/io/uv_error.hpp"

namespace weir {

namespace {
// As many as the kernel lets wait (net.core.somaxconn). A connection too many is not refused: its client asks
// again a second later, which is what a crowd that comes at once would notice.
constexpr int kBacklog = std::numeric_limits<int>::max();
// To take a connection is cheap, to hear it out and to answer is not. Where the kernel's queue runs over,
// clients try again a second later: so it is emptied each turn (it holds 4096 where nobody changed that), and
// a few milliseconds' worth of those who were taken are handed over.
constexpr int kAcceptsPerTurn = 4096;
constexpr int kPerTurn = 128;

Error cannot_listen(const Address& address, const char* why) {
    return {Errc::system, "cannot listen on " + to_string(address) + ": " + why};
}
}  // namespace

Listener::Listener(Loop& loop, std::size_t tag, Admit admit, OnPeer on_peer)
    : loop_(loop),
      tag_(tag),
      admit_(admit),
      on_peer_(on_peer),
      timer_(loop.timers(), Callback<void()>::of<&Listener::hand_over>(this)),
      spare_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {}

Listener::~Listener() {
    poll_.reset();
    for (; next_ < arrived_.size(); ++next_) {
        ::close(arrived_[next_].socket);
        loop_.arrived(-1);
    }
    if (held_) ::close(held_->socket);
    if (socket_ >= 0) ::close(socket_);
    if (spare_ >= 0) ::close(spare_);
}

Result<std::unique_ptr<Listener>> Listener::open(Loop& loop, const Address& address,
                                                 const SocketOptions& options, std::size_t tag, Admit admit,
                                                 OnPeer on_peer) {
    std::unique_ptr<Listener> listener{new Listener{loop, tag, admit, on_peer}};
    if (auto bound = listener->bind(address, options); !bound) return bound.error();
    if (auto watched = listener->watch(); !watched) return watched.error();
    return listener;
}

Result<> Listener::bind(const Address& address, const SocketOptions& options) {
    uv_getaddrinfo_t request{};
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | (address.is_literal() ? AI_NUMERICHOST : 0);
    const int looked_up = uv_getaddrinfo(loop_.raw(), &request, nullptr, address.host.c_str(),
                                         std::to_string(address.port).c_str(), &hints);
    if (looked_up != 0) return cannot_listen(address, uv_strerror(looked_up));

    int code = EADDRNOTAVAIL;
    for (const addrinfo* a = request.addrinfo; a && socket_ < 0; a = a->ai_next) {
        const int s = ::socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (s < 0) {
            code = errno;
            continue;
        }
        const int on = 1;
        const int off = 0;
        setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (a->ai_family == AF_INET6) setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
        set_options(s, options);
        if (::bind(s, a->ai_addr, a->ai_addrlen) == 0 && ::listen(s, kBacklog) == 0) {
            socket_ = s;
        } else {
            code = errno;
            ::close(s);
        }
    }
    uv_freeaddrinfo(request.addrinfo);
    // A kernel without IPv6 still has every address of its own.
    if (socket_ < 0 && code == EAFNOSUPPORT && address.host == "::")
        return bind({.host = "0.0.0.0", .port = address.port, .kind = Address::Kind::ipv4}, options);
    if (socket_ < 0) return cannot_listen(address, std::strerror(code));
    local_ = local_name(socket_);
    return Ok{};
}

Result<> Listener::watch() {
    int code = 0;
    poll_ = open_handle<uv_poll_t>(
        this, [this](uv_poll_t* h) { return uv_poll_init_socket(loop_.raw(), h, socket_); }, code);
    if (!poll_) return uv_error(local_, code);
    code = uv_poll_start(&poll_->uv, UV_READABLE, [](uv_poll_t* h, int, int) {
        if (auto* self = owner_of<uv_poll_t, Listener>(h)) self->on_readable();
    });
    if (code != 0) return uv_error(local_, code);
    return Ok{};
}

void Listener::on_readable() {
    loop_.update_now();
    if (!held_) accept_some();
    hand_over();
}

void Listener::accept_some() {
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
        EndAddress from;
        socklen_t length = sizeof from.storage;
        const int s = ::accept4(socket_, from.get(), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (s < 0) {
            if (errno == EINTR || errno == ECONNABORTED) continue;
            if (errno == EMFILE || errno == ENFILE) refuse_one();
            return;
        }
        admit({s, from});
        if (held_) return;
    }
}

void Listener::admit(const Arrival& arrival) {
    switch (admit_()) {
        case Admission::yes:
            arrived_.push_back(arrival);
            loop_.arrived(+1);
            break;
        case Admission::no:
            ::close(arrival.socket);
            break;
        case Admission::later:
            held_ = arrival;
            break;
    }
}

void Listener::hand_over() {
    if (held_ && arrived_.empty()) {
        loop_.sweep();  // those before it that were turned away are not there any more
        admit(*std::exchange(held_, std::nullopt));
    }
    for (int i = 0; i < kPerTurn && next_ < arrived_.size(); ++i) {
        const Arrival arrival = arrived_[next_++];
        loop_.arrived(-1);
        TcpPeer* peer = TcpPeer::adopt(loop_, arrival.socket, arrival.from);
        if (!peer) continue;
        on_peer_(*this, *peer);
        peer->read_now();
    }
    if (next_ < arrived_.size()) return timer_.start(Duration{0});
    next_ = 0;
    if (arrived_.size() > kPerTurn) arrived_ = {};  // what a crowd needed is given back
    arrived_.clear();
    if (held_) return timer_.start(Duration{0});
    timer_.stop();
}

// With no descriptor left the pending connection would wake us for ever.
void Listener::refuse_one() noexcept {
    if (spare_ < 0) return;
    ::close(spare_);
    const int s = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (s >= 0) ::close(s);
    spare_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

}  // namespace weir
