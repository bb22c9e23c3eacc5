#include "protocols/msbd/asking.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/asf/container.hpp"
#include "core/base/text.hpp"
#include "protocols/msbd/fed_link.hpp"

namespace weir::msbd {

namespace {
constexpr std::size_t kMaxRequest = kHead + 4 + kMaxChannelBytes;
}

Asking::Asking(Host& host, Peer& peer, std::string_view own_channel)
    : host_(host),
      peer_(peer),
      own_channel_(own_channel),
      timer_(host.timers(), Callback<void()>::of<&Asking::on_timeout>(this)) {
    ++host_.stats().links;
    timer_.start(kPatience);
}

void Asking::on_bytes(Bytes bytes) noexcept {
    if (peer_.is_closing()) return;
    if (got_.empty() && host_.stats().links > host_.max_links()) {
        ++host_.stats().links_refused;
        return refuse(kTooMany, fmt::format("max_links = {} is reached", host_.max_links()));
    }
    got_.insert(got_.end(), bytes.begin(), bytes.end());
    if (channel_) {
        // Held; there is nothing to say before the answer.
        if (got_.size() > kMaxRequest) refuse(kInvalid, "it says too much before it is answered");
        return;
    }
    const auto parsed = parse_message(got_);
    if (const auto* error = std::get_if<Error>(&parsed)) {
        ++host_.stats().bad_requests;
        host_.log().info("{}: closed: {}", peer_.remote(), error->detail);
        return peer_.close(CloseReason::protocol_error);
    }
    if (const auto* need = std::get_if<Need>(&parsed)) {
        if (got_.size() + need->more <= kMaxRequest) return;
        return refuse(kInvalid, "a request that is too long");
    }
    const auto& [message, used] = std::get<Got<Message>>(parsed);
    on_request(message);
}

void Asking::on_request(const Message& message) {
    if (message.kind != Kind::connect) {
        ++host_.stats().bad_requests;
        host_.log().info("{}: closed: message {} where REQ_CONNECT should be", peer_.remote(),
                         static_cast<unsigned>(message.kind));
        return peer_.close(CloseReason::protocol_error);
    }
    auto request = parse_connect(message.body);
    if (!request) return refuse(kInvalid, request.error().detail);
    request_ = std::move(request).value();
    if (request_.flags == kMulticast) return refuse(kNotFound, "it wants the stream by multicast");
    if (request_.flags != kUnicast) return refuse(kInvalid, fmt::format("flags 0x{:08X}", request_.flags));
    const std::string_view name =
        request_.wants_default() ? own_channel_ : std::string_view{request_.channel};
    if (name.empty()) return refuse(kNotFound, "this port has no channel of its own");
    const auto asked = host_.ask_for(name);
    if (!asked)
        return refuse(asked.error().code == Errc::not_found ? kNotFound : kTooMany, asked.error().detail);
    channel_ = asked.value();
    if (request_.relay && channel_->lineage().makes_loop(request_.relay->via))
        return refuse(kLoop, "the channel's stream comes from there");
    if (channel_->format()) return serve();
    if (request_.relay) channel_->lineage().note_waiting(request_.relay->via);
    channel_->wait_for_format(*this);
    timer_.start(std::min(kHold, channel_->policy().wait_max));
}

void Asking::serve() {
    unlink();
    timer_.stop();
    const StreamFormat& format = *channel_->format();
    if (&format.container() != &asf::container())
        return refuse(kNotFound, "the channel carries no Windows Media stream");
    if (!FedLink::can_carry(format))
        return refuse(kIncompatible, "the stream's header or its packets are too long for MSBD");
    auto link = std::make_unique<FedLink>(host_, peer_, *channel_, request_.relay);
    FedLink& next = *link;
    peer_.set_handler(std::move(link));  // this lives until the callback returns
    const auto parsed = parse_message(got_);
    if (const auto* whole = std::get_if<Got<Message>>(&parsed); whole && whole->used < got_.size())
        next.on_bytes(Bytes{got_}.subspan(whole->used));
}

void Asking::on_timeout() {
    if (channel_) return refuse(kNoStream, "the channel is not on air");
    ++host_.stats().timeouts;
    peer_.close(CloseReason::timed_out);
}

void Asking::refuse(std::uint32_t hr, std::string_view why) {
    unlink();
    timer_.stop();
    host_.log().info("{}: MSBD: refused with {}: {}", peer_.remote(), describe_result(hr), why);
    peer_.write(encode_connected(hr));
    peer_.close(CloseReason::refused);
}

}  // namespace weir::msbd
