// Pragma lines as [MS-WMSP] 2.2.1.4 has them: tokens between commas, quotes around some values. Pure; values
// are views into the line.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::wmsp {

struct PragmaToken {
    std::string_view name;   // as it came; compare without case
    std::string_view value;  // without quotes and blanks around it; empty for a bare word
};

// Takes the first token off `line`; nothing when there is none left. log-line takes the whole rest: it stands
// alone on its line and may hold commas (2.2.1.4).
std::optional<PragmaToken> take_token(std::string_view& line) noexcept;

template <class F>
void for_each_token(std::string_view line, F&& f) {
    while (const auto token = take_token(line)) f(*token);
}

}  // namespace weir::wmsp
