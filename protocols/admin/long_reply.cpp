#include "protocols/admin/long_reply.hpp"

#include <array>
#include <utility>

namespace weir::admin {

LongReply::LongReply(Peer& peer, TimerQueue& timers, std::string text)
    : peer_(peer),
      silence_(timers, Callback<void()>::of<&LongReply::on_silence>(this)),
      text_(std::move(text)) {}

void LongReply::pump() noexcept {
    if (peer_.is_closing()) return silence_.stop();
    const std::array rest{as_bytes(text_).subspan(sent_)};
    sent_ += peer_.send(rest);
    if (sent_ < text_.size()) return silence_.start(kSilenceLimit);
    silence_.stop();
    peer_.close(CloseReason::finished);
}

}  // namespace weir::admin
