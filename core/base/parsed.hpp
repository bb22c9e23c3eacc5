// What a parser answers: the value and the bytes it used, how many more bytes it needs at least, or an
// Error. Parsers are pure: they do not block, log, or know where the bytes came from.
#pragma once

#include <cstddef>
#include <variant>

#include "core/base/result.hpp"

namespace weir {

struct Need {
    std::size_t more = 1;  // at least so many bytes are missing, >= 1
};

template <class T>
struct Got {
    T value;
    std::size_t used = 0;
};

template <class T>
using Parsed = std::variant<Got<T>, Need, Error>;

}  // namespace weir
