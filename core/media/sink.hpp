// A Sink reads a channel with a cursor and is visited by the channel's flush wheel. Nothing is pushed at it.
#pragma once

#include <cstdint>

#include "core/base/clock.hpp"
#include "core/base/intrusive_list.hpp"

namespace weir {

class FlushWheel;

class Sink : public ListNode<Sink> {
  public:
    virtual ~Sink();
    Sink() = default;

    // Send what there is from the cursor to the end, as far as the socket takes it.
    virtual void flush(TimePoint now) noexcept = 0;

  private:
    friend class FlushHub;
    friend class FlushWheel;
    FlushWheel* wheel_ = nullptr;
    std::uint64_t seen_ = 0;  // of the wheel's news, at the last visit
};

}  // namespace weir
