// The protocols, HTTP services and containers that come with weir, listed by hand. A new one is a folder and
// a line here.
#include <array>

#include "core/asf/container.hpp"
#include "core/relay/modules.hpp"
#include "protocols/admin/services.hpp"
#include "protocols/http/health.hpp"
#include "protocols/http/pages.hpp"
#include "protocols/http/plain_play.hpp"
#include "protocols/http/plain_push.hpp"
#include "protocols/http/protocol.hpp"
#include "protocols/http/push_client.hpp"
#include "protocols/msbd/protocol.hpp"
#include "protocols/wmpush/push_client.hpp"
#include "protocols/wmpush/service.hpp"
#include "protocols/wmsp/pull.hpp"
#include "protocols/wmsp/service.hpp"
#include "weir/weir.hpp"

namespace weir {

namespace {

// In the order in which they are asked whether a request is theirs.
constexpr http::HttpServiceEntry kHttpServices[] = {
    {"wmpush", wmpush::open_service}, {"wmsp", wmsp::open_service},
    {"push", http::open_plain_push},  {"health", http::open_health},
    {"play", http::open_plain_play},  {"announcements", wmsp::open_announcements},
    {"pages", http::open_pages},
};
constexpr std::string_view kHttpSchemes[] = {"http", "mmsh"};

// Who reads what comes from a pulled URL.
constexpr http::PullDecoder kPullDecoders[] = {
    {.scheme = "mmsh", .takes = wmsp::takes_answer, .open = wmsp::open_pull},
};
constexpr std::string_view kPullSchemes[] = {"http", "mmsh", "mms"};

constexpr http::HttpProtocol kHttp{{.name = "http",
                                    .services = kHttpServices,
                                    .schemes = kHttpSchemes,
                                    .pull_schemes = kPullSchemes,
                                    .decoders = kPullDecoders}};

// The admin port: no streams, no pushes.
constexpr http::HttpServiceEntry kAdminServices[] = {
    {"status", admin::open_status},
    {"metrics", admin::open_metrics},
    {"health", http::open_health},
    {"index", admin::open_index},
};
constexpr http::HttpProtocol kAdmin{{.name = "admin", .services = kAdminServices}};

constexpr msbd::MsbdProtocol kMsbd;

constexpr PushForm kPushForms[] = {
    {"raw", http::check_push,
     [](Outbound& outbound, std::string_view url, PushMemory& memory, PushListener& listener) {
         return http::open_push(outbound, http::parse_url(url).value(), memory, listener);
     }},
    {"wm", http::check_push,
     [](Outbound& outbound, std::string_view url, PushMemory& memory, PushListener& listener) {
         return wmpush::open_push(outbound, http::parse_url(url).value(), memory, listener);
     }},
};

// On a port that speaks several they are asked in this order: "MSB " could begin an HTTP method, too.
constexpr const Protocol* kProtocols[] = {&kMsbd, &kHttp};

}  // namespace

const Modules& builtin_modules() {
    static const std::array<const Container*, 1> containers{&asf::container()};
    static const Modules modules{kProtocols, containers, &kAdmin, kPushForms};
    return modules;
}

}  // namespace weir
