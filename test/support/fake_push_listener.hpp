// A PushListener that keeps what it was told.
#pragma once

#include <optional>

#include "core/relay/push.hpp"

namespace weir::test {

class FakePushListener final : public PushListener {
  public:
    void on_ready() override { ++ready; }
    void on_room() override { ++room; }
    void on_done(Result<> why) override {
        ++done;
        error = why ? std::string{} : why.error().detail;
        code = why ? std::optional<Errc>{} : why.error().code;
    }
    bool ended_well() const { return done == 1 && !code; }
    bool failed(Errc with) const { return done == 1 && code == with; }

    int ready = 0;
    int room = 0;
    int done = 0;
    std::string error;
    std::optional<Errc> code;
};

}  // namespace weir::test
