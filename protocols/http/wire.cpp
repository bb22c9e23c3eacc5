#include "protocols/http/wire.hpp"

#include <utility>

namespace weir::http {

Result<MessageReader::Framed> RequestReader::on_head(HeadReader::Head& head) {
    request_ = Request{.method = to_method(head.method),
                       .method_name = std::move(head.method),
                       .target = std::move(head.target),
                       .path = {},
                       .query = {},
                       .major = head.major,
                       .minor = head.minor,
                       .headers = std::move(head.headers),
                       .content_length = head.content_length,
                       .chunked = head.chunked,
                       .expects_continue = false,
                       .keep_alive = head.keep_alive};
    // An HTTP/1.0 client cannot wait for an interim answer (RFC 9110 §10.1.1).
    request_.expects_continue =
        request_.minor >= 1 && has_list_token(request_.headers, "Expect", "100-continue");
    if (const auto split = split_target(request_); !split) return split.error();
    const auto framing = request_.chunked          ? BodyReader::Framing::chunked
                         : request_.content_length ? BodyReader::Framing::length
                                                   : BodyReader::Framing::none;
    return Framed{.framing = framing, .length = request_.content_length.value_or(0)};
}

void RequestReader::on_error(int status, std::string detail) {
    error_ = {.status = status == kCutShort ? 400 : status, .detail = std::move(detail)};
}

void RequestReader::body_until_close() noexcept {
    if (frame_until_close()) request_.keep_alive = false;
}

void RequestReader::reset() {
    MessageReader::reset();
    request_ = {};
    error_ = {};
}

}  // namespace weir::http
