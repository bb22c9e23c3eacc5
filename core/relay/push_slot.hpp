// Who may push where another encoder pushes already: within a slot the newest push wins where
// it comes from the same host, or the older one fell silent.
#pragma once

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

}  // namespace weir
