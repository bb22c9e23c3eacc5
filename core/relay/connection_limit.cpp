#include "core/relay/connection_limit.hpp"

#include <algorithm>

#include "core/relay/channel_name.hpp"

namespace weir {

namespace {

constexpr std::size_t kOwn = 32;  // the loop's, the log's, what looking up names needs
constexpr std::size_t kPartForLinks = 16;
constexpr std::size_t kOfAPort = 2;  // its socket, and the one that it gives up to refuse a connection

// Sources, and servers that are pushed to.
std::size_t outgoing(const Config& config) noexcept {
    std::size_t count = 0;
    for (const ChannelConfig& channel : config.channels) {
        const std::size_t channels = channel.name == kAnyChannel ? channel.max_channels : 1;
        count += channels * (channel.sources.size() + channel.push_to.size());
    }
    return count;
}

std::size_t reserved(const Config& config) noexcept {
    return kOwn + kAdminConnections + kUnheardConnections + kLeavingConnections +
           kOfAPort * (config.listen.size() + 1) + outgoing(config);
}

}  // namespace

std::size_t descriptors_wanted(const Config& config) noexcept {
    return config.server.max_connections + config.server.max_links + reserved(config);
}

// They do not take what a process has whose files are few.
std::size_t links_in_force(const Config& config, std::size_t descriptors) noexcept {
    const std::size_t others = config.server.max_connections + reserved(config);
    const std::size_t left = descriptors > others ? descriptors - others : 0;
    return std::min(config.server.max_links, std::max(left, descriptors / kPartForLinks));
}

std::size_t connections_in_force(const Config& config, std::size_t descriptors) noexcept {
    const std::size_t kept = reserved(config) + links_in_force(config, descriptors);
    const std::size_t left = descriptors > kept ? descriptors - kept : 0;
    return std::min(config.server.max_connections, std::max({left, descriptors / 4, std::size_t{1}}));
}

std::size_t connections_with_sources(const Config& config, std::size_t limit, std::size_t links) noexcept {
    return limit + links + outgoing(config) + kUnheardConnections;
}

}  // namespace weir
