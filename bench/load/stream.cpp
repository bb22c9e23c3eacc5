#include "stream.hpp"

#include <algorithm>

#include "options.hpp"

namespace bench {

namespace {

constexpr std::size_t kHead = 26;  // of a packet with one payload, no padding and no lengths
constexpr std::uint32_t kPrerollMs = 1000;

void put(std::string& out, std::size_t at, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) out[at + i] = static_cast<char>(value >> (8 * i));
}

// Builds the header: numbers are little-endian, GUIDs come in their text form.
struct Writer {
    std::string out;
    void number(std::uint64_t value, std::size_t width) {
        out.resize(out.size() + width);
        put(out, out.size() - width, value, width);
    }
    void zeros(std::size_t n) { out.resize(out.size() + n); }
    // A GUID's first three fields are numbers, the rest is bytes.
    void id(std::uint32_t a, std::uint16_t b, std::uint16_t c, std::uint64_t rest) {
        number(a, 4), number(b, 2), number(c, 2);
        for (int shift = 56; shift >= 0; shift -= 8) number(rest >> shift & 0xFF, 1);
    }
};

// File Properties, an empty Header Extension, one video stream of 320 x 240, the head of the Data Object
// (Advanced Systems Format specification, 3.1 to 3.5, 5.1).
std::string make_header(double bits_per_second) {
    constexpr std::uint32_t kCodecData = 11 + 40;
    Writer w;
    w.id(0x75B22630, 0x668E, 0x11CF, 0xA6D900AA0062CE6C), w.number(0, 8), w.number(3, 4), w.number(0x0201, 2);
    w.id(0x8CABDCA1, 0xA947, 0x11CF, 0x8EE400C00C205365), w.number(104, 8), w.zeros(16 + 40);
    w.number(kPrerollMs, 8), w.number(1, 4);  // 1: broadcast
    w.number(kPacketSize, 4), w.number(kPacketSize, 4);
    w.number(static_cast<std::uint64_t>(bits_per_second), 4);
    w.id(0x5FBF03B5, 0xA92E, 0x11CF, 0x8EE300C00C205365), w.number(46, 8);
    w.id(0xABD3D211, 0xA9BA, 0x11CF, 0x8EE600C00C205365), w.number(6, 2), w.number(0, 4);
    w.id(0xB7DC0791, 0xA9B7, 0x11CF, 0x8EE600C00C205365), w.number(78 + kCodecData, 8);
    w.id(0xBC19EFC0, 0x5B4D, 0x11CF, 0xA8FD00805F5C442B);  // video
    w.id(0x20FB5700, 0x5B55, 0x11CF, 0xA8FD00805F5C442B);  // no error correction
    w.zeros(8), w.number(kCodecData, 4), w.number(0, 4), w.number(1, 2), w.zeros(4);
    w.number(320, 4), w.number(240, 4), w.number(2, 1), w.number(40, 2);
    w.number(40, 4), w.number(320, 4), w.number(240, 4), w.number(1, 2), w.number(24, 2), w.zeros(24);
    put(w.out, 16, w.out.size(), 8);
    w.id(0x75B22636, 0x668E, 0x11CF, 0xA6D900AA0062CE6C), w.number(50, 8), w.zeros(24), w.number(0x0101, 2);
    return w.out;
}

}  // namespace

Stream::Stream(double bits_per_second, double key_seconds, std::uint32_t run)
    : packet_ms_(kPacketSize * 8000.0 / bits_per_second),
      key_every_(std::max<std::uint64_t>(1, static_cast<std::uint64_t>(key_seconds * 1000 / packet_ms_))),
      run_(run),
      header_(make_header(bits_per_second)),
      packet_(kPacketSize, '\0') {
    // Something to carry that holds no mark.
    std::uint32_t x = 0x9E3779B9U;
    for (std::size_t i = kHead + kStampSize; i < packet_.size(); ++i) {
        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        packet_[i] = static_cast<char>(x & 0x7F);
    }
    // Error-correction part, then one payload: flags, length flags (5.2.1 and 5.2.3.1 of the specification).
    packet_[0] = static_cast<char>(0x82);
    packet_[4] = 0x5D;
    put(packet_, 9, static_cast<std::uint64_t>(packet_ms_), 2);
    packet_[17] = 8;  // of replicated data: the object's size, its presentation time
    put(packet_, 18, kPacketSize - kHead, 4);
}

const std::string& Stream::next() {
    const auto time = static_cast<std::uint64_t>(static_cast<double>(number_) * packet_ms_);
    put(packet_, 5, time, 4);
    packet_[11] = static_cast<char>(next_is_key() ? 0x81 : 0x01);
    put(packet_, 12, number_, 1);
    put(packet_, 22, time + kPrerollMs, 4);
    write_stamp(packet_.data() + kHead, {.run = run_, .number = number_, .ns = now_ns()});
    ++number_;
    return packet_;
}

}  // namespace bench
