#include "core/media/timeline.hpp"

#include <algorithm>
#include <bitset>

namespace weir {

namespace {

// Times wrap at 2^32; what lies nearer than half of that is earlier or later.
std::int32_t step_between(std::uint32_t from, std::uint32_t to) noexcept {
    return static_cast<std::int32_t>(to - from);
}

// Is `number` the one behind `last`, in a field of one, two or four bytes?
bool follows(std::uint32_t last, std::uint32_t number) noexcept {
    return number == last + 1 || (number == 0 && (last == 0xFF || last == 0xFFFF));
}

}  // namespace

void Timeline::begin_run(Duration preroll_step, const StreamMap& streams) {
    is_joining_ = true;
    next_streams_ = streams;
    next_preroll_step_ = static_cast<std::uint32_t>(preroll_step.count());
}

void Timeline::reset() noexcept {
    *this = Timeline{};
}

const Move& Timeline::next(const PacketInfo& info, std::span<const Unit> units) {
    const auto step = step_between(send_time_, info.send_time);
    if (is_joining_) {
        move_.streams = next_streams_;
        move_.moves_streams = !next_streams_.is_identity();
    }
    if (!has_begun_) {
        has_begun_ = true;
        preroll_step_ = move_.presentation = next_preroll_step_;
        sent_ = newest_sent_ = info.send_time;
    } else if (is_joining_ ? !goes_on(info, units)
                           : newest_sent_ - (sent_ + step) > kMaxStepBack || step > kMaxStepForward) {
        join(info);
    } else {
        sent_ += step;
        if (step > 0 && (send_step_ == 0 || static_cast<std::uint32_t>(step) < send_step_))
            send_step_ = static_cast<std::uint32_t>(step);
    }
    is_joining_ = false;
    guard(info, units);
    observe(info, units);
    // An encoder's own may go back by less than a discontinuity (VLC's do); what is served waits.
    move_.send = static_cast<std::uint32_t>(newest_sent_) - info.send_time;
    return move_;
}

// A link that was lost and came back without losing anything brings the run it had: what is served then is
// byte for byte what would have been served without the loss. That the next packet follows the last is seen
// from its time and from the number of each object in it.
bool Timeline::goes_on(const PacketInfo& info, std::span<const Unit> units) const noexcept {
    const auto step = step_between(send_time_, info.send_time);
    if (next_preroll_step_ != preroll_step_ || step < 0 || step > kMaxStepBack) return false;
    const std::int64_t sent = sent_ + step;
    std::bitset<kMaxStreams> seen;
    for (const Unit& unit : units) {
        const unsigned stream = served(unit);
        if (stream >= kMaxStreams || seen[stream]) continue;
        seen.set(stream);
        const Stream& s = streams_[stream];
        if (!s.is_known || s.run != run_) return false;
        const auto since = sent + step_between(info.send_time, unit.presentation + preroll_step_) - s.newest;
        if (unit.begins ? since <= 0 || !follows(s.number, unit.number)
                        : since != 0 || unit.number != s.number)
            return false;
    }
    return seen.any();
}

// asf.md 7.1, step 4: one constant for send and presentation times, so that neither the send times overtake
// the last packet's end nor the presentation times that of the last object.
void Timeline::join(const PacketInfo& info) noexcept {
    ++run_;
    preroll_step_ = next_preroll_step_;
    const std::int64_t sent_until = std::max(newest_sent_, sent_ + packet_duration());
    led_ = 0;
    for (Stream& s : streams_) {
        if (!s.is_known) continue;
        s.floor = s.latest + object_duration(s);
        if (!info.has_presentation) continue;
        const auto lead =
            s.floor - sent_until - step_between(info.send_time, info.presentation_first + preroll_step_);
        if (lead > led_ && lead <= kMaxLead) led_ = lead;
    }
    sent_ = sent_until + led_;
    guarded_until_ = sent_ + kGuard;
    move_.send = static_cast<std::uint32_t>(sent_) - info.send_time;
    move_.presentation = move_.send + preroll_step_;
}

// The join went by its first packet. Where the new run's streams are interleaved otherwise than the old one's
// a later packet may hold what lies before its stream's own end: then all that follows is later.
void Timeline::guard(const PacketInfo& info, std::span<const Unit> units) noexcept {
    if (sent_ > guarded_until_) return;
    std::int64_t raise = 0;
    for (const Unit& unit : units) {
        const unsigned stream = served(unit);
        if (stream >= kMaxStreams || !unit.begins) continue;
        const Stream& s = streams_[stream];
        const auto at = presented(info, unit.presentation);
        if (at < s.floor && led_ + (s.floor - at) <= kMaxLead) raise = std::max(raise, s.floor - at);
    }
    led_ += raise;
    sent_ += raise;
    move_.presentation += static_cast<std::uint32_t>(raise);
}

void Timeline::observe(const PacketInfo& info, std::span<const Unit> units) noexcept {
    send_time_ = info.send_time;
    duration_ = info.duration;
    newest_sent_ = std::max(newest_sent_, sent_);
    for (const Unit& unit : units) {
        const unsigned stream = served(unit);
        if (stream >= kMaxStreams) continue;
        Stream& s = streams_[stream];
        const auto at = presented(info, unit.presentation);
        const auto step = at - s.newest;
        if (!s.is_known) {
            s.latest = at;
        } else if (s.run != run_) {
            // The number behind the last is left out (asf.md 7.1, step 6): the packet with the key frame may
            // hold the rest of the object before it, and MPlayer joins what has equal numbers.
            const auto last = s.number + move_.numbers[stream];
            number_from(stream, last + 2 - unit.number);
        } else if (step > 0 && step <= kMaxObject) {
            s.step = step;
        }
        // What lies so far back corrects a time that was none.
        if (at > s.latest || at < s.latest - kMaxLead) s.latest = at;
        s.is_known = true;
        s.run = run_;
        s.number = unit.number;
        s.newest = at;
    }
}

// Its stream's number in what is served; kMaxStreams or more where there could be none.
unsigned Timeline::served(const Unit& unit) const noexcept {
    return unit.stream < kMaxStreams ? move_.streams[unit.stream] : unit.stream;
}

void Timeline::number_from(unsigned stream, std::uint32_t constant) noexcept {
    move_.numbers[stream] = constant;
    move_.moves_numbers =
        std::any_of(move_.numbers.begin(), move_.numbers.end(), [](std::uint32_t n) { return n != 0; });
}

// When a time in the packet at hand is to be seen or heard, as served.
std::int64_t Timeline::presented(const PacketInfo& info, std::uint32_t presentation) const noexcept {
    return sent_ + step_between(info.send_time, presentation + preroll_step_);
}

// ffmpeg states a duration of 0 where a packet holds a part of one picture. Never 0, or a short recording
// would be played over and over in no time; nor longer than a step that players bear.
std::int64_t Timeline::packet_duration() const noexcept {
    if (duration_ != 0) return std::min<std::int64_t>(duration_, kMaxStepForward);
    return send_step_ != 0 ? send_step_ : kUnknownDuration;
}

std::int64_t Timeline::object_duration(const Stream& s) const noexcept {
    if (s.step != 0) return s.step;
    return duration_ != 0 ? std::min<std::int64_t>(duration_, kMaxObject) : kUnknownDuration;
}

}  // namespace weir
