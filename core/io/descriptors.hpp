// How many files this process may have open at once: each connection is one. Any thread; the limit is the
// whole process's, so only a program raises it, at its start.
#pragma once

#include <cstddef>

namespace weir {

// The soft limit (ulimit -n); the largest number where there is none.
std::size_t descriptor_limit() noexcept;

// Raises it to `wanted`, or as far as the hard limit lets it. Never lowers it.
void raise_descriptor_limit(std::size_t wanted) noexcept;

}  // namespace weir
