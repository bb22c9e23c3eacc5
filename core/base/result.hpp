// What can fail returns Result<T>: a value, or an Error that says what was wrong and what would be right.
// weir neither throws nor catches.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "core/base/assert.hpp"

namespace weir {

enum class Errc {
    bad_input,     // bytes or text that break their format
    too_large,     // a stated limit was passed
    unsupported,   // well-formed, but not something weir takes
    incompatible,  // does not fit what the channel already serves
    refused,       // policy or the other side said no
    not_found,
    unreachable,  // nobody answers there
    timed_out,
    loop,    // it would come back to where it comes from
    closed,  // the other side ended it
    system,  // the operating system said no
};

struct Error {
    Errc code = Errc::bad_input;
    std::string detail;  // a sentence for a person: found, expected, where
};

struct Ok {};

template <class T = Ok>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }

    T& value() & noexcept {
        WEIR_ASSERT(ok());
        return *std::get_if<0>(&state_);
    }
    const T& value() const& noexcept {
        WEIR_ASSERT(ok());
        return *std::get_if<0>(&state_);
    }
    T&& value() && noexcept {
        WEIR_ASSERT(ok());
        return std::move(*std::get_if<0>(&state_));
    }
    const Error& error() const noexcept {
        WEIR_ASSERT(!ok());
        return *std::get_if<1>(&state_);
    }

  private:
    std::variant<T, Error> state_;
};

}  // namespace weir
