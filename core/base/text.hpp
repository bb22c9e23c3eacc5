// Small pure helpers for text from configuration files and the network.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir {

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;  // ASCII
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept;
std::string_view trim(std::string_view text) noexcept;  // spaces and tabs

// The leading decimal digits of `text` as a number; nothing where there is none, where more than ten stand
// there, or where the value does not fit 32 bits. What follows the digits is ignored.
std::optional<std::uint32_t> leading_u32(std::string_view text) noexcept;

// Text from outside made fit for one log line: control characters and bytes above 0x7E become '?', cut to
// `limit`.
std::string printable(std::string_view text, std::size_t limit = 200);

// The text with & < > " ' escaped, for HTML and ASX.
std::string escape_markup(std::string_view text);

// %XX decoded; nothing for a broken escape or a NUL.
std::optional<std::string> percent_decode(std::string_view text);

// Whether `c` may stand in a name that goes into a URL as it is: a letter, a digit, '-', '_' or '.'.
constexpr bool is_name_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

// The candidate nearest to `word` for a "did you mean", or nothing where none is near.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace weir
