// Drawing from a source of random numbers that is handed in, so that tests may hand in their own.
#pragma once

#include <cstdint>

#include "core/base/callback.hpp"

namespace weir {

// Uniform over 0 to n - 1, n > 0: numbers of an incomplete last round are drawn again.
inline std::uint32_t draw_below(std::uint32_t n, Callback<std::uint32_t()> random) {
    const std::uint32_t incomplete = (0xFFFFFFFFU % n + 1) % n;
    for (;;) {
        const std::uint32_t drawn = random();
        if (drawn <= 0xFFFFFFFFU - incomplete) return drawn % n;
    }
}

}  // namespace weir
