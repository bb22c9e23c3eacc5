#include "core/media/pacing.hpp"

namespace weir {

Pacing::Due Pacing::next(const PacketInfo& info, std::span<const Unit> units, TimePoint now) {
    if (!info.media)
        return {.at = has_begun_ ? origin_ + Duration{elapsed_} : now, .move = &timeline_.move()};
    const Move& move = timeline_.next(info, units);
    const std::uint32_t send_time = info.send_time + move.send;
    if (!has_begun_) {
        has_begun_ = true;
        origin_ = now;
    } else {
        // What is sent has no steps of half of 2^32.
        elapsed_ += static_cast<std::int32_t>(send_time - send_time_);
    }
    send_time_ = send_time;
    TimePoint at = origin_ + Duration{elapsed_};
    if (now - at > kMaxLate) {
        origin_ += now - at;
        at = now;
    }
    return {.at = at, .move = &move};
}

}  // namespace weir
