// Requests out of a connection's bytes, pulled: the caller hands over what it read and asks for one event
// after the other until need_more. Owned by the connection, on its worker's thread; no I/O, no clock. Stores
// at most one head within HeaderLimits; bodies are views into the caller's bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/bytes.hpp"
#include "protocols/http/body_reader.hpp"
#include "protocols/http/header.hpp"
#include "protocols/http/request.hpp"

namespace weir::http {

class HeadReader;

struct RequestError {
    int status = 400;    // what to answer before closing: 400, 405, 413, 431, 501, 505
    std::string detail;  // a sentence: what was found, what the limit is
};

class RequestReader {
  public:
    explicit RequestReader(const HeaderLimits& limits = {});
    ~RequestReader();
    RequestReader(RequestReader&&) noexcept;
    RequestReader& operator=(RequestReader&&) noexcept;

    enum class Event {
        need_more,  // `in` is used up
        head,       // request() is complete, its body not begun
        body,       // body() is the next piece: a view into what `in` was, never empty
        end,    // the message is complete; what is left in `in` is the next request's. Repeated until reset()
        error,  // see error(). Final: close the connection after the answer
    };
    // Consumes from the front of `in`. After head call it again even when `in` is empty: a message without a
    // body ends at once.
    Event next(Bytes& in);
    // The other side will send no more. end: of a body that lasts until then. error: in the middle of a
    // message. need_more: between two messages.
    Event finish();

    const Request& request() const noexcept { return request_; }
    Bytes body() const noexcept { return body_; }
    const RequestError& error() const noexcept { return error_; }
    // Some bytes of a head came, not all of it: what a slow head (408) is told by.
    bool in_head() const noexcept;
    // To be called after head, before the next next(), when the request has neither length nor chunks and its
    // body lasts until the connection ends (a push from ffmpeg -chunked_post 0). No effect on others.
    void body_until_close() noexcept;
    // Ready for the next request on the connection.
    void reset();

  private:
    Event on_head_complete();
    Event fail(int status, std::string detail);

    enum class State { head, body, end, error };
    std::unique_ptr<HeadReader> head_;
    BodyReader body_reader_;
    Request request_;
    RequestError error_;
    Bytes body_;
    State state_ = State::head;
};

}  // namespace weir::http
