// SourceWalk: in which order a Selector dials its pulls, one after the other: each once a walk, and when all
// of them were tried, a pause before the next walk, longer each time (failover.md sections 3 and 4,
// decisions.md D4). It knows no connection: told what became of a dial, asked what to dial next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/callback.hpp"
#include "core/base/clock.hpp"
#include "core/media/backoff.hpp"

namespace weir {

class SourceWalk {
  public:
    using Failure = Backoff::Failure;

    // sticky: how long a refusal makes its source the first of the next walk.
    SourceWalk(std::size_t sources, const Backoff::Limits& pauses, Duration sticky,
               Callback<std::uint32_t()> random);
    void resize(std::size_t sources) { tried_.resize(sources); }

    // A new walk at once; `at` and those behind it come first, then those before it.
    void begin(std::size_t at);
    // What it tried in this walk it does not try again; failed: it was in vain.
    void failed(std::size_t source, Failure how);
    // As if this walk had not tried it.
    void spare(std::size_t source) { tried_[source] = false; }
    // The walk is over with this answer, whoever is left; the next one begins with its source (S8) or, when
    // the pause takes longer than `sticky`, with the first (S9).
    void stay(std::size_t source, TimePoint now);
    // A stream ran for long enough: pauses are short again.
    void calm() noexcept { backoff_.calm(); }

    using Can = Callback<bool(std::size_t)>;
    bool has_untried(std::size_t limit, Can can) const { return untried(limit, can).has_value(); }
    struct Step {
        std::optional<std::size_t> dial;
        TimePoint again = TimePoint::max();  // while nothing is to be dialled: when to ask again
    };
    // What to dial now, of the first `limit` sources those that `can` be dialled.
    Step step(std::size_t limit, Can can, TimePoint now);

  private:
    std::optional<std::size_t> untried(std::size_t limit, Can can) const;
    struct Answer {
        std::size_t source;
        TimePoint at;
    };
    std::vector<bool> tried_;
    Backoff::Limits pauses_;
    Duration sticky_;
    Backoff backoff_;
    Callback<std::uint32_t()> random_;
    std::size_t first_ = 0;
    Failure last_ = Failure::unreachable;
    std::optional<TimePoint> paused_until_;
    std::optional<Answer> answer_;
};

}  // namespace weir
