// What single pieces of text in weir.toml must look like. Pure; each Error says what is wrong and what would
// be right.
#pragma once

#include <string>
#include <string_view>

#include "cli/config_keys.hpp"
#include "core/base/result.hpp"

namespace weir::cli {

inline constexpr std::size_t kMaxServerName = 64;
inline constexpr std::size_t kMaxTitle = 200;  // bytes

Result<> check_server_name(std::string_view text, const CheckContext&);
Result<> check_name_or_any(std::string_view text, const CheckContext&);  // a channel's name, or "*"
Result<> check_own_channel(std::string_view text, const CheckContext&);
Result<> check_title(std::string_view text, const CheckContext&);
Result<> check_protocol(std::string_view text, const CheckContext&);
Result<> check_address(std::string_view text, const CheckContext&);

// Text from the file as a message shows it: printable, in quotes, cut to a sane length.
std::string quoted(std::string_view text);

}  // namespace weir::cli
