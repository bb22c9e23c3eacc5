// FlushHub: what the flush wheels of a worker share: the clock and the pace, and the newcomers of all
// channels, who are visited in the turn of the loop after the one in which they came, not when their wheel
// comes round. It outlives the wheels. Worker's thread; driven by its TimerQueue.
#pragma once

#include "core/base/intrusive_list.hpp"
#include "core/base/timer_queue.hpp"
#include "core/media/flush_pace.hpp"
#include "core/media/sink.hpp"

namespace weir {

class FlushHub {
  public:
    // Visits go on for so long, then others on the loop get their turn: reading, accepting, other channels.
    static constexpr std::uint64_t kTurnUs = 2000;

    FlushHub(TimerQueue& timers, Duration latency_max, FlushClocks clocks);
    ~FlushHub();

    TimerQueue& timers() noexcept { return timers_; }
    FlushPace& pace() noexcept { return pace_; }
    const FlushPace& pace() const noexcept { return pace_; }

    // The sink, which is on a wheel, is visited as soon as the loop comes round, behind those who wait for
    // the same. Never from within this call.
    void hurry(Sink& sink) noexcept;

  private:
    void visit_newcomers() noexcept;

    TimerQueue& timers_;
    FlushPace pace_;
    Timer timer_;
    List<Sink> newcomers_;
};

}  // namespace weir
