#include "protocols/http/push_client.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "core/base/text.hpp"
#include "core/base/timer_queue.hpp"
#include "protocols/http/poster.hpp"
#include "protocols/http/relay_headers.hpp"

namespace weir::http {

namespace {

// A server that does not know Expect says nothing (RFC 9110 section 10.1.1).
constexpr Duration kContinueWait{1'000};
// A weir answers, be the line as slow as it may: what it says decides where the push begins.
constexpr Duration kWeirWait{10'000};
constexpr int kExpectationFailed = 417;
// After the last chunk, for the answer.
constexpr Duration kAnswerWait{5'000};

class PlainPush final : public Push, private PosterListener {
  public:
    PlainPush(Outbound& outbound, const Url& url, PushMemory& memory, PushListener& listener)
        : memory_(memory),
          listener_(listener),
          timer_(outbound.timers(), Callback<void()>::of<&PlainPush::on_timer>(this)),
          poster_(outbound, url, static_cast<PosterListener&>(*this)) {}

    void begin(StreamFormatPtr format) override {
        const bool is_first = !format_;
        format_ = std::move(format);
        if (is_streaming()) return write_chunk(format_->header());  // a new run in one stream
        if (is_first && state_ == State::connected) ask();
    }

    bool append(Bytes packet) override {
        if (!is_streaming()) return false;
        if (poster_.queued() + packet.size() > kMaxQueued) return false;
        write_chunk(packet);
        return true;
    }

    void say(const Provenance& provenance) override { extension_ = chunk_extension(provenance); }

    std::size_t queued() const noexcept override { return poster_.queued(); }

    void end() override {
        if (state_ == State::ending || state_ == State::done) return;
        const bool has_begun = is_streaming();
        state_ = State::ending;
        if (has_begun) poster_.write(as_bytes("0\r\n\r\n"));
        timer_.start(has_begun ? kAnswerWait : Duration{0});
    }

  private:
    enum class State {
        connecting,
        connected,  // no header yet
        asked,      // the server is to say whether it takes the body
        streaming,
        ending,
        done,
    };

    // Not while a redirect or a challenge in mid-stream is being followed.
    bool is_streaming() const noexcept { return state_ == State::streaming && poster_.is_connected(); }

    void on_connected() override {
        if (state_ == State::ending) return;
        state_ = State::connected;
        if (format_) ask();
    }

    // With credentials the server is heard first: a body for which it wants them would be lost. And another
    // weir is: it says where it wants to go on.
    void ask() {
        const std::vector<RelayId> via = listener_.via();
        const bool waits = (!poster_.url().credentials.empty() || !via.empty()) && !knows_no_expect_;
        const std::string path = to_string(std::span{via});
        const std::string host = poster_.url().host_header();
        const auto authorization = poster_.authorization();
        std::vector<HeaderView> headers{{"Host", host},
                                        {"User-Agent", "weir/" WEIR_VERSION},
                                        {"Content-Type", format_->container().content_type()},
                                        {"Transfer-Encoding", "chunked"}};
        if (authorization) headers.push_back({"Authorization", *authorization});
        if (!via.empty()) headers.push_back({kViaHeader, path});
        if (waits) headers.push_back({"Expect", "100-continue"});
        headers.push_back({"Connection", "close"});
        poster_.write(as_bytes(format_request_head(Version::http_1_1, "POST", poster_.url().path, headers)));
        state_ = State::asked;
        waits ? timer_.start(memory_.is_weir ? kWeirWait : kContinueWait) : stream({});
    }

    void stream(const PushReceiver& receiver) {
        timer_.stop();
        state_ = State::streaming;
        extension_.clear();
        listener_.on_accepted(receiver);
        write_chunk(format_->header());
        listener_.on_ready();
    }

    void write_chunk(Bytes bytes) {
        chunk_.clear();
        fmt::format_to(std::back_inserter(chunk_), "{:x}{}\r\n", bytes.size(), extension_);
        extension_.clear();
        chunk_ += as_text(bytes);
        chunk_ += "\r\n";
        poster_.write(as_bytes(chunk_));
    }

    void on_continue(const Response& response) override {
        if (state_ != State::asked) return;
        const PushReceiver receiver = receiver_of(response);
        memory_.is_weir = receiver.is_weir;
        stream(receiver);
    }

    void on_answer(const Response& response, std::string_view text) override {
        if (response.status == kExpectationFailed && state_ == State::asked && !knows_no_expect_) {
            knows_no_expect_ = true;  // RFC 9110 section 10.1.1
            state_ = State::connecting;
            timer_.stop();
            return poster_.reconnect();
        }
        const bool taken = response.status / 100 == 2;
        if (taken && state_ == State::ending) return finish(Ok{});
        if (!taken) return finish(Poster::refusal(response, text));
        finish(Error{Errc::closed, fmt::format("the server ended the push with {}", response.status)});
    }

    void on_room() override {
        if (is_streaming()) listener_.on_room();
    }

    // The end was said, and not every server answers it.
    void on_failed(const Error& why) override { state_ == State::ending ? finish(Ok{}) : finish(why); }

    void on_timer() {
        if (state_ == State::asked && poster_.is_connected()) {
            // Another program may be there by now: the next attempt finds out.
            if (!std::exchange(memory_.is_weir, false)) return stream({});
            return finish(Error{Errc::timed_out, "no answer to Expect: 100-continue"});
        }
        if (state_ == State::ending) finish(Ok{});
    }

    void finish(Result<> why) {
        if (state_ == State::done) return;
        state_ = State::done;
        timer_.stop();
        poster_.cancel();
        listener_.on_done(std::move(why));
    }

    PushMemory& memory_;
    PushListener& listener_;
    Timer timer_;
    State state_ = State::connecting;
    StreamFormatPtr format_;
    std::string chunk_;
    std::string extension_;  // of the next one
    bool knows_no_expect_ = false;
    Poster poster_;
};

}  // namespace

Result<std::string> check_push(std::string_view text) {
    const auto url = parse_url(text);
    if (!url) return url.error();
    if (url.value().scheme != "http")
        return Error{Errc::bad_input, "'" + printable(hide_credentials(text)) +
                                          "': pushes go over HTTP, expected \"http://host:port/path\""};
    return url.value().text();
}

std::unique_ptr<Push> open_push(Outbound& outbound, const Url& url, PushMemory& memory,
                                PushListener& listener) {
    return std::make_unique<PlainPush>(outbound, url, memory, listener);
}

}  // namespace weir::http
