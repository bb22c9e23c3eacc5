// cmocka 1.1.5 for C++: it does not mark its header for C++ and defines macros with common names.
// Include it last. A failed assertion jumps past destructors: a leak reported after a failure is noise.
#pragma once

#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>

#pragma GCC system_header
extern "C" {
#include <cmocka.h>
}
#undef fail
