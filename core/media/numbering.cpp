#include "core/media/numbering.hpp"

#include <algorithm>
#include <iterator>

namespace weir {

namespace {

// Where a stream passes many relays the far ones are left out; a loop is told by any of them.
std::vector<RelayId> path(RelayId self, const std::vector<RelayId>& upstream) {
    std::vector<RelayId> via{self};
    via.insert(
        via.end(), upstream.begin(),
        upstream.begin() + static_cast<std::ptrdiff_t>(std::min(upstream.size(), kMaxVia - via.size())));
    return via;
}

// Of every packet: nothing is allocated.
bool is_path(const std::vector<RelayId>& via, const std::vector<RelayId>& upstream) noexcept {
    const std::size_t told = std::min(upstream.size(), kMaxVia - 1);
    return via.size() == told + 1 &&
           std::equal(upstream.begin(), upstream.begin() + static_cast<std::ptrdiff_t>(told),
                      via.begin() + 1);
}

}  // namespace

Numbering::Numbering(RelayId self) : self_(self) {
    stretches_.push_back({.run = draw_run_id(), .via = {self}});
}

void Numbering::begin(Stretch next) {
    // One that never had a packet leaves no trace.
    if (stretches_.back().first == next.first) stretches_.pop_back();
    stretches_.push_back(std::move(next));
}

void Numbering::add(Seq seq, const StreamPlace* came_as, const std::vector<RelayId>& via) {
    const Stretch& now = stretches_.back();
    const bool follows = came_as && (!now.is_own || may_follow_);
    may_follow_ = false;
    if (follows) {
        const std::uint64_t shift = came_as->number - seq;
        if (!now.is_own && now.run == came_as->run && now.shift == shift && is_path(now.via, via)) return;
        return begin(
            {.first = seq, .run = came_as->run, .shift = shift, .is_own = false, .via = path(self_, via)});
    }
    if (now.is_own && is_path(now.via, via)) return;
    begin({.first = seq,
           .run = now.is_own ? now.run : draw_run_id(),
           .shift = now.shift,
           .is_own = true,
           .via = path(self_, via)});
}

const Numbering::Stretch& Numbering::of(Seq seq) const noexcept {
    auto it = std::prev(stretches_.end());
    while (it != stretches_.begin() && seq < it->first) --it;
    return *it;
}

// The packet behind a stretch's last one may be asked for by what would have been its name.
std::optional<Seq> Numbering::find(const StreamPlace& place, Seq first, Seq end) const noexcept {
    for (auto it = stretches_.rbegin(); it != stretches_.rend(); ++it) {
        const Seq until = it == stretches_.rbegin() ? end : std::prev(it)->first;
        const Seq seq = place.number - it->shift;
        if (it->run == place.run && seq >= std::max(it->first, first) && seq <= until) return seq;
    }
    return std::nullopt;
}

void Numbering::trim(Seq first) noexcept {
    while (stretches_.size() > 1 && stretches_[1].first <= first) stretches_.pop_front();
}

}  // namespace weir
