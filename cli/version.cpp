#include "cli/version.hpp"

#include <cstdio>

namespace weir::cli {

std::string_view version() noexcept {
    return WEIR_VERSION;
}

int version_command(const VersionOptions&) {
    std::printf("weir %s\n", WEIR_VERSION);
    return kExitOk;
}

}  // namespace weir::cli
