// FakePeer: a connection whose other side is the test. It records what was sent, can play slow or dead, and
// keeps the rules of core/io/tcp_peer.hpp: replaced handlers live until the turn ends, write() queues what
// does not fit, close() leads to on_closed() once, when the turn ends.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/peer.hpp"

namespace weir::test {

class FakePeer final : public Peer {
  public:
    explicit FakePeer(std::string remote = "192.0.2.1:4711", std::string local = "192.0.2.7:8080");

    std::size_t send(std::span<const Bytes> parts) override;
    void write(Bytes bytes) override;
    void close(CloseReason reason) override;
    bool is_closing() const noexcept override { return closing_; }
    void set_handler(std::unique_ptr<Handler> handler) override;
    std::string remote() const override { return remote_; }
    std::string remote_address() const override { return remote_.substr(0, remote_.rfind(':')); }
    std::string local() const override { return local_; }

    // --- the other side
    void say(std::string_view text);
    void say(
        Bytes bytes);  // handed on in memory of its own, so that the sanitizer sees each byte read too many
    void say_bytewise(std::string_view text);
    void half_close();
    void reset();                                                   // it is gone without a word
    void limit_room(std::size_t bytes) noexcept { room_ = bytes; }  // takes so many bytes more, then none
    void make_room(std::size_t bytes);                              // so many more; then on_ready()
    static constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max() / 2;

    // --- for the host
    void end_turn();
    void shut_down();  // weir stops

    // --- what came of it
    const std::string& sent() const noexcept { return sent_; }
    std::string take_sent() { return std::exchange(sent_, {}); }
    std::size_t queued() const noexcept { return queue_.size(); }
    bool was_told() const noexcept { return told_; }  // on_closed() was called
    CloseReason reason() const noexcept { return reason_; }
    std::size_t sends = 0;  // calls of send()

  private:
    std::size_t take(Bytes bytes);
    void fail(CloseReason reason);

    std::string remote_;
    std::string local_;
    std::unique_ptr<Handler> handler_;
    std::vector<std::unique_ptr<Handler>> retired_;
    std::string sent_;
    std::string queue_;
    std::size_t room_ = kUnlimited;
    CloseReason reason_ = CloseReason::finished;
    bool wants_ready_ = false;
    bool closing_ = false;
    bool gone_ = false;
    bool eof_ = false;
    bool told_ = false;
};

}  // namespace weir::test
