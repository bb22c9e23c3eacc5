#include "cli/config_file.hpp"

#include <unistd.h>
#include <cstdio>
#include <string_view>
#include <vector>

#include "cli/config_toml.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/protocol.hpp"
#include "weir/weir.hpp"

namespace weir::cli {

namespace {

// What [[listen]] may name: the protocols that weir is built with.
std::vector<std::string_view> known_protocols() {
    std::vector<std::string_view> names;
    for (const Protocol* protocol : builtin_modules().protocols) names.push_back(protocol->name());
    return names;
}

}  // namespace

Result<std::string> find_config(std::span<const char* const> candidates) {
    std::string tried;
    for (const char* candidate : candidates) {
        if (access(candidate, F_OK) == 0) return std::string(candidate);
        tried += (tried.empty() ? "" : " nor ") + std::string(candidate);
    }
    return Error{Errc::not_found, "no configuration: neither " + tried + " exists, name a file with -c FILE"};
}

std::optional<ConfigFile> read_config_file(const std::string& path) {
    ConfigFile file{.path = path, .config = {}};
    if (path.empty()) {
        auto found = find_config(kUsualConfigFiles);
        if (!found) {
            std::fprintf(stderr, "weir: %s\n", found.error().detail.c_str());
            return std::nullopt;
        }
        file.path = std::move(found).value();
    }
    LoadedConfig loaded = load_config(file.path, known_protocols());
    for (const ConfigProblem& problem : loaded.problems)
        std::fprintf(stderr, "%s\n", to_string(problem).c_str());
    if (!loaded.problems.empty()) return std::nullopt;
    file.config = std::move(loaded.config);
    return file;
}

}  // namespace weir::cli
