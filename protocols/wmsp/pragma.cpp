#include "protocols/wmsp/pragma.hpp"

#include "core/base/text.hpp"

namespace weir::wmsp {

namespace {

// Where the token ends: at a comma outside quotes. An open quote does not swallow the line.
std::size_t token_length(std::string_view line) noexcept {
    std::size_t at = 0;
    while (at < line.size() && line[at] != ',') {
        if (line[at] == '"') {
            const auto closing = line.find('"', at + 1);
            if (closing != std::string_view::npos) at = closing;
        }
        ++at;
    }
    return at;
}

std::string_view unquote(std::string_view value) noexcept {
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        return value.substr(1, value.size() - 2);
    return value;
}

}  // namespace

std::optional<PragmaToken> take_token(std::string_view& line) noexcept {
    while (true) {
        const auto first = line.find_first_not_of(" \t,");
        if (first == std::string_view::npos) {
            line = {};
            return std::nullopt;
        }
        line.remove_prefix(first);
        const bool is_log = starts_with_ignoring_case(line, "log-line=");
        const auto length = is_log ? line.size() : token_length(line);
        const auto token = line.substr(0, length);
        line.remove_prefix(length);

        const auto equals = token.find('=');
        const auto name = trim(token.substr(0, equals));
        if (name.empty()) continue;
        if (equals == std::string_view::npos) return PragmaToken{name, {}};
        return PragmaToken{name, unquote(trim(token.substr(equals + 1)))};
    }
}

}  // namespace weir::wmsp
