// Pacing: when the packets of a recorded stream are due, and how they move so that passes of it, played one
// after the other, are one continuous stream. One per recording that is played. Pure: the clock is handed in;
// any thread, one at a time.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/clock.hpp"
#include "core/media/container.hpp"
#include "core/media/timeline.hpp"

namespace weir {

class Pacing {
  public:
    struct Due {
        TimePoint at;      // at `now` or before: at once
        const Move* move;  // for StreamFormat::retime; never null, valid until the next call
    };

    // To be asked once per packet, in order, when all before it have been sent: a due time far behind `now`
    // is taken for a process that was stopped, and what follows is due that much later. The first packet is
    // due at once, one that carries no media together with the one before it. `units`: what the packet's
    // format makes of it.
    Due next(const PacketInfo& info, std::span<const Unit> units, TimePoint now);

    // The recording begins again, or another one follows: from the next packet on times continue those
    // before.
    void restart() { timeline_.begin_run(Duration{0}); }

    // So late, nothing is caught up.
    static constexpr Duration kMaxLate{2000};

  private:
    bool has_begun_ = false;
    TimePoint origin_{};           // when the first packet was due
    std::int64_t elapsed_ = 0;     // from its send time to the last one's, as sent, never wrapping
    std::uint32_t send_time_ = 0;  // the last one's, as sent
    Timeline timeline_;
};

}  // namespace weir
