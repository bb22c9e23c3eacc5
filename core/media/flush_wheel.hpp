// The flush wheel: every sink of a worker has a slot, the slots are visited one after another, each sink once
// per interval. So a client gets one write per interval however many packets came, and the work is spread
// over time. It stands still while no channel has anything new. Worker's thread; driven by its TimerQueue.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/timer_queue.hpp"
#include "core/media/sink.hpp"

namespace weir {

// How long the interval is: the smallest in [kShortest, latency] that keeps the cost of flushing under 5 % of
// a core; while the loop is over 80 % busy it is widened up to latency_max, and goes back below 60 %.
class FlushInterval {
  public:
    static constexpr Duration kShortest{5};

    FlushInterval(Duration latency, Duration latency_max) noexcept
        : latency_(std::max(latency, kShortest)),
          latency_max_(std::max(latency_max, latency_)),
          interval_(kShortest) {}

    Duration get() const noexcept { return interval_; }
    // Once per turn of the wheel: what that turn's flushing cost, and how busy the loop was (0 to 1).
    void adjust(std::chrono::microseconds cost, double busy) noexcept;

  private:
    Duration latency_;
    Duration latency_max_;
    Duration interval_;
    bool overloaded_ = false;
};

// Clocks in microseconds: the monotonic one, and what this thread has used of a processor.
struct WheelClocks {
    std::uint64_t (*wall)();
    std::uint64_t (*cpu)();
};

class FlushWheel {
  public:
    FlushWheel(TimerQueue& timers, FlushInterval interval, WheelClocks clocks);
    ~FlushWheel();

    void add(Sink& sink) noexcept;  // visited first within one interval
    void remove(Sink& sink) noexcept;
    // Something is new: turn at least once more.
    void arm() noexcept;

    Duration interval() const noexcept { return interval_.get(); }
    std::size_t size() const noexcept { return size_; }

  private:
    static constexpr std::size_t kSlots = 16;

    void tick();
    void begin_turn(std::uint64_t now) noexcept;
    void visit(std::size_t slot) noexcept;
    Duration tick_length() const noexcept;
    std::size_t slots_per_tick() const noexcept;

    TimerQueue& timers_;
    Timer timer_;
    FlushInterval interval_;
    WheelClocks clocks_;
    std::array<Sink*, kSlots> slots_{};
    std::size_t size_ = 0;
    std::size_t position_ = 0;      // the slot to visit next
    std::size_t slots_to_go_ = 0;   // until every slot was visited since the last arm()
    Sink* next_visit_ = nullptr;    // so that a sink may leave while its slot is being visited
    std::uint64_t turn_cost_ = 0;   // microseconds spent flushing in the present turn
    std::uint64_t turn_began_ = 0;  // wall clock
    std::uint64_t turn_began_cpu_ = 0;
    TimePoint next_tick_{};
    bool is_in_tick_ = false;
};

}  // namespace weir
