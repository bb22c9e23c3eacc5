#include "protocols/admin/status.hpp"

namespace weir::admin {

namespace {

std::vector<ClientsStatus> statuses(const std::deque<ClientStats>& all) {
    std::vector<ClientsStatus> out;
    for (const ClientStats& one : all)
        out.push_back({.protocol = std::string(one.protocol),
                       .now = one.now,
                       .total = one.total,
                       .bytes_sent = one.bytes});
    return out;
}

ChannelStatus collect(Host& host, Channel& channel) {
    const BlockLog& log = channel.log();
    ChannelStatus out{
        .name = channel.name(),
        .title = channel.title(),
        .state = channel.state(),
        .format = std::nullopt,
        .sources = host.sources(channel),
        .push_to = host.pushes(channel),
        .clients = {},
        .links = {},
        .counted = channel.stats(),
        .log = {.packets = log.end() - log.first(),
                .bytes = log.bytes(),
                .first = log.first(),
                .end = log.end()},
        .flush_interval = channel.wheel().interval(),
    };
    if (const auto& format = channel.format()) {
        out.format = FormatStatus{.container = std::string(format->container().name()),
                                  .description = format->describe(),
                                  .bit_rate = format->bit_rate(),
                                  .header_bytes = format->header().size(),
                                  .packet_bytes = format->max_packet()};
    }
    out.clients = statuses(channel.clients());
    out.links = statuses(channel.links());
    return out;
}

}  // namespace

Status collect(Host& host) {
    Status out{.server = {.name = host.server().name,
                          .version = WEIR_VERSION,
                          .uptime = host.timers().now() - host.began(),
                          .connections = host.connections(),
                          .max_connections = host.max_connections(),
                          .stopping = host.is_stopping(),
                          .counted = host.stats()},
               .channels = {}};
    for (Channel* channel : host.channels()) out.channels.push_back(collect(host, *channel));
    return out;
}

std::string_view to_string(Channel::State state) noexcept {
    switch (state) {
        case Channel::State::closed:
            return "closed";
        case Channel::State::idle:
            return "idle";
        case Channel::State::open:
            return "open";
        case Channel::State::streaming:
            return "streaming";
        case Channel::State::restarting:
            return "restarting";
    }
    return "";
}

}  // namespace weir::admin
