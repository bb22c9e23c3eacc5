#include <vector>

#include "core/base/text.hpp"
#include "protocols/http/pull.hpp"

namespace weir::http {

namespace {

// So many bytes tell any container from any other.
constexpr std::size_t kDetectLimit = 1024;

class PlainPull final : public Pull, private GetListener {
  public:
    PlainPull(Outbound& outbound, const Url& url, const PullRequest& request, PullListener& listener,
              std::span<const PullDecoder> decoders)
        : outbound_(outbound),
          request_(request),
          listener_(listener),
          decoders_(decoders),
          get_(std::make_unique<Get>(outbound, url, static_cast<GetListener&>(*this))) {}

  private:
    std::string request(const Url& url, const std::optional<std::string>& authorization) override {
        const std::string host = url.host_header();
        std::vector<HeaderView> headers{
            {"Host", host}, {"User-Agent", "weir/" WEIR_VERSION}, {"Accept", "*/*"}};
        if (authorization) headers.push_back({"Authorization", *authorization});
        headers.push_back({"Connection", "close"});
        return format_request_head(Version::http_1_1, "GET", url.path, headers);
    }

    void on_head(const Response& response) override {
        if (response.status != 200) return finish(error_of(response));
        response_ = response;
    }

    void on_body(Bytes piece) override {
        if (reader_) return deliver(piece);
        first_.insert(first_.end(), piece.begin(), piece.end());
        if (first_.size() < kDecideAfter) return;
        if (!hand_over()) detect();
    }

    // To the decoder that takes the answer, if there is one.
    bool hand_over() {
        for (const PullDecoder& decoder : decoders_) {
            if (!decoder.takes(response_, first_)) continue;
            const Url url = get_->url();
            inner_ = decoder.open(outbound_, url, request_, listener_,
                                  {.get = std::move(get_), .head = &response_, .body = first_});
            return true;
        }
        return false;
    }

    void detect() {
        bool may_come = false;
        for (const Container* container : outbound_.containers()) {
            const auto detected = container->detect(first_);
            may_come |= detected == Container::Detected::need_more;
            if (detected != Container::Detected::yes) continue;
            reader_ = container->open_reader(request_.limits);
            const auto held = std::exchange(first_, {});
            return deliver(held);
        }
        if (may_come && first_.size() < kDetectLimit) return;
        finish(Error{Errc::unsupported, "not a stream that weir knows: it begins with \"" +
                                            printable(as_text(first_), 24) + "\""});
    }

    void deliver(Bytes piece) {
        if (auto taken = listener_.on_stream(*reader_, piece); !taken) return finish(taken);
        if (reader_->finished()) finish(Ok{});
    }

    void on_done(Result<> result) override {
        if (!result) return finish(std::move(result));
        if (reader_) return finish(reader_->end());
        if (first_.size() < kDecideAfter && hand_over()) return;
        finish(Error{Errc::closed, first_.empty() ? "the server sent no stream"
                                                  : "the server sent too little for a stream: \"" +
                                                        printable(as_text(first_), 24) + "\""});
    }

    void finish(Result<> result) {
        if (get_) get_->cancel();
        if (!std::exchange(finished_, true)) listener_.on_done(std::move(result));
    }

    Outbound& outbound_;
    PullRequest request_;
    PullListener& listener_;
    std::span<const PullDecoder> decoders_;
    std::unique_ptr<Get> get_;
    Response response_;
    std::vector<std::uint8_t> first_;  // until it is known what it is
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
