#include "core/media/flush_wheel.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace weir {

namespace {
constexpr std::size_t kVisitsPerLook = 16;  // at the clock
}

Sink::~Sink() {
    if (wheel_) wheel_->remove(*this);
}

FlushWheel::FlushWheel(FlushHub& hub, Duration latency)
    : hub_(hub), latency_(latency), timer_(hub.timers(), Callback<void()>::of<&FlushWheel::tick>(this)) {
    hub.pace().include(latency);
}

FlushWheel::~FlushWheel() {
    WEIR_ASSERT(size_ == 0);
}

void FlushWheel::add(Sink& sink) noexcept {
    WEIR_ASSERT(sink.wheel_ == nullptr);
    sink.wheel_ = this;
    ++size_;
    hub_.hurry(sink);
}

void FlushWheel::remove(Sink& sink) noexcept {
    WEIR_ASSERT(sink.wheel_ == this);
    sink.unlink();
    sink.wheel_ = nullptr;
    --size_;
    if (!is_in_tick_) schedule();
}

void FlushWheel::arm(std::size_t bytes) noexcept {
    news_ += bytes;
    if (is_in_tick_) return;
    // After a pause nobody need wait; while it turns, the rhythm is kept.
    if (!timer_.is_running()) next_ = std::max(next_, hub_.timers().now());
    schedule();
}

// The sink whose last visit is the longest ago, unless it has seen all: then all have.
Sink* FlushWheel::waiting() const noexcept {
    Sink* sink = sinks_.front();
    return sink && sink->seen_ != news_ ? sink : nullptr;
}

void FlushWheel::schedule() noexcept {
    const Sink* sink = waiting();
    if (!sink) {
        owed_ = 0;
        timer_.stop();
        return;
    }
    const TimePoint now = hub_.timers().now();
    TimePoint due = next_;
    if (news_ - sink->seen_ >= hub_.pace().early_bytes()) due = std::min(due, next_early_);
    due = owed_ > 0 ? now : std::max(due, now);
    if (!timer_.is_running() || due < timer_.due()) timer_.start_at(due);
}

// Visits are never closer together than kShortest: a short interval visits many sinks at a time. And a
// thousand channels with a few clients each are a thousand visits per interval, not thousands.
void FlushWheel::begin_visit() noexcept {
    const Duration interval = this->interval();
    const auto most =
        std::clamp<std::size_t>(static_cast<std::size_t>(interval / FlushPace::kShortest), 1, kVisits);
    const std::size_t visits = std::clamp<std::size_t>(size_ / kTogether, 1, most);
    carry_sinks_ += size_;
    owed_ = std::min(owed_ + carry_sinks_ / visits, size_);
    carry_sinks_ %= visits;
    carry_us_ += static_cast<std::uint64_t>(interval.count()) * 1000 / visits;
    next_ += Duration{carry_us_ / 1000};
    carry_us_ %= 1000;
    next_ = std::max(next_, hub_.timers().now());  // a loop that was late does not catch up
}

void FlushWheel::tick() noexcept {
    FlushPace& pace = hub_.pace();
    const std::uint64_t began = pace.now_us();
    const std::size_t early = pace.early_bytes();
    const TimePoint now = hub_.timers().now();
    if (now >= next_) begin_visit();
    is_in_tick_ = true;
    std::size_t visits = 0;
    bool has_early = false;
    bool is_late = false;  // the rest when the loop comes round
    while (Sink* sink = is_late ? nullptr : waiting()) {
        const bool is_early = owed_ == 0;
        if (is_early && (now < next_early_ || news_ - sink->seen_ < early)) break;
        if (!is_early) --owed_;
        has_early = has_early || is_early;
        visit(*sink);
        is_late = ++visits % kVisitsPerLook == 0 && pace.now_us() - began >= FlushHub::kTurnUs;
    }
    // However fast it comes, nobody is visited more often than at the shortest interval.
    if (has_early && !is_late) next_early_ = now + FlushPace::kShortest;
    is_in_tick_ = false;
    pace.spent_since(began);
    schedule();
}

// The sink may leave, or another one, while it is visited.
void FlushWheel::visit(Sink& sink) noexcept {
    sinks_.push_back(sink);
    sink.seen_ = news_;
    sink.flush(hub_.timers().now());
}

}  // namespace weir
