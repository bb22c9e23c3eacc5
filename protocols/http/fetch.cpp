#include "protocols/http/fetch.hpp"

#include <string>
#include <utility>

namespace weir::http {

Fetch::Fetch(Peer& peer, std::string_view request, FetchListener& listener)
    : peer_(peer), listener_(&listener) {
    peer_.write(as_bytes(request));
}

void Fetch::on_bytes(Bytes bytes) noexcept {
    while (listener_) {
        const auto event = reader_.next(bytes);
        if (event == ResponseReader::Event::need_more) return;
        handle(event);
    }
}

void Fetch::on_eof() noexcept {
    if (!listener_) return peer_.close(CloseReason::peer_closed);
    const auto event = reader_.finish();
    if (event != ResponseReader::Event::need_more) return handle(event);
    done(Error{Errc::closed, "the server closed the connection without an answer"});
}

void Fetch::on_closed(CloseReason reason) noexcept {
    done(Error{Errc::closed, "the connection ended: " + std::string(to_string(reason))});
}

void Fetch::handle(ResponseReader::Event event) {
    const int status = reader_.response().status;
    switch (event) {
        case ResponseReader::Event::need_more:
            return;
        case ResponseReader::Event::head:
            if (status >= 200) listener_->on_head(reader_.response());
            return;
        case ResponseReader::Event::body:
            return listener_->on_body(reader_.body());
        case ResponseReader::Event::end:
            if (status < 200) return reader_.reset();
            return done(Ok{});
        case ResponseReader::Event::error:
            return done(reader_.error());
    }
}

void Fetch::done(Result<> result) {
    if (!listener_) return;
    std::exchange(listener_, nullptr)->on_done(std::move(result));
    peer_.close(CloseReason::finished);
}

}  // namespace weir::http
