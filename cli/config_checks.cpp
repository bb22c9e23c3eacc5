#include "cli/config_checks.hpp"

#include <algorithm>
#include <optional>

#include "core/base/address.hpp"
#include "core/base/text.hpp"

namespace weir::cli {

namespace {

// Paths that weir answers itself, or will: a channel of this name could not be opened.
constexpr std::string_view kReservedNames[] = {"api", "metrics", "health"};
constexpr std::string_view kAnnouncementSuffix = ".asx";

Error bad(std::string detail) {
    return Error{Errc::bad_input, std::move(detail)};
}

bool is_control(char c) noexcept {
    return (c >= 0 && c < 0x20) || c == 0x7F;
}

std::string joined(std::span<const std::string_view> names) {
    std::string out;
    for (std::string_view name : names) out += (out.empty() ? "\"" : ", \"") + std::string(name) + '"';
    return out;
}

}  // namespace

std::string quoted(std::string_view text) {
    return '"' + printable(text, 80) + '"';
}

Result<> check_server_name(std::string_view text, const CheckContext&) {
    if (text.empty() || text.size() > kMaxServerName) {
        return bad(std::to_string(text.size()) + " characters, expected 1 to 64");
    }
    if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7E; })) {
        return bad(quoted(text) +
                   " has a character that is not printable ASCII, expected a name such as \"edge-1\"");
    }
    return Ok{};
}

Result<> check_channel_name(std::string_view text, const CheckContext&) {
    if (text.empty() || text.size() > kMaxChannelName) {
        return bad(std::to_string(text.size()) + " characters, expected 1 to 64");
    }
    const auto odd = std::find_if_not(text.begin(), text.end(), is_name_character);
    if (odd != text.end()) {
        return bad(quoted(text) +
                   " has a character that a name in a URL may not have, expected letters, digits, "
                   "'-', '_' and '.' only");
    }
    if (text.front() == '.')
        return bad(quoted(text) + " begins with '.', expected a letter, digit, '-' or '_' first");
    if (std::find(std::begin(kReservedNames), std::end(kReservedNames), text) != std::end(kReservedNames)) {
        return bad(quoted(text) + " is reserved for weir's own pages, choose another name");
    }
    if (text.ends_with(kAnnouncementSuffix)) {
        return bad(quoted(text) + " ends in \".asx\", where weir announces a channel, choose another name");
    }
    return Ok{};
}

Result<> check_title(std::string_view text, const CheckContext&) {
    if (text.size() > kMaxTitle) return bad(std::to_string(text.size()) + " bytes, expected up to 200");
    if (std::any_of(text.begin(), text.end(), is_control)) {
        return bad(quoted(text) + " has a control character, expected one line of plain text");
    }
    return Ok{};
}

Result<> check_own_channel(std::string_view text, const CheckContext& context) {
    return text.empty() ? Result<>{Ok{}} : check_channel_name(text, context);
}

Result<> check_protocol(std::string_view text, const CheckContext& context) {
    const auto& known = context.protocols;
    if (std::find(known.begin(), known.end(), text) != known.end()) return Ok{};
    if (const auto near = nearest(text, known)) {
        return bad("unknown protocol " + quoted(text) + ", did you mean \"" + std::string(*near) + "\"?");
    }
    return bad("unknown protocol " + quoted(text) + ", expected one of " + joined(known));
}

Result<> check_address(std::string_view text, const CheckContext&) {
    const auto address = parse_address(text);
    if (!address) return address.error();
    return Ok{};
}

}  // namespace weir::cli
