// TcpPeer: a connected TCP socket as a Peer. It waits with uv_poll and reads and writes with recv(2) and
// sendmsg(2): a client then costs one small handle and no write request ever, a blocked one neither memory
// nor a pinned block, since its cursor simply stays where it is. (uv_tcp_t would need a uv_write_t per
// blocked client and copies or pins.) Owned by its Loop; destroyed in the sweep after it closed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/peer.hpp"
#include "core/base/timer_queue.hpp"

namespace weir {

class Loop;

class TcpPeer final : public Peer {
  public:
    // Takes a connected, non-blocking socket over; closes it also on failure. Null: libuv refused it.
    static TcpPeer* adopt(Loop& loop, int socket, std::string local);
    ~TcpPeer() override;

    std::size_t send(std::span<const Bytes> parts) override;
    void write(Bytes bytes) override;
    void close(CloseReason reason) override;
    bool is_closing() const noexcept override { return closing_; }
    void set_handler(std::unique_ptr<Handler> handler) override;
    std::string_view remote() const noexcept override { return remote_; }
    std::string_view remote_address() const noexcept override {
        return std::string_view{remote_}.substr(0, address_length_);
    }
    std::string_view local() const noexcept override { return local_; }

    // For the Loop: weir stops.
    void shut_down();
    // For the Loop: tells the Handler of the end. True: nothing is left to send, destroy this.
    bool finish();
    // For the Loop's end: lets go without telling anybody.
    void abandon() noexcept;
    std::size_t index() const noexcept { return index_; }
    void set_index(std::size_t index) noexcept { index_ = index; }

    // How long a closed connection may still take what was written to it, and how long its other side may
    // take to notice: closing at once with bytes unread would reset it, and a refused encoder would never see
    // why.
    static constexpr Duration kFlushLimit{5000};
    static constexpr Duration kLinger{1000};

  private:
    struct Poll;  // libuv's handle
    TcpPeer(Loop& loop, int socket, std::string local);

    void on_poll(int status, int events);
    void read_some();
    void watch();  // tells libuv what to wait for
    void flush_queue();
    void finish_writing();
    void end_linger();
    void fail(int error);

    Loop& loop_;
    int socket_;
    std::unique_ptr<Poll> poll_;
    std::unique_ptr<Handler> handler_;
    std::vector<std::uint8_t> queue_;  // what write() could not send at once, from queue_sent_ on
    std::size_t queue_sent_ = 0;
    std::string remote_;
    std::string local_;
    std::size_t address_length_ = 0;
    Timer linger_;
    std::size_t index_ = 0;
    CloseReason reason_ = CloseReason::finished;
    int watched_ = 0;
    bool wants_ready_ = false;
    bool closing_ = false;
    bool finished_ = false;  // the handler was told
    bool gone_ = false;      // nothing more can be sent or read
    bool eof_ = false;
    bool shut_ = false;  // our side of the connection is ended
};

}  // namespace weir
