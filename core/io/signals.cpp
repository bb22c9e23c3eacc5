#include "core/io/signals.hpp"

#include <signal.h>
#include <uv.h>

#include "core/io/handle.hpp"
#include "core/io/loop.hpp"
#include "core/io/uv_error.hpp"

namespace weir {

struct Signals::Handles {
    Handle<uv_signal_t, Signals> interrupt;
    Handle<uv_signal_t, Signals> terminate;
};

Signals::Signals(Loop& loop, Callback<void(int)> on_signal)
    : loop_(loop), callback_(on_signal), handles_(std::make_unique<Handles>()) {}
Signals::~Signals() = default;

Result<std::unique_ptr<Signals>> Signals::open(Loop& loop, Callback<void(int)> on_signal) {
    std::unique_ptr<Signals> signals{new Signals{loop, on_signal}};
    const auto watch = [&](Handle<uv_signal_t, Signals>& handle, int number) {
        int code = 0;
        handle = open_handle<uv_signal_t>(
            signals.get(), [&](uv_signal_t* h) { return uv_signal_init(loop.raw(), h); }, code);
        if (!handle) return code;
        return uv_signal_start(
            &handle->uv,
            [](uv_signal_t* h, int n) {
                if (auto* self = owner_of<uv_signal_t, Signals>(h)) self->on_signal(n);
            },
            number);
    };
    if (const int code = watch(signals->handles_->interrupt, SIGINT)) return uv_error("SIGINT", code);
    if (const int code = watch(signals->handles_->terminate, SIGTERM)) return uv_error("SIGTERM", code);
    // They must not keep a loop alive that has nothing else to do.
    uv_unref(reinterpret_cast<uv_handle_t*>(&signals->handles_->interrupt->uv));
    uv_unref(reinterpret_cast<uv_handle_t*>(&signals->handles_->terminate->uv));
    return signals;
}

void Signals::on_signal(int number) {
    loop_.update_now();
    callback_(number);
}

}  // namespace weir
