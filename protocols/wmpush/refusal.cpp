#include "protocols/wmpush/refusal.hpp"

#include "core/base/text.hpp"
#include "protocols/wmpush/reply.hpp"

namespace weir::wmpush {

namespace {

constexpr int kRetryAfter = 5;

void count(HostStats& stats, int status) noexcept {
    switch (status) {
        case 400:
        case 411:
        case 413:
            ++stats.bad_requests;
            return;
        case 408:
            ++stats.timeouts;
            return;
        default:
            ++stats.pushes_refused;
    }
}

}  // namespace

void refuse(http::Exchange& exchange, const Refusal& refusal) {
    Host& host = exchange.host();
    count(host.stats(), refusal.status);
    host.log().warning("{}: push to {} refused with {}: {}", exchange.peer().remote(),
                       printable(exchange.request().path), refusal.status, printable(refusal.sentence));
    auto reply = reply_to(exchange.request(), refusal.push_id);
    if (refusal.next == http::Next::close) reply.keep_open = false;
    exchange.reply(refused(reply, refusal.status, refusal.sentence, refusal.retry_after), refusal.next);
}

void refuse_taken_slot(http::Exchange& exchange, std::string_view sentence, std::string_view push_id) {
    refuse(exchange, {.status = 409, .sentence = sentence, .push_id = push_id, .retry_after = kRetryAfter});
}

}  // namespace weir::wmpush
