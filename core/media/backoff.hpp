// Backoff: how long to wait before a source that failed, or a list whose sources all failed, is asked again:
// longer each time, up to a limit, drawn from 50 to 100 % of that (decisions.md D4). Pure; any thread, one at
// a time.
#pragma once

#include <cstdint>

#include "core/base/callback.hpp"
#include "core/base/clock.hpp"

namespace weir {

class Backoff {
  public:
    // How a dial failed decides how long the pause is.
    enum class Failure {
        unreachable,  // nobody there, or no time
        refused,      // an answer that is no stream, or a stream that broke at once
    };
    struct Limits {
        Duration first_unreachable, unreachable_max;
        Duration first_refused, refused_max;
    };

    // random: uniform; without it each pause is the whole. At least 1 ms: however short the configuration
    // wants it, the loop needs to turn.
    Duration next(Failure how, const Limits& limits, Callback<std::uint32_t()> random);
    // A stream ran for long enough: pauses are short again.
    void calm() noexcept { doublings_ = 0; }

  private:
    int doublings_ = 0;
};

}  // namespace weir
