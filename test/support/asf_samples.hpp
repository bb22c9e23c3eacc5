// ASF streams for tests: the specification digest's header and packets, and a video-like stream with key
// packets where the test wants them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/media/container.hpp"

namespace weir::test {

using Buffer = std::vector<std::uint8_t>;

Bytes sample_header();  // as a source sends it: 64-byte packets, stream 1 PCM, stream 2 video
Bytes sample_key();     // P1: a whole key frame; send time 4096
Bytes sample_rest();    // P2: a sound, the rest of a picture; send time 4136; no sync point

// A stream of one picture per packet, each as long as the packet has room for, each different.
class VideoStream {
  public:
    // Which stream is the picture's: 2, or 1 with the sound as 2.
    enum class Numbers { usual, swapped };
    // key_every: 1 is every packet, 0 never. codec: streams of another codec are incompatible.
    explicit VideoStream(std::uint32_t packet_size = 64, unsigned key_every = 5, char codec = '3',
                         Numbers numbers = Numbers::usual);

    const Buffer& header() const noexcept { return header_; }  // as the encoder sends it
    const StreamFormatPtr& format() const noexcept { return format_; }
    std::string served_header() const;  // as clients get it
    // The next packet, 40 ms after the one before.
    Buffer next();
    Buffer next(bool key);
    Buffer next_packets(std::size_t count);  // back to back
    std::uint32_t count() const noexcept { return count_; }

    static constexpr std::uint32_t kPacketMs = 40;

  private:
    std::uint32_t packet_size_;
    unsigned key_every_;
    Numbers numbers_;
    std::uint32_t count_ = 0;
    Buffer header_;
    StreamFormatPtr format_;
};

// A packet of a VideoStream as a channel serves it which has served `packets` packets of as many other runs:
// times go on, and the object number behind each run's last is left out.
Buffer served_behind(std::uint32_t packets, Buffer packet, std::uint32_t runs = 1);

// Of a packet of VideoStream, as it came or was served.
std::uint32_t send_time_of(Bytes packet);
bool is_key(Bytes packet);

}  // namespace weir::test
