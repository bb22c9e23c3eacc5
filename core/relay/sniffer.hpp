// Sniffer: a connection's first Handler. It finds out from the first bytes which of the port's protocols is
// spoken and hands the connection over; a connection that speaks none, or stays silent, is closed.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "core/base/intrusive_list.hpp"
#include "core/base/peer.hpp"
#include "core/relay/host.hpp"
#include "core/relay/protocol.hpp"

namespace weir {

// What a port speaks, in its configuration's order.
struct SpokenProtocol {
    const Protocol* protocol;
    ProtocolServer* server;
    PortInfo port = {};
};

class Newcomers;

// Those of a list have not yet been handed over. A crowd that comes at once has thousands of them.
class Sniffer final : public Handler, public ListNode<Sniffer> {
  public:
    // `spoken` and `newcomers`, of which this is one now, outlive the connection.
    Sniffer(Host& host, Peer& peer, std::span<const SpokenProtocol> spoken, Newcomers& newcomers);
    ~Sniffer() override;

    void on_bytes(Bytes bytes) noexcept override;
    void on_eof() noexcept override { peer_.close(CloseReason::peer_closed); }  // a probe: nothing to count

    TimePoint began() const noexcept { return began_; }
    TimePoint now() const noexcept { return host_.timers().now(); }
    // Closes the connection, at once.
    void give_way() noexcept { end(CloseReason::too_slow); }
    void time_out() noexcept { end(CloseReason::timed_out); }

  private:
    void hand_over(const SpokenProtocol& spoken, Bytes bytes, std::size_t taken);
    void end(CloseReason reason) noexcept;

    static constexpr std::size_t kEnough = 16;
    Host& host_;
    Peer& peer_;
    std::span<const SpokenProtocol> spoken_;
    Newcomers& newcomers_;
    TimePoint began_;
    std::array<std::uint8_t, kEnough> first_{};
    std::uint8_t held_ = 0;
};

// Connections that did not yet say what they are, the oldest first, each of which is closed when its time is
// over. All have the same time, so it is one timer for the oldest of them.
class Newcomers {
  public:
    // `has_room` is asked when it turns out who one is, who is refused at a false; none: all have.
    Newcomers(TimerQueue& timers, Duration limit, Callback<bool(Visitor)> has_room)
        : limit_(limit),
          has_room_(has_room),
          timer_(timers, Callback<void()>::of<&Newcomers::on_due>(this)) {}

    void add(Sniffer& sniffer);
    void left() noexcept { --count_; }
    Sniffer* oldest() const noexcept { return list_.front(); }
    std::size_t count() const noexcept { return count_; }
    bool has_room(Visitor visitor) const { return !has_room_ || has_room_(visitor); }

  private:
    void on_due();

    Duration limit_;
    Callback<bool(Visitor)> has_room_;
    List<Sniffer> list_;
    std::size_t count_ = 0;
    Timer timer_;
};

}  // namespace weir
