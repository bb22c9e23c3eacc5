#include "protocols/http/connection.hpp"

#include "core/base/text.hpp"
#include "protocols/http/replies.hpp"

namespace weir::http {

namespace {
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n";
}

Connection::Connection(Host& host, Peer& peer, std::span<const std::unique_ptr<HttpService>> services)
    : host_(host),
      peer_(peer),
      services_(services),
      timer_(host.timers(), Callback<void()>::of<&Connection::on_timeout>(this)) {
    timer_.start(host.server().header_timeout);
}

void Connection::on_bytes(Bytes bytes) noexcept {
    if (state_ != State::held) return process(bytes);
    if (ahead_.size() + bytes.size() > kMaxAhead) return fail(413, "too much was sent before the answer");
    ahead_.insert(ahead_.end(), bytes.begin(), bytes.end());
}

void Connection::process(Bytes in) {
    while (state_ != State::done && state_ != State::held) {
        if (state_ == State::head && !reader_.in_head() && !in.empty())
            timer_.start(host_.server().header_timeout);
        const auto event = reader_.next(in);
        if (event == RequestReader::Event::need_more) break;
        dispatch(event);
    }
    if (state_ == State::body && sink_) timer_.start(idle_limit_);
    if (state_ == State::held) ahead_.assign(in.begin(), in.end());
    if (successor_ && !in.empty() && !peer_.is_closing()) successor_->on_bytes(in);
}

void Connection::dispatch(RequestReader::Event event) {
    switch (event) {
        case RequestReader::Event::need_more:
            return;
        case RequestReader::Event::head:
            message_complete_ = false;
            answered_sink_.reset();
            state_ = State::body;
            return serve();
        case RequestReader::Event::body:
            if (const auto extension = reader_.take_extension(); sink_ && !extension.empty())
                sink_->on_extension(extension);
            if (sink_) sink_->on_body(reader_.body());
            return;
        case RequestReader::Event::end:
            return on_message_end();
        case RequestReader::Event::error:
            return on_reader_error();
    }
}

void Connection::serve() {
    service_ = nullptr;
    for (const auto& service : services_) {
        if (!service->match(request())) continue;
        service_ = service.get();
        return service_->serve(*this);
    }
    reply(format(request(),
                 {.status = 404, .body = "There is nothing at " + printable(request().path) + ".\n"}),
          Next::keep_open);
}

void Connection::on_message_end() {
    message_complete_ = true;
    if (state_ == State::body && sink_) {
        auto sink = std::move(sink_);  // it may reply, and a reply ends the exchange
        sink->on_end();
    }
    if (state_ != State::answered) return;
    reader_.reset();
    state_ = State::head;
    timer_.start(idle_limit_);
}

void Connection::reply(std::string_view head_and_body, Next next) {
    if (state_ == State::done) return;
    peer_.write(as_bytes(head_and_body));
    if (sink_) answered_sink_ = std::move(sink_);
    // A body that is still on its way and that nobody asked for is not worth reading to its end.
    const bool body_to_come = !message_complete_ && !request().has_empty_body();
    if (next == Next::close || !request().keep_alive || body_to_come || eof_) {
        state_ = State::done;
        timer_.stop();
        peer_.close(CloseReason::finished);
        return;
    }
    state_ = State::answered;
}

void Connection::receive(std::unique_ptr<BodySink> sink, Unbounded unbounded, std::string_view headers) {
    if (unbounded == Unbounded::until_close) reader_.body_until_close();
    if (request().expects_continue)
        peer_.write(as_bytes(std::string(kContinue) + std::string(headers) + "\r\n"));
    sink_ = std::move(sink);
    state_ = State::body;
    timer_.start(idle_limit_);
}

void Connection::take_over(std::unique_ptr<Handler> handler) {
    state_ = State::done;
    timer_.stop();
    successor_ = handler.get();
    peer_.set_handler(std::move(handler));
}

void Connection::hold_for_format(Channel& channel) {
    state_ = State::held;
    timer_.start(channel.policy().wait_max);
    channel.wait_for_format(*this);
}

void Connection::on_format() noexcept {
    if (state_ != State::held || peer_.is_closing()) return;
    timer_.stop();
    state_ = State::body;
    const auto ahead = std::exchange(ahead_, {});
    service_->serve(*this);
    process(ahead);
}

void Connection::on_not_found() noexcept {
    if (state_ != State::held || peer_.is_closing()) return;
    reply(format(request(), {.status = 404,
                             .body = "There is no channel " + printable(request().path) + " here.\n",
                             .close = true}),
          Next::close);
}

void Connection::on_eof() noexcept {
    eof_ = true;
    if (state_ == State::held || state_ == State::done) return peer_.close(CloseReason::peer_closed);
    const auto event = reader_.finish();
    if (event == RequestReader::Event::end) dispatch(event);
    if (state_ != State::done) {
        state_ = State::done;
        peer_.close(CloseReason::peer_closed);
    }
}

void Connection::on_reader_error() {
    fail(reader_.error().status, reader_.error().detail);
}

void Connection::on_timeout() {
    if (state_ == State::held) {
        FormatWaiter::unlink();
        return reply(format(request(), {.status = 503,
                                        .body = "This channel is not on air yet. Try again later.\n",
                                        .more = {{"Retry-After", "5"}},
                                        .close = true}),
                     Next::close);
    }
    ++host_.stats().timeouts;
    if (state_ == State::head && reader_.in_head())
        return fail(408, "the request's head did not arrive in time");
    if (state_ == State::body) return fail(408, "nothing of the body arrived for too long");
    state_ = State::done;
    peer_.close(CloseReason::timed_out);
}

void Connection::fail(int status, std::string_view sentence) {
    if (status != 408) ++host_.stats().bad_requests;  // a timeout is counted as one
    host_.log().info("{}: closed with {}: {}", peer_.remote(), status, printable(sentence));
    state_ = State::done;
    timer_.stop();
    sink_.reset();
    peer_.write(as_bytes(format_error(status, sentence)));
    peer_.close(CloseReason::protocol_error);
}

}  // namespace weir::http
