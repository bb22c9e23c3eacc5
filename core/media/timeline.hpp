// Timeline: makes a succession of runs one continuous stream (asf.md 7.1). Each run's times begin anew, and
// they may jump inside one; clients that hold one header must never see them go backwards, nor forward by
// more than a picture, however long nothing came. For each packet, in order, it tells how it moves. Pure, no
// clock; one per stream that is served; any thread, one at a time.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include "core/base/clock.hpp"
#include "core/media/container.hpp"

namespace weir {

class Timeline {
  public:
    // Another run follows: from the next packet on times continue those before, and object numbers differ
    // from the last ones. preroll_step: the served header's preroll less the new run's; clients go on
    // subtracting the former. streams: how the new run's are numbered in what is served. Where the next
    // packet shows that it is the same run after all, nothing lost between, it goes on as it was.
    void begin_run(Duration preroll_step, const StreamMap& streams = {});
    // The next packet is the one behind the last after all: nothing was lost between.
    void resume() noexcept { is_joining_ = false; }
    // Another header is served: the next packet is the first of all and keeps its times and numbers.
    void reset() noexcept;

    // How the next packet with media moves. `units`: what the run's format makes of it. The Move is valid
    // until the next call; where it is_none(), the packet is served as it came.
    const Move& next(const PacketInfo& info, std::span<const Unit> units);
    // What next() told last.
    const Move& move() const noexcept { return move_; }

    // A step between two packets' send times outside these is a discontinuity (asf.md 11, item 10): times go
    // on as if another run began. A player that sees such a step freezes.
    static constexpr std::int32_t kMaxStepBack = 1000, kMaxStepForward = 5000;  // ms
    // A packet that states no duration, in a stream that has given no hint, counts as one picture at 25 a
    // second.
    static constexpr std::uint32_t kUnknownDuration = 40;  // ms
    // Presentation times that would send a join further ahead than this are not believed.
    static constexpr std::int64_t kMaxLead = 60'000;  // ms
    // So long after a join, streams that are interleaved otherwise than in the run before are looked after.
    static constexpr std::int64_t kGuard = 10'000;  // ms
    // A longer step between two objects is a hole, and does not tell how long one lasts.
    static constexpr std::int64_t kMaxObject = 1000;  // ms

  private:
    static constexpr auto kNever = std::numeric_limits<std::int64_t>::min();

    // Times are those served, in ms, and never wrap: a stream may be silent for longer than 2^31 ms.
    struct Stream {
        bool is_known = false;        // there was an object
        std::uint64_t run = 0;        // in which the last one was
        std::uint32_t number = 0;     // its number, as it came
        std::int64_t newest = 0;      // its presentation time
        std::int64_t latest = 0;      // the latest one
        std::int64_t step = 0;        // the last one between two objects; 0: none yet
        std::int64_t floor = kNever;  // where the stream ended before the last join
    };

    bool goes_on(const PacketInfo& info, std::span<const Unit> units) const noexcept;
    void join(const PacketInfo& info) noexcept;
    void guard(const PacketInfo& info, std::span<const Unit> units) noexcept;
    void observe(const PacketInfo& info, std::span<const Unit> units) noexcept;
    unsigned served(const Unit& unit) const noexcept;
    void number_from(unsigned stream, std::uint32_t constant) noexcept;
    std::int64_t presented(const PacketInfo& info, std::uint32_t presentation) const noexcept;
    std::int64_t packet_duration() const noexcept;
    std::int64_t object_duration(const Stream& s) const noexcept;

    bool has_begun_ = false;
    bool is_joining_ = false;
    std::uint64_t run_ = 0;                                   // counts joins
    std::uint32_t preroll_step_ = 0, next_preroll_step_ = 0;  // of this run, of the one that follows
    StreamMap next_streams_;                                  // of the latter; move_ has this run's
    // Of the last packet, as it came:
    std::uint32_t send_time_ = 0, duration_ = 0;
    std::uint32_t send_step_ = 0;  // the smallest positive one; 0: none yet
    // As served, never wrapping:
    std::int64_t sent_ = 0;         // the last packet's send time
    std::int64_t newest_sent_ = 0;  // the latest send time
    std::int64_t guarded_until_ = kNever;
    std::int64_t led_ = 0;                     // by how much presentation times have sent the last join ahead
    std::array<Stream, kMaxStreams> streams_;  // by served number
    Move move_;
};

}  // namespace weir
