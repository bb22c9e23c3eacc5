// PushLink: one server that a channel is pushed to. It reads the channel's log as a client does, from a
// number and with no queue of its own, and hands the packets to a protocol's Push, one attempt after another,
// for ever. A server that is slow or away costs nobody else anything: the log goes on without it, and it goes
// on at a sync point. It is no client: it is in none of the channel's counts of them, and never closed for
// being slow. Owned by the ChannelHome; worker's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/timer_queue.hpp"
#include "core/media/backoff.hpp"
#include "core/media/channel.hpp"
#include "core/media/sink.hpp"
#include "core/relay/host.hpp"
#include "core/relay/push.hpp"
#include "core/relay/push_spec.hpp"
#include "core/relay/push_status.hpp"

namespace weir {

class PushLink final : private Sink, private PushListener {
  public:
    struct Policy {
        Duration min_uptime{5000};  // a push that is lost earlier counts as refused
        Duration backoff_max{5000}, refused_backoff_max{30000};
    };
    // `host` and `channel` outlive it.
    PushLink(Host& host, Channel& channel, PushSpec spec, const Policy& policy);
    // Gives up without a word; to end the channel is to end it by its protocol.
    ~PushLink() override;

    PushStatus status() const;

    // A server that takes not a byte for so long is given up, and dialled again.
    static constexpr Duration kStallLimit{10'000};

  private:
    enum class State {
        idle,        // there is nothing to send
        connecting,  // up to the server's consent
        sending,
        ending,  // goodbye is being said
        pause,   // the attempt is over, push_ is to go; then the next
    };

    void flush(TimePoint now) noexcept override;
    std::vector<RelayId> via() const override { return channel_.lineage().names().last().via; }
    void on_accepted(const PushReceiver& receiver) override;
    void on_ready() override;
    void on_room() override;
    void on_done(Result<> why) override;
    void on_pause_over();
    void on_settled();

    void dial();
    void follow_format();
    bool pump(TimePoint now);
    void skip();
    void finish(TimePoint now);
    bool is_over() const noexcept;
    std::optional<Seq> begin_at() const;
    bool has_something() const;
    void name(Seq seq);
    void take_back_what_is_lost(bool is_refused);
    void retry_after(const Error& why);
    void give_up();

    Host& host_;
    Channel& channel_;
    PushSpec spec_;
    Policy policy_;
    PushMemory memory_;
    std::unique_ptr<Push> push_;  // while not idle
    State state_ = State::idle;
    Timer pause_;
    Timer settled_;  // runs for min_uptime from the server's consent on
    Backoff backoff_;

    // The first packet that the server does not have, as far as one can know here; nothing before the first
    // connection.
    std::optional<Seq> next_;
    std::optional<Seq> began_at_;    // the same when the present attempt was made
    std::optional<Seq> resumes_at_;  // where the other weir said that it lacks the next packet
    bool is_to_weir_ = false;        // it is told what packets are called,
    Provenance said_;                // and this is what it takes the next one for
    bool wants_sync_ = true;         // nothing before the next sync point is sent
    bool has_settled_ = false;       // the present attempt ran for min_uptime
    bool is_cut_ = false;            // of the packet before next_ a part is not with the kernel
    std::optional<TimePoint> blocked_since_;
    std::uint64_t format_number_ = 0;  // of the header that the server has
    std::uint64_t clients_ended_;      // as the channel counts it, at the last end
    bool is_reported_ = false;         // its failure is in the log

    PushStatus counted_;
};

}  // namespace weir
