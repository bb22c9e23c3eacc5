#include "core/io/tcp_peer.hpp"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <array>

#include "core/io/handle.hpp"
#include "core/io/loop.hpp"
#include "core/io/socket_name.hpp"

namespace weir {

struct TcpPeer::Poll {
    Handle<uv_poll_t, TcpPeer> handle;
};

namespace {
constexpr std::size_t kMaxParts = 8;
constexpr int kReadsPerTurn = 4;  // then others get their turn
}  // namespace

TcpPeer::TcpPeer(Loop& loop, int socket, std::string local)
    : loop_(loop),
      socket_(socket),
      remote_(remote_name(socket)),
      local_(std::move(local)),
      linger_(loop.timers(), Callback<void()>::of<&TcpPeer::end_linger>(this)) {
    address_length_ = remote_.rfind(':');
    if (address_length_ == std::string::npos) address_length_ = remote_.size();
}

TcpPeer* TcpPeer::adopt(Loop& loop, int socket, std::string local) {
    std::unique_ptr<TcpPeer> peer{new TcpPeer{loop, socket, std::move(local)}};
    int code = 0;
    auto handle = open_handle<uv_poll_t>(
        peer.get(), [&](uv_poll_t* h) { return uv_poll_init_socket(loop.raw(), h, socket); }, code);
    if (!handle) return nullptr;
    peer->poll_ = std::make_unique<Poll>();
    peer->poll_->handle = std::move(handle);
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    TcpPeer* raw = peer.get();
    loop.own(std::move(peer));
    raw->watch();
    return raw;
}

TcpPeer::~TcpPeer() {
    poll_.reset();
    if (socket_ >= 0) ::close(socket_);
}

void TcpPeer::set_handler(std::unique_ptr<Handler> handler) {
    if (handler_) loop_.retire(std::move(handler_));
    handler_ = std::move(handler);
}

void TcpPeer::watch() {
    int events = 0;
    if (!eof_ && !gone_) events |= UV_READABLE;
    if (!gone_ && (wants_ready_ || queue_sent_ < queue_.size())) events |= UV_WRITABLE;
    if (events == watched_) return;
    watched_ = events;
    uv_poll_t* h = &poll_->handle->uv;
    if (events == 0) {
        uv_poll_stop(h);
        return;
    }
    uv_poll_start(h, events, [](uv_poll_t* handle, int status, int got) {
        if (auto* self = owner_of<uv_poll_t, TcpPeer>(handle)) self->on_poll(status, got);
    });
}

void TcpPeer::on_poll(int status, int events) {
    loop_.update_now();
    if (status < 0) {
        // libuv says EBADF for any error that epoll reports, and watches no longer; the socket knows which.
        watched_ = 0;
        int error = 0;
        socklen_t length = sizeof error;
        ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &length);
        fail(error != 0 ? error : ECONNRESET);
    } else {
        if (events & UV_WRITABLE) {
            flush_queue();
            if (wants_ready_ && queue_.empty() && !closing_) {
                wants_ready_ = false;
                if (handler_) handler_->on_ready();
            }
        }
        if (events & UV_READABLE) read_some();
    }
    watch();
}

void TcpPeer::read_some() {
    for (int i = 0; i < kReadsPerTurn && !eof_ && !gone_; ++i) {
        const MutableBytes buffer = loop_.receive_buffer();
        const ssize_t n = ::recv(socket_, buffer.data(), buffer.size(), 0);
        if (n < 0) {
            if (errno == EINTR) continue;
            if (errno != EAGAIN && errno != EWOULDBLOCK) fail(errno);
            return;
        }
        if (n == 0) {
            eof_ = true;
            if (!closing_ && handler_) handler_->on_eof();
            if (closing_ && shut_) end_linger();
            return;
        }
        if (!closing_ && handler_) handler_->on_bytes(buffer.first(static_cast<std::size_t>(n)));
        if (static_cast<std::size_t>(n) < buffer.size()) return;
    }
}

std::size_t TcpPeer::send(std::span<const Bytes> parts) {
    if (closing_ || gone_) return 0;
    std::array<iovec, kMaxParts> vectors{};
    std::size_t offered = 0;
    std::size_t count = 0;
    for (const Bytes& part : parts.first(std::min(parts.size(), kMaxParts))) {
        vectors[count++] = {const_cast<std::uint8_t*>(part.data()), part.size()};
        offered += part.size();
    }
    std::size_t taken = 0;
    if (queue_.empty()) {
        msghdr message{};
        message.msg_iov = vectors.data();
        message.msg_iovlen = count;
        const ssize_t n = ::sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
            fail(errno);
            return 0;
        }
        taken = n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    if (taken < offered) {
        wants_ready_ = true;
        watch();
    }
    return taken;
}

void TcpPeer::write(Bytes bytes) {
    if (closing_ || gone_ || bytes.empty()) return;
    if (queue_.empty()) {
        const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return fail(errno);
        if (n > 0) bytes = bytes.subspan(static_cast<std::size_t>(n));
        if (bytes.empty()) return;
    }
    if (queue_.size() - queue_sent_ + bytes.size() > kMaxQueued) return close(CloseReason::too_slow);
    queue_.insert(queue_.end(), bytes.begin(), bytes.end());
    watch();
}

void TcpPeer::flush_queue() {
    if (queue_.empty() || gone_) return;
    const ssize_t n = ::send(socket_, queue_.data() + queue_sent_, queue_.size() - queue_sent_,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) {
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) fail(errno);
        return;
    }
    queue_sent_ += static_cast<std::size_t>(n);
    if (queue_sent_ < queue_.size()) return;
    queue_ = {};
    queue_sent_ = 0;
    if (closing_) finish_writing();
}

void TcpPeer::close(CloseReason reason) {
    if (closing_) return;
    closing_ = true;
    reason_ = reason;
    if (reason == CloseReason::too_slow || reason == CloseReason::failed || gone_) {
        gone_ = true;
        queue_ = {};
        queue_sent_ = 0;
    } else {
        linger_.start(kFlushLimit);
        if (queue_.empty()) finish_writing();
    }
    wants_ready_ = false;
    watch();
    loop_.sweep_later(*this);
}

// All that was to be said is with the kernel: end our side, wait a little for the other to see it.
void TcpPeer::finish_writing() {
    if (shut_ || gone_) return;
    shut_ = true;
    ::shutdown(socket_, SHUT_WR);
    linger_.start(kLinger);
    if (eof_) end_linger();
}

void TcpPeer::end_linger() {
    if (gone_) return;
    gone_ = true;
    linger_.stop();
    if (finished_) loop_.sweep_later(*this);
}

void TcpPeer::fail(int error) {
    if (gone_) return;
    const bool by_peer = error == ECONNRESET || error == EPIPE || error == ETIMEDOUT || error == ECONNABORTED;
    gone_ = true;
    queue_ = {};
    queue_sent_ = 0;
    linger_.stop();
    if (!closing_) {
        closing_ = true;
        reason_ = by_peer ? CloseReason::peer_closed : CloseReason::failed;
        loop_.sweep_later(*this);
    } else if (finished_) {
        loop_.sweep_later(*this);
    }
    watch();
}

bool TcpPeer::finish() {
    if (!finished_) {
        finished_ = true;
        if (handler_) handler_->on_closed(reason_);
        handler_.reset();
    }
    return gone_;
}

void TcpPeer::shut_down() {
    if (closing_ || (handler_ && handler_->on_shutdown())) return;
    close(CloseReason::shutdown);
}

void TcpPeer::abandon() noexcept {
    gone_ = closing_ = finished_ = true;
    handler_.reset();
}

}  // namespace weir
