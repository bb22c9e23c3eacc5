#include "core/base/text.hpp"
#include "core/media/detector.hpp"
#include "protocols/http/pull.hpp"
#include "protocols/http/relay_headers.hpp"

namespace weir::http {

namespace {

class PlainPull final : public Pull, private GetListener {
  public:
    PlainPull(Outbound& outbound, const Url& url, const PullRequest& request, PullListener& listener,
              std::span<const PullDecoder> decoders)
        : outbound_(outbound),
          request_(request),
          listener_(listener),
          decoders_(decoders),
          detector_(outbound.containers()),
          get_(std::make_unique<Get>(outbound, url, request.timeout, static_cast<GetListener&>(*this))) {}

  private:
    std::string request(const Url& url, const std::optional<std::string>& authorization) override {
        const std::string host = url.host_header();
        std::vector<HeaderView> headers{
            {"Host", host}, {"User-Agent", "weir/" WEIR_VERSION}, {"Accept", "*/*"}};
        const std::string via = to_string(std::span{request_.via});
        if (!via.empty()) headers.push_back({kViaHeader, via});
        if (authorization) headers.push_back({"Authorization", *authorization});
        headers.push_back({"Connection", "close"});
        return format_request_head(Version::http_1_1, "GET", url.path, headers);
    }

    void on_connected() override { listener_.on_connected(); }
    void on_status(int status) override { listener_.on_answered(status); }

    void on_head(const Response& response) override {
        if (response.status != 200) return finish(error_of(response));
        response_ = response;
    }

    void on_body(Bytes piece) override {
        if (reader_) return deliver(piece);
        auto detected = detector_.feed(piece);
        if (detector_.held().size() < kDecideAfter || hand_over()) return;
        if (!detected) return finish(detected.error());
        if (!detected.value()) return;
        reader_ = detected.value()->open_reader(request_.limits, provenance_of(response_));
        deliver(detector_.take_held());
    }

    // To the decoder that takes the answer, if there is one.
    bool hand_over() {
        for (const PullDecoder& decoder : decoders_) {
            if (!decoder.takes(response_, detector_.held())) continue;
            const Url url = get_->url();
            inner_ = decoder.open(outbound_, url, request_, listener_,
                                  {.get = std::move(get_), .head = &response_, .body = detector_.held()});
            return true;
        }
        return false;
    }

    void deliver(Bytes piece) {
        if (auto taken = listener_.on_stream(*reader_, piece); !taken) return finish(taken);
        if (reader_->finished()) finish(Ok{});
    }

    void on_done(Result<> result) override {
        if (!result) return finish(std::move(result));
        if (reader_) return finish(reader_->end());
        const Bytes first = detector_.held();
        if (first.size() < kDecideAfter && hand_over()) return;
        finish(Error{Errc::closed, first.empty() ? "the server sent no stream"
                                                 : "the server sent too little for a stream: \"" +
                                                       printable(as_text(first), 24) + "\""});
    }

    void finish(Result<> result) {
        if (get_) get_->cancel();
        if (!std::exchange(finished_, true)) listener_.on_done(std::move(result));
    }

    Outbound& outbound_;
    PullRequest request_;
    PullListener& listener_;
    std::span<const PullDecoder> decoders_;
    Detector detector_;
    std::unique_ptr<Get> get_;
    Response response_;
    std::unique_ptr<StreamReader> reader_;
    std::unique_ptr<Pull> inner_;  // the decoder that took the answer over
    bool finished_ = false;
};

}  // namespace

std::unique_ptr<Pull> open_plain_pull(Outbound& outbound, const Url& url, const PullRequest& request,
                                      PullListener& listener, std::span<const PullDecoder> decoders) {
    return std::make_unique<PlainPull>(outbound, url, request, listener, decoders);
}

}  // namespace weir::http
