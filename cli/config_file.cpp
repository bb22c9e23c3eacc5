#include "cli/config_file.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "cli/config_problems.hpp"
#include "cli/units.hpp"
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

LoadedConfig unreadable(const std::string& path, std::string_view why) {
    Problems problems(path);
    problems.report(Place{}, "file", fmt::format("cannot be read ({}), expected a readable TOML file", why));
    return {.config = {}, .source_origins = {}, .problems = problems.in_file_order()};
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

LoadedConfig load_config(const std::string& path, std::span<const std::string_view> protocols) {
    struct CloseFile {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
    if (!file) return unreadable(path, std::strerror(errno));
    std::string text(kMaxConfigFile + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    if (std::ferror(file.get()) != 0) return unreadable(path, std::strerror(errno));
    if (text.size() > kMaxConfigFile) return unreadable(path, "longer than " + format_size(kMaxConfigFile));
    return parse_config(text, path, protocols);
}

std::optional<ConfigFile> read_config_file(const std::string& path) {
    ConfigFile file{.path = path, .config = {}, .source_origins = {}};
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
    file.source_origins = std::move(loaded.source_origins);
    return file;
}

}  // namespace weir::cli
