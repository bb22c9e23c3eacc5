#include "core/media/packet_trail.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

namespace weir {

std::uint64_t PacketTrail::hash_of(Bytes packet) noexcept {
    return std::hash<std::string_view>{}(as_text(packet));
}

void PacketTrail::add(Bytes packet, TimePoint now) {
    if (ring_.empty()) ring_.resize(kLength);
    ring_[next_] = {.hash = hash_of(packet), .at = now};
    next_ = (next_ + 1) % kLength;
    size_ = std::min(size_ + 1, kLength);
}

std::optional<std::size_t> PacketTrail::behind(std::uint64_t hash) const noexcept {
    for (std::size_t back = 0; back < size_ && entry(0).at - entry(back).at <= kReach; ++back) {
        if (entry(back).hash == hash) return back;
    }
    return std::nullopt;
}

}  // namespace weir
