// FedLink: a server downstream that gets a channel over MSBD ([MS-MSBD] 3.1). A Viewer that is asked now and
// then whether it is still there. Worker's thread.
#pragma once

#include "core/base/timer_queue.hpp"
#include "core/relay/host.hpp"
#include "core/relay/viewer.hpp"
#include "protocols/msbd/wire.hpp"

namespace weir::msbd {

class FedLink final : public Viewer {
  public:
    // is_weir: the other side said so, and takes fillers for what they are.
    FedLink(Host& host, Peer& peer, Channel& channel, bool is_weir);

    void on_bytes(Bytes bytes) noexcept override;

    // Whether header and packets fit into messages.
    static bool can_carry(const StreamFormat& format) noexcept;

    static constexpr Duration kPing{120'000}, kPong{120'000};
    // More pongs or questions a second are no conversation.
    static constexpr unsigned kMaxChatter = 10, kMaxUnknown = 16;

  private:
    void on_timer();
    void on_message(const Message& message);
    void answer_info();
    bool is_chatter() noexcept;
    void end(std::string_view why);

    Host& host_;
    Timer timer_;
    std::vector<std::uint8_t> partial_;
    TimePoint second_{};  // in which so many messages were counted
    unsigned in_second_ = 0, unknown_ = 0;
    TimePoint answered_{};  // REQ_STREAMINFO, last
    bool is_waiting_for_pong_ = false;
};

}  // namespace weir::msbd
