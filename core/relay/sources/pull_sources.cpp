#include "core/relay/sources/pull_sources.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"

namespace weir {

PullSources::PullSources(Host& host, Channel& channel, const std::vector<const SourceSpec*>& specs,
                         const PullLink::Policy& policy, Callback<void()> on_all_unknown)
    : policy_(policy),
      on_all_unknown_(on_all_unknown),
      turn_(host.timers(), Callback<void()>::of<&PullSources::on_turn>(this)) {
    for (const SourceSpec* spec : specs)
        places_.push_back(
            {.link = std::make_unique<PullLink>(host, channel, *spec, policy_,
                                                Callback<void()>::of<&PullSources::on_over>(this))});
}

PullSources::Place& PullSources::place_of(std::size_t source) {
    const auto it = std::find_if(places_.begin(), places_.end(),
                                 [&](const Place& p) { return p.link->spec().rank == source; });
    WEIR_ASSERT(it != places_.end());
    return *it;
}

void PullSources::dial(std::size_t source) noexcept {
    place_of(source).to_dial = true;
    turn_.start(Duration{0});
}

void PullSources::drop(std::size_t source, Selector::Cause cause) noexcept {
    Place& place = place_of(source);
    place.to_drop = true;
    place.to_dial = false;
    place.link->give_up(cause);
    turn_.start(Duration{0});
}

// All that is let go before anything is dialled: never two connections to one server.
void PullSources::on_turn() {
    for (Place& place : places_) {
        if (std::exchange(place.to_drop, false) || place.to_dial || place.link->is_over())
            place.link->close();
    }
    if (on_all_unknown_ && are_all_unknown()) on_all_unknown_();
    for (Place& place : places_) {
        if (std::exchange(place.to_dial, false)) place.link->dial();
    }
}

bool PullSources::are_all_unknown() const noexcept {
    return std::all_of(places_.begin(), places_.end(), [](const Place& p) { return p.link->is_unknown(); });
}

void PullSources::describe(const SourceSpec& spec, SourceStatus& status) const {
    for (const Place& place : places_) {
        if (&place.link->spec() == &spec) status.error = place.link->error();
    }
}

}  // namespace weir
