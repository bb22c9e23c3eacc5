// A channel's pull sources: one of them at a time is dialled, in the order of the list, until one brings a
// stream; that one is used until it is lost. What cannot be reached is tried again, ever more slowly. A
// source is not dialled while a better one of the channel's list is on air. Worker's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/timer_queue.hpp"
#include "core/media/feed.hpp"
#include "core/relay/host.hpp"
#include "core/relay/pull.hpp"
#include "core/relay/source_spec.hpp"

namespace weir {

class PullSources final : private PullListener {
  public:
    // The kind's specs of the channel, in order, at least one; they and host outlive this, the channel does
    // too.
    PullSources(Host& host, Channel& channel, std::vector<const SourceSpec*> specs);
    ~PullSources();

    // Another feed, or none, is on air.
    void on_change();
    // Fills in state, who and error of one of the specs.
    void describe(const SourceSpec& spec, SourceStatus& status) const;

    // No packet for so long after the first one came: the link is dead. Fillers of another weir are packets.
    static constexpr Duration kStallTimeout{5000};
    // The same before the first one, from the start and once more from the answer: a relay whose own source
    // is away is worth waiting for.
    static constexpr Duration kFirstMediaTimeout{30000};
    // A stream that was lost before it ran so long counts as a failed attempt.
    static constexpr Duration kMinUptime{5000};
    // Pauses between attempts double: after nobody answered, and after a refusal or a stream that broke at
    // once.
    static constexpr Duration kFirstPause{200}, kLongestPause{5000};
    static constexpr Duration kFirstRefusedPause{1000}, kLongestRefusedPause{30000};

  private:
    struct Candidate {
        const SourceSpec* spec;
        std::string error;      // of its last attempt
        bool reported = false;  // its failure is in the log; the next line is its recovery
    };

    Result<> on_stream(StreamReader& reader, Bytes bytes) override;
    void on_done(Result<> why) override;
    void on_timer();
    void on_replaced();
    void lose(const Error& why);
    void plan_next(Errc why);
    void review();
    void dial();
    void drop();
    bool is_wanted(const Candidate& candidate) const;
    Duration silence_limit() const;

    Host& host_;
    Channel& channel_;
    std::vector<Candidate> candidates_;
    std::size_t current_ = 0;  // the candidate that is dialled or used, or comes next
    std::unique_ptr<Pull> pull_;
    std::unique_ptr<Feed> feed_;  // once the pull brought bytes
    Timer timer_;              // looks at silence while there is a pull, ends the pause while there is none
    Timer review_;             // at once, but not from inside somebody else's call
    TimePoint last_packet_{};  // before the first: when the attempt began, or was answered
    TimePoint live_since_{};
    TimePoint not_before_{};    // no attempt earlier: a pause after a cycle in vain
    std::ptrdiff_t tried_ = 0;  // candidates that failed in this cycle
    std::uint32_t cycles_ = 0;  // in vain, since a stream ran for kMinUptime
    bool is_over_ = false;      // the pull has said its last word
};

}  // namespace weir
