#include <utility>

#include "protocols/http/response.hpp"

namespace weir::http {

namespace {

// RFC 9112 §6.3: these never have a body, whatever their headers say.
bool has_no_body(int status, ResponseReader::Asked asked) noexcept {
    return asked == ResponseReader::Asked::head || status < 200 || status == 204 || status == 304;
}

Errc to_errc(int status) noexcept {
    if (status == 413 || status == 431) return Errc::too_large;
    return status >= 500 ? Errc::unsupported : Errc::bad_input;
}

}  // namespace

Result<MessageReader::Framed> ResponseReader::on_head(HeadReader::Head& head) {
    response_ = Response{.status = head.status,
                         .reason = std::move(head.reason),
                         .major = head.major,
                         .minor = head.minor,
                         .headers = std::move(head.headers),
                         .content_length = head.content_length,
                         .chunked = head.chunked,
                         .keep_alive = head.keep_alive};
    auto framing = BodyReader::Framing::until_close;
    if (has_no_body(response_.status, asked_))
        framing = BodyReader::Framing::none;
    else if (response_.chunked)
        framing = BodyReader::Framing::chunked;
    else if (response_.content_length)
        framing = BodyReader::Framing::length;
    else
        response_.keep_alive = false;
    return Framed{.framing = framing, .length = response_.content_length.value_or(0)};
}

void ResponseReader::on_error(int status, std::string detail) {
    error_ = {status == kCutShort ? Errc::closed : to_errc(status), std::move(detail)};
}

void ResponseReader::reset(Asked asked) {
    MessageReader::reset();
    response_ = {};
    error_ = {};
    asked_ = asked;
}

}  // namespace weir::http
