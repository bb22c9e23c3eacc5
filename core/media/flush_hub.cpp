#include "core/media/flush_hub.hpp"

#include "core/base/assert.hpp"
#include "core/media/flush_wheel.hpp"

namespace weir {

FlushHub::FlushHub(TimerQueue& timers, Duration latency_max, FlushClocks clocks)
    : timers_(timers),
      pace_(latency_max, clocks),
      timer_(timers, Callback<void()>::of<&FlushHub::visit_newcomers>(this)) {}

FlushHub::~FlushHub() {
    WEIR_ASSERT(newcomers_.empty());
}

void FlushHub::hurry(Sink& sink) noexcept {
    newcomers_.push_back(sink);
    if (!timer_.is_running()) timer_.start(Duration{0});
}

// What newcomers get does not count as the cost of flushing: no interval makes it cheaper.
void FlushHub::visit_newcomers() noexcept {
    const std::uint64_t began = pace_.now_us();
    while (Sink* sink = newcomers_.pop_front()) {
        sink->wheel_->visit(*sink);
        if (pace_.now_us() - began >= kTurnUs) break;
    }
    if (!newcomers_.empty()) timer_.start(Duration{0});
}

}  // namespace weir
