#include "core/base/timer_queue.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace weir {

TimerQueue::~TimerQueue() {
    WEIR_ASSERT(heap_.empty());
}

void TimerQueue::run(TimePoint now) {
    set_now(now);
    ++round_;
    while (!heap_.empty()) {
        Timer& timer = *heap_.front();
        if (timer.due_ > now_ || timer.round_ == round_) break;
        remove(timer);
        timer.on_due_();
    }
}

std::optional<TimePoint> TimerQueue::next_due() const noexcept {
    if (heap_.empty()) return std::nullopt;
    return heap_.front()->due_;
}

void TimerQueue::insert(Timer& timer) {
    timer.round_ = round_;
    heap_.push_back(&timer);
    timer.index_ = heap_.size() - 1;
    sift_up(timer.index_);
    if (timer.index_ == 0 && on_earlier_) on_earlier_();
}

void TimerQueue::remove(Timer& timer) noexcept {
    const std::size_t hole = timer.index_;
    Timer* last = heap_.back();
    heap_.pop_back();
    timer.index_ = Timer::kIdle;
    if (last == &timer) return;
    place(hole, last);
    sift_up(hole);
    sift_down(last->index_);
}

// Of those due at the same time, the one that was started in an earlier run is first: a run ends at the first
// timer that was started in it.
bool TimerQueue::before(const Timer& a, const Timer& b) noexcept {
    return a.due_ != b.due_ ? a.due_ < b.due_ : a.round_ < b.round_;
}

void TimerQueue::place(std::size_t index, Timer* timer) noexcept {
    heap_[index] = timer;
    timer->index_ = index;
}

void TimerQueue::sift_up(std::size_t index) noexcept {
    Timer* timer = heap_[index];
    while (index > 0) {
        const std::size_t parent = (index - 1) / 2;
        if (!before(*timer, *heap_[parent])) break;
        place(index, heap_[parent]);
        index = parent;
    }
    place(index, timer);
}

void TimerQueue::sift_down(std::size_t index) noexcept {
    Timer* timer = heap_[index];
    for (;;) {
        std::size_t child = index * 2 + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && before(*heap_[child + 1], *heap_[child])) ++child;
        if (!before(*heap_[child], *timer)) break;
        place(index, heap_[child]);
        index = child;
    }
    place(index, timer);
}

void Timer::start_at(TimePoint due) {
    stop();
    due_ = std::max(due, queue_.now());  // or it would stand in front of those that are due
    queue_.insert(*this);
}

void Timer::stop() noexcept {
    if (is_running()) queue_.remove(*this);
}

}  // namespace weir
