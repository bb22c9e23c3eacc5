#include "core/io/wakeup.hpp"

#include <uv.h>

#include "core/io/handle.hpp"
#include "core/io/loop.hpp"
#include "core/io/uv_error.hpp"

namespace weir {

struct Wakeup::Async {
    Handle<uv_async_t, Wakeup> handle;
};

Wakeup::Wakeup(Loop& loop, Callback<void()> on_wake) : loop_(loop), callback_(on_wake) {}
Wakeup::~Wakeup() = default;

Result<std::unique_ptr<Wakeup>> Wakeup::open(Loop& loop, Callback<void()> on_wake) {
    std::unique_ptr<Wakeup> wakeup{new Wakeup{loop, on_wake}};
    int code = 0;
    auto handle = open_handle<uv_async_t>(
        wakeup.get(),
        [&](uv_async_t* h) {
            return uv_async_init(loop.raw(), h, [](uv_async_t* async) {
                if (auto* self = owner_of<uv_async_t, Wakeup>(async)) self->on_wake();
            });
        },
        code);
    if (!handle) return uv_error("uv_async_init", code);
    uv_unref(reinterpret_cast<uv_handle_t*>(&handle->uv));  // it alone is no reason for a loop to go on
    wakeup->async_ = std::make_unique<Async>();
    wakeup->async_->handle = std::move(handle);
    return wakeup;
}

void Wakeup::notify() const noexcept {
    uv_async_send(&async_->handle->uv);
}

void Wakeup::on_wake() {
    loop_.update_now();
    callback_();
}

}  // namespace weir
