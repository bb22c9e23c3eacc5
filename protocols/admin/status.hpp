// Status: what is told of a running weir to whoever runs it, as plain values. status_json.hpp and metrics.hpp
// write it down; docs/operations.md names the fields. It holds no credentials.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/media/channel.hpp"
#include "core/relay/host.hpp"
#include "core/relay/push_status.hpp"
#include "core/relay/source_status.hpp"

namespace weir::admin {

struct FormatStatus {
    std::string container;
    std::string description;
    std::uint32_t bit_rate = 0;  // bit/s as the header states it, 0 where it does not
    std::size_t header_bytes = 0;
    std::size_t packet_bytes = 0;  // the longest
};

struct ClientsStatus {
    std::string protocol;
    std::uint64_t now = 0;
    std::uint64_t total = 0;
    std::uint64_t bytes_sent = 0;
};

struct LogStatus {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    Seq first = 0;  // packets held are [first, end)
    Seq end = 0;
};

struct ChannelStatus {
    std::string name;
    std::string title;
    Channel::State state = Channel::State::closed;
    std::optional<FormatStatus> format;  // nothing was ever on air
    std::vector<SourceStatus> sources;
    std::vector<PushStatus> push_to;
    std::vector<ClientsStatus> clients;
    std::vector<ClientsStatus> links;  // servers downstream
    ChannelStats counted;
    LogStatus log;
    Duration flush_interval{0};  // in force
};

struct ServerStatus {
    std::string name;
    std::string version;
    Duration uptime{0};
    std::size_t connections = 0;
    std::size_t max_connections = 0;
    bool stopping = false;
    HostStats counted;
};

struct Status {
    ServerStatus server;
    std::vector<ChannelStatus> channels;  // in the configuration's order
};

Status collect(Host& host);

std::string_view to_string(Channel::State state) noexcept;

}  // namespace weir::admin
