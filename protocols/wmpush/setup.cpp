#include "protocols/wmpush/setup.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace weir::wmpush {

namespace {

constexpr std::string_view kAgent = "WMEncoder/";
constexpr std::string_view kCookie = "push-id";
constexpr std::string_view kNewPush = "0";
constexpr std::string_view kSuffix = ".asf";

Error bad(std::string detail) {
    return Error{Errc::bad_input, std::move(detail)};
}

bool is_visible(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// The value of push-id in one Cookie header, "a=2; push-id=123; b=3".
std::optional<std::string_view> find_push_id(std::string_view cookies) noexcept {
    while (!cookies.empty()) {
        const auto end = std::min(cookies.find(';'), cookies.size());
        const auto item = cookies.substr(0, end);
        cookies.remove_prefix(std::min(end + 1, cookies.size()));
        const auto equals = item.find('=');
        if (equals == std::string_view::npos) continue;
        if (equal_ignoring_case(trim(item.substr(0, equals)), kCookie)) return trim(item.substr(equals + 1));
    }
    return std::nullopt;
}

bool climbs(std::string_view path) noexcept {
    while (!path.empty()) {
        const auto end = std::min(path.find_first_of("/\\"), path.size());
        if (path.substr(0, end) == "..") return true;
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return false;
}

// "/path" with its quotes.
Result<std::string> parse_template(std::string_view value) {
    if (value.size() < 2 || value.front() != '"' || value.back() != '"')
        return bad("Template-URL: '" + printable(value) + "' is not in quotes");
    value = value.substr(1, value.size() - 2);
    if (!value.starts_with('/'))
        return bad("Template-URL: '" + printable(value) + "' is no path, expected \"/name\"");
    auto path = percent_decode(value);
    if (!path) return bad("Template-URL: a broken %-escape in '" + printable(value) + "'");
    const bool has_controls = std::any_of(path->begin(), path->end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '"';
    });
    if (has_controls) return bad("Template-URL: a character that no path has in '" + printable(*path) + "'");
    if (climbs(*path)) return bad("Template-URL: '..' in '" + printable(*path) + "'");
    return std::move(*path);
}

Result<> read_line(std::string_view line, Directives& directives) {
    if (trim(line).empty()) return Ok{};
    const auto colon = line.find(':');
    if (colon == std::string_view::npos)
        return bad("a directive without a colon: '" + printable(line, 64) + "'");
    const auto name = trim(line.substr(0, colon));
    const auto value = trim(line.substr(colon + 1));
    if (equal_ignoring_case(name, "AutoDestroy")) {
        if (value != "0" && value != "1")
            return bad("AutoDestroy: '" + printable(value, 64) + "', expected 0 or 1");
        directives.auto_destroy = value == "1";
    } else if (equal_ignoring_case(name, "Template-URL")) {
        auto path = parse_template(value);
        if (!path) return path.error();
        directives.template_url = std::move(path).value();
    }
    return Ok{};
}

}  // namespace

Kind kind_of(const http::Request& request) noexcept {
    if (request.method != http::Method::post) return Kind::none;
    const auto header = request.header("Content-Type").value_or("");
    const auto type = trim(header.substr(0, header.find(';')));
    if (equal_ignoring_case(type, kSetupType)) return Kind::setup;
    if (equal_ignoring_case(type, kStartType)) return Kind::start;
    return Kind::none;
}

Result<std::string> push_id_of(const http::Request& request) {
    std::size_t size = 0;
    std::optional<std::string_view> found;
    request.for_each("Cookie", [&](std::string_view cookies) {
        size += cookies.size();
        if (!found) found = find_push_id(cookies);
    });
    if (size > kMaxCookie)
        return bad(fmt::format("cookies of {} bytes, expected at most {}", size, kMaxCookie));
    const auto id = found.value_or(kNewPush);
    if (id.size() > kMaxPushId)
        return bad(fmt::format("a push-id of {} characters, expected at most {}", id.size(), kMaxPushId));
    if (!is_visible(id))
        return bad("a push-id with a character that is not visible: '" + printable(id) + "'");
    return id == kNewPush ? std::string{} : std::string(id);
}

bool is_encoder(std::string_view user_agent) noexcept {
    user_agent = trim(user_agent);
    if (!starts_with_ignoring_case(user_agent, kAgent) || user_agent.size() == kAgent.size()) return false;
    const char version = user_agent[kAgent.size()];
    return version >= '0' && version <= '9';
}

PathNames names_in(std::string_view path) noexcept {
    while (path.starts_with('/')) path.remove_prefix(1);
    const auto question = path.find('?');
    const auto query = question == std::string_view::npos ? std::string_view{} : path.substr(question + 1);
    path = path.substr(0, question);
    PathNames names{.with_suffix = path, .name = path, .query = query};
    if (path.ends_with(kSuffix)) names.name.remove_suffix(kSuffix.size());
    return names;
}

Result<Directives> parse_directives(std::string_view body) {
    if (body.size() > kMaxDirectives)
        return Error{Errc::too_large, fmt::format("directives of more than {} bytes", kMaxDirectives)};
    Directives directives;
    while (!body.empty()) {
        const auto end = std::min(body.find('\n'), body.size());
        auto line = body.substr(0, end);
        body.remove_prefix(std::min(end + 1, body.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (auto read = read_line(line, directives); !read) return read.error();
    }
    return directives;
}

}  // namespace weir::wmpush
