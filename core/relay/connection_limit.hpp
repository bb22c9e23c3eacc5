// How many connections a process can take whose files are limited: clients must never take the descriptors
// with which sources and servers of push_to are dialled again, and with which somebody asks what is wrong.
// Pure.
#pragma once

#include <cstddef>

#include "weir/config.hpp"

namespace weir {

// Beyond max_connections, so that a relay that is full can still be asked how it is.
inline constexpr std::size_t kAdminConnections = 16;
// Beyond it, too, until they have said what they are; and for a moment, those that are closed for others.
inline constexpr std::size_t kUnheardConnections = 16;
inline constexpr std::size_t kLeavingConnections = 16;

// How many connections there may be: sources, servers downstream, and servers that are pushed to, find room
// where clients have taken all of max_connections. `limit` and `links`: those in force.
std::size_t connections_with_sources(const Config& config, std::size_t limit, std::size_t links) noexcept;

// For max_connections and all that is open beside them.
std::size_t descriptors_wanted(const Config& config) noexcept;

// max_links, or what is left of `descriptors` for servers downstream: a sixteenth at least.
std::size_t links_in_force(const Config& config, std::size_t descriptors) noexcept;

// max_connections, or what is left of `descriptors` when each source, each server of push_to and weir itself
// have theirs; where they would take nearly all, a quarter.
std::size_t connections_in_force(const Config& config, std::size_t descriptors) noexcept;

}  // namespace weir
