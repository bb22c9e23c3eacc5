// Who gets the lab's encoder's stream: servers that it pushes to, and those who connect to it.
#pragma once

#include <netinet/in.h>
#include <poll.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "test/lab/clients/clock.hpp"
#include "test/lab/source/live.hpp"

namespace weir::lab {

// One connection that gets the stream. It is never waited for: who takes too little is dropped.
class Link {
  public:
    Link() = default;
    virtual ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    pollfd wanted() const noexcept;
    void on_ready(short events, const Live& live, Micros at);
    // A packet, for those whose stream began.
    void give(std::string_view packet);
    virtual void tick(Micros) {}
    // Ends it as a machine that lost its memory would: RST, no FIN.
    void reset() noexcept;
    bool is_open() const noexcept { return socket_ >= 0; }

  protected:
    virtual void on_writable(const Live&) {}
    // False: it is over.
    virtual bool on_bytes(std::string_view in, const Live& live) = 0;
    virtual void frame(std::string_view packet) = 0;
    void begin(const Live& live);  // the header, and what is held
    void drop() noexcept;

    int socket_ = -1;
    bool is_connecting_ = false;
    bool has_begun_ = false;
    std::string queue_;

  private:
    void send();
};

// Pushes as ffmpeg does (POST, a chunk per packet), and dials again, 200 ms after it failed or broke.
class PushLink final : public Link {
  public:
    explicit PushLink(std::string_view url);  // http://ADDRESS:PORT/PATH
    bool is_good() const noexcept { return to_.sin_port != 0; }
    void tick(Micros at) override;

  private:
    void on_writable(const Live& live) override;
    bool on_bytes(std::string_view, const Live&) override { return true; }
    void frame(std::string_view packet) override;

    sockaddr_in to_{};
    std::string host_, path_;
    Micros dialled_at_ = 0;
};

// Somebody who connected: any request is answered with the stream.
class ServedLink final : public Link {
  public:
    explicit ServedLink(int socket) { socket_ = socket; }

  private:
    bool on_bytes(std::string_view in, const Live& live) override;
    void frame(std::string_view packet) override { queue_ += packet; }

    std::string request_;
};

}  // namespace weir::lab
