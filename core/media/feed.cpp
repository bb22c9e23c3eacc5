#include "core/media/feed.hpp"

#include <algorithm>
#include <utility>

#include "core/media/channel.hpp"

namespace weir {

namespace {
constexpr std::size_t kHeldBlock = std::size_t{64} << 10;
}  // namespace

const std::vector<RelayId> Feed::no_via_;

Feed::Feed(Channel& channel, std::size_t rank, Role role, std::string who, Callback<void()> on_replaced,
           std::string address)
    : channel_(channel),
      rank_(rank),
      role_(role),
      who_(std::move(who)),
      address_(std::move(address)),
      on_replaced_(on_replaced),
      last_bytes_(channel.now()) {}

Feed::~Feed() {
    if (bad_total_ > 0)
        channel_.logger().warning("channel {}: {}: {} bad packets in all", channel_.name(), who_, bad_total_);
    if (format_) channel_.switcher().withdraw(*this);
}

void Feed::leave(Selector::Cause cause, std::string why) {
    end_cause_ = cause;
    end_reason_ = std::move(why);
}

bool Feed::is_on_air() const noexcept {
    return channel_.switcher().on_air() == this;
}

Result<> Feed::write(const Container& container, Bytes bytes) {
    if (!reader_) reader_ = container.open_reader({.header_bytes = channel_.policy().header_limit});
    return read(*reader_, bytes);
}

Result<> Feed::read(StreamReader& reader, Bytes bytes) {
    last_bytes_ = channel_.now();
    auto result = reader.feed(bytes, *this);
    publish();
    return result;
}

Result<> Feed::end() {
    return reader_ ? reader_->end() : Result<>{Ok{}};
}

void Feed::begin(StreamFormatPtr format) {
    last_bytes_ = channel_.now();
    format_ = std::move(format);
    let_go();  // it is of the run before
    channel_.switcher().ready(*this);
}

Result<> Feed::append(Bytes packet) {
    last_bytes_ = channel_.now();
    auto info = format_->inspect(packet);
    if (!info) return on_bad_packet(info.error());
    return on_packet(packet, info.value());
}

void Feed::publish() {
    if (is_on_air()) channel_.publish();
}

Result<> Feed::on_format(StreamFormatPtr format) {
    // A source that goes on after a pause announces the header it has already.
    if (format_ && format_ != format) {
        const TimePoint now = channel_.now();
        if (now - header_window_began_ > kNewHeaderWindow || headers_in_window_ == 0) {
            header_window_began_ = now;
            headers_in_window_ = 0;
        }
        if (++headers_in_window_ > kMaxNewHeaders)
            return Error{
                Errc::bad_input,
                fmt::format("more than {} new headers within {} s, expected a stream that keeps its header",
                            kMaxNewHeaders, kNewHeaderWindow.count() / 1000)};
    }
    begin(std::move(format));
    return Ok{};
}

Result<> Feed::on_provenance(const Provenance& provenance) {
    if (provenance.went_through(channel_.lineage().relay_id()))
        return Error{Errc::loop, "its stream comes from this channel (a loop), expected one from elsewhere"};
    if (!began_at_) began_at_ = provenance.place;
    place_ = provenance;
    return Ok{};
}

void Feed::on_number(std::uint32_t low) {
    if (place_) place_->place.number = whole_number(low, place_->place.number);
}

Result<> Feed::on_packet(Bytes packet, const PacketInfo& info) {
    ++packets_;
    if (!info.media) {
        channel_.switcher().packet(*this, packet, info);
        return Ok{};
    }
    ++media_;
    Result<> done = Ok{};
    if (channel_.switcher().packet(*this, packet, info)) {
        auto appended = channel_.append(*this, packet, info);
        if (!appended) done = on_bad_packet(appended.error());
    }
    if (place_) ++place_->place.number;
    return done;
}

bool Feed::is_next_held() const noexcept {
    if (!place_ || !held_from_) return !place_ && !held_from_;
    return place_->place.run == held_from_->place.run && place_->via == held_from_->via &&
           place_->place.number == held_from_->place.number + held_->end();
}

void Feed::hold(Bytes packet, bool sync) {
    if (held_ && !is_next_held()) let_go();
    if (!held_) {
        if (!sync) return;
        held_.emplace(channel_.policy().log, kHeldBlock);
        held_from_ = place_;
    }
    const MutableBytes room = held_->reserve(packet.size());
    std::copy(packet.begin(), packet.end(), room.begin());
    const Seq seq = held_->commit(packet.size(), sync, channel_.now());
    if (sync) held_sync_ = seq;
    held_->publish();
    held_->trim(channel_.now());
}

void Feed::play_held(Seq from) {
    if (!held_) return;
    auto at_hand = std::exchange(place_, held_from_);
    for (Seq seq = std::max(from, held_->first()); seq < held_->end(); ++seq) {
        if (place_) place_->place.number = held_from_->place.number + seq;
        const Bytes packet = held_->packet(seq).bytes;
        auto info = format_->inspect(packet);
        if (!info) continue;  // it was inspected when it came
        // So many bad ones that they would end it are found again in what follows.
        if (auto appended = channel_.append(*this, packet, info.value()); !appended)
            static_cast<void>(on_bad_packet(appended.error()));
    }
    place_ = std::move(at_hand);
    channel_.publish();
}

Result<> Feed::on_bad_packet(const Error& why) {
    ++channel_.stats().packets_bad;
    if (bad_total_++ == 0)
        channel_.logger().warning("channel {}: {}: bad packet dropped: {}", channel_.name(), who_,
                                  why.detail);
    if (channel_.now() - bad_window_began_ > kBadPacketWindow || bad_in_window_ == 0) {
        bad_window_began_ = channel_.now();
        bad_in_window_ = 0;
    }
    if (++bad_in_window_ < kMaxBadPackets) return Ok{};
    return Error{Errc::bad_input, fmt::format("{} bad packets within {} s, the last: {}", bad_in_window_,
                                              kBadPacketWindow.count() / 1000, why.detail)};
}

}  // namespace weir
