// A relay and its clients in one thread: the relay sits on a uv loop of the test's, clients are plain sockets
// that the test looks at between the loop's turns. Waiting is always for a condition, with a deadline that
// only a hang meets.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "test/e2e/crowd.hpp"
#include "test/e2e/reply_decoder.hpp"
#include "weir/weir.hpp"

namespace weir::test {

inline std::uint16_t port_of(const Relay& relay, std::size_t endpoint = 0) {
    const std::string address = relay.endpoints().at(endpoint).address;
    return static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
}

inline Config config_with_push() {
    Config config;
    config.listen.push_back({.protocols = {"http"}, .address = "127.0.0.1:0", .origin = {}});
    ChannelConfig channel;
    channel.name = "live";
    channel.sources = {"push:"};
    config.channels.push_back(channel);
    return config;
}

// A connection that keeps what it got.
class Socket {
  public:
    explicit Socket(std::uint16_t port) : fd_(connect_to(port)) {}
    ~Socket() { close(); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    void write(Bytes bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
    void write(std::string_view text) { write(as_bytes(text)); }
    bool is_written() const noexcept { return out_.empty(); }
    // Writes and reads what can be without waiting.
    void step() {
        if (fd_ < 0) return;
        if (!out_.empty()) {
            const ssize_t n = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n > 0) out_.erase(out_.begin(), out_.begin() + n);
            if (n < 0 && errno != EAGAIN && errno != EINTR) out_.clear();
            is_over_ |= n < 0 && errno == ECONNREFUSED;
        }
        while (!is_over_) {
            std::uint8_t buffer[16384];
            const ssize_t n = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
            if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN)) break;
            if (n > 0) got_.insert(got_.end(), buffer, buffer + n);
            is_over_ = n <= 0;
        }
    }
    Bytes got() const noexcept { return got_; }
    std::string_view text() const noexcept { return as_text(got_); }
    bool is_over() const noexcept { return is_over_; }
    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    // As the kernel does for a process that dies with bytes unread.
    void reset() {
        const linger now{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close();
    }

  private:
    int fd_;
    std::vector<std::uint8_t> out_;
    std::vector<std::uint8_t> got_;
    bool is_over_ = false;
};

// A player: everything it got, taken apart.
class Player {
  public:
    Player(std::uint16_t port, Form form) : socket_(port), decoder_(form) {
        socket_.write(play_request(form, "live"));
    }

    void step() {
        socket_.step();
        const Bytes fresh = socket_.got().subspan(fed_);
        fed_ = socket_.got().size();
        const auto wrong = decoder_.feed(fresh, [this](const Item& item) {
            auto& to = item.is_header ? header : packets.emplace_back();
            to.assign(item.bytes.begin(), item.bytes.end());
            if (!item.is_header) location_ids.push_back(item.location_id);
        });
        if (wrong_.empty()) wrong_ = wrong;
    }
    const std::string& wrong() const noexcept { return wrong_; }
    const ReplyDecoder& decoder() const noexcept { return decoder_; }
    bool is_over() const noexcept { return socket_.is_over(); }

    std::vector<std::uint8_t> header;
    std::vector<std::vector<std::uint8_t>> packets;
    std::vector<std::uint32_t> location_ids;

  private:
    Socket socket_;
    ReplyDecoder decoder_;
    std::size_t fed_ = 0;
    std::string wrong_;
};

// An encoder. Chunked, as ffmpeg pushes.
class Encoder {
  public:
    explicit Encoder(std::uint16_t port) : socket_(port) {
        socket_.write(
            "POST /live HTTP/1.1\r\nHost: relay\r\nUser-Agent: encoder\r\nTransfer-Encoding: "
            "chunked\r\n\r\n");
    }
    void push(Bytes bytes) {
        char size[16];
        std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
        socket_.write(size);
        socket_.write(bytes);
        socket_.write("\r\n");
    }
    void end() { socket_.write("0\r\n\r\n"); }
    Socket& socket() noexcept { return socket_; }

  private:
    Socket socket_;
};

// The loop, and everybody who is to be stepped between its turns.
class Turns {
  public:
    Turns() { uv_loop_init(&loop); }
    Turns(const Turns&) = delete;
    Turns& operator=(const Turns&) = delete;

    template <class Condition, class... Steppers>
    bool until(Condition&& condition, Steppers&... steppers) {
        const auto deadline = Clock::now() + std::chrono::seconds{60};
        while (!condition()) {
            if (Clock::now() > deadline) return false;
            uv_run(&loop, UV_RUN_NOWAIT);
            (step(steppers), ...);
            ::poll(nullptr, 0, 1);
        }
        return true;
    }

    uv_loop_t loop{};

  private:
    static void step(Encoder& e) { e.socket().step(); }
    template <class T>
    static void step(std::vector<std::unique_ptr<T>>& all) {
        for (auto& one : all) step(*one);
    }
    static void step(std::deque<Socket>& all) {
        for (Socket& one : all) one.step();
    }
    template <class T>
    static void step(T& one) {
        one.step();
    }
};

}  // namespace weir::test
