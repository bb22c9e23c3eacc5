#include "core/asf/file.hpp"

#include "core/asf/header.hpp"

namespace weir::asf {

Result<std::vector<std::uint8_t>> finish_header(Bytes served, const Capture& capture) {
    namespace fp = file_properties;
    constexpr std::uint64_t kTicks = 10'000;  // durations count 100 ns
    auto header = parse_header(served, kMaxHeaderBlob);
    if (!header) return header.error();
    const auto& h = header.value();
    const std::uint64_t data = capture.packets * h.packet_size;
    std::vector<std::uint8_t> out{served.begin(), served.end()};
    auto* p = out.data() + h.file_properties_at;
    store_u64le(p + fp::kFileSize, out.size() + data);
    store_u64le(p + fp::kPackets, capture.packets);
    store_u64le(p + fp::kSendDuration, capture.duration_ms * kTicks);
    store_u64le(p + fp::kPlayDuration, (capture.duration_ms + h.preroll) * kTicks);  // preroll included
    // No index is written, so it is not seekable, but no broadcast either.
    store_u32le(p + fp::kFlags, 0);
    auto* d = out.data() + h.data_object_at;
    store_u64le(d + kGuidSize, kDataObjectHead + data);
    store_u64le(d + 40, capture.packets);
    return out;
}

}  // namespace weir::asf
