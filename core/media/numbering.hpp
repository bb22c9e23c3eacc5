// Numbering: what the packets of a channel's log are called towards other relays. A stretch is as many of
// them as have one run, went the same way, and have numbers without a gap. Pure but for the run ids that it
// draws; owned by its channel. Worker's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "core/media/block_log.hpp"
#include "core/media/stream_place.hpp"

namespace weir {

class Numbering {
  public:
    struct Stretch {
        Seq first = 0;
        RunId run;
        std::uint64_t shift = 0;   // number = Seq + shift, mod 2^64
        bool is_own = true;        // the channel drew the run: what it serves is no longer what it was given
        std::vector<RelayId> via;  // the channel itself, then those upstream

        std::uint64_t number(Seq seq) const noexcept { return seq + shift; }
        StreamPlace place(Seq seq) const noexcept { return {.run = run, .number = number(seq)}; }
        Provenance provenance(Seq seq) const { return {.place = place(seq), .via = via}; }
    };

    // `self`: the channel. The first packet is its own.
    explicit Numbering(RelayId self);

    // The channel serves another header: what comes may take its upstream's name. Within one header numbers
    // only grow, as receivers expect.
    void begin_header() noexcept { may_follow_ = true; }
    // The packet `seq`, the next of all. came_as: what upstream called it, where it is served as it came;
    // else null. via: those that it went through upstream.
    void add(Seq seq, const StreamPlace* came_as, const std::vector<RelayId>& via);

    // The stretch that `seq` is in; of what is to come, the last one.
    const Stretch& of(Seq seq) const noexcept;
    const Stretch& last() const noexcept { return stretches_.back(); }
    // Which packet of [first, end] that is; `end`: the one to come.
    std::optional<Seq> find(const StreamPlace& place, Seq first, Seq end) const noexcept;
    // Packets before `first` are gone.
    void trim(Seq first) noexcept;
    std::size_t stretches() const noexcept { return stretches_.size(); }

  private:
    void begin(Stretch next);

    RelayId self_;
    bool may_follow_ = true;
    std::deque<Stretch> stretches_;  // never empty
};

}  // namespace weir
