#include "cli/stream_client.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>

#include "core/base/text.hpp"
#include "core/io/loop.hpp"
#include "protocols/wmsp/client.hpp"

namespace weir::cli {

namespace {

// Names one viewing in the server's log.
std::string random_guid() {
    std::array<std::uint8_t, 16> b{};
    if (::getrandom(b.data(), b.size(), 0) != static_cast<ssize_t>(b.size())) b.fill(0);
    return fmt::format(
        "{:02x}{:02x}{:02x}{:02x}-{:02x}{:02x}-{:02x}{:02x}-{:02x}{:02x}-{:02x}{:02x}{:02x}{:02x}{:02x}{:"
        "02x}",
        b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

}  // namespace

StreamClient::StreamClient(Loop& loop, const http::Url& url, std::span<const Container* const> containers,
                           Listener& listener)
    : loop_(loop),
      url_(url),
      containers_(containers),
      listener_(listener),
      silence_(loop.timers(), Callback<void()>::of<&StreamClient::on_silence>(this)),
      phase_(url.scheme == "mmsh" ? Phase::describe : Phase::play),
      guid_(random_guid()) {
    dial();
}

StreamClient::~StreamClient() {
    drop_connection();
}

void StreamClient::dial() {
    auto address = parse_address(url_.authority());
    silence_.start(kSilenceLimit);
    if (!address) return finish(address.error());
    dialer_ = Dialer::start(loop_, address.value(), Dialer::kTimeout,
                            Dialer::OnDone::of<&StreamClient::on_dialled>(this));
}

void StreamClient::on_dialled(Result<Peer*> dialled) {
    if (!dialled) return finish(dialled.error());
    peer_ = dialled.value();
    silence_.start(kSilenceLimit);
    auto fetch = std::make_unique<http::Fetch>(*peer_, request(), static_cast<http::FetchListener&>(*this));
    fetch_ = fetch.get();
    peer_->set_handler(std::move(fetch));
}

std::string StreamClient::request() const {
    if (url_.scheme != "mmsh") {
        const std::string host = url_.host_header();
        const http::HeaderView headers[] = {
            {"Host", host}, {"User-Agent", "weir/" WEIR_VERSION}, {"Accept", "*/*"}, {"Connection", "close"}};
        return http::format_request_head(http::Version::http_1_1, "GET", url_.path, headers);
    }
    return phase_ == Phase::describe ? wmsp::describe_request(url_, guid_)
                                     : wmsp::play_request(url_, guid_, client_id_, streams_);
}

void StreamClient::on_head(const http::Response& response) {
    silence_.start(kSilenceLimit);
    if (const auto location = response.header("Location"); location && response.status / 100 == 3) {
        redirect_to_ = *location;
        return on_done(Ok{});
    }
    if (response.status != 200)
        return finish(
            Error{response.status == 404 ? Errc::not_found : Errc::refused,
                  fmt::format("the server answered {} {}", response.status, printable(response.reason))});
    if (const auto id = wmsp::client_id_of(response)) client_id_ = id;
}

void StreamClient::on_body(Bytes piece) {
    silence_.start(kSilenceLimit);
    if (finished_) return;
    listener_.on_bytes(piece.size());
    if (phase_ == Phase::describe) {
        described_.insert(described_.end(), piece.begin(), piece.end());
        if (described_.size() > kMaxDescribe)
            finish(Error{Errc::too_large, "the stream's description has no end"});
        return;
    }
    if (auto fed = feed(piece); !fed) return finish(fed.error());
    if (reader_ && reader_->finished()) finish(Ok{});
}

Result<> StreamClient::feed(Bytes piece) {
    if (reader_) return reader_->feed(piece, listener_);
    first_.insert(first_.end(), piece.begin(), piece.end());
    bool may_come = false;
    for (const Container* container : containers_) {
        const auto detected = container->detect(first_);
        may_come |= detected == Container::Detected::need_more;
        if (detected != Container::Detected::yes) continue;
        reader_ = container->open_reader({});
        const auto held = std::exchange(first_, {});
        return reader_->feed(held, listener_);
    }
    if (may_come) return Ok{};
    return Error{Errc::unsupported,
                 "not a stream that weir knows: it begins with \"" + printable(as_text(first_), 24) + "\""};
}

// The answer came whole, or the connection broke.
void StreamClient::on_done(Result<> result) {
    if (finished_) return;
    drop_connection();
    if (!redirect_to_.empty()) {
        if (++redirects_ > kMaxRedirects) return finish(Error{Errc::refused, "too many redirects"});
        const std::string to = std::exchange(redirect_to_, {});
        auto url = http::parse_url(to.starts_with('/') ? "http://" + url_.host_header() + to : to);
        if (!url) return finish(url.error());
        // Never to another server.
        if (url.value().credentials.empty() && url.value().authority() == url_.authority())
            url.value().credentials = url_.credentials;
        const std::string scheme = url_.scheme;
        url_ = std::move(url).value();
        url_.scheme = scheme;  // WMSP is redirected by http:// URLs
        return dial();
    }
    if (!result) return finish(result.error());
    if (phase_ == Phase::describe) return on_described();
    if (!reader_) return finish(Error{Errc::closed, "the server sent no stream"});
    if (auto ended = reader_->end(); !ended) return finish(ended.error());
    finish(reader_->finished() || url_.scheme != "mmsh"
               ? Result<>{Ok{}}
               : Result<>{Error{Errc::closed, "the server ended the connection in mid-stream"}});
}

void StreamClient::on_described() {
    auto streams = wmsp::streams_of(described_);
    if (!streams) return finish(streams.error());
    streams_ = std::move(streams).value();
    phase_ = Phase::play;
    dial();
}

void StreamClient::on_silence() {
    finish(Error{Errc::timed_out, "nothing came for 30 s"});
}

void StreamClient::finish(Result<> result) {
    if (finished_) return;
    finished_ = true;
    silence_.stop();
    drop_connection();
    listener_.on_done(std::move(result));
}

void StreamClient::drop_connection() noexcept {
    if (fetch_) fetch_->detach();
    if (peer_ && !peer_->is_closing()) peer_->close(CloseReason::finished);
    fetch_ = nullptr;
    peer_ = nullptr;
}

}  // namespace weir::cli
