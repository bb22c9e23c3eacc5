#include "core/media/handout.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace weir {

namespace {

// Uniform below `n`, which is not 0. The values beyond the last whole multiple of n are drawn again: a plain
// remainder would favour the small ones.
std::size_t draw_below(std::uint32_t n, Callback<std::uint32_t()> random) {
    constexpr std::uint64_t kValues = std::uint64_t{1} << 32;
    const std::uint64_t fair = kValues - kValues % n;
    std::uint32_t value = random();
    while (value >= fair) value = random();
    return value % n;
}

}  // namespace

std::vector<std::size_t> hand_out(std::size_t members, const HandoutPolicy& policy,
                                  Callback<std::uint32_t()> random) {
    std::vector<std::size_t> places(members);
    std::iota(places.begin(), places.end(), std::size_t{0});
    const std::size_t count = std::min(std::max<std::size_t>(policy.count, 1), members);
    if (policy.randomize_all || policy.randomize) {
        // Fisher and Yates, as far as places are given out.
        for (std::size_t i = 0; i < count; ++i)
            std::swap(places[i], places[i + draw_below(static_cast<std::uint32_t>(members - i), random)]);
    }
    places.resize(count);
    return places;
}

}  // namespace weir
