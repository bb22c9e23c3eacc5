// Connection: the Handler of an HTTP connection. Reads one request after the other, finds the service for it,
// hands it the body, and gives the connection away when a service takes it over. Worker's thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/peer.hpp"
#include "core/relay/host.hpp"
#include "protocols/http/service.hpp"
#include "protocols/http/wire.hpp"

namespace weir::http {

class Connection final : public Handler, private Exchange, private FormatWaiter {
  public:
    Connection(Host& host, Peer& peer, std::span<const std::unique_ptr<HttpService>> services);

    void on_bytes(Bytes bytes) noexcept override;
    void on_eof() noexcept override;

    // Between two requests of one connection, and while a body comes: an encoder that is silent for so long
    // is gone. A service may set another limit.
    static constexpr Duration kIdleLimit{60000};
    // What a client may send ahead while its request is held.
    static constexpr std::size_t kMaxAhead = 64 * 1024;

  private:
    enum class State {
        head,      // a request is expected or coming
        body,      // its body is coming
        held,      // it waits for a channel's format
        answered,  // it has no body, or all of it was read
        done,      // closed or given away
    };

    const Request& request() const override { return reader_.request(); }
    Host& host() override { return host_; }
    Peer& peer() override { return peer_; }
    void reply(std::string_view head_and_body, Next next) override;
    void receive(std::unique_ptr<BodySink> sink, Unbounded unbounded, std::string_view headers) override;
    void set_idle_limit(Duration limit) override { idle_limit_ = limit; }
    void take_over(std::unique_ptr<Handler> handler) override;
    void hold_for_format(Channel& channel) override;

    void on_format() noexcept override;
    void on_not_found() noexcept override;
    void process(Bytes in);
    void dispatch(RequestReader::Event event);
    void serve();
    void on_message_end();
    void on_reader_error();
    void on_timeout();
    void fail(int status, std::string_view sentence);

    Host& host_;
    Peer& peer_;
    std::span<const std::unique_ptr<HttpService>> services_;
    RequestReader reader_;
    HttpService* service_ = nullptr;
    std::unique_ptr<BodySink> sink_;
    std::unique_ptr<BodySink> answered_sink_;  // it may be the one that is being called
    std::vector<std::uint8_t> ahead_;          // came while a request was held
    Handler* successor_ = nullptr;             // given what of the input is left
    Timer timer_;
    Duration idle_limit_ = kIdleLimit;
    State state_ = State::head;
    bool message_complete_ = false;
    bool eof_ = false;
};

}  // namespace weir::http
