// What a channel may be called: by its configuration, and by who asks for one that no configuration lists.
// Pure.
#pragma once

#include <string_view>

#include "core/base/result.hpp"

namespace weir {

inline constexpr std::size_t kMaxChannelName = 64;
// In a configuration: the channel of every name that has none of its own.
inline constexpr std::string_view kAnyChannel = "*";
// In that channel's sources and title: the name that was asked for.
inline constexpr std::string_view kNamePlaceholder = "{name}";

// Error: what is wrong, and what would be right. kAnyChannel is no name.
Result<> check_channel_name(std::string_view name);

// `text` with `name` for each kNamePlaceholder.
std::string with_name(std::string_view text, std::string_view name);

}  // namespace weir
