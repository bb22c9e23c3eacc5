#include "core/io/tcp_peer.hpp"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <array>

#include "core/io/handle.hpp"
#include "core/io/loop.hpp"

namespace weir {

namespace {
constexpr std::size_t kMaxParts = 8;
constexpr int kReadsPerTurn = 4;  // then others get their turn
constexpr int kSendFlags = MSG_NOSIGNAL | MSG_DONTWAIT;

// Nothing is wrong: the socket takes no more for now.
bool is_full(int error) noexcept {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

ssize_t send_one(int socket, Bytes part, std::size_t& offered) noexcept {
    offered = part.size();
    return ::send(socket, part.data(), part.size(), kSendFlags);
}

ssize_t send_many(int socket, std::span<const Bytes> parts, std::size_t& offered) noexcept {
    std::array<iovec, kMaxParts> vectors;
    std::size_t count = 0;
    for (const Bytes& part : parts.first(std::min(parts.size(), kMaxParts))) {
        vectors[count++] = {const_cast<std::uint8_t*>(part.data()), part.size()};
        offered += part.size();
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
    return ::sendmsg(socket, &message, kSendFlags);
}
}  // namespace

TcpPeer::TcpPeer(Loop& loop, int socket, const EndAddress& remote)
    : loop_(loop), remote_(remote), socket_(socket) {
    static_assert(sizeof(void*) != 8 || sizeof(TcpPeer) <= 88);  // client_memory_e2e_test bounds it all
}

TcpPeer* TcpPeer::adopt(Loop& loop, int socket, const EndAddress& remote) {
    std::unique_ptr<TcpPeer> peer{new TcpPeer{loop, socket, remote}};
    int code = 0;
    peer->poll_ = open_handle<uv_poll_t>(
        peer.get(), [&](uv_poll_t* h) { return uv_poll_init_socket(loop.raw(), h, socket); }, code);
    if (!peer->poll_) return nullptr;
    TcpPeer* raw = peer.get();
    loop.own(std::move(peer));
    raw->watch();
    return raw;
}

TcpPeer::~TcpPeer() {
    poll_.reset();
    if (socket_ >= 0) ::close(socket_);
}

std::string TcpPeer::remote() const {
    return name_of(remote_.get());
}

std::string TcpPeer::remote_address() const {
    std::string name = remote();
    name.resize(std::min(name.rfind(':'), name.size()));
    return name;
}

std::string TcpPeer::local() const {
    return local_name(socket_);
}

void TcpPeer::set_handler(std::unique_ptr<Handler> handler) {
    if (handler_) loop_.retire(std::move(handler_));
    handler_ = std::move(handler);
}

void TcpPeer::watch() {
    int events = 0;
    if (!eof_ && !gone_) events |= UV_READABLE;
    if (!gone_ && (wants_ready_ || queue_)) events |= UV_WRITABLE;
    if (events == watched_) return;
    watched_ = static_cast<std::uint8_t>(events);
    uv_poll_t* h = &poll_->uv;
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
            if (wants_ready_ && !queue_ && !closing_) {
                wants_ready_ = false;
                if (handler_) handler_->on_ready();
            }
        }
        if (events & UV_READABLE) read_some();
    }
    watch();
    loop_.end_callback();
}

void TcpPeer::read_now() {
    read_some();
    watch();
    loop_.end_callback();
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
    if (closing_ || gone_ || parts.empty()) return 0;
    if (queue_) {
        wait_until_ready();
        return 0;
    }
    std::size_t offered = 0;
    const ssize_t n =
        parts.size() == 1 ? send_one(socket_, parts.front(), offered) : send_many(socket_, parts, offered);
    if (n < 0 && !is_full(errno)) {
        fail(errno);
        return 0;
    }
    const std::size_t taken = n > 0 ? static_cast<std::size_t>(n) : 0;
    if (taken < offered) wait_until_ready();
    return taken;
}

void TcpPeer::wait_until_ready() {
    wants_ready_ = true;
    watch();
}

void TcpPeer::write_ahead(Bytes bytes) {
    put(bytes, MSG_MORE);
}

void TcpPeer::put(Bytes bytes, int more_flags) {
    if (closing_ || gone_ || bytes.empty()) return;
    if (!queue_) {
        const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), kSendFlags | more_flags);
        if (n < 0 && !is_full(errno)) return fail(errno);
        if (n > 0) bytes = bytes.subspan(static_cast<std::size_t>(n));
        if (bytes.empty()) return;
        queue_ = std::make_unique<Queue>();
    }
    if (queue_->bytes.size() - queue_->sent + bytes.size() > kMaxQueued) return close(CloseReason::too_slow);
    queue_->bytes.insert(queue_->bytes.end(), bytes.begin(), bytes.end());
    watch();
}

void TcpPeer::flush_queue() {
    if (!queue_ || gone_) return;
    const Bytes left = Bytes{queue_->bytes}.subspan(queue_->sent);
    const ssize_t n = ::send(socket_, left.data(), left.size(), kSendFlags);
    if (n < 0) {
        if (!is_full(errno)) fail(errno);
        return;
    }
    queue_->sent += static_cast<std::size_t>(n);
    if (queue_->sent < queue_->bytes.size()) return;
    queue_.reset();
    if (closing_) finish_writing();
}

void TcpPeer::close(CloseReason reason) {
    if (closing_) return;
    closing_ = true;
    reason_ = reason;
    if (reason == CloseReason::too_slow || reason == CloseReason::failed || gone_) {
        gone_ = true;
        queue_.reset();
    } else {
        linger_ = std::make_unique<Timer>(loop_.timers(), Callback<void()>::of<&TcpPeer::end_linger>(this));
        linger_->start(kFlushLimit);
        if (!queue_) finish_writing();
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
    linger_->start(kLinger);
    if (eof_) end_linger();
}

void TcpPeer::end_linger() {
    if (gone_) return;
    gone_ = true;
    linger_->stop();
    if (finished_) loop_.sweep_later(*this);
}

void TcpPeer::fail(int error) {
    if (gone_) return;
    const bool by_peer = error == ECONNRESET || error == EPIPE || error == ETIMEDOUT || error == ECONNABORTED;
    gone_ = true;
    queue_.reset();
    if (linger_) linger_->stop();
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
