#include "protocols/wmpush/contexts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/relay/push_slot.hpp"

namespace weir::wmpush {

namespace {
constexpr Duration kSecond{1'000};
constexpr Duration kMinute{60'000};
}  // namespace

PushContext::PushContext(Contexts& owner, Host& host, Channel& channel, const SourceSpec& slot,
                         std::string push_id, std::string address)
    : owner_(owner),
      host_(host),
      channel_(channel),
      slot_(slot),
      push_id_(std::move(push_id)),
      address_(std::move(address)),
      reader_({.header_bytes = channel.policy().header_limit}),
      last_media_(channel.now()),
      last_used_(channel.now()),
      expiry_(host.timers(), Callback<void()>::of<&PushContext::on_expired>(this)),
      gap_(host.timers(), Callback<void()>::of<&PushContext::on_gap>(this)) {}

void PushContext::await_body() {
    last_used_ = channel_.now();
    if (!carrier_) expiry_.start(kInactivityTimeout);
}

void PushContext::begin_body(Carrier& carrier, std::uint64_t length, std::string who) {
    // Of the same encoder: it knows better than we do that its last connection is dead.
    if (carrier_) carrier_->on_replaced();
    carrier_ = &carrier;
    who_ = std::move(who);
    reader_.begin_body(length);
    gap_.stop();
    restart_idle();
}

void PushContext::restart_idle() {
    last_used_ = channel_.now();
    expiry_.start_at(std::min(channel_.now() + kIdleTimeout, last_media_ + kFillerLimit));
}

void PushContext::renew_limits() {
    const TimePoint now = channel_.now();
    if (now - second_began_ >= kSecond) {
        second_began_ = now;
        reader_.begin_second();
    }
    if (now - minute_began_ >= kMinute) {
        minute_began_ = now;
        reader_.begin_minute();
    }
}

Result<> PushContext::take(Bytes bytes) {
    if (!feed_) {
        feed_ = std::make_unique<Feed>(channel_, slot_.rank, slot_.role, who_,
                                       Callback<void()>::of<&PushContext::on_feed_replaced>(this), address_);
        reader_.announce_again();
    }
    // Another encoder may have taken the slot since this one was let in.
    if (!feed_->format() && !may_take_slot(channel_, slot_, address_))
        return Error{Errc::refused, slot_is_taken(channel_, slot_)};
    renew_limits();
    const auto packets = reader_.packets();
    const auto media = reader_.media();
    if (auto read = feed_->read(reader_, bytes); !read) {
        feed_->leave(Selector::Cause::closed, read.error().detail);
        return read;
    }
    if (reader_.media() != media) last_media_ = channel_.now();
    if (reader_.packets() != packets) restart_idle();
    if (reader_.finished() && feed_->format())
        host_.log().info("channel {}: {} has ended its stream (reason 0x{:08X})", channel_.name(), who_,
                         reader_.end_reason());
    if (reader_.finished()) {
        feed_->leave(Selector::Cause::ended, "it ended its stream");
        feed_.reset();
    }
    return Ok{};
}

void PushContext::end_body() {
    carrier_ = nullptr;
    if (feed_) gap_.start(kRollOverLimit);
    await_body();
}

void PushContext::lose_body() {
    carrier_ = nullptr;
    feed_.reset();
    if (reader_.finished()) drop();
}

void PushContext::drop() {
    owner_.erase(*this);
}

void PushContext::on_expired() {
    if (carrier_) std::exchange(carrier_, nullptr)->on_idle();
    drop();
}

void PushContext::on_gap() {
    feed_->leave(Selector::Cause::closed,
                 fmt::format("its next body did not come within {} s", kRollOverLimit.count() / 1000));
    feed_.reset();
}

// The feed is in use where this is called from: it goes with the context, at once but later.
void PushContext::on_feed_replaced() {
    replaced_ = true;
    if (carrier_) std::exchange(carrier_, nullptr)->on_replaced();
    gap_.stop();
    expiry_.start(Duration{0});
}

PushContext* Contexts::find(std::string_view push_id, const SourceSpec& slot,
                            std::string_view address) const {
    const auto it = table_.find(push_id);
    if (it == table_.end()) return nullptr;
    PushContext& context = *it->second;
    const bool is_his = &context.slot_ == &slot && context.address_ == address && !context.replaced_;
    return is_his ? &context : nullptr;
}

PushContext* Contexts::create(Channel& channel, const SourceSpec& slot, std::string_view address) {
    if (table_.size() >= kMaxContexts && !make_room()) return nullptr;
    std::string push_id;
    do {
        push_id = std::to_string(host_.random());
    } while (push_id == "0" || table_.contains(push_id));
    auto context = std::make_unique<PushContext>(*this, host_, channel, slot, push_id, std::string(address));
    return table_.emplace(std::move(push_id), std::move(context)).first->second.get();
}

// Anybody can make contexts by asking for permission, so the longest unused of those that bring nothing gives
// way.
bool Contexts::make_room() {
    const PushContext* oldest = nullptr;
    for (const auto& [push_id, context] : table_) {
        if (context->carrier_ || context->feed_) continue;
        if (!oldest || context->last_used_ < oldest->last_used_) oldest = context.get();
    }
    if (oldest) erase(*oldest);
    return oldest != nullptr;
}

void Contexts::erase(const PushContext& context) {
    table_.erase(table_.find(context.push_id_));
}

}  // namespace weir::wmpush
