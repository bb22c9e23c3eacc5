// A WMSP client that plays: a Viewer that also hears what the client says on the same connection (a Stop or a
// log, sent pipelined) and keeps its context STREAMING.
#pragma once

#include <memory>

#include "core/relay/viewer.hpp"
#include "protocols/http/wire.hpp"
#include "protocols/wmsp/contexts.hpp"
#include "protocols/wmsp/request.hpp"

namespace weir::wmsp {

class PlayingClient final : public Viewer {
  public:
    PlayingClient(Host& host, Contexts& contexts, Contexts::Context* context, Peer& peer, Channel& channel,
                  const PlayStyle& style, std::string_view head, std::string who, std::optional<Seq> from);
    ~PlayingClient() override;

    void on_bytes(Bytes bytes) noexcept override;
    void stop();  // asked for by the client, here or on another connection

  private:
    Host& host_;
    Contexts& contexts_;
    Contexts::Context* context_;                   // null: nobody will ask for it
    std::unique_ptr<http::RequestReader> reader_;  // only for those that speak while they play
    std::string log_body_;
};

// A player's report on its playing, for the log.
void note_log(Host& host, const Peer& peer, const Request& request, std::string_view body);

}  // namespace weir::wmsp
