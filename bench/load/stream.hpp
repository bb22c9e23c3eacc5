// A live ASF stream that a relay takes for a real one: one video stream, a packet of 1400 bytes for each
// media object, a key frame every so often. The payload begins with a stamp.
#pragma once

#include <cstdint>
#include <string>

#include "stamp.hpp"

namespace bench {

class Stream {
  public:
    // Bits and packets a second as the header and the packets' times say.
    Stream(double bits_per_second, double key_seconds, std::uint32_t run);

    const std::string& header() const { return header_; }
    bool next_is_key() const { return number_ % key_every_ == 0; }
    // Valid until the next call.
    const std::string& next();

  private:
    double packet_ms_;
    std::uint64_t key_every_;
    std::uint32_t run_;
    std::uint64_t number_ = 0;
    std::string header_, packet_;
};

}  // namespace bench
