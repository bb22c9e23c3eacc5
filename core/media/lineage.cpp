#include "core/media/lineage.hpp"

#include <algorithm>

#include "core/media/feed.hpp"

namespace weir {

void Lineage::begin_header() noexcept {
    names_.begin_header();
    waiting_.clear();
}

// What passes as it came keeps its name, so that it has one all along a chain.
void Lineage::add(Seq seq, const Feed& feed, Bytes came, Bytes served) {
    const StreamPlace* place = feed.place();
    const bool is_as_it_came = place && std::ranges::equal(came, served);
    names_.add(seq, is_as_it_came ? place : nullptr, feed.via());
    origin_.reset();
    if (!place) return;
    origin_ = {.run = place->run, .number = place->number + 1};
    if (origin_format_ != feed.format()) origin_format_ = feed.format();
}

bool Lineage::is_origins(const Feed& feed) const noexcept {
    return feed.place() && origin_ && std::ranges::equal(feed.format()->header(), origin_format_->header());
}

bool Lineage::is_next(const Feed& feed) const noexcept {
    return is_origins(feed) && (*feed.place() == *origin_ || feed.resumes_at(*origin_));
}

bool Lineage::was_served(const Feed& feed) const noexcept {
    return is_origins(feed) && feed.place()->run == origin_->run && feed.place()->number < origin_->number;
}

bool Lineage::makes_loop(const std::vector<RelayId>& to) const noexcept {
    if (to.empty()) return false;
    const auto& from = names_.last().via;
    return std::find(to.begin(), to.end(), relay_id_) != to.end() ||
           std::find(from.begin(), from.end(), to.front()) != from.end();
}

void Lineage::note_waiting(const std::vector<RelayId>& via) {
    for (const RelayId relay : via) {
        if (waiting_.size() + 1 >= kMaxVia) return;  // it tells its own id as well
        if (std::find(waiting_.begin(), waiting_.end(), relay) == waiting_.end()) waiting_.push_back(relay);
    }
}

}  // namespace weir
