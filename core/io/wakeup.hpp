// Wakeup: runs its callback on the loop's thread; notify() may be called from any thread.
#pragma once

#include <memory>

#include "core/base/callback.hpp"
#include "core/base/result.hpp"

namespace weir {

class Loop;

class Wakeup {
  public:
    static Result<std::unique_ptr<Wakeup>> open(Loop& loop, Callback<void()> on_wake);
    ~Wakeup();
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;

    void notify() const noexcept;  // several before the loop turns count as one

  private:
    struct Async;
    Wakeup(Loop& loop, Callback<void()> on_wake);
    void on_wake();

    Loop& loop_;
    Callback<void()> callback_;
    std::unique_ptr<Async> async_;
};

}  // namespace weir
