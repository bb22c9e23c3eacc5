#include "test/lab/source/links.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace weir::lab {

namespace {

constexpr std::size_t kQueueLimit = 1024 * 1024;
constexpr Micros kAgain = 200'000;

}  // namespace

Link::~Link() {
    drop();
}

void Link::drop() noexcept {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
    has_begun_ = is_connecting_ = false;
    queue_.clear();
}

void Link::reset() noexcept {
    if (socket_ < 0) return;
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    drop();
}

pollfd Link::wanted() const noexcept {
    const bool writes = is_connecting_ || !queue_.empty();
    return {.fd = socket_, .events = static_cast<short>(POLLIN | (writes ? POLLOUT : 0)), .revents = 0};
}

void Link::on_ready(short events, const Live& live, Micros) {
    if (is_connecting_ && (events & (POLLOUT | POLLERR | POLLHUP))) {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) return drop();
        is_connecting_ = false;
        on_writable(live);
    }
    if (events & (POLLIN | POLLHUP | POLLERR)) {
        char in[4096];
        const ssize_t n = ::recv(socket_, in, sizeof in, 0);
        const bool is_over = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
        if (is_over || (n > 0 && !on_bytes({in, static_cast<std::size_t>(n)}, live))) return drop();
    }
    send();
}

void Link::give(std::string_view packet) {
    if (!has_begun_) return;
    frame(packet);
    if (queue_.size() > kQueueLimit) return drop();
    send();
}

void Link::begin(const Live& live) {
    frame(as_text(live.header()));
    for (const auto& packet : live.held()) frame(packet);
    has_begun_ = true;
}

void Link::send() {
    if (queue_.empty() || is_connecting_ || socket_ < 0) return;
    const ssize_t n = ::send(socket_, queue_.data(), queue_.size(), MSG_NOSIGNAL);
    if (n > 0) queue_.erase(0, static_cast<std::size_t>(n));
    if (n < 0 && errno != EAGAIN && errno != EINTR) drop();
}

PushLink::PushLink(std::string_view url) {
    constexpr std::string_view kScheme = "http://";
    if (!url.starts_with(kScheme)) return;
    url.remove_prefix(kScheme.size());
    const auto slash = url.find('/'), colon = url.find(':');
    if (slash == std::string_view::npos || colon > slash) return;
    host_ = url.substr(0, slash);
    path_ = url.substr(slash);
    std::uint16_t port = 0;
    std::from_chars(url.data() + colon + 1, url.data() + slash, port);
    to_.sin_family = AF_INET;
    if (::inet_pton(AF_INET, std::string{url.substr(0, colon)}.c_str(), &to_.sin_addr) == 1)
        to_.sin_port = htons(port);
}

void PushLink::tick(Micros at) {
    if (socket_ >= 0 || (dialled_at_ != 0 && at - dialled_at_ < kAgain)) return;
    dialled_at_ = at;
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    is_connecting_ = true;
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to_), sizeof to_) < 0 && errno != EINPROGRESS)
        drop();
}

void PushLink::on_writable(const Live& live) {
    queue_ = "POST " + path_ + " HTTP/1.1\r\nHost: " + host_ +
             "\r\nUser-Agent: Lavf/59.27.100\r\nTransfer-Encoding: chunked\r\n\r\n";
    begin(live);
}

void PushLink::frame(std::string_view packet) {
    char size[24];
    std::snprintf(size, sizeof size, "%zx\r\n", packet.size());
    queue_ += size;
    queue_ += packet;
    queue_ += "\r\n";
}

bool ServedLink::on_bytes(std::string_view in, const Live& live) {
    if (has_begun_) return true;
    request_ += in;
    if (request_.size() > 16 * 1024) return false;
    if (request_.find("\r\n\r\n") == std::string::npos) return true;
    queue_ = "HTTP/1.1 200 OK\r\nContent-Type: video/x-ms-asf\r\nConnection: close\r\n\r\n";
    begin(live);
    return true;
}

}  // namespace weir::lab
