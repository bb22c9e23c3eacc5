// The body of a PushStart on its way from the connection to the push context. A BodySink, owned by the
// connection; when it is destroyed before the body's end, the connection is lost.
#pragma once

#include <string>

#include "protocols/http/service.hpp"
#include "protocols/wmpush/contexts.hpp"

namespace weir::wmpush {

class PushBody final : public http::BodySink, private PushContext::Carrier {
  public:
    // `exchange`: of a PushStart with a Content-Length, let in.
    PushBody(http::Exchange& exchange, PushContext& context);
    ~PushBody() override;

    void on_body(Bytes piece) override;
    void on_end() override;

  private:
    void on_idle() override;
    void on_replaced() override;

    http::Exchange& exchange_;
    PushContext* context_;  // null: answered or replaced, what follows is not read
};

}  // namespace weir::wmpush
