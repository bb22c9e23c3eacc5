// The source "test:": a container's test signal, played in real time. Worker's thread.
#pragma once

#include <memory>

#include "core/base/timer_queue.hpp"
#include "core/media/channel.hpp"
#include "core/media/container.hpp"
#include "core/media/feed.hpp"
#include "core/relay/source_spec.hpp"

namespace weir {

class TestSource {
  public:
    TestSource(Channel& channel, const SourceSpec& spec, const Container& container, TimerQueue& timers);

  private:
    void on_timer();
    void on_replaced() {}  // no other feed can have its rank

    Channel& channel_;
    TimerQueue& timers_;
    std::unique_ptr<TestSignal> signal_;
    Feed feed_;
    Timer timer_;
    TimePoint began_;
    std::uint64_t next_packet_ = 0;
};

}  // namespace weir
