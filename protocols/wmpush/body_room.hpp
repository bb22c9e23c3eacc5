// How much room a PushStart's body has left ([MS-WMHTTP] 3.1.4.4): its Content-Length was promised before
// anybody knew what would be sent, and must be used up to the last byte. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/media/container.hpp"

namespace weir::wmpush {

// What encoders promise: 2^31 - 1.
inline constexpr std::uint64_t kDirectLength = 2147483647;

// The Content-Length for a stream. A proxy may want to see the end of a body before it passes it on, so
// behind one it is a minute's worth, and never less than a header and three packets.
std::uint64_t body_length(const StreamFormat& format, bool via_proxy) noexcept;

class BodyRoom {
  public:
    BodyRoom() noexcept = default;
    explicit BodyRoom(std::uint64_t length) noexcept : left_(length) {}

    std::uint64_t left() const noexcept { return left_; }
    // Whether a packet of `size` bytes in all may be sent: what is left after it is nothing, or room for $E.
    bool takes(std::size_t size) const noexcept;
    void use(std::size_t size) noexcept { left_ -= size; }
    // The size in all of the next $F of those that use up what is left; 0: nothing is. Where 1 to 3 bytes are
    // left no packet fits.
    std::size_t next_filler() const noexcept;

  private:
    std::uint64_t left_ = 0;
};

}  // namespace weir::wmpush
