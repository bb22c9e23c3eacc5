#include "protocols/admin/services.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/base/text.hpp"
#include "protocols/admin/long_reply.hpp"
#include "protocols/admin/metrics.hpp"
#include "protocols/admin/status.hpp"
#include "protocols/admin/status_json.hpp"
#include "protocols/http/replies.hpp"

namespace weir::admin {

namespace {

using http::Exchange;
using http::Method;
using http::Next;
using http::Request;

// A longer answer leaves room by room: a peer that queues more than Peer::kMaxQueued is closed.
constexpr std::size_t kAtOnce = Peer::kMaxQueued / 4;

void answer(Exchange& exchange, http::Reply reply) {
    const Request& request = exchange.request();
    reply.cross_origin = false;  // not for the pages that an operator's browser happens to show
    const bool is_long = reply.body.size() > kAtOnce && request.method != Method::head;
    reply.close |= is_long;
    std::string text = format(request, reply);
    if (!is_long) return exchange.reply(text, Next::keep_open);
    auto handler = std::make_unique<LongReply>(exchange.peer(), exchange.host().timers(), std::move(text));
    LongReply& reply_in_pieces = *handler;
    exchange.take_over(std::move(handler));
    reply_in_pieces.start();
}

// The services here only read. False: answered.
bool is_reading(Exchange& exchange) {
    const Method method = exchange.request().method;
    if (method == Method::get || method == Method::head) return true;
    answer(exchange,
           {.status = 405, .body = "Ask by GET or HEAD.\n", .more = {{"Allow", "GET, HEAD"}}, .close = true});
    return false;
}

// One path, one text, made from the host's status as it is now.
class Report final : public http::HttpService {
  public:
    using Write = std::string (*)(const Status& status);
    Report(Host& host, std::string_view path, std::string_view content_type, Write write)
        : host_(host), path_(path), content_type_(content_type), write_(write) {}

    bool match(const Request& request) const override { return request.path == path_; }

    void serve(Exchange& exchange) override {
        if (!is_reading(exchange)) return;
        answer(exchange, {.content_type = content_type_, .body = write_(collect(host_))});
    }

  private:
    Host& host_;
    std::string_view path_;
    std::string_view content_type_;
    Write write_;
};

class Index final : public http::HttpService {
  public:
    explicit Index(Host& host) : host_(host) {}

    bool match(const Request&) const override { return true; }

    void serve(Exchange& exchange) override {
        if (!is_reading(exchange)) return;
        const Request& request = exchange.request();
        if (request.path == "/")
            return answer(exchange, {.content_type = "text/html; charset=utf-8", .body = page()});
        answer(exchange, {.status = 404,
                          .body = "There is nothing at " + printable(request.path) +
                                  " on the admin port. What there is stands at /.\n"});
    }

  private:
    std::string page() const {
        return fmt::format(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title></head>\n"
            "<body><h1>{0}</h1>\n<ul>\n"
            "<li><a href=\"/api/v1/status\">/api/v1/status</a>: everything, as JSON</li>\n"
            "<li><a href=\"/metrics\">/metrics</a>: for Prometheus</li>\n"
            "<li><a href=\"/health\">/health</a>: 204 while players are served, else 503</li>\n"
            "</ul>\n<p>{1}</p></body></html>\n",
            escape_markup(host_.server().name), http::server_header());
    }

    Host& host_;
};

}  // namespace

std::unique_ptr<http::HttpService> open_status(Host& host) {
    return std::make_unique<Report>(host, "/api/v1/status", "application/json", to_json);
}

std::unique_ptr<http::HttpService> open_metrics(Host& host) {
    return std::make_unique<Report>(host, "/metrics", kMetricsType, to_metrics);
}

std::unique_ptr<http::HttpService> open_index(Host& host) {
    return std::make_unique<Index>(host);
}

}  // namespace weir::admin
