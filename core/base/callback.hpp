// Callback<R(Args...)>: an object and one of its member functions, two words, no allocation.
// Whoever registers a callback owns the thing that calls it, so the object cannot be gone when it is called.
//
//     Callback<void(Bytes)>::of<&Connection::on_bytes>(this)
#pragma once

#include <utility>

namespace weir {

template <class Signature>
class Callback;

template <class R, class... Args>
class Callback<R(Args...)> {
  public:
    constexpr Callback() noexcept = default;

    template <auto Member, class Object>
    static constexpr Callback of(Object* object) noexcept {
        return Callback{object, [](void* self, Args... args) noexcept -> R {
                            return (static_cast<Object*>(self)->*Member)(std::forward<Args>(args)...);
                        }};
    }

    explicit operator bool() const noexcept { return call_ != nullptr; }
    R operator()(Args... args) const noexcept { return call_(object_, std::forward<Args>(args)...); }

  private:
    using Call = R (*)(void*, Args...) noexcept;
    constexpr Callback(void* object, Call call) noexcept : object_(object), call_(call) {}

    void* object_ = nullptr;
    Call call_ = nullptr;
};

}  // namespace weir
