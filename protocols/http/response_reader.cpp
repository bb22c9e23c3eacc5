#include <utility>

#include "protocols/http/head_reader.hpp"
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

ResponseReader::ResponseReader(Asked asked, const HeaderLimits& limits)
    : head_(std::make_unique<HeadReader>(HeadReader::Kind::response, limits)), asked_(asked) {}
ResponseReader::~ResponseReader() = default;
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;
ResponseReader& ResponseReader::operator=(ResponseReader&&) noexcept = default;

ResponseReader::Event ResponseReader::fail(Errc code, std::string detail) {
    state_ = State::error;
    error_ = {code, std::move(detail)};
    return Event::error;
}

ResponseReader::Event ResponseReader::next(Bytes& in) {
    body_ = {};
    switch (state_) {
        case State::head:
            switch (head_->next(in)) {
                case HeadReader::Event::need_more:
                    return Event::need_more;
                case HeadReader::Event::complete:
                    return on_head_complete();
                case HeadReader::Event::error:
                    return fail(to_errc(head_->error_status()), head_->error_detail());
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
                    return fail(to_errc(body_reader_.status()), body_reader_.detail());
            }
            break;
        case State::end:
            return Event::end;
        case State::error:
            break;
    }
    return Event::error;
}

ResponseReader::Event ResponseReader::on_head_complete() {
    HeadReader::Head& head = head_->head();
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
    body_reader_ = BodyReader{framing, response_.content_length.value_or(0), head_->limits().chunk};
    state_ = State::body;
    return Event::head;
}

ResponseReader::Event ResponseReader::finish() {
    body_ = {};
    switch (state_) {
        case State::head:
            return in_head() ? fail(Errc::closed, "the connection ended inside the head") : Event::need_more;
        case State::body:
            if (body_reader_.framing() == BodyReader::Framing::until_close || body_reader_.is_complete()) {
                state_ = State::end;
                return Event::end;
            }
            return fail(Errc::closed, "the connection ended inside the body");
        case State::end:
            return Event::end;
        case State::error:
            break;
    }
    return Event::error;
}

bool ResponseReader::in_head() const noexcept {
    return state_ == State::head && head_->has_begun();
}

void ResponseReader::reset(Asked asked) {
    head_->reset();
    body_reader_ = {};
    response_ = {};
    error_ = {};
    body_ = {};
    state_ = State::head;
    asked_ = asked;
}

}  // namespace weir::http
