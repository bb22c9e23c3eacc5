#include "cli/check.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "cli/config_file.hpp"

namespace weir::cli {

namespace {

std::string counted(std::size_t n, const char* noun) {
    return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

}  // namespace

std::string summary(const std::string& path, const Config& config) {
    return fmt::format("{}: ok, {}, {}", path, counted(config.listen.size(), "listener"),
                       counted(config.channels.size(), "channel"));
}

int check_command(const CheckOptions& options) {
    const auto file = read_config_file(options.config_file);
    if (!file) return kExitUsage;
    std::printf("%s\n", summary(file->path, file->config).c_str());
    return kExitOk;
}

}  // namespace weir::cli
