// Many clients of one channel and the encoder that pushes to it, all on one epoll set in one thread. Clients
// check every byte as it comes, so nothing is kept. Some stop reading for a while, as a suspended player
// does.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "test/e2e/numbered_stream.hpp"
#include "test/e2e/reply_decoder.hpp"

namespace weir::test {

using Clock = std::chrono::steady_clock;

// A non-blocking socket on its way to a port of loopback; receive_buffer 0: the system's.
inline int connect_to(std::uint16_t port, int receive_buffer = 0) {
    const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) ::setsockopt(s, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    return s;
}

// One client. What it may get: from a sync point on every packet in order; where it stopped reading, a skip
// to a later sync point, with the packet before it whole.
class CrowdClient {
  public:
    CrowdClient(Form form, const NumberedStream& stream, Bytes header)
        : form_(form), stream_(stream), header_(header), decoder_(form) {}
    ~CrowdClient() { leave(); }
    CrowdClient(const CrowdClient&) = delete;
    CrowdClient& operator=(const CrowdClient&) = delete;

    static constexpr int kReceiveBuffer = 16 * 1024;
    void join(int epoll, std::uint16_t port) {
        socket_ = connect_to(port, kReceiveBuffer);
        epoll_ = epoll;
        epoll_event event{.events = EPOLLIN | EPOLLOUT, .data = {.ptr = this}};
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket_, &event);
    }
    void stop_reading() {
        epoll_event event{.events = 0, .data = {.ptr = this}};
        ::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket_, &event);
        is_stopped_ = may_skip_ = true;
    }
    void resume_reading() {
        epoll_event event{.events = EPOLLIN, .data = {.ptr = this}};
        ::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket_, &event);
        is_stopped_ = false;
    }
    void leave() {
        if (socket_ >= 0) ::close(socket_);
        socket_ = -1;
    }

    void on_events(std::uint32_t events) {
        if (socket_ < 0) return;
        if (events & EPOLLOUT) ask();
        if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !is_stopped_) read();
    }

    Form form() const noexcept { return form_; }
    bool has_joined() const noexcept { return socket_ >= 0 || is_over_; }
    bool is_reading() const noexcept { return socket_ >= 0 && !is_stopped_; }
    bool has_media() const noexcept { return packets_ > 0; }
    bool is_over() const noexcept { return is_over_; }
    bool was_ended_well() const noexcept {  // told so by its form, behind a whole packet
        return is_over_ && !was_reset_ && decoder_.is_between_items() &&
               (form_ == Form::close_delimited || (decoder_.has_ended() && decoder_.end_reason() == 0));
    }
    bool was_cut_off() const noexcept { return is_over_ && !decoder_.has_ended(); }
    const std::string& wrong() const noexcept { return wrong_; }
    std::uint64_t last() const noexcept { return last_; }
    std::uint64_t packets() const noexcept { return packets_; }
    std::uint64_t bytes() const noexcept { return bytes_; }
    std::uint64_t skips() const noexcept { return skips_; }
    std::uint64_t fillers() const noexcept { return fillers_; }

  private:
    void ask() {
        const std::string request = play_request(form_, "live");
        if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(request.size()))
            wrong_ = "the request was not taken";
        epoll_event event{.events = EPOLLIN, .data = {.ptr = this}};
        ::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket_, &event);
    }

    void read() {
        static std::uint8_t buffer[64 * 1024];
        const ssize_t n = ::recv(socket_, buffer, sizeof buffer, 0);
        if (n > 0) {
            bytes_ += static_cast<std::uint64_t>(n);
            const auto wrong =
                decoder_.feed({buffer, static_cast<std::size_t>(n)}, [this](const Item& i) { take(i); });
            if (wrong_.empty()) wrong_ = wrong;
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            was_reset_ = n < 0;
            is_over_ = true;
            leave();
        }
    }

    void take(const Item& item) {
        if (!wrong_.empty()) return;
        if (item.is_header) {
            if (!std::equal(item.bytes.begin(), item.bytes.end(), header_.begin(), header_.end()))
                wrong_ = "the header is not the one that was pushed";
            return;
        }
        const auto name = NumberedStream::name_of(item.bytes);
        if (!name) {
            ++fillers_;
            return;
        }
        const std::uint64_t n = name->number;
        if (!stream_.is_packet(n, item.bytes))
            return say("packet " + std::to_string(n) + " is not as it was pushed");
        if (packets_ == 0 ? !stream_.is_sync(n) : n != last_ + 1 && !is_skip(n))
            return say("packet " + std::to_string(n) + " behind " +
                       (packets_ == 0 ? "the header" : std::to_string(last_)));
        if (form_ == Form::wmsp) {
            // Packet 0 is the channel's first, so the channel's number is the stream's.
            if (item.location_id != static_cast<std::uint32_t>(n))
                return say("LocationId " + std::to_string(item.location_id) + " at packet " +
                           std::to_string(n));
            const auto step = static_cast<std::uint8_t>(item.af_flags - last_af_flags_);
            if (packets_ > 0 && step != static_cast<std::uint8_t>(n - last_))
                return say("AFFlags " + std::to_string(item.af_flags) + " at packet " + std::to_string(n));
            last_af_flags_ = item.af_flags;
        }
        last_ = n;
        ++packets_;
    }

    bool is_skip(std::uint64_t n) {
        if (!may_skip_ || n <= last_ || !stream_.is_sync(n)) return false;
        ++skips_;
        return true;
    }
    void say(std::string wrong) { wrong_ = std::move(wrong); }

    Form form_;
    const NumberedStream& stream_;
    Bytes header_;
    ReplyDecoder decoder_;
    int socket_ = -1;
    int epoll_ = -1;
    bool is_stopped_ = false;
    bool may_skip_ = false;
    bool is_over_ = false;
    bool was_reset_ = false;
    std::uint64_t last_ = 0;
    std::uint64_t packets_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t skips_ = 0;
    std::uint64_t fillers_ = 0;
    std::uint8_t last_af_flags_ = 0;
    std::string wrong_;
};

// The encoder: pushes as ffmpeg does, POST with a chunk per packet, at the stream's own pace; never ahead of
// `limit`.
class CrowdPush {
  public:
    CrowdPush(NumberedStream& stream, std::uint16_t port) : stream_(stream), socket_(connect_to(port)) {
        queue_ = "POST /live HTTP/1.1\r\nHost: relay\r\nTransfer-Encoding: chunked\r\n\r\n";
        add_chunk(stream_.header());
    }
    ~CrowdPush() { ::close(socket_); }
    CrowdPush(const CrowdPush&) = delete;
    CrowdPush& operator=(const CrowdPush&) = delete;

    std::uint64_t next() const noexcept { return next_; }
    // How long the crowd was too slow for the stream's pace.
    Clock::duration held_back() const noexcept { return held_back_; }

    void pump(Clock::time_point now, std::uint64_t limit) {
        if (!is_connected()) return;
        if (last_ == Clock::time_point{}) last_ = now;
        credit_ += now - last_;
        last_ = now;
        const auto one = std::chrono::milliseconds{stream_.shape().packet_ms};
        while (credit_ >= one && next_ < limit && queue_.size() < kQueueLimit) {
            credit_ -= one;
            add_chunk(stream_.packet(next_++));
        }
        if (credit_ >= one) {  // pushed later, not faster
            held_back_ += credit_ - one;
            credit_ = one;
        }
        const ssize_t n = ::send(socket_, queue_.data(), queue_.size(), MSG_NOSIGNAL);
        if (n > 0) queue_.erase(0, static_cast<std::size_t>(n));
    }

  private:
    static constexpr std::size_t kQueueLimit = 256 * 1024;

    bool is_connected() {
        sockaddr_in peer{};
        socklen_t length = sizeof peer;
        return ::getpeername(socket_, reinterpret_cast<sockaddr*>(&peer), &length) == 0;
    }
    void add_chunk(Bytes bytes) {
        char size[16];
        std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
        queue_ += size;
        queue_ += as_text(bytes);
        queue_ += "\r\n";
    }

    NumberedStream& stream_;
    int socket_;
    std::string queue_;
    std::uint64_t next_ = 0;
    Clock::duration credit_{};
    Clock::duration held_back_{};
    Clock::time_point last_{};
};

}  // namespace weir::test
