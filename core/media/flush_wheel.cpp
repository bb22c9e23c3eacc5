#include "core/media/flush_wheel.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace weir {

namespace {
constexpr double kCostShare = 0.05;
constexpr double kBusy = 0.80;
constexpr double kBusyNoMore = 0.60;
}  // namespace

Sink::~Sink() {
    if (wheel_) wheel_->remove(*this);
}

void FlushInterval::adjust(std::chrono::microseconds cost, double busy) noexcept {
    if (busy > kBusy) overloaded_ = true;
    if (busy < kBusyNoMore) overloaded_ = false;
    // The interval at which a turn of this cost is 5 % of the time, half-way approached so that one odd turn
    // does not throw it about.
    const auto wanted =
        Duration{static_cast<Duration::rep>(static_cast<double>(cost.count()) / kCostShare / 1000.0)};
    Duration target = std::clamp(wanted, kShortest, latency_);
    if (overloaded_) target = std::clamp(interval_ * 2, latency_, latency_max_);
    interval_ = (interval_ + target + Duration{target > interval_ ? 1 : 0}) / 2;
}

FlushWheel::FlushWheel(TimerQueue& timers, FlushInterval interval, WheelClocks clocks)
    : timers_(timers),
      timer_(timers, Callback<void()>::of<&FlushWheel::tick>(this)),
      interval_(interval),
      clocks_(clocks) {}

FlushWheel::~FlushWheel() {
    WEIR_ASSERT(size_ == 0);
}

void FlushWheel::add(Sink& sink) noexcept {
    WEIR_ASSERT(sink.wheel_ == nullptr);
    // Newcomers spread over the wheel; the first visit is at most one interval away.
    std::size_t slot = (position_ + size_) % kSlots;
    sink.wheel_ = this;
    sink.slot_ = slot;
    sink.previous_ = nullptr;
    sink.next_ = slots_[slot];
    if (sink.next_) sink.next_->previous_ = &sink;
    slots_[slot] = &sink;
    ++size_;
    arm();
}

void FlushWheel::remove(Sink& sink) noexcept {
    WEIR_ASSERT(sink.wheel_ == this);
    if (next_visit_ == &sink) next_visit_ = sink.next_;
    (sink.previous_ ? sink.previous_->next_ : slots_[sink.slot_]) = sink.next_;
    if (sink.next_) sink.next_->previous_ = sink.previous_;
    sink.wheel_ = nullptr;
    if (--size_ == 0) timer_.stop();
}

void FlushWheel::arm() noexcept {
    if (size_ == 0) return;
    slots_to_go_ = kSlots;
    if (timer_.is_running() || is_in_tick_) return;
    // A pause belongs to its turn: a loop that sleeps between two packets is not busy, however little of the
    // turn the packet's own work left. So only the first turn begins here.
    if (turn_began_ == 0) begin_turn(clocks_.wall());
    // After a pause the first slots need not wait; while it turns, the rhythm is kept.
    next_tick_ = std::max(next_tick_, timers_.now());
    timer_.start_at(next_tick_);
}

// Ticks are never shorter than kShortest: a short interval visits several slots a tick.
std::size_t FlushWheel::slots_per_tick() const noexcept {
    const auto ticks = std::clamp<Duration::rep>(interval_.get() / FlushInterval::kShortest, 1, kSlots);
    return (kSlots + static_cast<std::size_t>(ticks) - 1) / static_cast<std::size_t>(ticks);
}

Duration FlushWheel::tick_length() const noexcept {
    const auto ticks = static_cast<Duration::rep>((kSlots + slots_per_tick() - 1) / slots_per_tick());
    return interval_.get() / ticks;
}

void FlushWheel::begin_turn(std::uint64_t now) noexcept {
    turn_cost_ = 0;
    turn_began_ = now;
    turn_began_cpu_ = clocks_.cpu();
}

void FlushWheel::tick() {
    const std::uint64_t begin = clocks_.wall();
    const std::size_t count = std::min(slots_per_tick(), kSlots - position_);
    slots_to_go_ -= std::min(slots_to_go_, count);
    is_in_tick_ = true;  // a sink that arms the wheel has not sent all it could, and is to be visited again
    for (std::size_t i = 0; i < count; ++i) visit(position_++);
    is_in_tick_ = false;
    const std::uint64_t end = clocks_.wall();
    turn_cost_ += end - begin;

    if (position_ == kSlots) {
        position_ = 0;
        // The first turn begins with the first sink: a moment of work and nothing else.
        const auto interval_us = static_cast<std::uint64_t>(interval_.get().count()) * 1000;
        const auto wall = static_cast<double>(std::max(end - turn_began_, interval_us));
        const auto cpu = static_cast<double>(clocks_.cpu() - turn_began_cpu_);
        interval_.adjust(std::chrono::microseconds{turn_cost_}, cpu / wall);
        begin_turn(end);
    }
    next_tick_ = timers_.now() + tick_length();
    if (slots_to_go_ > 0 && size_ > 0) timer_.start_at(next_tick_);
}

void FlushWheel::visit(std::size_t slot) noexcept {
    for (Sink* sink = slots_[slot]; sink; sink = next_visit_) {
        next_visit_ = sink->next_;
        sink->flush(timers_.now());
    }
    next_visit_ = nullptr;
}

}  // namespace weir
