// Timeline: makes a succession of runs one continuous stream (asf.md 7.1). Each run's times begin anew, and
// they may jump inside one; clients that hold one header must never see them go backwards, nor forward by
// more than a picture, however long nothing came. For each packet, in order, it tells how it moves. Pure, no
// clock; one per stream that is served; any thread, one at a time.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/clock.hpp"
#include "core/media/container.hpp"

namespace weir {

class Timeline {
  public:
    // Another run follows: from the next packet on times continue those before, and object numbers differ
    // from the last ones. preroll_step: the served header's preroll less the new run's; clients go on
    // subtracting the former.
    void begin_run(Duration preroll_step);
    // Another header is served: the next packet is the first of all and keeps its times.
    void reset() noexcept;

    // How the next packet with media moves. `units`: what the run's format makes of it. The Move is valid
    // until the next call; where it is_none(), the packet is served as it came.
    const Move& next(const PacketInfo& info, std::span<const Unit> units);

    // A step between two packets' send times outside these is a discontinuity (asf.md 11, item 10): times go
    // on as if another run began. A player that sees such a step freezes.
    static constexpr std::int32_t kMaxStepBack = 1000, kMaxStepForward = 5000;  // ms
};

}  // namespace weir
