#include "core/relay/sniffer.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace weir {

Sniffer::Sniffer(Host& host, Peer& peer, std::span<const SpokenProtocol> spoken, Newcomers& newcomers)
    : host_(host), peer_(peer), spoken_(spoken), newcomers_(newcomers), began_(host.timers().now()) {
    newcomers.add(*this);
}

Sniffer::~Sniffer() {
    newcomers_.left();
}

void Sniffer::on_bytes(Bytes bytes) noexcept {
    const std::size_t taken = std::min(bytes.size(), kEnough - held_);
    std::copy_n(bytes.begin(), taken, first_.begin() + held_);
    held_ = static_cast<std::uint8_t>(held_ + taken);
    const Bytes first{first_.data(), held_};

    bool may_come = false;
    for (const SpokenProtocol& spoken : spoken_) {
        const auto sniffed = spoken.protocol->sniff(first);
        // Who comes first in the list is waited for.
        if (sniffed == Protocol::Sniffed::need_more) {
            may_come = true;
            break;
        }
        if (sniffed == Protocol::Sniffed::yes) return hand_over(spoken, bytes, taken);
    }
    if (may_come && held_ < kEnough) return;
    ++host_.stats().unknown_protocol;
    host_.log().info("{}: closed: the first bytes are of no protocol that {} speaks: \"{}\"", peer_.remote(),
                     peer_.local(), printable(as_text(first)));
    // At once and without a word: players that try another protocol first wait for just this.
    peer_.close(CloseReason::protocol_error);
}

// `taken` of `bytes` are in first_, too.
void Sniffer::hand_over(const SpokenProtocol& spoken, Bytes bytes, std::size_t taken) {
    unlink();
    const Bytes first{first_.data(), held_};
    // All that came, where it lies together.
    const Bytes came = taken == held_ ? bytes : first;
    if (!newcomers_.has_room(spoken.protocol->visitor(came))) {
        // Both at once: a refused crowd must not hold what is kept for sources.
        peer_.write(as_bytes(spoken.protocol->refusal()));
        return peer_.close(CloseReason::too_slow);
    }
    auto owned = spoken.server->accept(peer_, spoken.port);
    Handler& handler = *owned;
    peer_.set_handler(std::move(owned));  // this lives until the callback returns
    handler.on_bytes(first);
    if (taken < bytes.size() && !peer_.is_closing()) handler.on_bytes(bytes.subspan(taken));
}

void Sniffer::end(CloseReason reason) noexcept {
    ++host_.stats().timeouts;
    unlink();
    peer_.close(reason);
}

void Newcomers::add(Sniffer& sniffer) {
    ++count_;
    list_.push_back(sniffer);
    if (!timer_.is_running()) timer_.start_at(sniffer.began() + limit_);
}

void Newcomers::on_due() {
    while (Sniffer* oldest = list_.front()) {
        const TimePoint due = oldest->began() + limit_;
        if (due > oldest->now()) return timer_.start_at(due);
        oldest->time_out();
    }
}

}  // namespace weir
