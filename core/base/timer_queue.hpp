// Timers without the operating system: a queue that is told the time. One per worker; a Timer is a plain
// member of whoever needs it and takes itself out when destroyed. Worker's thread only.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/base/callback.hpp"
#include "core/base/clock.hpp"

namespace weir {

class Timer;

class TimerQueue {
  public:
    TimerQueue() = default;
    ~TimerQueue();
    TimerQueue(const TimerQueue&) = delete;
    TimerQueue& operator=(const TimerQueue&) = delete;

    TimePoint now() const noexcept { return now_; }
    void set_now(TimePoint now) noexcept {
        if (now > now_) now_ = now;
    }
    // Fires what is due, in order of time; a timer that a callback starts is not fired in the same run.
    void run(TimePoint now);
    std::optional<TimePoint> next_due() const noexcept;
    // Called when the next due time moved to the front: whoever drives the queue must wake up earlier.
    void on_earlier(Callback<void()> callback) noexcept { on_earlier_ = callback; }

  private:
    friend class Timer;
    static bool before(const Timer& a, const Timer& b) noexcept;
    void insert(Timer& timer);
    void remove(Timer& timer) noexcept;
    void place(std::size_t index, Timer* timer) noexcept;
    void sift_up(std::size_t index) noexcept;
    void sift_down(std::size_t index) noexcept;

    std::vector<Timer*> heap_;  // a binary heap by due time
    TimePoint now_{};
    std::uint64_t round_ = 0;  // tells timers started during run() from those that were there before
    Callback<void()> on_earlier_;
};

class Timer {
  public:
    Timer(TimerQueue& queue, Callback<void()> on_due) noexcept : queue_(queue), on_due_(on_due) {}
    ~Timer() { stop(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    void start(Duration in) { start_at(queue_.now() + in); }  // restarts a running one
    void start_at(TimePoint due);
    void stop() noexcept;
    bool is_running() const noexcept { return index_ != kIdle; }
    TimePoint due() const noexcept { return due_; }  // while it is running

  private:
    friend class TimerQueue;
    static constexpr std::size_t kIdle = static_cast<std::size_t>(-1);

    TimerQueue& queue_;
    Callback<void()> on_due_;
    TimePoint due_{};
    std::size_t index_ = kIdle;
    std::uint64_t round_ = 0;
};

}  // namespace weir
