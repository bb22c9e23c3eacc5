// WEIR_ASSERT: for our own bugs only, in every build. Bytes from the network never reach one.
#pragma once

#include <cstdio>
#include <cstdlib>

#define WEIR_ASSERT(condition)                                                                            \
    do {                                                                                                  \
        if (!(condition)) {                                                                               \
            std::fprintf(stderr, "weir: bug: %s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                                 \
        }                                                                                                 \
    } while (false)
