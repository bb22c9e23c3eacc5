#include "protocols/http/request.hpp"

#include <algorithm>
#include <utility>

#include "core/base/text.hpp"

namespace weir::http {

Method to_method(std::string_view name) noexcept {
    if (name == "GET") return Method::get;
    if (name == "HEAD") return Method::head;
    if (name == "POST") return Method::post;
    if (name == "PUT") return Method::put;
    if (name == "OPTIONS") return Method::options;
    return Method::other;
}

// The four forms of RFC 9112 §3.2: "/path?query", "http://host/path", "host:port" for CONNECT, "*".
Result<> split_target(Request& request) {
    std::string_view target = request.target;
    request.path.clear();
    request.query.clear();
    if (target == "*") {
        request.path = "*";
        return Ok{};
    }
    if (request.method_name == "CONNECT") return Ok{};
    if (const auto scheme = target.find("://");
        !target.starts_with('/') && scheme != std::string_view::npos) {
        const auto path = target.find_first_of("/?#", scheme + 3);
        target = path == std::string_view::npos ? std::string_view{} : target.substr(path);
    } else if (!target.starts_with('/')) {
        return Error{Errc::bad_input, "request target '" + printable(target) + "'; it should begin with '/'"};
    }
    target = target.substr(0, target.find('#'));
    const auto question = target.find('?');
    if (question != std::string_view::npos) request.query = std::string(target.substr(question + 1));
    auto path = percent_decode(target.substr(0, question));
    if (!path) return Error{Errc::bad_input, "a broken %-escape in the path '" + printable(target) + "'"};
    request.path = path->starts_with('/') ? std::move(*path) : "/" + *path;
    return Ok{};
}

std::optional<std::string_view> query_item(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto ampersand = query.find('&');
        const std::string_view item = query.substr(0, ampersand);
        query = ampersand == std::string_view::npos ? std::string_view{} : query.substr(ampersand + 1);
        const auto equals = item.find('=');
        if (percent_decode(item.substr(0, equals)) != name) continue;
        return equals == std::string_view::npos ? std::string_view{} : item.substr(equals + 1);
    }
    return std::nullopt;
}

std::optional<std::string> decode_query(std::string_view item) {
    std::string value{item};
    std::replace(value.begin(), value.end(), '+', ' ');
    return percent_decode(value);
}

std::optional<std::string> Request::query_value(std::string_view name) const {
    const auto item = query_item(query, name);
    return item ? decode_query(*item) : std::nullopt;
}

}  // namespace weir::http
