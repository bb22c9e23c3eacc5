#include "test/support/fake_peer.hpp"

#include <algorithm>
#include <utility>

namespace weir::test {

FakePeer::FakePeer(std::string remote, std::string local)
    : remote_(std::move(remote)), local_(std::move(local)) {}

std::size_t FakePeer::take(Bytes bytes) {
    const std::size_t n = std::min(bytes.size(), room_);
    sent_ += as_text(bytes.first(n));
    room_ -= n;
    return n;
}

std::size_t FakePeer::send(std::span<const Bytes> parts) {
    ++sends;
    if (closing_ || gone_) return 0;
    std::size_t offered = 0;
    std::size_t taken = 0;
    for (const Bytes& part : parts) {
        offered += part.size();
        if (queue_.empty()) taken += take(part);
    }
    if (taken < offered) wants_ready_ = true;
    return taken;
}

void FakePeer::write(Bytes bytes) {
    if (closing_ || gone_ || bytes.empty()) return;
    if (queue_.empty()) bytes = bytes.subspan(take(bytes));
    if (bytes.empty()) return;
    if (queue_.size() + bytes.size() > kMaxQueued) return close(CloseReason::too_slow);
    queue_ += as_text(bytes);
}

void FakePeer::close(CloseReason reason) {
    if (closing_) return;
    closing_ = true;
    reason_ = reason;
    wants_ready_ = false;
    if (reason != CloseReason::too_slow && reason != CloseReason::failed) return;
    gone_ = true;
    queue_.clear();
}

void FakePeer::fail(CloseReason reason) {
    gone_ = true;
    queue_.clear();
    if (closing_) return;
    closing_ = true;
    reason_ = reason;
}

void FakePeer::set_handler(std::unique_ptr<Handler> handler) {
    if (handler_) retired_.push_back(std::move(handler_));
    handler_ = std::move(handler);
}

void FakePeer::say(Bytes bytes) {
    if (closing_ || gone_ || eof_ || !handler_) return;
    const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
    handler_->on_bytes(exact);
}

void FakePeer::say(std::string_view text) {
    say(as_bytes(text));
}

void FakePeer::say_bytewise(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        say(text.substr(i, 1));
        retired_.clear();
    }
}

void FakePeer::half_close() {
    if (std::exchange(eof_, true) || closing_ || !handler_) return;
    handler_->on_eof();
}

void FakePeer::reset() {
    if (!gone_) fail(CloseReason::peer_closed);
}

void FakePeer::make_room(std::size_t bytes) {
    room_ = std::min(room_ + bytes, kUnlimited);
    if (gone_) return;
    queue_.erase(0, take(as_bytes(queue_)));
    if (!wants_ready_ || !queue_.empty() || closing_ || room_ == 0) return;
    wants_ready_ = false;
    if (handler_) handler_->on_ready();
}

void FakePeer::end_turn() {
    retired_.clear();
    if (!closing_ || told_) return;
    told_ = true;
    if (handler_) handler_->on_closed(reason_);
    handler_.reset();
}

void FakePeer::shut_down() {
    if (closing_ || (handler_ && handler_->on_shutdown())) return;
    close(CloseReason::shutdown);
}

}  // namespace weir::test
