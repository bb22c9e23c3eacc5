#include "cli/check.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "cli/config_file.hpp"
#include "cli/fill_check.hpp"

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
    const FillReport report = check_fill(file->config, file->source_origins);
    for (const ConfigProblem& warning : report.warnings)
        std::fprintf(stderr, "%s\n", to_string(warning).c_str());
    if (options.verbose) {
        for (const ConfigProblem& note : report.notes) std::printf("%s\n", to_string(note).c_str());
    }
    const std::size_t warnings = report.warnings.size();
    std::printf("%s%s\n", summary(file->path, file->config).c_str(),
                warnings > 0 ? (", " + counted(warnings, "warning")).c_str() : "");
    return options.strict && warnings > 0 ? kExitUsage : kExitOk;
}

}  // namespace weir::cli
