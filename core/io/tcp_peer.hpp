// TcpPeer: a connected TCP socket as a Peer. It waits with uv_poll and reads and writes with recv(2) and
// sendmsg(2): a client then costs one small handle and no write request ever, a blocked one neither memory
// nor a pinned block, since its cursor simply stays where it is. (uv_tcp_t would need a uv_write_t per
// blocked client and copies or pins.) Owned by its Loop; destroyed in the sweep after it closed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/peer.hpp"
#include "core/base/timer_queue.hpp"
#include "core/io/handle_ptr.hpp"
#include "core/io/socket_name.hpp"

struct uv_poll_s;

namespace weir {

class Loop;

class TcpPeer final : public Peer {
  public:
    // Takes a connected, non-blocking socket over, with its options set; closes it also on failure. Null:
    // libuv refused it.
    static TcpPeer* adopt(Loop& loop, int socket, const EndAddress& remote);
    ~TcpPeer() override;

    std::size_t send(std::span<const Bytes> parts) override;
    void write(Bytes bytes) override { put(bytes, 0); }
    void write_ahead(Bytes bytes) override;
    void close(CloseReason reason) override;
    bool is_closing() const noexcept override { return closing_; }
    void set_handler(std::unique_ptr<Handler> handler) override;
    std::string remote() const override;
    std::string remote_address() const override;
    std::string local() const override;

    // Reads what came already, without waiting for libuv to tell of it: a client's request usually comes with
    // its connection.
    void read_now();

    // For the Loop: weir stops.
    void shut_down();
    // For the Loop: tells the Handler of the end. True: nothing is left to send, destroy this.
    bool finish();
    // For the Loop's end: lets go without telling anybody.
    void abandon() noexcept;
    std::size_t index() const noexcept { return index_; }
    void set_index(std::size_t index) noexcept { index_ = static_cast<std::uint32_t>(index); }

    // How long a closed connection may still take what was written to it, and how long its other side may
    // take to notice: closing at once with bytes unread would reset it, and a refused encoder would never see
    // why.
    static constexpr Duration kFlushLimit{5000};
    static constexpr Duration kLinger{1000};

  private:
    // What write() could not send at once, from `sent` on.
    struct Queue {
        std::vector<std::uint8_t> bytes;
        std::size_t sent = 0;
    };
    TcpPeer(Loop& loop, int socket, const EndAddress& remote);

    void on_poll(int status, int events);
    void put(Bytes bytes, int more_flags);
    void read_some();
    void watch();  // tells libuv what to wait for
    void wait_until_ready();
    void flush_queue();
    void finish_writing();
    void end_linger();
    void fail(int error);

    // There are as many of these as clients: what few of them need for a while is not in here.
    Loop& loop_;
    Handle<uv_poll_s, TcpPeer> poll_;
    std::unique_ptr<Handler> handler_;
    std::unique_ptr<Queue> queue_;   // null: nothing is left to send
    std::unique_ptr<Timer> linger_;  // null until close()
    EndAddress remote_;
    int socket_;
    std::uint32_t index_ = 0;
    CloseReason reason_ = CloseReason::finished;
    std::uint8_t watched_ = 0;  // libuv's events
    bool wants_ready_ : 1 = false;
    bool closing_ : 1 = false;
    bool finished_ : 1 = false;  // the handler was told
    bool gone_ : 1 = false;      // nothing more can be sent or read
    bool eof_ : 1 = false;
    bool shut_ : 1 = false;  // our side of the connection is ended
};

}  // namespace weir
