// What players report after playing: one line of W3C fields ([MS-WMLOG] 2.2.1), in a Pragma or inside XML.
// Only text: nothing in it is believed, everything is printable. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weir::wmsp {

struct LogRecord {
    static constexpr std::size_t kFieldCount = 47;      // 44 and three that newer players add
    static constexpr std::size_t kMaxSize = 64 * 1024;  // what follows is not read
    static constexpr std::size_t kMaxField = 1024;      // longer values are cut
    static const std::array<std::string_view, kFieldCount> kNames;

    std::array<std::string, kFieldCount> values;  // in the order of kNames; "-" is read as empty
    std::size_t count = 0;                        // how many were there

    // By the name of [MS-WMLOG] ("c-ip"); empty where there is none.
    std::string_view field(std::string_view name) const noexcept;
};

LogRecord parse_log_line(std::string_view line);
// A POST's body: the line in its <Summary>; an empty record where there is none.
LogRecord parse_log(std::string_view body);

}  // namespace weir::wmsp
