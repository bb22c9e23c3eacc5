// Dialer: connects to host:port and hands over a TcpPeer. One attempt; to destroy it is to give up. Loop's
// thread.
#pragma once

#include <memory>

#include "core/base/address.hpp"
#include "core/base/callback.hpp"
#include "core/base/clock.hpp"
#include "core/base/peer.hpp"
#include "core/base/result.hpp"

namespace weir {

class Loop;

class Dialer {
  public:
    // Called once, later: the connection, which has no Handler yet, or why there is none.
    using OnDone = Callback<void(Result<Peer*>)>;
    // Called at most once, from inside start() or later: the first address was told to connect.
    using OnSent = Callback<void()>;
    static constexpr Duration kTimeout{10000};

    // Has a name looked up by the loop's Resolver, tries its addresses in order until one answers, `timeout`
    // in all.
    static std::unique_ptr<Dialer> start(Loop& loop, const Address& address, Duration timeout, OnDone on_done,
                                         OnSent on_sent = {});
    ~Dialer();
    Dialer(const Dialer&) = delete;
    Dialer& operator=(const Dialer&) = delete;

  private:
    struct State;
    explicit Dialer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace weir
