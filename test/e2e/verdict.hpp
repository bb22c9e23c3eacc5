// Ends the running test with a sentence that was put together; cmocka's fail_msg() wants a format.
#pragma once

#include <cstdio>
#include <string>

extern "C" void _fail(const char* const file, const int line);  // cmocka's, whose header must come last

namespace weir::test {

inline void fail_with(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    _fail(__FILE__, __LINE__);
}

}  // namespace weir::test
