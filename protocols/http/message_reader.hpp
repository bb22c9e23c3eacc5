// What reading requests and reading responses have in common: a head, then a body in one of its framings,
// pulled out of a connection's bytes, which may be cut anywhere. Base of RequestReader and ResponseReader;
// owned by the connection, on its worker's thread; no I/O, no clock. Stores at most one head within
// HeaderLimits.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "protocols/http/body_reader.hpp"
#include "protocols/http/head_reader.hpp"
#include "protocols/http/header.hpp"

namespace weir::http {

class MessageReader {
  public:
    enum class Event {
        need_more,  // `in` is used up
        head,       // the head is complete, the body not begun
        body,       // body() is the next piece: a view into what `in` was, never empty
        end,        // the message is complete; what is left in `in` is the next one's. Repeated until reset()
        error,      // see error(). Final
    };
    // Consumes from the front of `in`. After head call it again even when `in` is empty: a message without a
    // body ends at once.
    Event next(Bytes& in);
    // The other side will send no more. end: of a body that lasts until then. error: in the middle of a
    // message. need_more: between two messages.
    Event finish();

    Bytes body() const noexcept { return body_; }
    // Of the chunk that body() is from, as it came; once, with its first piece.
    std::string take_extension() noexcept { return body_reader_.take_extension(); }
    // Some bytes of a head came, not all of it: what a slow head is told by.
    bool in_head() const noexcept { return state_ == State::head && head_->has_begun(); }

  protected:
    MessageReader(HeadReader::Kind kind, const HeaderLimits& limits);
    ~MessageReader();
    MessageReader(MessageReader&&) noexcept;
    MessageReader& operator=(MessageReader&&) noexcept;

    // Takes what it wants of `head`, and says how the body is framed.
    struct Framed {
        BodyReader::Framing framing;
        std::uint64_t length;
    };
    virtual Result<Framed> on_head(HeadReader::Head& head) = 0;
    // status: what a server answers to it; kCutShort: the connection ended in the middle.
    static constexpr int kCutShort = 0;
    virtual void on_error(int status, std::string detail) = 0;

    // Between head and the first byte of the body: it lasts until the connection ends, where nothing else was
    // said.
    bool frame_until_close() noexcept;
    void reset();

  private:
    Event begin_body();
    Event fail(int status, std::string detail);

    enum class State { head, body, end, error };
    std::unique_ptr<HeadReader> head_;
    BodyReader body_reader_;
    Bytes body_;
    State state_ = State::head;
};

}  // namespace weir::http
