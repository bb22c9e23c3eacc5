#include "protocols/http/health.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "protocols/http/replies.hpp"

namespace weir::http {

namespace {

struct Verdict {
    int status = 204;
    std::string why = {};
};

Verdict of_channel(const Channel& channel) {
    const std::string name = printable(channel.name());
    if (channel.has_ended()) return {503, "Channel " + name + " has ended.\n"};
    switch (channel.state()) {
        case Channel::State::closed:
        case Channel::State::open:
            return {503, "Channel " + name + " is not on air yet.\n"};
        case Channel::State::streaming:
        case Channel::State::idle:  // it waits for nothing but a client
            return {};
        case Channel::State::restarting:
            return {503, "Channel " + name + " waits for its source.\n"};
    }
    return {};
}

class Health final : public HttpService {
  public:
    explicit Health(Host& host) : host_(host) {}

    bool match(const Request& request) const override { return request.path == "/health"; }

    void serve(Exchange& exchange) override {
        const Request& request = exchange.request();
        if (request.method != Method::get && request.method != Method::head) {
            return exchange.reply(format(request, {.status = 405,
                                                   .body = "Ask by GET or HEAD.\n",
                                                   .more = {{"Allow", "GET, HEAD"}},
                                                   .close = true}),
                                  Next::close);
        }
        Verdict verdict = ask(request);
        exchange.reply(format(request, {.status = verdict.status, .body = std::move(verdict.why)}),
                       Next::keep_open);
    }

  private:
    Verdict ask(const Request& request) const {
        const auto name = request.query_value("channel");
        Channel* channel = name ? host_.channel(*name) : nullptr;
        if (name && !channel) return {404, "There is no channel " + printable(*name) + ".\n"};
        if (host_.is_stopping()) return {503, "weir is stopping.\n"};
        if (channel) return of_channel(*channel);
        const auto channels = host_.channels();
        const bool serves = std::any_of(channels.begin(), channels.end(), [](const Channel* c) {
            return (c->format() || c->state() == Channel::State::idle) && !c->has_ended();
        });
        return serves || channels.empty() ? Verdict{} : Verdict{503, "No channel was on air yet.\n"};
    }

    Host& host_;
};

}  // namespace

std::unique_ptr<HttpService> open_health(Host& host) {
    return std::make_unique<Health>(host);
}

}  // namespace weir::http
