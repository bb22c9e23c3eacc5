// DialLimiter: lets attempts to connect pass in an order that spares the server: when a thousand channels
// lose one host in the same moment, all of them redial it at once. One per worker, behind Outbound::dial.
// Pure: it is told the time by a TimerQueue and connects through a seam. Worker's thread.
//
// An endpoint is host and port as dialled; names are compared without regard to case, and two names of one
// machine are two endpoints. Endpoints know nothing of each other. For each of them this holds exactly:
// - At most kInFlight attempts are under way: from the start (its first step is the name's lookup) until it
//   is connected, failed or destroyed.
// - At most kBurst of them tell the system to connect within any kBurstTime, and kPerSecond within any second
//   and kSpare, wherever that begins (of its two ends one counts); those that look a name up count as if they
//   did so now. So of a crowd 20 begin at once and 20 more each 100 ms until it is 100, and so on: a thousand
//   in 9.5 s. kSpare is for clocks that count milliseconds, here and at the other end.
// - First come, first served. Whoever finds nobody waiting and both limits kept begins inside dial().
// - Waiting does not shorten the attempt: who asks for `timeout` waits so long at most, and then has as much
//   for the connection. Longer than that nobody waits: it ends with Errc::timed_out.
// - Where an attempt comes to nothing in all its time, and no other one was answered in the second half of it
//   (a refusal is an answer), those who have waited for half of theirs or longer end, too: they would learn
//   no more, and may have another server to ask. So a host that does not answer any more costs those who
//   asked together one timeout.
//
// Beside the connection's own an attempt costs one allocation, nothing else grows with them. An endpoint is
// forgotten a second after its last start, or, where a line of the log told of it, kTellAgain after that.
#pragma once

#include <cstddef>
#include <map>
#include <memory>

#include "core/base/address.hpp"
#include "core/base/callback.hpp"
#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "core/base/timer_queue.hpp"
#include "core/relay/outbound.hpp"

namespace weir {

struct HostStats;

class DialLimiter {
  public:
    static constexpr std::size_t kInFlight = 20;
    static constexpr std::size_t kBurst = 20;
    static constexpr Duration kBurstTime{100};
    static constexpr std::size_t kPerSecond = 100;
    static constexpr Duration kSpare{5};
    // One line of the log tells of an endpoint that attempts wait for it, and how many it was so soon...
    static constexpr Duration kTellAfter{100};
    // ... and no other for so long.
    static constexpr Duration kTellAgain{60000};

    // Outbound::dial without a limit; before it returns it calls OnSent back at most. When that is called the
    // timers' clock is right.
    using Connect =
        Callback<std::unique_ptr<Dial>(const Address&, Duration timeout, Dial::OnDone, Dial::OnSent)>;

    // Log and timers outlive this, as does `stats`, whose dials are counted here.
    DialLimiter(TimerQueue& timers, Log& log, HostStats& stats, Connect connect);
    // All it gave out are destroyed before.
    ~DialLimiter();
    DialLimiter(const DialLimiter&) = delete;
    DialLimiter& operator=(const DialLimiter&) = delete;

    // As Outbound::dial. on_done is called from the connection's or from a timer, never from inside a call to
    // this or to another Dial; it may destroy any of them, its own too, and dial anew. To destroy one is
    // cheap, however many wait.
    std::unique_ptr<Dial> dial(const Address& address, Duration timeout, Dial::OnDone on_done);

    std::size_t endpoints() const noexcept { return endpoints_.size(); }  // known ones

  private:
    class Attempt;
    class Endpoint;
    struct Before {
        bool operator()(const Address& a, const Address& b) const noexcept;
    };

    TimerQueue& timers_;
    Log& log_;
    HostStats& stats_;
    Connect connect_;
    std::map<Address, std::unique_ptr<Endpoint>, Before> endpoints_;
};

}  // namespace weir
