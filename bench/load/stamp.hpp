// What stands at the start of each packet's payload, so that a client can tell how old the packet is and
// whether one is missing, however a server frames it.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

namespace bench {

constexpr std::size_t kPacketSize = 1400;

// Eight bytes that stand nowhere else in the stream.
constexpr std::array<char, 8> kMark = {'\xB5', 'w', '\x91', 'b', '\xC3', 'n', '\x9E', 'm'};

struct Stamp {
    std::uint32_t run;  // a source's life: numbers begin anew with each
    std::uint64_t number;
    std::int64_t ns;  // CLOCK_MONOTONIC when the packet was made
};
constexpr std::size_t kStampSize = kMark.size() + 4 + 8 + 8;

// All of it stays on one machine, so byte order is the machine's.
inline void write_stamp(char* out, const Stamp& stamp) {
    std::memcpy(out, kMark.data(), kMark.size());
    std::memcpy(out + 8, &stamp.run, 4);
    std::memcpy(out + 12, &stamp.number, 8);
    std::memcpy(out + 20, &stamp.ns, 8);
}

inline bool is_mark(const char* in) {
    return std::memcmp(in, kMark.data(), kMark.size()) == 0;
}

inline Stamp read_stamp(const char* in) {
    Stamp stamp{};
    std::memcpy(&stamp.run, in + 8, 4);
    std::memcpy(&stamp.number, in + 12, 8);
    std::memcpy(&stamp.ns, in + 20, 8);
    return stamp;
}

}  // namespace bench
