#include "outlets.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "net.hpp"
#include "options.hpp"

namespace bench {

namespace {
constexpr std::size_t kMostWaiting = 16 << 20;
constexpr std::size_t kMostRequest = 16 << 10;

std::string hex(std::size_t n) {
    char text[20];
    std::snprintf(text, sizeof text, "%zx", n);
    return text;
}

std::string base64(std::string_view in) {
    constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < in.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (i + k < in.size() ? static_cast<std::uint8_t>(in[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            out += i + k <= in.size() ? kDigits[group >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}

// Metacube 2: "cube!map", size and flags big-endian, then a CRC-16 of these six bytes.
std::string metacube_head(std::size_t size, Kind kind) {
    constexpr std::uint16_t kHeader = 1, kNoStart = 2;
    const std::uint16_t flags = kind == Kind::header ? kHeader : kind == Kind::key ? 0 : kNoStart;
    std::string out = "cube!map";
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
    out += static_cast<char>(flags >> 8), out += static_cast<char>(flags);
    // The bits go in one by one, then 16 zeros.
    std::uint32_t crc = 0x1234;
    for (std::size_t i = 8; i < 16; ++i)
        for (int bit = 7; bit >= 0; --bit) {
            const std::uint32_t next = i < out.size() ? static_cast<std::uint8_t>(out[i]) >> bit & 1U : 0;
            crc = ((crc << 1 | next) ^ (crc & 0x8000 ? 0x8FDB : 0)) & 0xFFFF;
        }
    out += static_cast<char>(crc >> 8), out += static_cast<char>(crc);
    return out;
}
}  // namespace

void Outlet::send(std::string_view bytes) {
    if (fd_ < 0) return;
    if (!waiting_.empty()) {
        waiting_ += bytes;
        return flush();
    }
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) return close();
    waiting_ = bytes.substr(n < 0 ? 0 : static_cast<std::size_t>(n));
}

void Outlet::flush() {
    if (fd_ < 0 || waiting_.empty()) return;
    const ssize_t n = ::send(fd_, waiting_.data(), waiting_.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) return close();
    if (n > 0) waiting_.erase(0, static_cast<std::size_t>(n));
    if (waiting_.size() > kMostWaiting) give_up("the server takes no more of the stream");
}

void Outlet::close() {
    ::close(fd_);
    fd_ = -1;
}

Outlet push(Way way, const sockaddr_in& server, std::size_t index, const std::string& password) {
    const int fd = connect_to(server);
    const std::string path = "/s" + std::to_string(index);
    const std::string head =
        way == Way::icecast
            ? "PUT " + path + " HTTP/1.1\r\nHost: bench\r\nUser-Agent: weir-bench\r\nAuthorization: Basic " +
                  base64("source:" + password) +
                  "\r\nContent-Type: application/octet-stream\r\nIce-Public: 0\r\nExpect: "
                  "100-continue\r\n\r\n"
            : "POST " + path +
                  " HTTP/1.1\r\nHost: bench\r\nUser-Agent: weir-bench\r\nContent-Type: video/x-ms-asf\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n";
    if (::send(fd, head.data(), head.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(head.size()))
        give_up("cannot send a request");
    if (way == Way::icecast) {
        char answer[1024] = {};
        const ssize_t n = recv(fd, answer, sizeof answer - 1, 0);
        if (n < 12 || (answer[9] != '1' && answer[9] != '2'))
            give_up("Icecast does not take the stream: " + std::string(answer));
    }
    make_nonblocking(fd);
    set_no_delay(fd);
    return {fd, index};
}

std::string framed(Way way, std::string_view bytes, Kind kind) {
    std::string out;
    switch (way) {
        case Way::push:
            out = hex(bytes.size()) + "\r\n";
            break;
        case Way::metacube:
            out = metacube_head(bytes.size(), kind);
            break;
        case Way::icecast:
            break;
    }
    out += bytes;
    if (way == Way::push) out += "\r\n";
    return out;
}

MetacubeServer::MetacubeServer(const sockaddr_in& address, std::size_t streams)
    : listener_(listen_on(address)), streams_(streams) {}

std::vector<Outlet> MetacubeServer::accept() {
    for (int fd; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;)
        guests_.push_back({fd, {}});
    std::vector<Outlet> ready;
    std::erase_if(guests_, [&](Guest& guest) {
        char piece[4096];
        const ssize_t n = recv(guest.fd, piece, sizeof piece, 0);
        if (n > 0) guest.request.append(piece, static_cast<std::size_t>(n));
        const bool is_gone = n == 0 || (n < 0 && errno != EAGAIN) || guest.request.size() > kMostRequest;
        if (!is_gone && guest.request.find("\r\n\r\n") == std::string::npos) return false;
        const auto at = guest.request.find(" /s");
        const std::size_t index =
            at == std::string::npos ? streams_ : std::strtoul(&guest.request[at + 3], nullptr, 10);
        if (is_gone || index >= streams_) {
            ::close(guest.fd);
            return true;
        }
        set_no_delay(guest.fd);
        ready.emplace_back(guest.fd, index);
        ready.back().send(
            "HTTP/1.0 200 OK\r\nContent-Type: video/x-ms-asf\r\nContent-Encoding: metacube\r\n\r\n");
        return true;
    });
    return ready;
}

}  // namespace bench
