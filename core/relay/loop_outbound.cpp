#include "core/relay/loop_outbound.hpp"

#include <sys/random.h>

#include "core/base/assert.hpp"
#include "core/io/dialer.hpp"
#include "core/io/loop.hpp"

namespace weir {

namespace {

struct LoopDial final : Dial {
    std::unique_ptr<Dialer> dialer;
};

}  // namespace

std::uint32_t random_u32() {
    std::uint32_t value = 0;
    WEIR_ASSERT(::getrandom(&value, sizeof value, 0) == static_cast<ssize_t>(sizeof value));
    return value;
}

std::unique_ptr<Dial> dial_on(Loop& loop, const Address& address, Duration timeout, Dial::OnDone on_done,
                              Dial::OnSent on_sent) {
    auto dial = std::make_unique<LoopDial>();
    dial->dialer = Dialer::start(loop, address, timeout, on_done, on_sent);
    return dial;
}

TimerQueue& LoopOutbound::timers() {
    return loop_.timers();
}

}  // namespace weir
