// LoopOutbound: an Outbound over a bare loop, for clients that are no relay. Its loop's thread.
#pragma once

#include "core/relay/outbound.hpp"

namespace weir {

class Loop;

// From the system, not to be guessed. Any thread.
std::uint32_t random_u32();

std::unique_ptr<Dial> dial_on(Loop& loop, const Address& address, Duration timeout, Dial::OnDone on_done,
                              Dial::OnSent on_sent = {});

class LoopOutbound final : public Outbound {
  public:
    // Both outlive it.
    LoopOutbound(Loop& loop, std::span<const Container* const> containers)
        : loop_(loop), containers_(containers) {}

    std::unique_ptr<Dial> dial(const Address& address, Duration timeout, Dial::OnDone on_done) override {
        return dial_on(loop_, address, timeout, on_done);
    }
    std::span<const Container* const> containers() const override { return containers_; }
    TimerQueue& timers() override;
    std::uint32_t random() override { return random_u32(); }

  private:
    Loop& loop_;
    std::span<const Container* const> containers_;
};

}  // namespace weir
