#include "protocols/wmpush/body_room.hpp"

#include <algorithm>

#include "protocols/wmpush/wire.hpp"

namespace weir::wmpush {

namespace {
constexpr std::uint64_t kProxySeconds = 60;
// For a header that states no bit rate.
constexpr std::uint64_t kProxyMinimum = 1024 * 1024;
}  // namespace

std::uint64_t body_length(const StreamFormat& format, bool via_proxy) noexcept {
    if (!via_proxy) return kDirectLength;
    const std::uint64_t minute = format.bit_rate() / 8 * kProxySeconds;
    const std::uint64_t packets = 3 * (format.max_packet() + kHead);
    return std::max({minute, packets + format.header().size() + kHead + kReason + kEndPacket, kProxyMinimum});
}

bool BodyRoom::takes(std::size_t size) const noexcept {
    return size <= left_ && (left_ == size || left_ - size >= kEndPacket);
}

std::size_t BodyRoom::next_filler() const noexcept {
    if (left_ < kHead) return 0;
    if (left_ <= kMaxPacket) return static_cast<std::size_t>(left_);
    const std::uint64_t after = left_ - kMaxPacket;
    return after < kHead ? static_cast<std::size_t>(left_ - kHead) : kMaxPacket;
}

}  // namespace weir::wmpush
