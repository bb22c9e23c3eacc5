// Packets for the tests of Timeline, and what becomes of them.
#pragma once

#include <utility>
#include <vector>

#include "core/media/timeline.hpp"

// always last
#include "test/support/cmocka.hpp"

namespace weir::test {

inline constexpr std::uint32_t kPreroll = 1000;
inline constexpr unsigned kSound = 1, kPicture = 2;

struct Packet {
    PacketInfo info;
    std::vector<Unit> units;
};

inline Packet packet(std::uint32_t send_time, std::vector<Unit> units, std::uint32_t duration = 40) {
    Packet p{.info = {.send_time = send_time, .duration = duration, .has_presentation = !units.empty()},
             .units = std::move(units)};
    // Nearer than half of 2^32 to the first, as the container finds them.
    for (std::size_t n = 0; n < p.units.size(); ++n) {
        const auto at = p.units[n].presentation;
        auto& first = p.info.presentation_first;
        auto& last = p.info.presentation_last;
        if (n == 0 || static_cast<std::int32_t>(at - first) < 0) first = at;
        if (n == 0 || static_cast<std::int32_t>(at - last) > 0) last = at;
    }
    return p;
}

inline Unit object(unsigned stream, std::uint32_t presentation, std::uint32_t number) {
    return {.stream = stream, .presentation = presentation, .number = number};
}
inline Unit rest_of(Unit unit) {
    unit.begins = false;
    return unit;
}

// One picture, numbered by its time.
inline Packet picture(std::uint32_t send_time, std::uint32_t preroll = kPreroll,
                      std::uint32_t duration = 40) {
    return packet(send_time, {object(kPicture, send_time + preroll, send_time / 40)}, duration);
}

// A run whose pictures have the sounds' number, and the other way about.
inline StreamMap swapped() {
    StreamMap map;
    map.give(kSound, kPicture);
    return map;
}

// The packet as it is served.
inline Packet served(Timeline& timeline, Packet p) {
    const Move& move = timeline.next(p.info, p.units);
    bool moves_numbers = false;
    for (const auto n : move.numbers) moves_numbers |= n != 0;
    assert_int_equal(move.moves_numbers, moves_numbers);
    assert_int_equal(move.moves_streams, !move.streams.is_identity());
    p.info.send_time += move.send;
    p.info.presentation_first += move.presentation;
    p.info.presentation_last += move.presentation;
    for (Unit& unit : p.units) {
        unit.presentation += move.presentation;
        if (unit.stream >= kMaxStreams) continue;
        unit.stream = move.streams[unit.stream];
        unit.number += move.numbers[unit.stream];
    }
    return p;
}

// A run of pictures from `first` on; the last send time served.
inline std::uint32_t play(Timeline& timeline, std::uint32_t first, int count,
                          std::uint32_t preroll = kPreroll) {
    std::uint32_t last = 0;
    for (int n = 0; n < count; ++n)
        last = served(timeline, picture(first + static_cast<std::uint32_t>(n) * 40, preroll)).info.send_time;
    return last;
}

}  // namespace weir::test
