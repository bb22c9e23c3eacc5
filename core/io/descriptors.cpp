#include "core/io/descriptors.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

namespace weir {

namespace {
constexpr std::size_t kMostReserved = 1 << 20;  // 8 MB of the kernel's memory
}

std::size_t descriptor_limit() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return std::numeric_limits<std::size_t>::max();
    return limit.rlim_cur;
}

void raise_descriptor_limit(std::size_t wanted) noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

void reserve_descriptors(std::size_t wanted) noexcept {
    // The table grows for a descriptor that is there, and never shrinks.
    const int any = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const std::size_t last = std::min({wanted, descriptor_limit(), kMostReserved}) - 1;
    const int high = any < 0 || wanted == 0 ? -1 : ::fcntl(any, F_DUPFD_CLOEXEC, static_cast<int>(last));
    if (high >= 0) ::close(high);
    if (any >= 0) ::close(any);
}

}  // namespace weir
