// What `weir probe` found out of a stream, and how it is told. Plain values; pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/media/container.hpp"

namespace weir::cli {

// One of the streams, with what was measured.
class StreamMeter {
  public:
    explicit StreamMeter(StreamInfo info) : info_(std::move(info)) {}
    void see(std::uint32_t presentation) noexcept;

    const StreamInfo& info() const noexcept { return info_; }
    // Pictures a second: as the header states it, else as they came; 0 where neither tells.
    double frame_rate() const noexcept;

  private:
    StreamInfo info_;
    std::uint64_t units_ = 0;
    std::uint32_t first_ = 0;            // ms, wraps
    std::int64_t least_ = 0, most_ = 0;  // from first_ on
};

struct ProbeReport {
    std::string url;  // without credentials
    StreamFormatPtr format;
    std::vector<StreamMeter> streams;
    std::optional<Duration> first_packet;  // from the start of the probe
    Duration media{0};                     // how much time the packets span
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;  // of packets
    std::uint64_t fillers = 0;

    std::uint64_t measured_bit_rate() const noexcept;  // bit/s; 0 where too little came
};

std::string to_text(const ProbeReport& report);
std::string to_json(const ProbeReport& report);

}  // namespace weir::cli
