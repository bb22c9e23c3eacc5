#include "protocols/http/poster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/text.hpp"
#include "protocols/http/get.hpp"  // error_of()

namespace weir::http {

namespace {
constexpr std::size_t kMaxText = 512;  // of an answer's body
}

// The Handler of one connection; outlives the poster where that has let go of it.
class Poster::Connection final : public Handler {
  public:
    Connection(Poster& owner, Peer& peer) : owner_(&owner), peer_(peer) {}

    void detach() noexcept { owner_ = nullptr; }
    std::size_t queued() const noexcept { return queue_.size() - sent_; }

    void write(Bytes bytes) {
        if (queue_.empty()) {
            const Bytes parts[] = {bytes};
            bytes = bytes.subspan(peer_.send(parts));
        }
        queue_.insert(queue_.end(), bytes.begin(), bytes.end());
    }

    void on_ready() noexcept override {
        const Bytes parts[] = {Bytes{queue_}.subspan(sent_)};
        sent_ += peer_.send(parts);
        if (sent_ < queue_.size()) return;
        queue_.clear();
        sent_ = 0;
        if (owner_) owner_->listener_->on_room();
    }

    void on_bytes(Bytes bytes) noexcept override {
        while (owner_) {
            const auto event = reader_.next(bytes);
            if (event == ResponseReader::Event::need_more) return;
            handle(event);
        }
    }

    void on_eof() noexcept override {
        if (!owner_) return peer_.close(CloseReason::peer_closed);
        const auto event = reader_.finish();
        if (event != ResponseReader::Event::need_more) handle(event);
        lose("the server closed the connection");
    }

    // The push ends by its protocol, whose answer may take a moment.
    bool on_shutdown() noexcept override { return owner_ != nullptr; }

    void on_closed(CloseReason reason) noexcept override {
        lose("the connection ended: " + std::string(to_string(reason)));
    }

  private:
    void handle(ResponseReader::Event event) {
        const Response& response = reader_.response();
        switch (event) {
            case ResponseReader::Event::need_more:
                return;
            case ResponseReader::Event::head:
                awaited_ = response.status >= 200;
                return;
            case ResponseReader::Event::body:
                text_ +=
                    as_text(reader_.body().first(std::min(reader_.body().size(), kMaxText - text_.size())));
                // Nobody waits for the rest of a long page.
                if (text_.size() == kMaxText && awaited_) answer();
                return;
            case ResponseReader::Event::end: {
                const Response whole = response;
                reader_.reset();
                if (awaited_) return answer(whole);
                text_.clear();
                if (whole.status == 100) owner_->listener_->on_continue(whole);
                return;
            }
            case ResponseReader::Event::error:
                if (awaited_) answer();
                return lose(reader_.error().detail);
        }
    }

    void answer() { answer(Response{reader_.response()}); }
    void answer(const Response& response) {
        awaited_ = false;
        const std::string text = text_;
        if (text_.size() < kMaxText) text_.clear();
        owner_->on_answer(response, text);
    }

    void lose(const std::string& why) {
        if (!owner_) return;
        Poster& owner = *std::exchange(owner_, nullptr);
        owner.connection_ = nullptr;
        owner.peer_ = nullptr;
        peer_.close(CloseReason::peer_closed);
        owner.fail({Errc::closed, owner.destination_.where() + why});
    }

    Poster* owner_;
    Peer& peer_;
    ResponseReader reader_;
    std::string text_;
    bool awaited_ = false;  // a final answer has begun and was not handed over
    std::vector<std::uint8_t> queue_;
    std::size_t sent_ = 0;
};

Poster::Poster(Outbound& outbound, Url url, PosterListener& listener)
    : outbound_(outbound),
      destination_(std::move(url)),
      listener_(&listener),
      timer_(outbound.timers(), Callback<void()>::of<&Poster::on_timer>(this)) {
    dial();
}

Poster::~Poster() {
    cancel();
}

void Poster::cancel() noexcept {
    listener_ = nullptr;
    timer_.stop();
    dial_.reset();
    drop_connection();
}

void Poster::drop_connection() noexcept {
    if (connection_) connection_->detach();
    if (peer_ && !peer_->is_closing()) peer_->close(CloseReason::finished);
    connection_ = nullptr;
    peer_ = nullptr;
}

void Poster::write(Bytes bytes) {
    if (connection_) connection_->write(bytes);
}

std::size_t Poster::queued() const noexcept {
    return connection_ ? connection_->queued() : 0;
}

void Poster::reconnect() {
    drop_connection();
    timer_.start(Duration{0});
}

std::optional<std::string> Poster::authorization() {
    return destination_.authorization("POST");
}

void Poster::dial() {
    auto address = parse_address(url().authority());
    // parse_url() lets nothing through that parse_address() refuses but odd IPv6 text.
    if (!address) return fail(address.error());
    dial_ = outbound_.dial(address.value(), kConnectTimeout, Dial::OnDone::of<&Poster::on_dialled>(this));
}

void Poster::on_dialled(Result<Peer*> dialled) {
    if (!dialled) return fail({Errc::unreachable, dialled.error().detail});
    peer_ = dialled.value();
    auto connection = std::make_unique<Connection>(*this, *peer_);
    connection_ = connection.get();
    peer_->set_handler(std::move(connection));
    listener_->on_connected();
}

void Poster::on_timer() {
    if (!failure_) return dial();
    std::exchange(listener_, nullptr)->on_failed(*failure_);
}

// Later: this may be a call by the listener.
void Poster::fail(const Error& why) {
    if (!listener_ || failure_) return;
    failure_ = why;
    drop_connection();
    timer_.start(Duration{0});
}

void Poster::on_answer(const Response& response, std::string_view text) {
    const auto followed = destination_.follow(response);
    if (!followed) return fail(followed.error());
    // The next request takes a connection of its own.
    if (followed.value()) return reconnect();
    listener_->on_answer(response, text);
}

Error Poster::refusal(const Response& response, std::string_view text) {
    Error error = error_of(response);
    // weir says why in the first line; others send pages.
    const auto line = text.substr(0, text.find_first_of("\r\n"));
    const bool is_text =
        starts_with_ignoring_case(response.header("Content-Type").value_or(""), "text/plain");
    if (is_text && !line.empty()) error.detail += ": " + printable(line);
    return error;
}

}  // namespace weir::http
