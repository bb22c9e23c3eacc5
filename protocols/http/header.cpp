#include "protocols/http/header.hpp"

namespace weir::http {

std::optional<std::string_view> find_header(std::span<const Header> headers, std::string_view name) noexcept {
    for (const Header& header : headers) {
        if (equal_ignoring_case(header.name, name)) return header.value;
    }
    return std::nullopt;
}

bool has_list_token(std::span<const Header> headers, std::string_view name, std::string_view token) noexcept {
    for (const Header& header : headers) {
        if (!equal_ignoring_case(header.name, name)) continue;
        std::string_view rest = header.value;
        while (!rest.empty()) {
            const auto comma = rest.find(',');
            if (equal_ignoring_case(trim(rest.substr(0, comma)), token)) return true;
            rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
        }
    }
    return false;
}

}  // namespace weir::http
