#include "cli/run.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>

#include "cli/config_file.hpp"
#include "cli/stderr_log.hpp"
#include "cli/version.hpp"
#include "core/base/address.hpp"
#include "core/base/text.hpp"
#include "core/io/descriptors.hpp"
#include "core/relay/channel_name.hpp"
#include "core/relay/connection_limit.hpp"
#include "weir/weir.hpp"

namespace weir::cli {

namespace {

// What a person on this machine types: a wildcard address is opened as localhost.
std::string authority(const std::string& local) {
    auto parsed = parse_address(local);
    if (!parsed) return local;
    Address address = std::move(parsed).value();
    if (address.host == "::" || address.host == "0.0.0.0") return "localhost:" + std::to_string(address.port);
    return to_string(address);
}

bool is_for_players(std::string_view scheme) {
    return scheme != "msbd";
}

std::string urls(const Config& config, const Relay::Endpoint& endpoint, bool for_players) {
    std::string text;
    for (const ChannelConfig& channel : config.channels) {
        const std::string_view shown =
            channel.name == kAnyChannel ? std::string_view{"NAME"} : std::string_view{channel.name};
        for (const std::string& scheme : endpoint.schemes) {
            if (is_for_players(scheme) == for_players)
                text += fmt::format("  {}://{}/{}\n", scheme, authority(endpoint.address), shown);
        }
    }
    return text;
}

void print_urls(const Config& config, const Relay& relay) {
    std::string text = fmt::format("weir {} is running. Open, or push to:\n", version());
    std::string servers;
    for (const auto& endpoint : relay.endpoints()) {
        const auto& schemes = endpoint.schemes;
        if (std::find(schemes.begin(), schemes.end(), "http") != schemes.end())
            text += fmt::format("  http://{}/\n", authority(endpoint.address));
        text += urls(config, endpoint, true);
        servers += urls(config, endpoint, false);
    }
    if (!servers.empty()) text += "For other servers, by msbd:// or by those:\n" + servers;
    if (const std::string admin = relay.admin_address(); !admin.empty())
        text +=
            fmt::format("For whoever runs it (status, metrics, health):\n  http://{}/\n", authority(admin));
    std::fputs((text + "Ctrl-C ends it.\n").c_str(), stdout);
    std::fflush(stdout);
}

// Blocks of logs are then mapped one by one, and given back to the system when they go: what an outage needed
// does not stay with the process. (Left alone, the C library raises the limit with the first block freed.)
void give_memory_back() {
#ifdef M_MMAP_THRESHOLD
    ::mallopt(M_MMAP_THRESHOLD, 64 * 1024);
#endif
}

}  // namespace

int run_command(const RunOptions& options) {
    auto file = read_config_file(options.config_file);
    if (!file) return kExitUsage;

    give_memory_back();
    const std::size_t descriptors = descriptors_wanted(file->config);
    raise_descriptor_limit(descriptors);  // a shell gives a process 1024
    reserve_descriptors(descriptors);     // before the log has its thread
    StderrLog log{{.lowest = options.verbose ? LogLevel::debug : LogLevel::info}};
    ::signal(SIGPIPE, SIG_IGN);  // whoever read the log may leave; the relay goes on
    Relay relay{file->config, [&log](Severity severity, std::string_view line) {
                    log.write(static_cast<LogLevel>(severity), line);
                }};
    if (const std::string error = relay.start(Relay::OwnSignals::yes); !error.empty()) {
        log.write(LogLevel::error, error);
        return kExitFailed;
    }
    print_urls(file->config, relay);
    relay.run();
    return kExitOk;
}

}  // namespace weir::cli
