// What becomes of a feed's packets: appended, held for later, or left out; and where one begins that goes on
// air.
#include <algorithm>
#include <utility>

#include "core/media/channel.hpp"
#include "core/media/feed.hpp"
#include "core/media/switcher.hpp"

namespace weir {

bool Switcher::packet(Feed& feed, Bytes packet, const PacketInfo& info) {
    if (feed_of(feed.rank()) != &feed) return false;
    if (!info.media && !info.filler) {  // a parity packet
        ++channel_.stats().packets_dropped;
        return false;
    }
    if (info.sync) places_[feed.rank()].has_sync = true;
    if (on_air_ != &feed) return stand_by(feed, packet, info);
    const auto kind = !info.media ? Selector::Packet::filler
                      : info.sync ? Selector::Packet::sync
                                  : Selector::Packet::media;
    perform(selector_.packet(feed.rank(), kind, channel_.now()));
    return on_air_ == &feed && info.media && continue_on_air(feed, packet, info);
}

// What it begins with, now or later, is appended from what it holds.
bool Switcher::stand_by(Feed& feed, Bytes packet, const PacketInfo& info) {
    if (feed.is_fill() && !may_fill(feed)) return false;
    const bool resumes = info.media && is_off_air() && channel_.lineage().is_next(feed);
    if (info.media && !resumes && is_repeating(feed)) {
        perform(selector_.packet(feed.rank(), Selector::Packet::media, channel_.now()));
        return false;
    }
    const bool is_sync = info.media && (resumes || counts_as_sync(feed, info));
    if (feed.is_fill()) feed.let_go();  // it begins where it is: who reconnects at once is better
    if (info.media) keep(feed, packet, is_sync);
    if (resumes) places_[feed.rank()].resumes_at = feed.held()->end() - 1;
    perform(selector_.packet(feed.rank(),
                             is_sync      ? Selector::Packet::sync
                             : info.media ? Selector::Packet::media
                                          : Selector::Packet::filler,
                             channel_.now()));
    if (!on_air_ && info.media) ++channel_.stats().packets_dropped;
    return false;
}

void Switcher::keep(Feed& feed, Bytes packet, bool sync) {
    feed.hold(packet, sync);
    if (!feed.holds_sync()) selector_.holds_nothing(feed.rank());
}

// Where another one may put it off the air, this one holds what it brings, too: it may be wanted again at
// once.
bool Switcher::continue_on_air(Feed& feed, Bytes packet, const PacketInfo& info) {
    if (may_get_rival(feed)) {
        keep(feed, packet, info.sync);
    } else {
        release(feed);
    }
    if (catching_up_ > 0) {
        if (trail_.is_at(--catching_up_, PacketTrail::hash_of(packet))) return false;
        // Not the same packets after all: another run begins here.
        catching_up_ = 0;
        trail_.clear();
        channel_.begin(feed);
    }
    if (has_rival(feed)) {
        trail_.add(packet, channel_.now());
        trail_format_ = feed.format();
    } else {
        trail_.clear();
    }
    return true;
}

bool Switcher::has_rival(const Feed& feed) const noexcept {
    return std::any_of(places_.begin(), places_.end(), [&](const Place& p) {
        return p.feed != nullptr && p.feed != &feed && !p.feed->is_fill();
    });
}

// True: packet for packet where the one before stopped.
bool Switcher::begin_on_air(Feed& feed) {
    catching_up_ = 0;
    if (begin_where_it_stopped(feed) || begin_at_seam(feed)) return true;
    trail_.clear();
    channel_.begin(feed);
    feed.play_held(feed.newest_held_sync());
    if (!may_get_rival(feed)) release(feed);
    return false;
}

// A link that was lost, to the same relay or to another that has the same stream, goes on behind the last
// packet that came over it: nothing is lost, and nothing is moved in time.
bool Switcher::begin_where_it_stopped(Feed& feed) {
    const auto from = std::exchange(places_[feed.rank()].resumes_at, std::nullopt);
    if (!from || !feed.held() || *from < feed.held()->first()) return false;
    trail_.clear();
    channel_.resume();
    feed.play_held(*from);
    if (!may_get_rival(feed)) release(feed);
    return true;
}

// A relay that could not go on there, but is behind, comes to it: what is served already is not served again.
bool Switcher::is_repeating(const Feed& feed) const {
    return is_off_air() && channel_.now() - places_[feed.rank()].since < kSyncPatience &&
           channel_.lineage().was_served(feed);
}

void Switcher::release(Feed& feed) noexcept {
    feed.let_go();
    selector_.holds_nothing(feed.rank());
}

// Where it brings the very packets that the one before did, nothing is lost and nothing comes twice.
bool Switcher::begin_at_seam(Feed& feed) {
    if (trail_.is_empty() || !std::ranges::equal(trail_format_->header(), feed.format()->header()))
        return false;
    const BlockLog& held = *feed.held();
    const Seq newest = held.end() - 1;
    if (const auto behind = trail_.behind(PacketTrail::hash_of(held.packet(newest).bytes))) {
        catching_up_ = *behind;
        feed.play_held(held.end());
        return true;
    }
    for (Seq seq = newest; seq-- > held.first();) {
        if (PacketTrail::hash_of(held.packet(seq).bytes) != trail_.last()) continue;
        for (Seq next = seq + 1; next < held.end(); ++next)
            trail_.add(held.packet(next).bytes, channel_.now());
        feed.play_held(seq + 1);
        return true;
    }
    return false;
}

bool Switcher::counts_as_sync(const Feed& feed, const PacketInfo& info) const {
    const Place& place = places_[feed.rank()];
    return info.sync || (!place.has_sync && channel_.now() - place.since >= kSyncPatience);
}

// Fill that would need another header is not worth ending the clients that wait for the real source.
bool Switcher::may_fill(const Feed& feed) {
    if (on_air_ && !lost_since_) return false;  // it is not wanted
    const auto& served = channel_.format();
    if (!served || channel_.viewers() + channel_.servers() == 0) return true;
    const std::string differs = served->difference(*feed.format());
    if (differs.empty()) return true;
    if (!std::exchange(fill_reported_, true))
        channel_.logger().warning("channel {}: {} is not used as fill: its {} differs from what clients have",
                                  channel_.name(), feed.who(), differs);
    return false;
}

}  // namespace weir
