// One run inside a byte stream: its header, held back until the first packet, and its packets. For readers of
// any framing.
#pragma once

#include <optional>

#include "core/asf/format.hpp"

namespace weir::asf {

// What a step through the input did: it used some bytes, or needs so many in all before it can use any.
struct Step {
    std::size_t used = 0;
    std::size_t need = 0;
};

class Run {
  public:
    // A new header begins a new run; the Format of the last one is no longer used.
    Result<> begin(Bytes blob, std::size_t limit);
    bool has_header() const noexcept { return has_header_; }
    const Header& header() const noexcept { return header_; }
    std::size_t packet_size() const noexcept { return header_.packet_size; }

    // What the first packet began with, if there was one.
    bool has_packets() const noexcept { return format_ != nullptr; }
    const StreamFormatPtr& format() const noexcept { return format_; }  // null before the first packet
    std::uint8_t first_byte() const noexcept { return first_[0]; }
    std::uint8_t second_byte() const noexcept { return first_[1]; }
    std::uint8_t third_byte() const noexcept { return first_[2]; }

    Result<Packet> parse(Bytes packet) const { return parse_packet(packet, header_.packet_size); }
    // Gives the packet to `out`, before the run's first one the format.
    Result<> deliver(Bytes packet, const Packet& parsed, StreamReader::Output& out);
    // The same for a packet shorter than the header says, as framings allow: it is padded first.
    Result<> deliver_short(Bytes packet, StreamReader::Output& out);

  private:
    Result<> announce(Bytes packet, const Packet& parsed, StreamReader::Output& out);

    bool has_header_ = false;
    Header header_;
    std::vector<std::uint8_t> blob_;  // until the format is made of it
    StreamFormatPtr format_;
    std::uint8_t first_[3] = {};
    std::vector<std::uint8_t> padded_;
};

}  // namespace weir::asf
