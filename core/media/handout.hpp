// Handout: which of a service's members a client is given to follow, and in what order (KB 318350; how it
// follows them: core/media/follower.hpp). Drawn anew for each list that is handed out. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/callback.hpp"

namespace weir {

// As the article's options: Handout and RandomizeServiceList of a service, RandomizeAllServiceLists of all.
struct HandoutPolicy {
    static constexpr std::size_t kAll = SIZE_MAX;

    std::size_t count = 2;  // of members on a list; 0 counts as 1
    bool randomize = false;
    bool randomize_all = true;
};

// Places in the service's list of `members`, each at most once: `count` of them drawn without replacement,
// every order as likely as any other; or the first ones, where nothing asks for chance. random: uniform over
// all values.
std::vector<std::size_t> hand_out(std::size_t members, const HandoutPolicy& policy,
                                  Callback<std::uint32_t()> random);

}  // namespace weir
