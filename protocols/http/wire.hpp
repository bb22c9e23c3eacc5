// Requests out of a connection's bytes, pulled: the caller hands over what it read and asks for one event
// after the other until need_more (message_reader.hpp says what each means). Bodies are views into the
// caller's bytes.
#pragma once

#include <string>

#include "protocols/http/message_reader.hpp"
#include "protocols/http/request.hpp"

namespace weir::http {

struct RequestError {
    int status = 400;    // what to answer before closing: 400, 405, 413, 431, 501, 505
    std::string detail;  // a sentence: what was found, what the limit is
};

class RequestReader final : public MessageReader {
  public:
    explicit RequestReader(const HeaderLimits& limits = {})
        : MessageReader(HeadReader::Kind::request, limits) {}

    const Request& request() const noexcept { return request_; }
    const RequestError& error() const noexcept { return error_; }
    // To be called after head, before the next next(), when the request has neither length nor chunks and its
    // body lasts until the connection ends (a push from ffmpeg -chunked_post 0). No effect on others.
    void body_until_close() noexcept;
    // Ready for the next request on the connection.
    void reset();

  private:
    Result<Framed> on_head(HeadReader::Head& head) override;
    void on_error(int status, std::string detail) override;

    Request request_;
    RequestError error_;
};

}  // namespace weir::http
