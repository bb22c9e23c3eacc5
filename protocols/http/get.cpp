#include "protocols/http/get.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/base/text.hpp"
#include "protocols/http/relay_headers.hpp"

namespace weir::http {

Get::Get(Outbound& outbound, Url url, Duration timeout, GetListener& listener)
    : outbound_(outbound),
      destination_(std::move(url)),
      timeout_(timeout),
      listener_(&listener),
      timer_(outbound.timers(), Callback<void()>::of<&Get::on_timeout>(this)) {
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
    auto address = parse_address(url().authority());
    // parse_url() lets nothing through that parse_address() refuses but odd IPv6 text.
    if (!address) {
        refusal_ = address.error();
        timer_.start(Duration{0});
        return;
    }
    dial_ = outbound_.dial(address.value(), timeout_, Dial::OnDone::of<&Get::on_dialled>(this));
}

void Get::on_dialled(Result<Peer*> dialled) {
    if (!dialled) return give_up({Errc::unreachable, dialled.error().detail});
    peer_ = dialled.value();
    listener_->on_connected();
    const auto request = listener_->request(url(), destination_.authorization("GET"));
    auto fetch = std::make_unique<Fetch>(*peer_, request, static_cast<FetchListener&>(*this));
    fetch_ = fetch.get();
    peer_->set_handler(std::move(fetch));
    timer_.start(timeout_);
}

// The answer is late, or it was one that asks for another request.
void Get::on_timeout() {
    if (refusal_) return give_up(*std::exchange(refusal_, std::nullopt));
    if (std::exchange(ask_again_, false)) return dial();
    const auto ms = timeout_.count();
    give_up({Errc::timed_out, fmt::format("{}no answer within {} {}", destination_.where(),
                                          ms % 1000 == 0 ? ms / 1000 : ms, ms % 1000 == 0 ? "s" : "ms")});
}

void Get::on_head(const Response& response) {
    timer_.stop();
    const auto followed = destination_.follow(response);
    if (!followed || !followed.value()) listener_->on_status(response.status);
    if (followed && !followed.value()) return listener_->on_head(response);
    if (!followed) refusal_ = followed.error();
    ask_again_ = followed.ok();
    // Such an answer's body is of no interest, and the next request takes a connection of its own.
    drop_connection();
    timer_.start(Duration{0});
}

void Get::on_body(Bytes piece) {
    listener_->on_body(piece);
}

// The answer came whole, or the connection broke.
void Get::on_done(Result<> result) {
    fetch_ = nullptr;
    peer_ = nullptr;
    timer_.stop();
    if (listener_) listener_->on_done(std::move(result));
}

void Get::give_up(Error why) {
    GetListener* listener = listener_;
    cancel();
    if (listener) listener->on_done(std::move(why));
}

Error error_of(const Response& response) {
    if (response.status == kLoopDetected)
        return {Errc::loop, "the server answered 508: its stream comes from here (a loop)"};
    const Errc code = response.status == 404 || response.status == 410 ? Errc::not_found
                      : response.status >= 500                         ? Errc::unreachable
                                                                       : Errc::refused;
    const std::string reason = response.reason.empty() ? "" : " " + printable(response.reason);
    return {code, fmt::format("the server answered {}{}", response.status, reason)};
}

}  // namespace weir::http
