#include "core/relay/channel_name.hpp"

#include <algorithm>
#include <string>

#include "core/base/text.hpp"

namespace weir {

namespace {

// Paths that weir answers itself, or will: a channel of this name could not be opened.
constexpr std::string_view kReservedNames[] = {"api", "metrics", "health"};
constexpr std::string_view kAnnouncementSuffix = ".asx";

Error bad(std::string detail) {
    return Error{Errc::bad_input, std::move(detail)};
}

std::string quoted(std::string_view text) {
    return '"' + printable(text, 80) + '"';
}

}  // namespace

Result<> check_channel_name(std::string_view name) {
    if (name.empty() || name.size() > kMaxChannelName)
        return bad(std::to_string(name.size()) + " characters, expected 1 to 64");
    if (!std::all_of(name.begin(), name.end(), is_name_character))
        return bad(quoted(name) +
                   " has a character that a name in a URL may not have, expected letters, digits, "
                   "'-', '_' and '.' only");
    if (name.front() == '.')
        return bad(quoted(name) + " begins with '.', expected a letter, digit, '-' or '_' first");
    if (std::find(std::begin(kReservedNames), std::end(kReservedNames), name) != std::end(kReservedNames))
        return bad(quoted(name) + " is reserved for weir's own pages, choose another name");
    if (name.ends_with(kAnnouncementSuffix))
        return bad(quoted(name) + " ends in \".asx\", where weir announces a channel, choose another name");
    return Ok{};
}

std::string with_name(std::string_view text, std::string_view name) {
    std::string out;
    while (true) {
        const auto at = text.find(kNamePlaceholder);
        out += text.substr(0, at);
        if (at == std::string_view::npos) return out;
        out += name;
        text.remove_prefix(at + kNamePlaceholder.size());
    }
}

}  // namespace weir
