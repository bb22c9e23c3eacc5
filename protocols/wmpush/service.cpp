#include "protocols/wmpush/service.hpp"

#include <limits>
#include <optional>

#include "core/base/text.hpp"
#include "core/relay/push_slot.hpp"
#include "protocols/http/push_target.hpp"
#include "protocols/http/relay_headers.hpp"
#include "protocols/wmpush/contexts.hpp"
#include "protocols/wmpush/push_body.hpp"
#include "protocols/wmpush/refusal.hpp"
#include "protocols/wmpush/reply.hpp"
#include "protocols/wmpush/setup.hpp"

namespace weir::wmpush {

namespace {

using http::Exchange;
using http::Next;

constexpr std::uint64_t kMaxLength = std::numeric_limits<std::int64_t>::max();

// The push context's own timers decide within a body, so the connection's is longer; between two requests it
// is the protocol's.
constexpr Duration kConnectionIdle = PushContext::kInactivityTimeout;
static_assert(kConnectionIdle > PushContext::kIdleTimeout);

class Service;

// The body of a PushSetup, taken up to its limit, then answered. It has as long as a head.
class SetupBody final : public http::BodySink {
  public:
    SetupBody(Service& service, Exchange& exchange)
        : service_(service),
          exchange_(exchange),
          deadline_(exchange.host().timers(), Callback<void()>::of<&SetupBody::on_deadline>(this)) {
        deadline_.start(exchange.host().server().header_timeout);
    }
    void on_body(Bytes piece) override { body_ += as_text(piece); }
    void on_end() override;

  private:
    void on_deadline() {
        refuse(exchange_, {.status = 408, .sentence = "the PushSetup did not arrive in time"});
    }

    Service& service_;
    Exchange& exchange_;
    std::string body_;
    Timer deadline_;
};

class Service final : public http::HttpService {
  public:
    explicit Service(Host& host) : host_(host), contexts_(host) {}

    bool match(const http::Request& request) const override { return kind_of(request) != Kind::none; }

    void serve(Exchange& exchange) override {
        const http::Request& request = exchange.request();
        const bool is_setup = kind_of(request) == Kind::setup;
        if (request.chunked)
            return refuse(exchange,
                          {.status = 400,
                           .sentence = "a push with Transfer-Encoding, expected one with Content-Length"});
        if (!request.content_length)
            return refuse(exchange, {.status = 411, .sentence = "a push without Content-Length"});
        if (*request.content_length > kMaxLength)
            return refuse(exchange, {.status = 400, .sentence = "a Content-Length of 2^63 or more"});
        if (is_setup && *request.content_length > kMaxDirectives)
            return refuse(exchange, {.status = 413, .sentence = "a PushSetup of more than 4 KiB"});
        const auto agent = request.header("User-Agent").value_or("");
        if (!is_encoder(agent))
            return refuse(exchange, {.status = 400,
                                     .sentence = "User-Agent '" + printable(agent, 64) +
                                                 "' is no encoder's, expected \"WMEncoder/9.0\" or later"});
        if (!request.header("Host") && request.minor > 0)
            return refuse(exchange, {.status = 400, .sentence = "a push without Host"});
        if (!is_setup) return start(exchange);
        exchange.receive(std::make_unique<SetupBody>(*this, exchange), Exchange::Unbounded::empty);
    }

    // A PushSetup, whole.
    void set_up(Exchange& exchange, std::string_view body) {
        const auto directives = parse_directives(body);
        if (!directives) return refuse(exchange, {.status = 400, .sentence = directives.error().detail});
        const auto push = push_of(exchange);
        if (!push) return;
        PushContext* context = push->context;
        if (!context && !push->push_id.empty())
            // Kept open: the encoder asks again, with push-id=0 and a stream that begins with its header.
            return refuse(exchange, {.status = 403,
                                     .sentence = "push-id " + printable(push->push_id, 64) +
                                                 " is not known here (any more), expected 0 for a new push",
                                     .next = Next::keep_open});
        if (!context) context = create(exchange, *push);
        if (!context) return;
        context->await_body();
        exchange.set_idle_limit(kConnectionIdle);
        ReplyContext reply = reply_to(exchange.request(), context->push_id());
        if (!http::via_of(exchange.request()).empty()) {
            context->expect_names();
            reply.more = http::answer_to_push(push->channel);
        }
        exchange.reply(accepted(reply), Next::keep_open);
    }

  private:
    // Where a request's push goes, once it is known that it may.
    struct Push {
        Channel& channel;
        const SourceSpec& slot;
        std::string push_id;   // empty: a new push
        PushContext* context;  // null: unknown
    };

    // A PushStart whose push-id is unknown begins a push of its own, as with Windows Media Services: there
    // are encoders that keep push-id=0.
    void start(Exchange& exchange) {
        const auto push = push_of(exchange);
        if (!push) return;
        PushContext* context = push->context ? push->context : create(exchange, *push);
        if (!context) return;
        exchange.set_idle_limit(kConnectionIdle);
        exchange.receive(std::make_unique<PushBody>(exchange, *context), Exchange::Unbounded::empty);
    }

    // Nothing: it was refused.
    std::optional<Push> push_of(Exchange& exchange) {
        const http::Request& request = exchange.request();
        auto push_id = push_id_of(request);
        if (!push_id) {
            refuse(exchange, {.status = 400, .sentence = push_id.error().detail});
            return std::nullopt;
        }
        const auto names = names_in(request.path);
        Channel* channel = host_.channel(names.with_suffix);
        if (!channel) channel = host_.channel(names.name);
        if (!channel) {
            refuse(exchange, {.status = 404, .sentence = "there is no channel " + printable(request.path)});
            return std::nullopt;
        }
        if (http::brings_its_own(request, *channel)) {
            refuse(exchange, {.status = http::kLoopDetected, .sentence = http::kOwnStreamSentence});
            return std::nullopt;
        }
        const auto found =
            http::find_push_slot(host_, *channel, request.query.empty() ? names.query : request.query);
        if (!found) {
            refuse(exchange,
                   {.status = http::status_of_refusal(found.error().code), .sentence = found.error().detail});
            return std::nullopt;
        }
        const SourceSpec& slot = *found.value();
        const auto address = exchange.peer().remote_address();
        if (!may_take_slot(*channel, slot, address)) {
            refuse_taken_slot(exchange, slot_is_taken(*channel, slot));
            return std::nullopt;
        }
        PushContext* context = contexts_.find(push_id.value(), slot, address);
        return Push{
            .channel = *channel, .slot = slot, .push_id = std::move(push_id).value(), .context = context};
    }

    PushContext* create(Exchange& exchange, const Push& push) {
        PushContext* made = contexts_.create(push.channel, push.slot, exchange.peer().remote_address());
        if (!made) refuse(exchange, {.status = 503, .sentence = "too many encoders push here"});
        return made;
    }

    Host& host_;
    Contexts contexts_;
};

void SetupBody::on_end() {
    deadline_.stop();
    service_.set_up(exchange_, body_);
}

}  // namespace

std::unique_ptr<http::HttpService> open_service(Host& host) {
    return std::make_unique<Service>(host);
}

}  // namespace weir::wmpush
