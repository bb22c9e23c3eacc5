// Pacing: when the packets of a recorded stream are due, and by how much their times move so that passes of
// it, played one after the other, are one continuous stream. One per recording that is played. Pure: the
// clock is handed in; any thread, one at a time.
#pragma once

#include <cstdint>

#include "core/base/clock.hpp"
#include "core/media/container.hpp"

namespace weir {

class Pacing {
  public:
    struct Due {
        TimePoint at;             // at `now` or before: at once
        std::uint32_t delta = 0;  // for StreamFormat::retime
    };

    // To be asked once per packet, in order, when all before it have been sent: a due time far behind `now`
    // is taken for a process that was stopped, and what follows is due that much later. The first packet is
    // due at once, one that carries no media together with the one before it.
    Due next(const PacketInfo& info, TimePoint now);

    // The recording begins again, or another one follows: from the next packet on times continue those
    // before.
    void restart() noexcept { is_joining_ = true; }

    // A step between two packets' send times outside these is a discontinuity (asf.md 11, item 10): times go
    // on as if the recording began again. A player that sees such a step freezes.
    static constexpr std::int32_t kMaxStepBack = 1000, kMaxStepForward = 5000;  // ms
    // So late, nothing is caught up.
    static constexpr Duration kMaxLate{2000};
    // A packet that states no duration, in a stream that has given no hint, counts as one picture at 25 a
    // second.
    static constexpr std::uint32_t kUnknownDuration = 40;  // ms
    // Presentation times that would send a join further ahead than this are not believed.
    static constexpr std::int32_t kMaxLead = 60'000;  // ms

  private:
    // The smallest positive step seen between successive times, 0 before there was one.
    class Step {
      public:
        void see(std::uint32_t from, std::uint32_t to) noexcept;
        std::uint32_t or_else(std::uint32_t other) const noexcept {
            return smallest_ != 0 ? smallest_ : other;
        }

      private:
        std::uint32_t smallest_ = 0;
    };

    void join(const PacketInfo& info) noexcept;
    void observe(const PacketInfo& info) noexcept;
    std::uint32_t last_duration() const noexcept;

    bool has_begun_ = false;
    bool is_joining_ = false;
    std::uint32_t delta_ = 0;
    TimePoint origin_{};  // when the first packet was due
    std::int64_t elapsed_ =
        0;  // from the first packet's send time to the last one's, as sent, never wrapping
    // As read:
    std::uint32_t send_time_ = 0, duration_ = 0;  // of the last packet
    std::uint32_t latest_ = 0;                    // the latest presentation time since the last join
    std::uint32_t newest_ = 0;                    // the last packet's last presentation time
    bool has_presentation_ = false;               // both are known
    Step send_step_, presentation_step_;
};

}  // namespace weir
