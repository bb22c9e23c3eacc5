// libuv's error codes as Errors. Included by core/io only.
#pragma once

#include <uv.h>

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace weir {

inline Error uv_error(std::string_view what, int code) {
    return {Errc::system, std::string(what) + ": " + uv_strerror(code)};
}

}  // namespace weir
