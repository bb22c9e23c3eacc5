// Get: one GET to its final answer: it connects, follows redirects, answers a demand for credentials with
// those of the URL, and hands the answer over as it comes. Owned by whoever asked; worker's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/timer_queue.hpp"
#include "core/relay/outbound.hpp"
#include "protocols/http/destination.hpp"
#include "protocols/http/fetch.hpp"

namespace weir::http {

// Whoever asked.
class GetListener {
  public:
    // The request's head as it goes on the wire; asked for again after a redirect and for credentials.
    // authorization: the value of that header, where one is due.
    virtual std::string request(const Url& url, const std::optional<std::string>& authorization) = 0;
    // A connection is made, the first or that of a redirect or of a demand for credentials.
    virtual void on_connected() {}
    // The final answer's status, before on_head(), or before on_done() tells why it is of no use (a redirect
    // that cannot be followed, a demand for credentials that the URL has not).
    virtual void on_status(int /*status*/) {}
    // The final answer, whatever its status. The Get may be destroyed in here and in what follows.
    virtual void on_head(const Response& response) = 0;
    virtual void on_body(Bytes piece) = 0;
    // Once, last. Ok: the answer came whole.
    virtual void on_done(Result<> result) = 0;

  protected:
    ~GetListener() = default;
};

class Get final : private FetchListener {
  public:
    // Answers through `listener`, never from inside the constructor. timeout: for each connection (its name's
    // lookup included), and then for the head of each answer.
    Get(Outbound& outbound, Url url, Duration timeout, GetListener& listener);
    ~Get();
    Get(const Get&) = delete;
    Get& operator=(const Get&) = delete;

    // Somebody else reads the rest of the answer.
    void set_listener(GetListener& listener) noexcept { listener_ = &listener; }
    // Nothing is wanted any more: the connection is closed, the listener hears no more.
    void cancel() noexcept;
    // Where it was redirected to, or what was asked for.
    const Url& url() const noexcept { return destination_.url(); }

  private:
    void dial();
    void on_dialled(Result<Peer*> dialled);
    void on_timeout();
    void on_head(const Response& response) override;
    void on_body(Bytes piece) override;
    void on_done(Result<> result) override;
    void drop_connection() noexcept;
    void give_up(Error why);

    Outbound& outbound_;
    Destination destination_;
    Duration timeout_;
    GetListener* listener_;  // null: cancelled
    Timer timer_;
    std::unique_ptr<Dial> dial_;
    Peer* peer_ = nullptr;
    Fetch* fetch_ = nullptr;  // the peer's Handler
    // Of an answer that asks for another request, or for one that cannot be sent:
    bool ask_again_ = false;
    std::optional<Error> refusal_;
};

// "the server answered 404 Not Found", with the kind of error that tells whether it is worth to come back
// soon.
Error error_of(const Response& response);

}  // namespace weir::http
