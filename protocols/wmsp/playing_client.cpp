#include "protocols/wmsp/playing_client.hpp"

#include "core/base/text.hpp"
#include "protocols/wmsp/log_record.hpp"

namespace weir::wmsp {

PlayingClient::PlayingClient(Host& host, Contexts& contexts, Contexts::Context* context, Peer& peer,
                             Channel& channel, const PlayStyle& style, std::string_view head, std::string who,
                             std::optional<Seq> from)
    : Viewer(peer, channel, style, head, who, from), host_(host), contexts_(contexts), context_(context) {
    if (context_) contexts_.playing(*context_, *this);
    if (is_link()) ++host_.stats().links;
}

PlayingClient::~PlayingClient() {
    if (context_) contexts_.stopped(*context_);
    if (is_link()) --host_.stats().links;
}

void PlayingClient::stop() {
    finish(EndReason::finished);
}

// The answer to Play has no end, so nothing that is asked behind it can be answered; Stop is obeyed, logs are
// noted, the rest has no meaning for a live stream.
void PlayingClient::on_bytes(Bytes bytes) noexcept {
    if (!reader_) reader_ = std::make_unique<http::RequestReader>();
    for (;;) {
        switch (reader_->next(bytes)) {
            case http::RequestReader::Event::need_more:
                return;
            case http::RequestReader::Event::head:
                log_body_.clear();
                break;
            case http::RequestReader::Event::body:
                if (log_body_.size() + reader_->body().size() <= LogRecord::kMaxSize)
                    log_body_ += as_text(reader_->body());
                break;
            case http::RequestReader::Event::end: {
                const Request request = classify(reader_->request());
                if (request.kind == Request::Kind::stop) return stop();
                if (request.kind == Request::Kind::log) note_log(host_, peer(), request, log_body_);
                reader_->reset();
                break;
            }
            case http::RequestReader::Event::error:
                ++host_.stats().bad_requests;
                host_.log().info("{}: closed: {}", peer().remote(), printable(reader_->error().detail));
                return peer().close(CloseReason::protocol_error);
        }
    }
}

void note_log(Host& host, const Peer& peer, const Request& request, std::string_view body) {
    const LogRecord record = request.log_line.empty() ? parse_log(body) : parse_log_line(request.log_line);
    host.log().info("{}: player's log: status {}, played {} s, received {} bytes, lost {} packets, {} {}",
                    peer.remote(), record.field("c-status"), record.field("x-duration"),
                    record.field("c-bytes"), record.field("c-pkts-lost-client"),
                    record.field("c-playerversion"), record.field("cs-uri-stem"));
}

}  // namespace weir::wmsp
