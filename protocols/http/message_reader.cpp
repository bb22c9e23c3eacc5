#include "protocols/http/message_reader.hpp"

#include <utility>

namespace weir::http {

MessageReader::MessageReader(HeadReader::Kind kind, const HeaderLimits& limits)
    : head_(std::make_unique<HeadReader>(kind, limits)) {}
MessageReader::~MessageReader() = default;
MessageReader::MessageReader(MessageReader&&) noexcept = default;
MessageReader& MessageReader::operator=(MessageReader&&) noexcept = default;

MessageReader::Event MessageReader::fail(int status, std::string detail) {
    state_ = State::error;
    on_error(status, std::move(detail));
    return Event::error;
}

MessageReader::Event MessageReader::next(Bytes& in) {
    body_ = {};
    switch (state_) {
        case State::head:
            switch (head_->next(in)) {
                case HeadReader::Event::need_more:
                    return Event::need_more;
                case HeadReader::Event::complete:
                    return begin_body();
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

MessageReader::Event MessageReader::begin_body() {
    const auto framed = on_head(head_->head());
    if (!framed) return fail(400, framed.error().detail);
    body_reader_ = BodyReader{framed.value().framing, framed.value().length, head_->limits().chunk};
    state_ = State::body;
    return Event::head;
}

MessageReader::Event MessageReader::finish() {
    body_ = {};
    switch (state_) {
        case State::head:
            return in_head() ? fail(kCutShort, "the connection ended inside the head") : Event::need_more;
        case State::body:
            if (body_reader_.framing() == BodyReader::Framing::until_close || body_reader_.is_complete()) {
                state_ = State::end;
                return Event::end;
            }
            return fail(kCutShort, "the connection ended inside the body");
        case State::end:
            return Event::end;
        case State::error:
            break;
    }
    return Event::error;
}

bool MessageReader::frame_until_close() noexcept {
    if (state_ != State::body || body_reader_.framing() != BodyReader::Framing::none) return false;
    body_reader_ = BodyReader{BodyReader::Framing::until_close, 0, 0};
    return true;
}

void MessageReader::reset() {
    head_->reset();
    body_reader_ = {};
    body_ = {};
    state_ = State::head;
}

}  // namespace weir::http
