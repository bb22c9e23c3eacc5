// The flush wheel of a channel: its sinks stand in a circle and are visited one after another, each once per
// interval, up to 20 times a turn some of them. So a client gets one write per interval however many packets
// came, the work is spread over time, and so are the clients' waiting times. Whoever has much pending is
// visited early. It stands still while the channel has nothing new. Belongs to its Channel. Worker's thread;
// driven by its TimerQueue.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/intrusive_list.hpp"
#include "core/base/timer_queue.hpp"
#include "core/media/flush_hub.hpp"
#include "core/media/sink.hpp"

namespace weir {

class FlushWheel {
  public:
    // latency: the channel's; the hub outlives the wheel.
    FlushWheel(FlushHub& hub, Duration latency);
    ~FlushWheel();
    FlushWheel(const FlushWheel&) = delete;
    FlushWheel& operator=(const FlushWheel&) = delete;

    // Visited first when the loop comes round, then with the others. Never from within this call.
    void add(Sink& sink) noexcept;
    void remove(Sink& sink) noexcept;
    // For a sink that could send more than it did and would leave others waiting: it is visited again when
    // the loop comes round.
    void hurry(Sink& sink) noexcept { hub_.hurry(sink); }

    // There are so many bytes more for each sink, or something else is new: each is visited once from now.
    void arm(std::size_t bytes = 1) noexcept;

    Duration latency() const noexcept { return latency_; }
    Duration interval() const noexcept { return hub_.pace().interval(latency_); }  // in force
    std::size_t size() const noexcept { return size_; }

  private:
    friend class FlushHub;
    // Visits in a turn of the wheel: more of them, and clients would not wait less.
    static constexpr std::size_t kVisits = 20;
    // So many are visited together, where there are as many: a fraction of a millisecond's work. To wake up
    // for fewer costs more than it is worth.
    static constexpr std::size_t kTogether = 32;

    void tick() noexcept;
    void begin_visit() noexcept;
    void visit(Sink& sink) noexcept;
    Sink* waiting() const noexcept;
    void schedule() noexcept;

    FlushHub& hub_;
    Duration latency_;
    Timer timer_;
    List<Sink> sinks_;  // in the order of their last visits; those that the hub is to visit are not in it
    std::size_t size_ = 0;
    std::uint64_t news_ = 0;       // bytes that came, and 1 for whatever else was new
    TimePoint next_early_{};       // not before then is anybody visited for what is pending
    TimePoint next_{};             // when the next sinks in the circle are to be visited
    std::uint64_t carry_us_ = 0;   // timers count in milliseconds
    std::size_t owed_ = 0;         // sinks that are to be visited now
    std::size_t carry_sinks_ = 0;  // what is over, of sinks that do not divide evenly
    bool is_in_tick_ = false;
};

}  // namespace weir
