// A Sink reads a channel with a cursor and is visited by the flush wheel. Nothing is pushed at it.
#pragma once

#include "core/base/clock.hpp"

namespace weir {

class FlushWheel;

class Sink {
  public:
    virtual ~Sink();
    Sink() = default;
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;

    // Send what there is from the cursor to the end, as far as the socket takes it.
    virtual void flush(TimePoint now) noexcept = 0;

  private:
    friend class FlushWheel;
    Sink* next_ = nullptr;  // in its slot of the wheel
    Sink* previous_ = nullptr;
    FlushWheel* wheel_ = nullptr;
    std::size_t slot_ = 0;
};

}  // namespace weir
