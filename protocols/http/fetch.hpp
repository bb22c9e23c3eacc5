// Fetch: the client side of one GET. Sends a request on a connection and hands over the answer as it comes. A
// Handler, owned by its Peer; worker's thread.
#pragma once

#include <string_view>

#include "core/base/peer.hpp"
#include "protocols/http/response.hpp"

namespace weir::http {

// Whoever asked. May destroy nothing from inside a call, but may close the peer or detach.
class FetchListener {
  public:
    virtual void on_head(const Response& response) = 0;  // once; not for interim answers
    virtual void on_body(Bytes piece) = 0;
    // Once, last. Ok: the answer came whole. Not called after detach().
    virtual void on_done(Result<> result) = 0;

  protected:
    ~FetchListener() = default;
};

class Fetch final : public Handler {
  public:
    // `request`: a whole head as it goes on the wire.
    Fetch(Peer& peer, std::string_view request, FetchListener& listener);

    // The listener is gone or wants no more.
    void detach() noexcept { listener_ = nullptr; }

    void on_bytes(Bytes bytes) noexcept override;
    void on_eof() noexcept override;
    void on_closed(CloseReason reason) noexcept override;

  private:
    void handle(ResponseReader::Event event);
    void done(Result<> result);

    Peer& peer_;
    FetchListener* listener_;
    ResponseReader reader_;
};

}  // namespace weir::http
