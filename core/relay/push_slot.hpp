// A channel's push slots: who may push where another encoder pushes already, and what is said of it. Within a
// slot the newest push wins where it comes from the same host, or the older one fell silent; slots know
// nothing of each other, their rank decides.
#pragma once

#include <string>
#include <string_view>

#include "core/media/channel.hpp"
#include "core/media/feed.hpp"
#include "core/relay/source_spec.hpp"

namespace weir {

// An older push from another host keeps its slot while it brought bytes within this time.
inline constexpr Duration kSlotSilence{2000};

inline bool may_take_slot(const Channel& channel, const SourceSpec& slot, std::string_view address) {
    const Feed* older = channel.switcher().feed_of(slot.rank);
    return !older || older->address() == address || channel.now() - older->last_bytes() >= kSlotSilence;
}

// To whom may_take_slot() said no.
inline std::string slot_is_taken(const Channel& channel, const SourceSpec& slot) {
    return (slot.slot.empty() ? "" : "slot " + slot.slot + " of ") + "channel " + channel.name() +
           " is being pushed to by another encoder";
}

// A push in logs: "push from 192.0.2.1:4711", "push:backup from 192.0.2.1:4711".
inline std::string push_from(const SourceSpec& slot, std::string_view remote) {
    return (slot.slot.empty() ? "push" : slot.shown) + " from " + std::string(remote);
}

}  // namespace weir
