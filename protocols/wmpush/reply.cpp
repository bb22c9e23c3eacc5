#include "protocols/wmpush/reply.hpp"

#include <fmt/format.h>

#include <vector>

#include "protocols/http/response.hpp"

namespace weir::wmpush {

namespace {

constexpr std::string_view kSupported =
    "com.microsoft.wm.srvppair, com.microsoft.wm.sswitch, com.microsoft.wm.predstrm, "
    "com.microsoft.wm.fastcache, com.microsoft.wm.startupprofile";
// How long a push-id is kept without a packet, in ms.
constexpr std::string_view kPragma = "no-cache, timeout=60000";

std::string format(const ReplyContext& context, int status, std::string_view text, int retry_after) {
    const std::string length = std::to_string(text.size());
    const std::string date = http_date(context.date);
    const std::string cookie = "push-id=" + context.push_id;
    const std::string retry = std::to_string(retry_after);
    std::vector<http::HeaderView> headers{{"Server", kServer}};
    if (!text.empty()) headers.push_back({"Content-Type", "text/plain; charset=utf-8"});
    headers.push_back({"Content-Length", length});
    headers.push_back({"Date", date});
    headers.push_back({"Pragma", kPragma});
    headers.push_back({"Cache-Control", "no-cache"});
    if (!context.push_id.empty()) headers.push_back({"Set-Cookie", cookie});
    headers.push_back({"Supported", kSupported});
    if (retry_after > 0) headers.push_back({"Retry-After", retry});
    for (const http::Header& header : context.more) headers.push_back({header.name, header.value});
    if (!context.keep_open)
        headers.push_back({"Connection", "close"});
    else if (context.http_1_0)
        headers.push_back({"Connection", "Keep-Alive"});
    const auto version = context.http_1_0 ? http::Version::http_1_0 : http::Version::http_1_1;
    return http::format_response_head(version, status, headers) + std::string(text);
}

}  // namespace

ReplyContext reply_to(const http::Request& request, std::string_view push_id) {
    return {.http_1_0 = request.major == 1 && request.minor == 0,
            .keep_open = request.keep_alive,
            .push_id = std::string(push_id),
            .date = std::time(nullptr)};
}

// Content-Length: 0 stands beside 204, too: [MS-WMHTTP] 2.2.2.1 wants it, RFC 9110 §8.6 does not.
std::string accepted(const ReplyContext& context) {
    return format(context, 204, {}, 0);
}

std::string refused(const ReplyContext& context, int status, std::string_view sentence, int retry_after) {
    return format(context, status, std::string(sentence) + "\n", retry_after);
}

std::string http_date(std::time_t at) {
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm t{};
    if (!gmtime_r(&at, &t)) t = {};
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[t.tm_wday], t.tm_mday,
                       kMonths[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

}  // namespace weir::wmpush
