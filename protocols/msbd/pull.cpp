#include "protocols/msbd/pull.hpp"

#include <fmt/format.h>

#include <utility>

#include "protocols/msbd/reader.hpp"
#include "protocols/msbd/wire.hpp"

namespace weir::msbd {

namespace {

// A server that ends a stream says at once whether another one follows.
constexpr Duration kNextStream{10000};
// What HTTP would have answered, for those who walk a list.
constexpr int kStatusOk = 200, kStatusNotFound = 404, kStatusUnavailable = 503;

// A server of the 4.x era is asked as it expects to be: by the name that it knows, and by nothing else.
std::optional<RelayRequest> relay_request(const Url& url, const PullRequest& request) {
    if (url.channel.empty() || request.as != PullAs::server) return std::nullopt;
    return RelayRequest{.resume = request.resume, .via = request.via};
}

class MsbdPull final : public Pull, private LinkReader::Events {
  public:
    MsbdPull(Outbound& outbound, Url url, const PullRequest& request, PullListener& listener)
        : url_(std::move(url)),
          timeout_(request.timeout),
          listener_(listener),
          relay_(relay_request(url_, request)),
          reader_(request.limits, relay_.has_value(), *this),
          timer_(outbound.timers(), Callback<void()>::of<&MsbdPull::on_timeout>(this)),
          dial_(outbound.dial(url_.address, timeout_, Dial::OnDone::of<&MsbdPull::on_dialled>(this))) {}
    ~MsbdPull() override { drop_connection(); }

  private:
    // The connection's Handler, which outlives the pull where that is given up.
    class Connection final : public Handler {
      public:
        Connection(Peer& peer, MsbdPull& pull) : peer_(peer), pull_(&pull) {}
        void detach() noexcept { pull_ = nullptr; }
        void on_bytes(Bytes bytes) noexcept override {
            if (pull_) pull_->on_bytes(bytes);
        }
        void on_eof() noexcept override {
            if (pull_) return pull_->on_lost("the server ended the connection");
            peer_.close(CloseReason::peer_closed);
        }
        void on_closed(CloseReason reason) noexcept override {
            if (pull_) pull_->on_lost("the connection ended: " + std::string(to_string(reason)));
        }

      private:
        Peer& peer_;
        MsbdPull* pull_;
    };

    void on_dialled(Result<Peer*> dialled) {
        if (!dialled) return finish(Error{Errc::unreachable, dialled.error().detail});
        peer_ = dialled.value();
        auto connection = std::make_unique<Connection>(*peer_, *this);
        connection_ = connection.get();
        peer_->set_handler(std::move(connection));
        listener_.on_connected();
        peer_->write(
            encode_connect({.channel = url_.channel.empty() ? std::string(kDefaultChannel) : url_.channel,
                            .relay = relay_}));
        timer_.start(timeout_);
    }

    void on_bytes(Bytes bytes) {
        if (!is_accepted_ && !take_answer(bytes)) return;
        if (bytes.empty()) return;
        if (auto taken = listener_.on_stream(reader_, bytes); !taken) return finish(taken);
        if (reader_.finished()) return finish(Ok{});
        if (!reader_.has_stream()) return;
        if (reader_.is_between_streams() && !timer_.is_running()) timer_.start(kNextStream);
        if (!reader_.is_between_streams()) timer_.stop();
    }

    // RES_CONNECT; `bytes` becomes what follows it. False: it is not whole, or a no.
    bool take_answer(Bytes& bytes) {
        answer_.insert(answer_.end(), bytes.begin(), bytes.end());
        const auto parsed = parse_message(answer_);
        if (std::holds_alternative<Need>(parsed)) return false;
        if (const auto* error = std::get_if<Error>(&parsed)) return finish(*error), false;
        const auto& [message, used] = std::get<Got<Message>>(parsed);
        if (message.kind != Kind::connected)
            return finish(Error{Errc::bad_input,
                                fmt::format("MSBD: message {} where the answer to REQ_CONNECT should be",
                                            static_cast<unsigned>(message.kind))}),
                   false;
        if (is_failure(message.hr)) return refuse(message.hr), false;
        if (auto checked = check_connected(message.body); !checked) return finish(checked), false;
        listener_.on_answered(kStatusOk);
        is_accepted_ = true;
        // What follows lies at the end of what came last.
        bytes = bytes.last(answer_.size() - used);
        answer_ = {};
        timer_.start(timeout_);  // for the stream's header
        return true;
    }

    void refuse(std::uint32_t hr) {
        listener_.on_answered(hr == kNoStream || hr == kTooMany ? kStatusUnavailable : kStatusNotFound);
        finish(Error{hr == kLoop       ? Errc::loop
                     : hr == kNotFound ? Errc::not_found
                                       : Errc::refused,
                     "the server refuses with " + describe_result(hr)});
    }

    void on_ping() override { peer_->write(encode_plain(Kind::pong)); }

    void on_lost(std::string why) {
        if (!is_accepted_) return finish(Error{Errc::closed, why + " without an answer"});
        if (auto ended = reader_.end(); !ended) return finish(ended);
        if (reader_.is_between_streams()) return finish(Ok{});
        finish(Error{Errc::closed, why + " in mid-stream"});
    }

    void on_timeout() {
        if (reader_.is_between_streams()) return finish(Ok{});
        finish(
            Error{Errc::timed_out, fmt::format("{}: no {} within {} ms", url_.text(),
                                               is_accepted_ ? "stream header" : "answer", timeout_.count())});
    }

    void drop_connection() noexcept {
        if (connection_) connection_->detach();
        if (peer_ && !peer_->is_closing()) peer_->close(CloseReason::finished);
        connection_ = nullptr;
        peer_ = nullptr;
    }

    void finish(Result<> result) {
        timer_.stop();
        drop_connection();
        if (!std::exchange(finished_, true)) listener_.on_done(std::move(result));
    }

    Url url_;
    Duration timeout_;
    PullListener& listener_;
    std::optional<RelayRequest> relay_;
    LinkReader reader_;
    Timer timer_;
    Peer* peer_ = nullptr;
    Connection* connection_ = nullptr;
    std::vector<std::uint8_t> answer_;
    bool is_accepted_ = false;
    bool finished_ = false;
    std::unique_ptr<Dial> dial_;  // last: it may never call into what is not there
};

}  // namespace

std::unique_ptr<Pull> open_pull(Outbound& outbound, Url url, const PullRequest& request,
                                PullListener& listener) {
    return std::make_unique<MsbdPull>(outbound, std::move(url), request, listener);
}

}  // namespace weir::msbd
