#include "core/relay/viewer.hpp"

#include <algorithm>
#include <array>

namespace weir {

namespace {
constexpr std::size_t kViews = 4;                          // blocks per send
constexpr std::size_t kPerVisit = std::size_t{512} << 10;  // then others get their turn

std::uint32_t low32(std::uint64_t number) noexcept {
    return static_cast<std::uint32_t>(number);
}

std::unique_ptr<char[]> kept(std::string_view text) {
    auto out = std::make_unique<char[]>(text.size() + 1);
    std::copy(text.begin(), text.end(), out.get());
    return out;
}
}  // namespace

Viewer::Viewer(Peer& peer, Channel& channel, const PlayStyle& style, std::string_view head,
               std::string_view who, std::optional<Seq> from)
    : peer_(peer),
      channel_(channel),
      style_(style),
      clients_(style.is_link ? channel.links_of(style.protocol) : channel.clients_of(style.protocol)),
      who_(kept(who)),
      last_progress_(channel.now()),
      format_number_(low32(channel.format_number())),
      clients_ended_(low32(channel.clients_ended())) {
    static_assert(sizeof(void*) != 8 || sizeof(Viewer) <= 168);  // client_memory_e2e_test bounds it all
    std::vector<std::uint8_t> preface(head.begin(), head.end());
    style_.header(*channel.format(), {.number = channel.format_number(), .is_first = true}, preface);
    if (from) begin_at(*from);
    // Of the cost of a crowd that comes at once each send is most.
    if (channel_.newcomer_start(channel_.now()))
        peer_.write_ahead(preface);
    else
        peer_.write(preface);
    wheel().add(*this);
}

Viewer::~Viewer() {
    if (counted_) --clients_.now;
    if (!rendition_) return;
    --rendition_->readers;
    channel_.release(*rendition_);
}

void Viewer::on_closed(CloseReason reason) noexcept {
    if (counted_ && (style_.is_link || channel_.client_log().lists(ClientLog::Event::left)))
        channel_.logger().info("channel {}: {} {} left after {} bytes: {}", channel_.name(), peer_.remote(),
                               who_.get(), bytes_, to_string(reason));
}

bool Viewer::on_shutdown() noexcept {
    return true;
}  // the channel ends: flush() sees to it

void Viewer::on_ready() noexcept {
    blocked_ = false;
    last_progress_ = channel_.now();
    flush(channel_.now());
}

void Viewer::flush(TimePoint now) noexcept {
    if (peer_.is_closing()) return;
    if (blocked_) return wait_blocked(now);
    const bool is_over = channel_.has_ended() || clients_ended_ != low32(channel_.clients_ended());
    bool is_all_sent = true;
    if (format_number_ == low32(channel_.format_number()) || (!is_over && change_format(now))) {
        if (started_ || start(now)) {
            is_all_sent = pump(now);
        } else {
            send_filler();
        }
    }
    // The end comes behind what was the client's already.
    if (is_over && is_all_sent && !peer_.is_closing()) finish(EndReason::finished);
}

void Viewer::begin_at(Seq from) {
    rendition_ = &channel_.rendition_from(*style_.framing, from);
    ++rendition_->readers;
    filler_seen_ = low32(rendition_->filler_number());
    cursor_ = rendition_->log().cursor_at(from);
    started_ = true;
}

bool Viewer::start(TimePoint now) {
    if (!rendition_) {
        const Seq from = channel_.newcomer_start(now).value_or(channel_.log().end());
        rendition_ = &channel_.rendition(*style_.framing, from);
        ++rendition_->readers;
        filler_seen_ = low32(rendition_->filler_number());
    }
    const auto first = rendition_->log().start_for(channel_.policy().burst, now, channel_.format_first());
    if (!first) return false;
    cursor_ = rendition_->log().cursor_at(*first);
    started_ = true;
    return true;
}

// Only when the new header has a packet to start from: clients that end here come back at once.
bool Viewer::change_format(TimePoint now) {
    if (!channel_.log().start_for(Duration{0}, now, channel_.format_first())) return false;
    if (!style_.header_in_band) {
        finish(EndReason::new_header);
        return false;
    }
    std::vector<std::uint8_t> header;
    style_.header(*channel_.format(), {.number = channel_.format_number(), .is_first = false}, header);
    if (header.empty()) {
        finish(EndReason::new_header);
        return false;
    }
    write_rest_of_packet();
    peer_.write(header);
    format_number_ = low32(channel_.format_number());
    started_ = false;
    lagged_ = false;
    return true;
}

// False: more is to be sent, when the socket is ready or at the next visit.
bool Viewer::pump(TimePoint now) {
    const BlockLog& log = rendition_->log();
    if ((lagged_ || !log.settle(cursor_)) && !skip()) return true;
    cut_ = {};
    std::array<Bytes, kViews> views;
    std::size_t left = kPerVisit;
    while (left > 0) {
        const std::size_t count = log.read(cursor_, left, views);
        if (count == 0) break;
        std::size_t offered = 0;
        for (const Bytes& view : std::span{views}.first(count)) offered += view.size();
        const std::size_t taken = peer_.send(std::span{views}.first(count));
        if (taken > 0) {
            log.advance(cursor_, taken);
            bytes_ += taken;
            clients_.bytes += taken;
            last_progress_ = now;
            if (!counted_) count_as_viewer();
        }
        left -= taken;
        if (taken == offered) {
            if (count < kViews && left > 0) break;  // there was room for more than the log has
            continue;
        }
        blocked_ = true;
        last_progress_ = now;  // there may have been nothing to take for long
        hold_cut_packet();
        return false;
    }
    if (!log.is_at_end(cursor_)) {
        hold_cut_packet();
        wheel().hurry(*this);  // the rest when the others had their turn
        return false;
    }
    send_filler();
    return true;
}

// A cursor inside a packet holds its block: the packet can be completed even when the log has moved past it.
void Viewer::hold_cut_packet() {
    const BlockLog& log = rendition_->log();
    const auto place = log.locate(cursor_);
    if (place.block != cursor_.block || place.begin == cursor_.offset) return;
    cut_ = log.block_of(cursor_);
    cut_end_ = place.end;
}

void Viewer::send_filler() {
    if (!style_.wants_fillers || !rendition_ || low32(rendition_->filler_number()) == filler_seen_) return;
    filler_seen_ = low32(rendition_->filler_number());
    peer_.write(rendition_->filler());
}

// The log may move past a client that does not read. It must not keep a block alive: what is left of its
// packet is copied (less than one packet, once), and the cursor is given up.
void Viewer::wait_blocked(TimePoint now) {
    if (now - last_progress_ > (style_.is_link ? kLinkStallLimit : kStallLimit)) {
        ++channel_.stats().stalled_closed;
        return peer_.close(CloseReason::too_slow);
    }
    if (!started_ || lagged_ || rendition_->log().settle(cursor_)) return;
    lagged_ = true;
    if (is_closed_for_lag()) {
        ++channel_.stats().slow_closed;
        return peer_.close(CloseReason::too_slow);
    }
    write_rest_of_packet();
}

bool Viewer::say_between_packets(Bytes message) {
    if (cut_) return false;
    peer_.write(message);
    return true;
}

bool Viewer::has_current_header() const noexcept {
    return format_number_ == low32(channel_.format_number());
}

void Viewer::write_rest_of_packet() {
    if (!cut_) return;
    peer_.write({cut_->data() + cursor_.offset, cut_end_ - cursor_.offset});
    cut_ = {};
}

bool Viewer::is_closed_for_lag() const noexcept {
    return channel_.policy().close_slow_clients && !style_.is_link;
}

bool Viewer::skip() {
    const BlockLog& log = rendition_->log();
    if (is_closed_for_lag()) {
        ++channel_.stats().slow_closed;
        peer_.close(CloseReason::too_slow);
        return false;
    }
    lagged_ = false;
    write_rest_of_packet();
    ++channel_.stats().skips;
    channel_.logger().debug("channel {}: {} lagged and skips to the newest sync point", channel_.name(),
                            peer_.remote());
    const auto sync = log.start_for(Duration{0}, TimePoint::max(), channel_.format_first());
    started_ = sync.has_value();  // none held: it starts like a newcomer
    if (sync) cursor_ = log.cursor_at(*sync);
    return started_;
}

void Viewer::finish(EndReason reason) {
    write_rest_of_packet();
    std::vector<std::uint8_t> end;
    style_.end(reason, end);
    peer_.write(end);
    peer_.close(CloseReason::finished);
}

void Viewer::count_as_viewer() {
    counted_ = true;
    ++clients_.now;
    ++clients_.total;
    if (style_.is_link || channel_.client_log().lists(ClientLog::Event::came))
        channel_.logger().info("channel {}: {} {} plays over {}", channel_.name(), peer_.remote(), who_.get(),
                               style_.protocol);
}

}  // namespace weir
