// The seam between an HTTP connection and what is served on it. An HttpService says which requests are its
// own and answers them through an Exchange; which services there are, and in which order they are asked, is a
// const table (protocols/builtin.cpp). One object of each per worker, on its thread; outlives all
// connections.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/peer.hpp"
#include "core/relay/host.hpp"
#include "protocols/http/request.hpp"

namespace weir::http {

// Where a request's body goes. Destroyed with the exchange.
class BodySink {
  public:
    virtual ~BodySink() = default;
    virtual void on_body(Bytes piece) = 0;  // valid during the call
    // The extension of a chunk, before its first piece: ";name=value".
    virtual void on_extension(std::string_view /*text*/) {}
    virtual void on_end() = 0;  // the body is complete: time to reply
};

enum class Next { keep_open, close };

// One request and its answer.
class Exchange {
  public:
    virtual const Request& request() const = 0;
    virtual Host& host() = 0;
    virtual Peer& peer() = 0;

    // The whole answer, head and body as they go on the wire. Nothing may follow it. keep_open: the next
    // request on this connection is read, unless the client wanted otherwise or its body is still to come.
    virtual void reply(std::string_view head_and_body, Next next) = 0;
    // Lets the body come to `sink`; answers "100 Continue" where the client waits for it, with `headers`,
    // whole lines. For a body without length or chunks it lasts until the client ends the connection if
    // `until_close`.
    enum class Unbounded { empty, until_close };
    virtual void receive(std::unique_ptr<BodySink> sink, Unbounded unbounded,
                         std::string_view headers = {}) = 0;
    // How long this connection may stay silent from the next byte on, in a body and between two requests
    // (a minute where nothing was said).
    virtual void set_idle_limit(Duration limit) = 0;
    // The connection is `handler`'s from now on; request and parser are freed.
    virtual void take_over(std::unique_ptr<Handler> handler) = 0;
    // The service is asked to serve this request again once `channel` has a format; after the channel's
    // wait_max instead, 503.
    virtual void hold_for_format(Channel& channel) = 0;

  protected:
    ~Exchange() = default;
};

class HttpService {
  public:
    virtual ~HttpService() = default;
    virtual bool match(const Request& request) const = 0;
    virtual void serve(Exchange& exchange) = 0;
};

struct HttpServiceEntry {
    std::string_view name;
    std::unique_ptr<HttpService> (*open)(Host& host);
};

// The channel that a request's path names, "/news" as "/news.asf" (suffix ".asf"); null: none.
Channel* find_channel(Host& host, const Request& request, std::string_view suffix = {});
// The name in a request's path, without `suffix`; nothing where it has another form.
std::optional<std::string_view> name_in(const Request& request, std::string_view suffix = {});
// The name by which Host::ask_for() may give what a request to play means, "/news" or "/news.asf"; nothing:
// there is none.
std::optional<std::string_view> served_name(Host& host, const Request& request);
// How a client is told that ask_for() gave none.
constexpr int status_of_asking(Errc code) noexcept {
    return code == Errc::not_found ? 404 : 503;
}

}  // namespace weir::http
