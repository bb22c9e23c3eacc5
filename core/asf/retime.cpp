#include "core/asf/retime.hpp"

#include <fmt/format.h>

namespace weir::asf {

namespace {

constexpr std::size_t kTimeWidth = 4;

void add(MutableBytes packet, std::size_t at, std::uint32_t delta) noexcept {
    store_u32le(packet.data() + at, load_u32le(packet.data() + at) + delta);
}

}  // namespace

Result<> retime_packet(MutableBytes packet, const Packet& parsed, std::uint32_t delta) {
    if (parsed.parity)
        return Error{Errc::unsupported, "ASF packet: a parity packet has no times that could be moved"};
    // All is looked at before anything is written: a packet is moved as a whole or not at all.
    Payloads check{packet, parsed};
    while (const auto p = check.next()) {
        if (p->compressed && p->offset_field.width != kTimeWidth)
            return Error{Errc::unsupported,
                         fmt::format("ASF packet: it cannot be moved in time: a compressed payload's "
                                     "presentation time has {} bytes, expected {}",
                                     p->offset_field.width, kTimeWidth)};
    }
    add(packet, parsed.send_time_at, delta);
    // Structure never depends on a time, so the walk is not disturbed by what it writes.
    Payloads payloads{packet, parsed};
    while (const auto p = payloads.next()) {
        if (p->time_at() != 0) add(packet, p->time_at(), delta);
    }
    return Ok{};
}

}  // namespace weir::asf
