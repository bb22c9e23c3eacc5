#include "test/lab/clients/fingerprint.hpp"

#include <cstring>

namespace weir::lab {

namespace {

constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15U;

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) noexcept {
    hash = (hash ^ word) * kFactor;
    return hash ^ hash >> 32;
}

std::uint64_t mix(std::uint64_t hash, Bytes bytes) noexcept {
    hash = mix(hash, bytes.size());
    for (; bytes.size() >= 8; bytes = bytes.subspan(8)) hash = mix(hash, load_u64le(bytes.data()));
    std::uint64_t rest = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) rest |= std::uint64_t{bytes[i]} << (8 * i);
    return mix(hash, rest);
}

}  // namespace

std::optional<Fingerprint> fingerprint_of(Bytes packet, const asf::Header& header) {
    const auto parsed = asf::parse_packet(packet, header.packet_size);
    if (!parsed) return std::nullopt;
    const PacketInfo info = asf::judge_packet(packet, parsed.value(), header);
    Fingerprint print{.is_media = info.media, .is_sync = info.sync, .send_time = parsed.value().send_time};
    if (!info.media) return print;
    asf::Payloads payloads{packet, parsed.value()};
    while (const auto one = payloads.next()) {
        print.hash = mix(print.hash, std::uint64_t{one->offset} << 32 | one->object_size);
        print.hash = mix(print.hash, one->data);
    }
    return print;
}

}  // namespace weir::lab
