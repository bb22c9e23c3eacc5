// Where a stream stands, said so that another relay understands it: a run's id, and a packet's number in it.
// A channel that serves what it gets as it came keeps its upstream's id and numbers, so that what is served
// anywhere along a chain has one name, and a link that was lost goes on at the next packet, be it at another
// relay. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

// 128 bits, drawn when a channel begins to serve something of its own.
struct RunId {
    std::array<std::uint32_t, 4> words{};
    bool operator==(const RunId&) const = default;
};
std::string to_string(const RunId& run);  // 32 hexadecimal digits
std::optional<RunId> parse_run_id(std::string_view text) noexcept;

struct StreamPlace {
    RunId run;
    std::uint64_t number = 0;  // of the next packet
    bool operator==(const StreamPlace&) const = default;
};
std::string to_string(const StreamPlace& place);  // "RUN:NUMBER", as it goes over links
std::optional<StreamPlace> parse_stream_place(std::string_view text) noexcept;

// The number nearest to `near` whose low 32 bits these are: protocols have room for no more.
std::uint64_t whole_number(std::uint32_t low, std::uint64_t near) noexcept;

}  // namespace weir
