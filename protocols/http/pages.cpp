#include "protocols/http/pages.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "protocols/http/replies.hpp"

namespace weir::http {

namespace {

std::string_view state_of(const Channel& channel) {
    switch (channel.state()) {
        case Channel::State::closed:
        case Channel::State::open:
            return "not on air yet";
        case Channel::State::idle:
            return "on demand";
        case Channel::State::streaming:
            return "on air";
        case Channel::State::restarting:
            return "waiting for its source";
    }
    return "";
}

class Pages final : public HttpService {
  public:
    explicit Pages(Host& host) : host_(host) {}

    bool match(const Request&) const override { return true; }

    void serve(Exchange& exchange) override {
        const Request& request = exchange.request();
        if (request.method == Method::options) {
            return exchange.reply(
                format(request, {.status = 204,
                                 .body = {},
                                 .more = {{"Allow", "GET, HEAD, OPTIONS, POST, PUT"},
                                          {"Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"}}}),
                Next::keep_open);
        }
        if (request.method != Method::get && request.method != Method::head) {
            return exchange.reply(
                format(request, {.status = 405,
                                 .body = "weir takes GET and HEAD to play, POST and PUT to push.\n",
                                 .more = {{"Allow", "GET, HEAD, OPTIONS, POST, PUT"}},
                                 .close = true}),
                Next::close);
        }
        if (request.path == "/")
            return exchange.reply(
                format(request, {.content_type = "text/html; charset=utf-8", .body = index(request)}),
                Next::keep_open);
        exchange.reply(format(request, {.status = 404,
                                        .body = "There is no channel " + printable(request.path) +
                                                " here. The list of channels is at /.\n"}),
                       Next::keep_open);
    }

  private:
    std::string index(const Request& request) {
        const std::string host = escape_markup(request.header("Host").value_or("localhost"));
        std::string rows;
        for (Channel* channel : host_.channels()) {
            const std::string name = escape_markup(channel->name());
            rows += fmt::format(
                "<tr><td>{}</td><td>{}</td><td>{}</td><td><a href=\"/{}\">http</a> <a "
                "href=\"mmsh://{}/{}\">mmsh</a> "
                "<a href=\"/{}.asx\">asx</a></td></tr>\n",
                escape_markup(channel->title()), state_of(*channel), channel->viewers(), name, host, name,
                name);
        }
        return fmt::format(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>\n"
            "<style>body{{font:16px/1.5 sans-serif;margin:2em auto;max-width:44em;padding:0 1em}}"
            "table{{border-collapse:collapse;width:100%}}td,th{{text-align:left;padding:.3em .6em;"
            "border-bottom:1px solid #ccc}}</style></head>\n<body><h1>{0}</h1>\n"
            "<table><tr><th>Channel</th><th>State</th><th>Viewers</th><th>Play</th></tr>\n{1}</table>\n"
            "<p>{2}</p></body></html>\n",
            escape_markup(host_.server().name), rows, server_header());
    }

    Host& host_;
};

}  // namespace

std::unique_ptr<HttpService> open_pages(Host& host) {
    return std::make_unique<Pages>(host);
}

}  // namespace weir::http
