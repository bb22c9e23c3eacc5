// One player of the lab: asks for a channel as players do, reads packets, and never comes back by itself when
// it is dropped. One thread, one epoll set for all of them; whoever owns it removes nothing while it is
// called.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "core/asf/header.hpp"
#include "test/e2e/reply_decoder.hpp"
#include "test/lab/clients/clock.hpp"
#include "test/lab/clients/fingerprint.hpp"

namespace weir::lab {

// What all clients of a program have in common.
struct Surroundings {
    int epoll = -1;
    sockaddr_storage address{};
    socklen_t address_size = 0;
    std::string host;           // for the Host line
    std::FILE* gaps = nullptr;  // where gaps of `gap` and more are noted; may be null
    Micros gap = 300'000;
};

enum class Protocol { http, mmsh };

// Within one measuring window.
struct Seen {
    Micros media_gap = 0, byte_gap = 0;  // the longest within the window
    std::uint64_t packets = 0, fillers = 0, bytes = 0;
    std::uint64_t back = 0;       // media packets with a send time before that of the one before
    std::uint64_t doubled = 0;    // media packets that came already, among the last kRemembered
    std::uint64_t bad = 0;        // packets that break their format
    std::optional<Micros> start;  // from dialling to the first media packet
    bool was_there = false;       // for a part of the window, if only dialling
};

class Client {
  public:
    Client(const Surroundings& around, std::size_t number, std::string channel, Protocol protocol)
        : around_(around), number_(number), channel_(std::move(channel)), protocol_(protocol) {}
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void dial(Micros at);
    // A line for each packet goes there; closed by the owner.
    void trace_to(std::FILE* file) noexcept { trace_ = file; }
    void on_events(std::uint32_t events);

    std::size_t number() const noexcept { return number_; }
    const std::string& channel() const noexcept { return channel_; }
    Protocol protocol() const noexcept { return protocol_; }
    bool is_dialled() const noexcept { return dialled_at_ != 0; }
    bool is_playing() const noexcept { return socket_ >= 0 && header_.has_value(); }
    // Why it is gone: refused, reset, eof, status, ended or bad; empty: it is not.
    const std::string& lost() const noexcept { return lost_; }
    const std::string& detail() const noexcept { return detail_; }
    Micros lost_at() const noexcept { return lost_at_; }
    Micros last_media() const noexcept { return last_media_; }

    // What was seen in the window that ends now; next_window() begins another.
    Seen seen(Micros at) const noexcept;
    void next_window(Micros at) noexcept;

  private:
    static constexpr std::size_t kRemembered = 128;

    void connect(Micros at);
    void ask();
    std::string request() const;
    void read();
    void read_description(Bytes in);
    void on_end(bool is_reset);
    void take(const test::Item& item, Micros at);
    void take_media(const Fingerprint& print, Micros at);
    bool remember(std::uint64_t hash) noexcept;
    void lose(const char* why, std::string detail);
    void drop();

    const Surroundings& around_;
    const std::size_t number_;
    const std::string channel_;
    const Protocol protocol_;

    int socket_ = -1;
    bool is_describing_ = false;
    std::string description_;
    std::string selection_;  // of the streams that the description names
    test::ReplyDecoder decoder_{test::Form::chunked};
    std::optional<asf::Header> header_;
    std::FILE* trace_ = nullptr;

    Micros dialled_at_ = 0, lost_at_ = 0;
    Micros last_media_ = 0, last_bytes_ = 0;
    bool has_media_ = false;
    std::uint32_t last_send_time_ = 0;
    std::array<std::uint64_t, kRemembered> remembered_{};
    std::size_t next_remembered_ = 0;
    std::string lost_, detail_;

    Micros window_at_ = 0;
    Seen seen_;
};

}  // namespace weir::lab
