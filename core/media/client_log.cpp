#include "core/media/client_log.hpp"

namespace weir {

ClientLog::ClientLog(const std::string& channel, TimerQueue& timers, Log& log)
    : channel_(channel), log_(log), span_(timers, Callback<void()>::of<&ClientLog::sum_up>(this)) {}

bool ClientLog::lists(Event event) {
    if (!span_.is_running()) {
        lines_ = 0;
        span_.start(kSpan);
    }
    if (lines_ < kLines) {
        ++lines_;
        return true;
    }
    ++(event == Event::came ? came_ : left_);
    return false;
}

void ClientLog::sum_up() {
    if (came_ + left_ == 0) return;
    log_.info("channel {}: {} more clients came and {} left in the same second", channel_, came_, left_);
    came_ = left_ = 0;
}

}  // namespace weir
