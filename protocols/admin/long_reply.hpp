// LongReply: writes an answer that is longer than a peer's queue should hold, as fast as its reader takes it,
// then closes. A Handler, owned by its Peer; worker's thread.
#pragma once

#include <string>

#include "core/base/peer.hpp"
#include "core/base/timer_queue.hpp"

namespace weir::admin {

class LongReply final : public Handler {
  public:
    // `text`: head and body as they go on the wire.
    LongReply(Peer& peer, TimerQueue& timers, std::string text);

    void start() { pump(); }  // once it is the peer's handler

    void on_bytes(Bytes) noexcept override {}  // nothing may follow the request
    void on_ready() noexcept override { pump(); }
    void on_eof() noexcept override {}  // whoever asked may still read

    // Who takes nothing for so long is closed.
    static constexpr Duration kSilenceLimit{10000};

  private:
    void pump() noexcept;
    void on_silence() noexcept { peer_.close(CloseReason::too_slow); }

    Peer& peer_;
    Timer silence_;
    std::string text_;
    std::size_t sent_ = 0;
};

}  // namespace weir::admin
