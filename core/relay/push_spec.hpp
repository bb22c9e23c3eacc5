// The servers that a channel is pushed to, as its configuration lists them. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/relay/push.hpp"
#include "weir/config.hpp"

namespace weir {

struct PushSpec {
    std::string url;    // as configured: may hold credentials, not for people
    std::string shown;  // the same without them
    const PushForm* form = nullptr;
};

// Of a channel.
inline constexpr std::size_t kMaxPushTargets = 16;

// One entry. Error: what is wrong, what would be right.
Result<PushSpec> parse_push_target(const PushTargetConfig& target, std::span<const PushForm> forms);

// The whole list. Error: an entry that is no target, stands twice, or is one too many.
Result<std::vector<PushSpec>> parse_push_targets(std::span<const PushTargetConfig> targets,
                                                 std::span<const PushForm> forms);

}  // namespace weir
