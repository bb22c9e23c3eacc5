#include "protocols/http/get.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/base/text.hpp"

namespace weir::http {

namespace {

// A Location as a URL by itself (RFC 3986 section 5.2, but that dots in a path are left to the server).
std::string resolve(const Url& base, std::string_view location) {
    const auto end_of_scheme = location.find_first_of(":/?#");
    if (end_of_scheme != std::string_view::npos && end_of_scheme > 0 && location[end_of_scheme] == ':')
        return std::string(location);
    std::string out = base.scheme + ":";
    if (location.starts_with("//")) return out += location;
    out += "//" + base.host_header();
    if (location.starts_with('/')) return out += location;
    const std::string_view path = std::string_view{base.path}.substr(0, base.path.find('?'));
    out += location.empty() || location.front() == '?' ? path : path.substr(0, path.rfind('/') + 1);
    return out += location;
}

}  // namespace

Get::Get(Outbound& outbound, Url url, GetListener& listener)
    : outbound_(outbound),
      asked_(std::move(url)),
      url_(asked_),
      listener_(&listener),
      timer_(outbound.timers(), Callback<void()>::of<&Get::on_timeout>(this)),
      authenticator_(url_.credentials, fresh_cnonce()) {
    dial();
}

Get::~Get() {
    cancel();
}

void Get::cancel() noexcept {
    listener_ = nullptr;
    timer_.stop();
    dial_.reset();
    drop_connection();
}

void Get::drop_connection() noexcept {
    if (fetch_) fetch_->detach();
    if (peer_ && !peer_->is_closing()) peer_->close(CloseReason::finished);
    fetch_ = nullptr;
    peer_ = nullptr;
}

void Get::dial() {
    auto address = parse_address(url_.authority());
    // parse_url() lets nothing through that parse_address() refuses but odd IPv6 text.
    if (!address) {
        refusal_ = address.error();
        timer_.start(Duration{0});
        return;
    }
    dial_ = outbound_.dial(address.value(), kConnectTimeout, Dial::OnDone::of<&Get::on_dialled>(this));
}

void Get::on_dialled(Result<Peer*> dialled) {
    if (!dialled) return give_up({Errc::unreachable, dialled.error().detail});
    peer_ = dialled.value();
    const auto request = listener_->request(url_, authenticator_.authorization("GET", url_.path));
    auto fetch = std::make_unique<Fetch>(*peer_, request, static_cast<FetchListener&>(*this));
    fetch_ = fetch.get();
    peer_->set_handler(std::move(fetch));
    timer_.start(kAnswerTimeout);
}

// The answer is late, or it was one that asks for another request.
void Get::on_timeout() {
    if (refusal_) return give_up(*std::exchange(refusal_, std::nullopt));
    if (redirect_) {
        const bool is_same = is_same_server(*redirect_, url_) && redirect_->credentials == url_.credentials;
        url_ = *std::exchange(redirect_, std::nullopt);
        if (!is_same) authenticator_ = Authenticator{url_.credentials, fresh_cnonce()};
        return dial();
    }
    if (std::exchange(ask_again_, false)) return dial();
    give_up(
        {Errc::timed_out, fmt::format("{}no answer within {} s", where(), kAnswerTimeout.count() / 1000)});
}

void Get::on_head(const Response& response) {
    timer_.stop();
    if (!is_redirected(response) && !is_challenged(response)) return listener_->on_head(response);
    // Their bodies are of no interest, and the next request takes a connection of its own.
    drop_connection();
    timer_.start(Duration{0});
}

void Get::on_body(Bytes piece) {
    listener_->on_body(piece);
}

bool Get::is_redirected(const Response& response) {
    auto url = redirect_of(response, url_, asked_);
    if (!url) return false;
    if (++redirects_ > kMaxRedirects)
        refusal_ = {Errc::refused,
                    fmt::format("more than {} redirects, the last to {}", kMaxRedirects, url_.text())};
    else if (!url->ok())
        refusal_ = url->error();
    else
        redirect_ = std::move(*url).value();
    return true;
}

bool Get::is_challenged(const Response& response) {
    if (response.status != 401) return false;
    if (auto challenged = authenticator_.challenge(response); !challenged) {
        refusal_ = {Errc::refused, where() + challenged.error().detail};
    } else {
        ask_again_ = true;
    }
    return true;
}

// The answer came whole, or the connection broke.
void Get::on_done(Result<> result) {
    fetch_ = nullptr;
    peer_ = nullptr;
    timer_.stop();
    if (listener_) listener_->on_done(std::move(result));
}

std::string Get::where() const {
    return redirects_ == 0 ? std::string{} : url_.text() + ": ";
}

void Get::give_up(Error why) {
    GetListener* listener = listener_;
    cancel();
    if (listener) listener->on_done(std::move(why));
}

bool is_same_server(const Url& a, const Url& b) noexcept {
    return a.port == b.port && equal_ignoring_case(a.host, b.host);
}

// 305 names a proxy, which weir does not use.
std::optional<Result<Url>> redirect_of(const Response& response, const Url& from, const Url& asked) {
    const auto location = response.header("Location");
    if (response.status / 100 != 3 || response.status == 304 || response.status == 305 || !location)
        return std::nullopt;
    auto url = parse_url(resolve(from, *location));
    if (!url) return Error{Errc::refused, "redirected to " + url.error().detail};
    // Credentials are for the server they were given for, and for no other.
    for (const Url* known : {&from, &asked}) {
        if (url.value().credentials.empty() && is_same_server(url.value(), *known))
            url.value().credentials = known->credentials;
    }
    return url;
}

Error error_of(const Response& response) {
    const Errc code = response.status == 404 || response.status == 410 ? Errc::not_found
                      : response.status >= 500                         ? Errc::unreachable
                                                                       : Errc::refused;
    const std::string reason = response.reason.empty() ? "" : " " + printable(response.reason);
    return {code, fmt::format("the server answered {}{}", response.status, reason)};
}

}  // namespace weir::http
