#include "protocols/wmpush/push_body.hpp"

#include "core/base/text.hpp"
#include "core/relay/push_slot.hpp"
#include "protocols/wmpush/refusal.hpp"
#include "protocols/wmpush/reply.hpp"

namespace weir::wmpush {

namespace {

std::string name_of(http::Exchange& exchange, const SourceSpec& slot) {
    return push_from(slot, exchange.peer().remote()) + " (" +
           printable(exchange.request().header("User-Agent").value_or("-"), 64) + ")";
}

}  // namespace

PushBody::PushBody(http::Exchange& exchange, PushContext& context) : exchange_(exchange), context_(&context) {
    context.begin_body(*this, exchange.request().content_length.value_or(0),
                       name_of(exchange, context.slot()));
}

PushBody::~PushBody() {
    if (context_) context_->lose_body();
}

void PushBody::on_body(Bytes piece) {
    if (!context_) return;
    const auto taken = context_->take(piece);
    if (taken) return;
    const std::string push_id = context_->push_id();
    std::exchange(context_, nullptr)->drop();
    if (taken.error().code == Errc::refused)
        return refuse_taken_slot(exchange_, taken.error().detail, push_id);
    refuse(exchange_, {.status = 400, .sentence = taken.error().detail, .push_id = push_id});
}

void PushBody::on_end() {
    if (!context_) return;
    const auto reply = reply_to(exchange_.request(), context_->push_id());
    std::exchange(context_, nullptr)->end_body();
    exchange_.reply(accepted(reply), http::Next::keep_open);
}

void PushBody::on_idle() {
    const std::string push_id = std::exchange(context_, nullptr)->push_id();
    refuse(exchange_,
           {.status = 408, .sentence = "no packet of the stream came for too long", .push_id = push_id});
}

void PushBody::on_replaced() {
    context_ = nullptr;
    exchange_.peer().close(CloseReason::replaced);
}

}  // namespace weir::wmpush
