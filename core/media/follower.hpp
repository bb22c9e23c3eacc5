// Follower: walks one list of servers that offer the same thing, by the rules of Microsoft's Knowledge Base
// article 318350: a refusal, a wait longer than the connection timeout, or an answer 511 make it go on to the
// next one; a connection that had been idle and turns out to be closed does not; any other answer is an
// answer. Where a request starts depends on how long ago the last good connection ended.
//
// Pure: told of events with the time of each, it answers with what is to be done, in order. One request at a
// time, one connection at a time; one Follower per user and service. Any thread, one at a time. The actions
// are values: whoever carries them out may destroy the Follower meanwhile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/address.hpp"
#include "core/base/clock.hpp"

namespace weir {

class Follower {
  public:
    static constexpr std::size_t kMaxEndpoints = 64;  // of a longer list the first so many are kept
    static constexpr Duration kDefaultTimeout{60000};
    static constexpr Duration kMaxTimeout{86400000};
    static constexpr int kTryAnother = 511;

    // Of one `open` action. Events name it, so that what comes late of a connection that was given up is told
    // from what comes of its successor. 0: none.
    using Connection = std::uint64_t;

    // What a request ends with when no server answered it, or did not to the end.
    enum class Failure {
        no_service,    // the list is empty
        refused,       // nobody took it; the least telling of the three that a walk can end with
        timed_out,     // somebody was waited for longer than the timeout
        try_another,   // somebody answered 511
        cut_short,     // an answer began and its connection broke, or fell silent
        not_repeated,  // it may have been carried out, and is not one that may be sent twice
    };

    struct Action {
        enum class Kind {
            open,     // connect to `endpoint`
            send,     // the request, on the connection that is open
            close,    // the connection; what still comes of it is ignored
            deliver,  // `status` is the answer
            report,   // the request is over, by `failure`
        };
        enum class Why {
            first,   // the list begins with it
            back,    // the same, and the window for the one that answered last is over
            last,    // it answered last, and its connection ended within the timeout
            next,    // the one before it failed
            again,   // its idle connection turned out to be closed
            opened,  // of send: on the connection that was opened for it
            idle,    // of send: on the one that was open still
        };
        Kind kind{};
        Connection connection = 0;
        Address endpoint = {};  // of open and deliver
        Why why = Why::first;   // of open and send
        int status = 0;
        Failure failure{};
    };
    using Actions = std::vector<Action>;

    enum class Repeat {
        always,        // sending it twice does no harm (GET)
        until_written  // once it went out in full only its answer tells (POST)
    };
    enum class Start {
        by_rule,
        after_last,  // the last one fell silent: it comes last
    };
    enum class Connect { kept, closed };  // what became of the connection behind a whole answer

    // --- events
    // A list and its timeout, the first or new ones. A request that runs goes on with those it began with.
    Actions list(std::span<const Address> endpoints, Duration timeout, TimePoint now);
    // Only while is_ready(); else nothing happens.
    Actions request(TimePoint now, Repeat repeat = Repeat::always, Start start = Start::by_rule);
    Actions connected(Connection connection, TimePoint now);
    // Not to be had: refused, unreachable, no such name, no TLS; also an answer that is none.
    Actions refused(Connection connection, TimePoint now);
    // The request went out in full.
    void written(Connection connection) noexcept;
    // Of an answer whose head is not complete.
    Actions bytes(Connection connection, TimePoint now);
    Actions header(Connection connection, int status, TimePoint now);
    // By FIN or by RST. Nothing is left to be closed.
    Actions peer_closed(Connection connection, TimePoint now);
    // The answer came whole.
    Actions complete(Connection connection, Connect connect, TimePoint now);
    // An answer that had begun brings nothing any more.
    Actions stalled(Connection connection, TimePoint now);
    // To be called at due() or later; earlier does no harm.
    Actions tick(TimePoint now);
    Actions stop(TimePoint now);

    TimePoint due() const noexcept;  // TimePoint::max(): never
    bool is_ready() const noexcept { return state_ == State::ready; }
    std::span<const Address> endpoints() const noexcept { return *list_; }
    Duration timeout() const noexcept { return timeout_; }
    // Who gave the newest answer, as long as that counts.
    const std::optional<Address>& last() const noexcept { return last_; }

    // Same text but for case, and same port. Names are not looked up to compare them.
    static bool is_same(const Address& a, const Address& b) noexcept;
    // As list() keeps them: each once, the first so many.
    static std::vector<Address> distinct(std::span<const Address> endpoints);
    // The value of a wtv-connection-timeout header, or of none: whole seconds; what is no such number is the
    // default, what is too long is the longest.
    static Duration timeout_of(std::optional<std::string_view> seconds) noexcept;
    static Duration bounded(Duration timeout) noexcept;

  private:
    enum class State { ready, connecting, waiting, reading };
    using List = std::shared_ptr<const std::vector<Address>>;

    bool is_current(Connection connection, State state) const noexcept {
        return connection != 0 && connection == connection_ && state == state_;
    }
    bool is_late(TimePoint now) const noexcept;
    bool is_within(Duration elapsed) const noexcept { return elapsed <= timeout_; }
    bool may_repeat() const noexcept;
    static std::optional<std::size_t> place_of(const Address& endpoint, const std::vector<Address>& list);

    void arm(TimePoint now) noexcept;
    void open(std::size_t place, Action::Why why, TimePoint now, Actions& actions);
    void close(TimePoint now, Actions& actions);
    void ended(TimePoint now) noexcept;
    void go_on(Failure failure, TimePoint now, Actions& actions);
    void fail(Failure failure, Actions& actions);
    void finish();

    List list_ = std::make_shared<const std::vector<Address>>();
    Duration timeout_ = kDefaultTimeout;
    State state_ = State::ready;
    Connection newest_ = 0;      // counts connections
    Connection connection_ = 0;  // open, or being opened
    Address peer_;               // its other end
    // Of the answer that counts as the last one. Its connection is open still, or ended then.
    std::optional<Address> last_;
    Connection last_connection_ = 0;
    TimePoint last_ended_{};
    // Of the request that runs:
    List walk_ = list_;
    std::vector<bool> tried_;
    std::size_t at_ = 0;
    Repeat repeat_ = Repeat::always;
    bool is_via_idle_ = false;
    bool is_written_ = false;
    bool has_bytes_ = false;
    std::optional<Failure> best_;  // the most telling failure yet
    TimePoint waits_since_{};
    Duration waits_for_{0};
};

}  // namespace weir
