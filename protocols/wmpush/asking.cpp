#include "protocols/wmpush/asking.hpp"

#include <algorithm>
#include <vector>

#include "core/base/text.hpp"
#include "protocols/http/relay_headers.hpp"

namespace weir::wmpush {

namespace {

constexpr std::string_view kPushId = "push-id";
constexpr std::string_view kServers[] = {"Cougar", "Rex"};

bool may_be_sent(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F && c != ';'; });
}

}  // namespace

// "name=value; path=/": only what stands before the first semicolon is the cookie.
void Cookies::take(const http::Response& response) {
    response.for_each("Set-Cookie", [&](std::string_view line) {
        const auto cookie = line.substr(0, line.find(';'));
        const auto equals = cookie.find('=');
        if (equals == std::string_view::npos || cookie.size() > kMaxSize) return;
        auto name = trim(cookie.substr(0, equals));
        const auto value = trim(cookie.substr(equals + 1));
        if (name.empty() || !may_be_sent(name) || !may_be_sent(value)) return;
        if (equal_ignoring_case(name, kPushId)) {
            if (!value.empty() && value.size() <= kMaxPushId) set_push_id(value);
            return;
        }
        if (values_.size() < kMaxCookies || values_.contains(name))
            values_.insert_or_assign(std::string(name), std::string(value));
    });
}

std::string Cookies::push_id() const {
    const auto it = values_.find(kPushId);
    return it == values_.end() ? "0" : it->second;
}

void Cookies::set_push_id(std::string_view push_id) {
    values_.insert_or_assign(std::string(kPushId), std::string(push_id));
}

std::string Cookies::header() const {
    std::string out = "push-id=" + push_id();
    for (const auto& [name, value] : values_) {
        if (name != kPushId) out += "; " + name + "=" + value;
    }
    return out;
}

std::string request_head(Kind kind, const http::Url& url, const Cookies& cookies, std::uint64_t length,
                         const std::optional<std::string>& authorization, const std::string& via) {
    const std::string host = url.host_header();
    const std::string size = std::to_string(length);
    const std::string cookie = cookies.header();
    std::vector<http::HeaderView> headers{
        {"Content-Type", kind == Kind::setup ? kSetupType : kStartType},
        {"X-Accept-Authentication", "Digest"},
        {"User-Agent", kClientAgent},
        {"Host", host},
        {"Content-Length", size},
        {"Connection", "Keep-Alive"},
        {"Cache-Control", "no-cache"},
        {"Cookie", cookie},
    };
    if (authorization) headers.push_back({"Authorization", *authorization});
    if (!via.empty()) headers.push_back({http::kViaHeader, via});
    return http::format_request_head(http::Version::http_1_1, "POST", url.path, headers);
}

bool is_media_server(const http::Response& response) noexcept {
    const auto server = response.header("Server").value_or("");
    return std::any_of(std::begin(kServers), std::end(kServers),
                       [&](std::string_view name) { return starts_with_ignoring_case(server, name); });
}

}  // namespace weir::wmpush
