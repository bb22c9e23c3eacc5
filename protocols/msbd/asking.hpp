// Asking: the Handler of a connection whose other side has yet to say which stream it wants ([MS-MSBD]
// 3.1.5.1). It answers, and gives the connection to a FedLink. Worker's thread.
#pragma once

#include <string>
#include <vector>

#include "core/base/peer.hpp"
#include "core/base/timer_queue.hpp"
#include "core/media/channel.hpp"
#include "core/relay/host.hpp"
#include "protocols/msbd/wire.hpp"

namespace weir::msbd {

class Asking final : public Handler, private FormatWaiter {
  public:
    // own_channel: what who names none gets; empty: nothing.
    Asking(Host& host, Peer& peer, std::string_view own_channel);
    ~Asking() override { --host_.stats().links; }

    void on_bytes(Bytes bytes) noexcept override;
    void on_eof() noexcept override { peer_.close(CloseReason::peer_closed); }

    // The other side waits for 10 s itself.
    static constexpr Duration kPatience{10000}, kHold{8000};

  private:
    void on_format() noexcept override { serve(); }
    void on_not_found() noexcept override { refuse(kNotFound, "no source knows the channel"); }
    void on_timeout();
    void on_request(const Message& message);
    void serve();
    void refuse(std::uint32_t hr, std::string_view why);

    Host& host_;
    Peer& peer_;
    std::string_view own_channel_;
    Timer timer_;
    std::vector<std::uint8_t> got_;  // of a request, and what was said behind it
    Connect request_;
    Channel* channel_ = nullptr;  // it waits for its header
};

}  // namespace weir::msbd
