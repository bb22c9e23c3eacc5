#include "protocols/http/plain_push.hpp"

#include "core/base/text.hpp"
#include "core/media/detector.hpp"
#include "core/media/feed.hpp"
#include "core/relay/push_slot.hpp"
#include "protocols/http/push_target.hpp"
#include "protocols/http/relay_headers.hpp"
#include "protocols/http/replies.hpp"

namespace weir::http {

namespace {

void refuse(Exchange& exchange, int status, std::string_view sentence) {
    Host& host = exchange.host();
    ++host.stats().pushes_refused;
    host.log().warning("{}: push to {} refused with {}: {}", exchange.peer().remote(),
                       printable(exchange.request().path), status, printable(sentence));
    // Encoders that stream do not read the answer (ffmpeg): the close is what they notice.
    Reply reply{.status = status, .body = std::string(sentence) + "\n", .close = true};
    if (status == 409) reply.more = {{"Retry-After", "2"}};
    exchange.reply(format(exchange.request(), reply), Next::close);
}

void refuse_taken_slot(Exchange& exchange, const Channel& channel, const SourceSpec& slot) {
    refuse(exchange, 409, slot_is_taken(channel, slot));
}

class PushBody final : public BodySink {
  public:
    PushBody(Exchange& exchange, Channel& channel, const SourceSpec& slot)
        : exchange_(exchange),
          channel_(channel),
          slot_(slot),
          is_from_weir_(!via_of(exchange.request()).empty()),
          detector_(exchange.host().containers()),
          feed_(std::make_unique<Feed>(channel, slot.rank, slot.role, name_of(exchange, slot),
                                       Callback<void()>::of<&PushBody::on_replaced>(this),
                                       std::string(exchange.peer().remote_address()))) {}

    void on_body(Bytes piece) override {
        if (!feed_) return;  // it said that it was over; what follows is not read
        if (!container_) return detect(piece);
        feed(piece);
    }

    // Another weir says what the next packet is called. What cannot be read is as good as not said.
    void on_extension(std::string_view text) override {
        const auto provenance = feed_ && is_from_weir_ ? provenance_in(text) : std::nullopt;
        if (!provenance) return;
        if (auto taken = feed_->name_next(*provenance); !taken) fail(taken.error());
    }

    void on_end() override {
        if (feed_ && !container_)
            return fail({Errc::unsupported, "the body ended before a stream could be recognised"});
        if (feed_) {
            if (auto ended = feed_->end(); !ended) return fail(ended.error());
            packets_ = feed_->packets();
            feed_->leave(Selector::Cause::ended, "it ended its push");
        }
        feed_.reset();
        exchange_.reply(format(exchange_.request(),
                               {.body = "Taken: " + std::to_string(packets_) + " packets.\n", .close = true}),
                        Next::close);
    }

  private:
    static std::string name_of(Exchange& exchange, const SourceSpec& slot) {
        const auto agent = exchange.request().header("User-Agent");
        return push_from(slot, exchange.peer().remote()) +
               (agent ? " (" + printable(*agent, 64) + ")" : std::string{});
    }

    void detect(Bytes piece) {
        auto detected = detector_.feed(piece);
        if (!detected) return fail(detected.error());
        container_ = detected.value();
        if (container_) feed(detector_.take_held());
    }

    void feed(Bytes piece) {
        // Another encoder may have taken the slot since this request came.
        if (!feed_->format() && !may_take_slot(channel_, slot_, exchange_.peer().remote_address())) {
            feed_.reset();
            return refuse_taken_slot(exchange_, channel_, slot_);
        }
        if (auto written = feed_->write(*container_, piece); !written) return fail(written.error());
        if (!feed_->has_finished()) return;
        packets_ = feed_->packets();
        feed_->leave(Selector::Cause::ended, "it ended its stream");
        feed_.reset();
    }

    void fail(const Error& why) {
        if (feed_) feed_->leave(Selector::Cause::closed, why.detail);
        feed_.reset();
        refuse(exchange_,
               why.code == Errc::unsupported ? 415
               : why.code == Errc::loop      ? kLoopDetected
                                             : 400,
               why.detail);
    }

    void on_replaced() { exchange_.peer().close(CloseReason::replaced); }

    Exchange& exchange_;
    Channel& channel_;
    const SourceSpec& slot_;
    bool is_from_weir_;
    Detector detector_;
    std::unique_ptr<Feed> feed_;
    const Container* container_ = nullptr;
    std::uint64_t packets_ = 0;
};

class PlainPush final : public HttpService {
  public:
    bool match(const Request& request) const override {
        // SOURCE is the PUT of old Icecast clients.
        return request.method == Method::post || request.method == Method::put ||
               request.method_name == "SOURCE";
    }

    void serve(Exchange& exchange) override {
        const Request& request = exchange.request();
        Host& host = exchange.host();
        Channel* channel = find_channel(host, request);
        if (!channel) channel = find_channel(host, request, ".asf");
        if (!channel) return refuse(exchange, 404, "there is no channel " + printable(request.path));
        const auto slot = find_push_slot(host, *channel, request.query);
        if (!slot) return refuse(exchange, status_of_refusal(slot.error().code), slot.error().detail);
        if (!may_take_slot(*channel, *slot.value(), exchange.peer().remote_address()))
            return refuse_taken_slot(exchange, *channel, *slot.value());
        if (brings_its_own(request, *channel)) return refuse(exchange, kLoopDetected, kOwnStreamSentence);
        std::string headers;
        if (!via_of(request).empty())
            for (const Header& header : answer_to_push(*channel))
                headers += header.name + ": " + header.value + "\r\n";
        exchange.receive(std::make_unique<PushBody>(exchange, *channel, *slot.value()),
                         Exchange::Unbounded::until_close, headers);
    }
};

}  // namespace

std::unique_ptr<HttpService> open_plain_push(Host&) {
    return std::make_unique<PlainPush>();
}

}  // namespace weir::http
