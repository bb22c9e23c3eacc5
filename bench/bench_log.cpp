// What it costs to take packets in: append to a channel's log, frame them for a rendition, read them out
// again.
#include <chrono>
#include <cstdio>
#include <vector>

#include "core/asf/chunk.hpp"
#include "core/media/rendition.hpp"

using namespace weir;

namespace {

constexpr LogLimits kLimits{std::size_t{8} << 20, Duration{15000}};
constexpr std::size_t kBlock = std::size_t{256} << 10;
constexpr std::uint64_t kBytes = std::uint64_t{2} << 30;  // in all, per figure
constexpr std::size_t kPerPublish = 8;                    // packets of one read callback

std::size_t encode(Bytes packet, const FrameNumbers& numbers, MutableBytes out) noexcept {
    return asf::encode_data({.location_id = static_cast<std::uint32_t>(numbers.number),
                             .incarnation = 0,
                             .af_flags = static_cast<std::uint8_t>(numbers.count)},
                            packet, out);
}
constexpr Framing kFraming{.name = "bench", .overhead = asf::kDataOverhead, .encode = encode};

class Stopwatch {
  public:
    void report(const char* what, std::size_t packet_size, std::uint64_t packets, std::uint64_t bytes) const {
        const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
        std::printf("%-26s packets of %5zu bytes: %6.2f GB/s, %6.0f ns a packet\n", what, packet_size,
                    static_cast<double>(bytes) / 1e9 / s, s * 1e9 / static_cast<double>(packets));
    }

  private:
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

void append(BlockLog& log, Bytes packet, std::uint64_t n) {
    const MutableBytes room = log.reserve(packet.size());
    std::copy(packet.begin(), packet.end(), room.begin());
    log.commit(packet.size(), n % 250 == 0, TimePoint{Duration{static_cast<Duration::rep>(n / 250)}});
}

void append_only(Bytes packet) {
    const std::uint64_t packets = kBytes / packet.size();
    BlockLog log{kLimits, kBlock};
    const Stopwatch watch;
    for (std::uint64_t n = 0; n < packets; ++n) {
        append(log, packet, n);
        if (n % kPerPublish != kPerPublish - 1) continue;
        log.publish();
        log.trim(TimePoint{});
    }
    watch.report("append", packet.size(), packets, kBytes);
}

// As a channel with one framing and one reader of it has it.
void append_frame_read(Bytes packet) {
    const std::uint64_t packets = kBytes / 2 / packet.size();
    BlockLog log{kLimits, kBlock};
    const Numbering names{1};
    Rendition rendition{log, names, kFraming, kBlock, 0, 0};
    Cursor cursor = rendition.log().cursor_at(0);
    std::uint64_t read = 0;
    const Stopwatch watch;
    for (std::uint64_t n = 0; n < packets; ++n) {
        append(log, packet, n);
        if (n % kPerPublish != kPerPublish - 1) continue;
        log.publish();
        rendition.update();
        if (rendition.log().settle(cursor)) {
            Bytes views[4];
            const std::size_t count = rendition.log().read(cursor, std::size_t{1} << 20, views);
            std::size_t bytes = 0;
            for (std::size_t i = 0; i < count; ++i) bytes += views[i].size();
            rendition.log().advance(cursor, bytes);
            read += bytes;
        }
        log.trim(TimePoint{});
        rendition.trim();
    }
    watch.report("append, frame and read", packet.size(), packets, read);
}

}  // namespace

int main() {
    for (const std::size_t size : {std::size_t{1400}, std::size_t{8000}}) {
        const std::vector<std::uint8_t> packet(size, 0x5D);
        append_only(packet);
        append_frame_read(packet);
    }
    return 0;
}
