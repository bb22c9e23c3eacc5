// How many files this process may have open at once: each connection is one. Any thread; the limit is the
// whole process's, so only a program raises it, at its start.
#pragma once

#include <cstddef>

namespace weir {

// The soft limit (ulimit -n); the largest number where there is none.
std::size_t descriptor_limit() noexcept;

// Raises it to `wanted`, or as far as the hard limit lets it. Never lowers it.
void raise_descriptor_limit(std::size_t wanted) noexcept;

// Makes the kernel's table large enough for `wanted` descriptors, or for as many as the limit lets. To be
// called while the process has one thread only: with several the kernel halts whoever opens a file or accepts
// a connection for up to 30 ms each time it doubles the table, and a crowd that comes at once is kept out.
void reserve_descriptors(std::size_t wanted) noexcept;

}  // namespace weir
