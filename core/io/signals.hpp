// Signals: SIGINT and SIGTERM as a callback on the loop's thread. For a process that is weir; an embedder has
// its own.
#pragma once

#include <memory>

#include "core/base/callback.hpp"
#include "core/base/result.hpp"

namespace weir {

class Loop;

class Signals {
  public:
    static Result<std::unique_ptr<Signals>> open(Loop& loop, Callback<void(int)> on_signal);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

  private:
    struct Handles;
    Signals(Loop& loop, Callback<void(int)> on_signal);
    void on_signal(int number);

    Loop& loop_;
    Callback<void(int)> callback_;
    std::unique_ptr<Handles> handles_;
};

}  // namespace weir
