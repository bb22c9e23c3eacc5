// Where a stream stands, said so that another relay understands it: a run's id, and a packet's number in it.
// A channel that serves what it gets as it came keeps its upstream's id and numbers, so that what is served
// anywhere along a chain has one name, and a link that was lost goes on at the next packet, be it at another
// relay. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

// 128 bits, drawn when a channel begins to serve something of its own.
struct RunId {
    std::array<std::uint32_t, 4> words{};
    bool operator==(const RunId&) const = default;
};
RunId draw_run_id();                      // the system's randomness
std::string to_string(const RunId& run);  // 32 hexadecimal digits
std::optional<RunId> parse_run_id(std::string_view text) noexcept;

struct StreamPlace {
    RunId run;
    std::uint64_t number = 0;  // of the next packet
    bool operator==(const StreamPlace&) const = default;
};
std::string to_string(const StreamPlace& place);  // "RUN:NUMBER", as it goes over links
std::optional<StreamPlace> parse_stream_place(std::string_view text) noexcept;

// A channel of a relay, drawn when it is made: a stream that went through a channel must not come to it
// again.
using RelayId = std::uint64_t;
RelayId draw_relay_id();

// What is said of a packet, and of those behind it until something else is said: what it is called, and the
// channels that it went through, the nearest first.
struct Provenance {
    StreamPlace place;
    std::vector<RelayId> via;
    bool operator==(const Provenance&) const = default;
    bool has_name() const noexcept { return place.run != RunId{}; }  // else only its way is known
    bool went_through(RelayId relay) const noexcept;
};
inline constexpr std::size_t kMaxVia = 32;          // a longer chain is told by its nearest part
inline constexpr std::size_t kMaxProvenance = 640;  // of its text, bytes
// What stands in front of it where a protocol has nothing of the kind and a text of its own may be put.
inline constexpr std::string_view kProvenanceMark = "weir-run:";
std::string to_string(const Provenance& provenance);  // "RUN:NUMBER RELAY RELAY", each of 16 digits
std::optional<Provenance> parse_provenance(std::string_view text);

// "RELAY RELAY"; empty where there is none.
std::string to_string(std::span<const RelayId> via);
std::optional<std::vector<RelayId>> parse_via(std::string_view text);

// The number nearest to `near` whose low 32 bits these are: protocols have room for no more.
std::uint64_t whole_number(std::uint32_t low, std::uint64_t near) noexcept;

}  // namespace weir
