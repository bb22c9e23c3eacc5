// Poster: what all pushes over HTTP have in common. It connects, follows redirects, answers a demand for
// credentials with those of the URL, keeps what the socket does not take, and hands over the answers, which
// may come at any time. Owned by the push; its loop's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/timer_queue.hpp"
#include "core/relay/outbound.hpp"
#include "protocols/http/destination.hpp"
#include "protocols/http/response.hpp"

namespace weir::http {

class PosterListener {
  public:
    // A connection: the first request is due. Again after a redirect, for credentials, after reconnect().
    virtual void on_connected() = 0;
    virtual void on_continue(const Response& response) = 0;  // the server waits for the body
    // A final answer that is neither redirect nor challenge, and the beginning of its text.
    virtual void on_answer(const Response& response, std::string_view text) = 0;
    virtual void on_room() = 0;  // all that was written is with the kernel
    // Once, last; never from inside a call to the poster.
    virtual void on_failed(const Error& why) = 0;

  protected:
    ~PosterListener() = default;
};

class Poster final {
  public:
    Poster(Outbound& outbound, Url url, PosterListener& listener);
    ~Poster();
    Poster(const Poster&) = delete;
    Poster& operator=(const Poster&) = delete;

    bool is_connected() const noexcept { return connection_ != nullptr; }
    void write(Bytes bytes);              // nowhere while there is no connection
    std::size_t queued() const noexcept;  // bytes that the kernel has not taken
    // On the same server, later; what is queued is lost.
    void reconnect();
    // Nothing is wanted any more: the connection is closed, the listener hears no more.
    void cancel() noexcept;

    const Url& url() const noexcept { return destination_.url(); }
    bool was_redirected() const noexcept { return destination_.was_redirected(); }
    // Of a POST to url(); nothing before the server asked for one.
    std::optional<std::string> authorization();
    // An answer that refuses, as an Error: "the server answered 409 Conflict: another encoder pushes".
    static Error refusal(const Response& response, std::string_view text);

    static constexpr Duration kConnectTimeout{10'000};

  private:
    class Connection;

    void dial();
    void on_dialled(Result<Peer*> dialled);
    void on_timer();
    void on_answer(const Response& response, std::string_view text);
    void drop_connection() noexcept;
    void fail(const Error& why);

    Outbound& outbound_;
    Destination destination_;
    PosterListener* listener_;  // null: cancelled, or failed
    Timer timer_;               // what is to happen after the present call
    std::unique_ptr<Dial> dial_;
    Peer* peer_ = nullptr;
    Connection* connection_ = nullptr;  // the peer's Handler
    std::optional<Error> failure_;
};

}  // namespace weir::http
