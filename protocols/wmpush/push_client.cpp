#include "protocols/wmpush/push_client.hpp"

#include <fmt/format.h>

#include <deque>
#include <optional>
#include <vector>

#include "core/base/text.hpp"
#include "core/base/timer_queue.hpp"
#include "protocols/http/poster.hpp"
#include "protocols/http/relay_headers.hpp"
#include "protocols/wmpush/asking.hpp"
#include "protocols/wmpush/body_room.hpp"
#include "protocols/wmpush/wire.hpp"

namespace weir::wmpush {

namespace {

// For the answer to a PushSetup, and to a body that was filled up.
constexpr Duration kAnswerWait{10'000};
// Windows Media Services answers nothing to a body that ends with $E 1; the next one is begun all the same.
constexpr Duration kSilentAnswerWait{5'000};
// For $E to leave.
constexpr Duration kGoodbyeWait{5'000};

using PacketBytes = std::vector<std::uint8_t>;

PacketBytes make_packet(PacketId id, Bytes payload) {
    PacketBytes out(kHead + payload.size());
    encode_head(id, payload.size(), out);
    std::copy(payload.begin(), payload.end(), out.begin() + kHead);
    return out;
}

PacketBytes make_change(Bytes blob) {
    PacketBytes out(kHead + kReason + blob.size());
    encode_change_head(blob.size(), out);
    std::copy(blob.begin(), blob.end(), out.begin() + kHead + kReason);
    return out;
}

PacketBytes make_end(std::uint32_t reason) {
    PacketBytes out(kEndPacket);
    encode_end(reason, out);
    return out;
}

bool is_same_stream(const StreamFormatPtr& a, const StreamFormatPtr& b) {
    if (!a || !b) return false;
    const Bytes x = a->header(), y = b->header();
    return std::equal(x.begin(), x.end(), y.begin(), y.end());
}

class PushClient final : public Push, private http::PosterListener {
  public:
    PushClient(Outbound& outbound, const http::Url& url, PushMemory& memory, PushListener& listener)
        : memory_(memory),
          listener_(listener),
          timer_(outbound.timers(), Callback<void()>::of<&PushClient::on_timer>(this)),
          poster_(outbound, url, static_cast<http::PosterListener&>(*this)) {}

    void begin(StreamFormatPtr format) override {
        if (format->header().size() > kMaxChangeBlob)
            return fail_later(
                {Errc::too_large, fmt::format("a header of {} bytes, Windows Media push takes {} at most",
                                              format->header().size(), kMaxChangeBlob)});
        format_ = std::move(format);
        if (state_ == State::ready) return begin_stream();
        if (is_streaming()) change_header();
    }

    bool append(Bytes packet) override {
        if (!is_streaming()) return false;
        if (queued() + packet.size() > kMaxQueued) return false;
        put(make_packet(PacketId::data, packet));
        return true;
    }

    void say(const Provenance& provenance) override {
        if (is_streaming())
            put(make_packet(PacketId::metadata,
                            as_bytes(std::string(kProvenanceMark) + to_string(provenance))));
    }

    std::size_t queued() const noexcept override { return poster_.queued() + pending_bytes_; }

    void end() override {
        if (ending_ || state_ == State::done) return;
        ending_ = true;
        memory_ = {};
        const bool has_begun = is_streaming();
        if (has_begun) put(make_end(kFinished));
        if (state_ != State::full)
            timer_.start(has_begun && poster_.queued() > 0 ? kGoodbyeWait : Duration{0});
    }

  private:
    enum class State {
        connecting,
        asked,      // PushSetup was sent
        ready,      // it was granted; no header yet
        streaming,  // a body is under way
        full,       // it is filled up, its answer is to come; what there is to send waits
        done,
    };

    // Not while a redirect or a challenge in mid-stream is being followed.
    bool is_streaming() const noexcept {
        return (state_ == State::streaming || state_ == State::full) && poster_.is_connected();
    }

    // --- the conversation

    void on_connected() override {
        if (ending_) return;
        cookies_ = {};
        pending_.clear();
        pending_bytes_ = 0;
        // A push-id is known to the server that gave it.
        is_resumed_ = !memory_.token.empty() && !poster_.was_redirected();
        if (is_resumed_) cookies_.set_push_id(memory_.token);
        send_head(Kind::setup, 0);
        state_ = State::asked;
        timer_.start(kAnswerWait);
    }

    void on_answer(const http::Response& response, std::string_view text) override {
        if (ending_ && state_ != State::full) return;  // after $E nothing that it says matters
        if (response.status / 100 != 2) return on_refused(response, text);
        cookies_.take(response);
        via_proxy_ |= response.header("Via").has_value();
        switch (state_) {
            case State::asked:
                return on_granted(response);
            case State::full:
                return begin_body();
            case State::streaming:
                // The server has enough of this body, which cannot be ended before its length.
                state_ = State::connecting;
                return poster_.reconnect();
            case State::connecting:
            case State::ready:
            case State::done:
                return;
        }
    }

    void on_granted(const http::Response& response) {
        timer_.stop();
        if (!is_media_server(response))
            return finish(Error{Errc::unsupported,
                                "'" + printable(response.header("Server").value_or(""), 64) +
                                    "' is no Windows Media server, expected Cougar/9 or another weir"});
        memory_.token = cookies_.push_id() == "0" ? std::string{} : cookies_.push_id();
        receiver_ = http::receiver_of(response);
        state_ = State::ready;
        if (format_) begin_stream();
    }

    void on_refused(const http::Response& response, std::string_view text) {
        memory_ = {};
        if (ending_) return finish(Ok{});
        // Unknown by now: once more, as a new push.
        if (state_ == State::asked && is_resumed_ && response.status != 409) {
            state_ = State::connecting;
            timer_.stop();
            return poster_.reconnect();
        }
        finish(http::Poster::refusal(response, text));
    }

    void on_continue(const http::Response&) override {}

    // Ending: the goodbye was said, or there was nobody to say it to.
    void on_failed(const Error& why) override { ending_ ? finish(Ok{}) : finish(why); }

    void on_timer() {
        if (failure_) return finish(*failure_);
        if (ending_) return finish(Ok{});
        if (state_ == State::full && last_was_entry_end_) return begin_body();
        finish(Error{Errc::timed_out, state_ == State::asked ? "no answer to a PushSetup"
                                                             : "no answer to a body that is full"});
    }

    void send_head(Kind kind, std::uint64_t length) {
        const auto via = listener_.via();
        const auto head = request_head(kind, poster_.url(), cookies_, length, poster_.authorization(),
                                       to_string(std::span{via}));
        poster_.write(as_bytes(head));
    }

    // --- the stream

    void begin_stream() {
        open_body();
        if (!is_resumed_)
            put(make_packet(PacketId::header, format_->header()));
        else if (!is_same_stream(memory_.format, format_))
            change_header();
        memory_.format = format_;
        listener_.on_accepted(receiver_);  // $M has its place behind the header
        listener_.on_ready();
    }

    void change_header() {
        put(make_end(kEntryFinished));
        put(make_change(format_->header()));
        memory_.format = format_;
    }

    void open_body() {
        const auto length = body_length(*format_, via_proxy_);
        send_head(Kind::start, length);
        room_ = BodyRoom{length};
        state_ = State::streaming;
    }

    // The last body was taken: what waited goes into the next.
    void begin_body() {
        timer_.stop();
        open_body();
        auto waiting = std::exchange(pending_, {});
        pending_bytes_ = 0;
        for (PacketBytes& packet : waiting) put(std::move(packet));
        if (!ending_ && queued() == 0) listener_.on_room();
        if (ending_ && state_ == State::streaming)
            timer_.start(poster_.queued() > 0 ? kGoodbyeWait : Duration{0});
    }

    void put(PacketBytes packet) {
        if (state_ == State::streaming && !room_.takes(packet.size())) fill_up();
        if (state_ == State::full) {
            pending_bytes_ += packet.size();
            pending_.push_back(std::move(packet));
            return;
        }
        room_.use(packet.size());
        last_was_entry_end_ = packet[1] == static_cast<std::uint8_t>(PacketId::end);
        poster_.write(packet);
        if (room_.left() == 0) await_answer();
    }

    void fill_up() {
        PacketBytes filler(kMaxPacket);
        while (const std::size_t size = room_.next_filler()) {
            encode_head(PacketId::filler, size - kHead, filler);
            poster_.write(Bytes{filler}.first(size));
            room_.use(size);
            last_was_entry_end_ = false;
        }
        await_answer();
    }

    void await_answer() {
        state_ = State::full;
        timer_.start(last_was_entry_end_ ? kSilentAnswerWait : kAnswerWait);
    }

    void on_room() override {
        if (ending_ && state_ == State::streaming) timer_.start(Duration{0});
        if (state_ == State::streaming) listener_.on_room();
    }

    // --- the end

    void fail_later(Error why) {
        failure_ = std::move(why);
        timer_.start(Duration{0});
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
    Cookies cookies_;
    bool is_resumed_ = false;  // asked with the push-id of an earlier attempt
    PushReceiver receiver_;
    bool via_proxy_ = false;
    BodyRoom room_;
    std::deque<PacketBytes> pending_;  // while the body is full
    std::size_t pending_bytes_ = 0;
    bool last_was_entry_end_ = false;
    bool ending_ = false;
    std::optional<Error> failure_;
    http::Poster poster_;
};

}  // namespace

std::unique_ptr<Push> open_push(Outbound& outbound, const http::Url& url, PushMemory& memory,
                                PushListener& listener) {
    return std::make_unique<PushClient>(outbound, url, memory, listener);
}

}  // namespace weir::wmpush
