#include "core/media/pacing.hpp"

#include <algorithm>

namespace weir {

namespace {

// Times wrap at 2^32; what lies nearer than half of that is earlier or later.
std::int32_t step_between(std::uint32_t from, std::uint32_t to) noexcept {
    return static_cast<std::int32_t>(to - from);
}

}  // namespace

void Pacing::Step::see(std::uint32_t from, std::uint32_t to) noexcept {
    const auto step = step_between(from, to);
    if (step <= 0) return;
    const auto found = static_cast<std::uint32_t>(step);
    if (smallest_ == 0 || found < smallest_) smallest_ = found;
}

Pacing::Due Pacing::next(const PacketInfo& info, TimePoint now) {
    if (!info.media) return {.at = has_begun_ ? origin_ + Duration{elapsed_} : now, .delta = delta_};
    if (!has_begun_) {
        has_begun_ = true;
        is_joining_ = false;
        origin_ = now;
        has_presentation_ = false;
        observe(info);
        return {.at = now, .delta = delta_};
    }
    const auto step = step_between(send_time_, info.send_time);
    if (is_joining_ || step < -kMaxStepBack || step > kMaxStepForward) {
        join(info);
    } else {
        elapsed_ += step;
        send_step_.see(send_time_, info.send_time);
    }
    observe(info);
    TimePoint at = origin_ + Duration{elapsed_};
    if (now - at > kMaxLate) {
        origin_ += now - at;
        at = now;
    }
    return {.at = at, .delta = delta_};
}

// asf.md 7.1: one constant for send and presentation times, so that neither the send times overtake the last
// packet's end nor the presentation times that of the last object.
void Pacing::join(const PacketInfo& info) noexcept {
    const std::uint32_t sent_until = send_time_ + delta_ + last_duration();
    std::uint32_t delta = sent_until - info.send_time;
    if (has_presentation_ && info.has_presentation) {
        // How long the last object lasts nobody says. The smallest step between successive presentation times
        // is never longer than an object, so it opens no gap that would be heard at each turn of the loop;
        // where it is too short (two streams whose times lie close together), the send times' side, which
        // knows the packet's duration, is the later one.
        const std::uint32_t seen_until = latest_ + delta_ + presentation_step_.or_else(last_duration());
        const std::int32_t lead = step_between(delta, seen_until - info.presentation_first);
        if (lead > 0 && lead <= kMaxLead) delta += static_cast<std::uint32_t>(lead);
    }
    elapsed_ += step_between(send_time_ + delta_, info.send_time + delta);
    delta_ = delta;
    is_joining_ = false;
    has_presentation_ = false;
}

void Pacing::observe(const PacketInfo& info) noexcept {
    send_time_ = info.send_time;
    duration_ = info.duration;
    if (!info.has_presentation) return;
    // Between packets and inside one: neither a packet with several objects nor an object in several packets
    // hides the step.
    if (has_presentation_) presentation_step_.see(newest_, info.presentation_first);
    presentation_step_.see(info.presentation_first, info.presentation_last);
    if (!has_presentation_ || step_between(latest_, info.presentation_last) > 0)
        latest_ = info.presentation_last;
    newest_ = info.presentation_last;
    has_presentation_ = true;
}

// ffmpeg states a duration of 0 where a packet holds a part of one picture. Never 0, or a short recording
// would be played over and over in no time.
std::uint32_t Pacing::last_duration() const noexcept {
    return duration_ != 0 ? duration_ : send_step_.or_else(kUnknownDuration);
}

}  // namespace weir
