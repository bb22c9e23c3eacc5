// Outbound: all that somebody who connects to another server needs around him. A worker is one; the command
// line's clients have one over a bare loop; tests have a fake. Its loop's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/base/address.hpp"
#include "core/base/callback.hpp"
#include "core/base/clock.hpp"
#include "core/base/peer.hpp"
#include "core/base/result.hpp"
#include "core/base/timer_queue.hpp"

namespace weir {

class Container;

// One attempt to connect; to destroy it is to give up.
class Dial {
  public:
    virtual ~Dial() = default;
    // Called once, later: the connection, which has no Handler yet, or why there is none.
    using OnDone = Callback<void(Result<Peer*>)>;
    // The system was told to connect, which may be a lookup after the start.
    using OnSent = Callback<void()>;
};

class Outbound {
  public:
    // Looks a name up and tries its addresses in order until one answers, `timeout` in all. A worker lets no
    // crowd through at once (core/relay/dial_limiter.hpp): an attempt may wait before that, for as long.
    virtual std::unique_ptr<Dial> dial(const Address& address, Duration timeout, Dial::OnDone on_done) = 0;
    virtual std::span<const Container* const> containers() const = 0;
    virtual TimerQueue& timers() = 0;
    virtual std::uint32_t random() = 0;  // not to be guessed from outside

  protected:
    ~Outbound() = default;
};

}  // namespace weir
