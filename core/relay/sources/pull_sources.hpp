// A channel's pull sources: does what the channel's Selector asks for. Several may be connected at once: one
// on air, one tried beside it. Worker's thread.
#pragma once

#include <memory>
#include <vector>

#include "core/base/timer_queue.hpp"
#include "core/media/switcher.hpp"
#include "core/relay/source_status.hpp"
#include "core/relay/sources/pull_link.hpp"

namespace weir {

class PullSources final : public SourceDialer {
  public:
    // The channel's specs of this kind; they, host and channel outlive this. Before it goes, the channel's
    // switcher is stopped. on_all_unknown: are_all_unknown() has become true.
    PullSources(Host& host, Channel& channel, const std::vector<const SourceSpec*>& specs,
                const PullLink::Policy& policy, Callback<void()> on_all_unknown);

    void dial(std::size_t source) noexcept override;
    void drop(std::size_t source, Selector::Cause cause) noexcept override;

    // Each of them was asked, and does not know what it was asked for.
    bool are_all_unknown() const noexcept;
    // Of one of the specs: who and error.
    void describe(const SourceSpec& spec, SourceStatus& status) const;

  private:
    struct Place {
        std::unique_ptr<PullLink> link;
        bool to_drop = false, to_dial = false;
    };
    Place& place_of(std::size_t source);
    void on_over() { turn_.start(Duration{0}); }
    void on_turn();

    PullLink::Policy policy_;
    Callback<void()> on_all_unknown_;
    std::vector<Place> places_;
    Timer turn_;  // at once, but not from inside somebody else's call
};

}  // namespace weir
