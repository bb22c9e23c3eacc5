#include "protocols/wmsp/service.hpp"

#include "core/asf/container.hpp"
#include "core/base/text.hpp"
#include "protocols/http/relay_headers.hpp"
#include "protocols/http/replies.hpp"
#include "protocols/wmsp/contexts.hpp"
#include "protocols/wmsp/log_record.hpp"
#include "protocols/wmsp/play_style.hpp"
#include "protocols/wmsp/playing_client.hpp"
#include "protocols/wmsp/reply.hpp"
#include "protocols/wmsp/request.hpp"

namespace weir::wmsp {

namespace {

using http::Exchange;
using http::Next;

void refuse(Exchange& exchange, int status, std::string_view sentence) {
    exchange.reply(error_reply(status, sentence), Next::close);
}

// The body of a Log, or of a POST that has none: taken up to its limit, then answered.
class PostBody final : public http::BodySink {
  public:
    PostBody(Exchange& exchange, Request request, ReplyContext reply)
        : exchange_(exchange), request_(std::move(request)), reply_(reply) {}

    void on_body(Bytes piece) override {
        if (body_.size() + piece.size() > LogRecord::kMaxSize)
            return refuse(exchange_, 413, "A log is at most 64 KiB long.");
        body_ += as_text(piece);
    }
    void on_end() override {
        if (request_.kind == Request::Kind::log)
            note_log(exchange_.host(), exchange_.peer(), request_, body_);
        exchange_.reply(empty_reply(reply_), reply_.keep_alive ? Next::keep_open : Next::close);
    }

  private:
    Exchange& exchange_;
    Request request_;
    ReplyContext reply_;
    std::string body_;
};

class Service final : public http::HttpService {
  public:
    explicit Service(Host& host) : host_(host), contexts_(host) {}

    // A HEAD or PUT is no WMSP request, whoever sends it.
    bool match(const http::Request& request) const override {
        return is_wmsp(request) &&
               (request.method == http::Method::get || request.method == http::Method::post ||
                request.method == http::Method::options);
    }

    void serve(Exchange& exchange) override {
        const Request request = classify(exchange.request());
        if (request.client_id_bad) return refuse(exchange, 400, "client-id is not a number of 32 bits.");
        switch (request.kind) {
            case Request::Kind::describe:
            case Request::Kind::play:
                return serve_channel(exchange, request);
            case Request::Kind::log:
            case Request::Kind::keep_alive:
            case Request::Kind::select_stream:
            case Request::Kind::stop:
                return serve_context(exchange, request);
            case Request::Kind::send_event:
                return receive(exchange, request, {});
            case Request::Kind::pipeline:
            case Request::Kind::play_next_entry:
            case Request::Kind::get_content_info:
            case Request::Kind::unknown:
                break;
        }
        // Of the 9 personality, or nothing: a proxy that gets 400 for GetContentInfo comes again with
        // Describe (3.1.5.4).
        refuse(exchange, 400, std::string(to_string(request.kind)) + " is not served here.");
    }

  private:
    void serve_channel(Exchange& exchange, const Request& request) {
        const auto name = http::served_name(host_, exchange.request());
        if (!name)
            return refuse(exchange, 404,
                          "There is no channel " + printable(exchange.request().path) + " here.");
        const auto asked = host_.ask_for(*name);
        if (!asked) return refuse(exchange, http::status_of_asking(asked.error().code), asked.error().detail);
        Channel* channel = asked.value();
        if (request.agent.weir) {
            const auto via = http::via_of(exchange.request());
            if (channel->lineage().makes_loop(via))
                return refuse(exchange, http::kLoopDetected, http::kLoopSentence);
            if (!channel->format()) channel->lineage().note_waiting(via);
        }
        if (!channel->format()) return exchange.hold_for_format(*channel);
        if (&channel->format()->container() != &asf::container())
            return refuse(exchange, 404, "Channel " + channel->name() + " carries no Windows Media stream.");
        if (request.kind == Request::Kind::describe) return describe(exchange, request, *channel);
        play(exchange, request, *channel);
    }

    // The request's context, found or made ([MS-WMSP] 3.2.5.1, the table of wire states). Null for a free
    // player that names none: it never comes back with the id it gets, and thousands that come and go would
    // leave theirs behind.
    struct Found {
        Contexts::Context* context;
        std::uint32_t client_id;
        bool was_unknown;  // it named one that is not there
    };
    Found context_of(Exchange& exchange, const Request& request) {
        if (request.agent.free && !request.client_id)
            return {.context = nullptr, .client_id = host_.random(), .was_unknown = false};
        const auto address = exchange.peer().remote_address();
        if (auto* known = request.client_id ? contexts_.find(*request.client_id, address) : nullptr) {
            contexts_.touch(*known);
            return {.context = known, .client_id = known->client_id, .was_unknown = false};
        }
        Contexts::Context& made = contexts_.create(address);
        return {.context = &made, .client_id = made.client_id, .was_unknown = request.client_id.has_value()};
    }

    void describe(Exchange& exchange, const Request& request, const Channel& channel) {
        const Found found = context_of(exchange, request);
        if (found.context && found.context->playing) return refuse(exchange, 400, "This client is playing.");
        std::vector<std::uint8_t> header;
        append_header(*channel.format(), header);
        std::string answer = describe_reply({.client_id = found.client_id,
                                             .reset_stream = found.was_unknown,
                                             .keep_alive = request.keep_alive},
                                            header.size());
        answer += as_text(header);
        exchange.reply(answer, request.keep_alive ? Next::keep_open : Next::close);
    }

    void play(Exchange& exchange, const Request& request, Channel& channel) {
        const Found found = context_of(exchange, request);
        // Else anybody who guesses an id could end another's playing (3.2.5.6).
        if (found.context && found.context->playing)
            return refuse(exchange, 400, "This client is playing already.");
        if (play_style(request.agent, false).is_link && host_.stats().links >= host_.max_links()) {
            ++host_.stats().links_refused;
            return refuse(exchange, 503, "All places for servers are taken (max_links).");
        }
        const bool reset = found.was_unknown && needs_stream_reset(request);
        ReplyContext reply{.client_id = found.client_id, .reset_stream = found.was_unknown};
        std::optional<Seq> from;
        if (request.agent.weir) from = begin_for_weir(exchange.request(), channel, reply);
        const std::string head = play_reply(reply);
        const auto agent = exchange.request().header("User-Agent").value_or("-");
        exchange.take_over(std::make_unique<PlayingClient>(host_, contexts_, found.context, exchange.peer(),
                                                           channel, play_style(request.agent, reset), head,
                                                           printable(agent, 64), from));
    }

    // Where it wants to go on, if that is held; it is told where it begins either way.
    static std::optional<Seq> begin_for_weir(const http::Request& request, const Channel& channel,
                                             ReplyContext& reply) {
        const auto wanted = http::resume_of(request);
        std::optional<Seq> from = wanted ? channel.find(*wanted) : std::nullopt;
        const bool is_resumed = from.has_value();
        if (!from) from = channel.newcomer_start(channel.now());
        const Seq first = from.value_or(channel.log().end());
        const auto& stretch = channel.lineage().names().of(first);
        reply.begins = {.place = is_resumed ? *wanted : stretch.place(first), .via = stretch.via};
        return from;
    }

    // What is said about a playing that has a context.
    void serve_context(Exchange& exchange, const Request& request) {
        const bool is_free_log = request.kind == Request::Kind::log && request.agent.free;
        if (!request.needs_context() || is_free_log) return receive(exchange, request, request.client_id);
        auto* context = request.client_id
                            ? contexts_.find(*request.client_id, exchange.peer().remote_address())
                            : nullptr;
        if (!context) return refuse(exchange, 400, "The client-id is missing or unknown.");
        contexts_.touch(*context);
        if (request.kind == Request::Kind::stop && context->playing) context->playing->stop();
        receive(exchange, request, context->client_id);
    }

    void receive(Exchange& exchange, const Request& request, std::optional<std::uint32_t> client_id) {
        exchange.receive(
            std::make_unique<PostBody>(
                exchange, request, ReplyContext{.client_id = client_id, .keep_alive = request.keep_alive}),
            Exchange::Unbounded::empty);
    }

    Host& host_;
    Contexts contexts_;
};

class Announcements final : public http::HttpService {
  public:
    explicit Announcements(Host& host) : host_(host) {}

    bool match(const http::Request& request) const override {
        return (request.method == http::Method::get || request.method == http::Method::head) &&
               name_in(request).has_value();
    }

    void serve(Exchange& exchange) override {
        const std::string_view path_name = *name_in(exchange.request());
        const Channel* channel = host_.channel(path_name);
        const std::string host =
            escape_markup(exchange.request().header("Host").value_or(exchange.peer().local()));
        const std::string title = escape_markup(channel ? channel->title() : path_name);
        const std::string name = escape_markup(path_name);
        // Two references of one entry: a player that cannot open the first takes the second.
        exchange.reply(
            http::format(exchange.request(), {.content_type = "video/x-ms-asf",
                                              .body = "<ASX version=\"3.0\">\r\n<TITLE>" + title +
                                                      "</TITLE>\r\n<ENTRY>\r\n<TITLE>" + title +
                                                      "</TITLE>\r\n<REF HREF=\"mmsh://" + host + "/" + name +
                                                      "\"/>\r\n<REF HREF=\"http://" + host + "/" + name +
                                                      "\"/>\r\n</ENTRY>\r\n</ASX>\r\n"}),
            Next::keep_open);
    }

  private:
    std::optional<std::string_view> name_in(const http::Request& request) const {
        const auto name = http::name_in(request, ".asx");
        return name && host_.serves(*name) ? name : std::nullopt;
    }

    Host& host_;
};

}  // namespace

std::unique_ptr<http::HttpService> open_service(Host& host) {
    return std::make_unique<Service>(host);
}
std::unique_ptr<http::HttpService> open_announcements(Host& host) {
    return std::make_unique<Announcements>(host);
}

}  // namespace weir::wmsp
