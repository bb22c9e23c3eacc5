#include "protocols/http/wire.hpp"

#include <utility>

#include "core/base/text.hpp"
#include "protocols/http/head_reader.hpp"

namespace weir::http {

RequestReader::RequestReader(const HeaderLimits& limits)
    : head_(std::make_unique<HeadReader>(HeadReader::Kind::request, limits)) {}
RequestReader::~RequestReader() = default;
RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader& RequestReader::operator=(RequestReader&&) noexcept = default;

RequestReader::Event RequestReader::fail(int status, std::string detail) {
    state_ = State::error;
    error_ = {.status = status, .detail = std::move(detail)};
    return Event::error;
}

RequestReader::Event RequestReader::next(Bytes& in) {
    body_ = {};
    switch (state_) {
        case State::head:
            switch (head_->next(in)) {
                case HeadReader::Event::need_more:
                    return Event::need_more;
                case HeadReader::Event::complete:
                    return on_head_complete();
                case HeadReader::Event::error:
                    return fail(head_->error_status(), head_->error_detail());
            }
            break;
        case State::body:
            switch (body_reader_.next(in)) {
                case BodyReader::Event::need_more:
                    return Event::need_more;
                case BodyReader::Event::piece:
                    body_ = body_reader_.piece();
                    return Event::body;
                case BodyReader::Event::end:
                    state_ = State::end;
                    return Event::end;
                case BodyReader::Event::error:
                    return fail(body_reader_.status(), body_reader_.detail());
            }
            break;
        case State::end:
            return Event::end;
        case State::error:
            break;
    }
    return Event::error;
}

RequestReader::Event RequestReader::on_head_complete() {
    HeadReader::Head& head = head_->head();
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
    if (const auto split = split_target(request_); !split) return fail(400, split.error().detail);
    const auto framing = request_.chunked          ? BodyReader::Framing::chunked
                         : request_.content_length ? BodyReader::Framing::length
                                                   : BodyReader::Framing::none;
    body_reader_ = BodyReader{framing, request_.content_length.value_or(0), head_->limits().chunk};
    state_ = State::body;
    return Event::head;
}

RequestReader::Event RequestReader::finish() {
    body_ = {};
    switch (state_) {
        case State::head:
            return in_head() ? fail(400, "the connection ended inside the head") : Event::need_more;
        case State::body:
            if (body_reader_.framing() == BodyReader::Framing::until_close || body_reader_.is_complete()) {
                state_ = State::end;
                return Event::end;
            }
            return fail(400, "the connection ended inside the body");
        case State::end:
            return Event::end;
        case State::error:
            break;
    }
    return Event::error;
}

bool RequestReader::in_head() const noexcept {
    return state_ == State::head && head_->has_begun();
}

void RequestReader::body_until_close() noexcept {
    if (state_ != State::body || body_reader_.framing() != BodyReader::Framing::none) return;
    body_reader_ = BodyReader{BodyReader::Framing::until_close, 0, 0};
    request_.keep_alive = false;
}

void RequestReader::reset() {
    head_->reset();
    body_reader_ = {};
    request_ = {};
    error_ = {};
    body_ = {};
    state_ = State::head;
}

}  // namespace weir::http
