// Which of a channel's clients that come and go get a line of the log of their own: so many a second, and the
// others one line together. A crowd of ten thousand is told in a line and not in ten thousand, each of which
// costs as much as the client's request. Belongs to its Channel; worker's thread.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/log.hpp"
#include "core/base/timer_queue.hpp"

namespace weir {

class ClientLog {
  public:
    enum class Event { came, left };
    static constexpr int kLines = 20;       // a second
    static constexpr Duration kSpan{1000};  // from the first of them on

    // `channel`: its name; outlives this, as the others do.
    ClientLog(const std::string& channel, TimerQueue& timers, Log& log);
    ~ClientLog() { sum_up(); }

    // True: the caller writes its line. False: it is counted, and told of at the end of the second.
    bool lists(Event event);

  private:
    void sum_up();

    const std::string& channel_;
    Log& log_;
    Timer span_;
    int lines_ = 0;
    std::uint64_t came_ = 0;  // without a line
    std::uint64_t left_ = 0;
};

}  // namespace weir
