#include "cli/config_checks.hpp"

#include <algorithm>
#include <optional>

#include "core/base/address.hpp"
#include "core/base/text.hpp"
#include "core/relay/channel_name.hpp"

namespace weir::cli {

namespace {

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

Result<> check_name_or_any(std::string_view text, const CheckContext&) {
    return text == kAnyChannel ? Result<>{Ok{}} : check_channel_name(text);
}

Result<> check_title(std::string_view text, const CheckContext&) {
    if (text.size() > kMaxTitle) return bad(std::to_string(text.size()) + " bytes, expected up to 200");
    if (std::any_of(text.begin(), text.end(), is_control)) {
        return bad(quoted(text) + " has a control character, expected one line of plain text");
    }
    return Ok{};
}

Result<> check_own_channel(std::string_view text, const CheckContext&) {
    return text.empty() ? Result<>{Ok{}} : check_channel_name(text);
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
