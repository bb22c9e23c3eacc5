#include "protocols/admin/status_json.hpp"

#include <nlohmann/json.hpp>

namespace weir::admin {

namespace {

using Json = nlohmann::ordered_json;

Json server(const ServerStatus& status) {
    return {{"name", status.name},
            {"version", status.version},
            {"uptime_ms", status.uptime.count()},
            {"connections", status.connections},
            {"max_connections", status.max_connections},
            {"stopping", status.stopping},
            {"connections_accepted", status.counted.connections},
            {"connections_refused", status.counted.refused_connections},
            {"unknown_protocol", status.counted.unknown_protocol},
            {"bad_requests", status.counted.bad_requests},
            {"timeouts", status.counted.timeouts},
            {"pushes_refused", status.counted.pushes_refused},
            {"links_refused", status.counted.links_refused},
            {"dials", status.counted.dials},
            {"dials_missed", status.counted.dials_missed},
            {"dials_waiting", status.counted.dials_waiting},
            {"dials_waiting_most", status.counted.dials_waiting_most}};
}

Json format(const std::optional<FormatStatus>& format) {
    if (!format) return nullptr;
    return {{"container", format->container},
            {"description", format->description},
            {"bit_rate", format->bit_rate},
            {"header_bytes", format->header_bytes},
            {"packet_bytes", format->packet_bytes}};
}

Json source(const SourceStatus& status) {
    return {{"source", status.source},
            {"rank", status.rank},
            {"slot", status.slot ? Json(*status.slot) : Json(nullptr)},
            {"state", to_string(status.state)},
            {"fill", status.fill},
            {"standby", status.standby},
            {"who", status.who},
            {"error", status.error}};
}

Json push(const PushStatus& status) {
    return {{"url", status.url},         {"form", status.form},   {"state", to_string(status.state)},
            {"packets", status.packets}, {"bytes", status.bytes}, {"attempts", status.attempts},
            {"skips", status.skips},     {"error", status.error}};
}

Json clients(const std::vector<ClientsStatus>& all) {
    std::uint64_t now = 0;
    std::uint64_t total = 0;
    Json by_protocol = Json::object();
    for (const ClientsStatus& one : all) {
        now += one.now;
        total += one.total;
        by_protocol[one.protocol] = {{"now", one.now}, {"total", one.total}, {"bytes_sent", one.bytes_sent}};
    }
    return {{"now", now}, {"total", total}, {"by_protocol", std::move(by_protocol)}};
}

Json channel(const ChannelStatus& status) {
    Json sources = Json::array();
    for (const SourceStatus& one : status.sources) sources.push_back(source(one));
    Json pushes = Json::array();
    for (const PushStatus& one : status.push_to) pushes.push_back(push(one));
    const ChannelStats& counted = status.counted;
    return {{"name", status.name},
            {"title", status.title},
            {"state", to_string(status.state)},
            {"format", format(status.format)},
            {"sources", std::move(sources)},
            {"push_to", std::move(pushes)},
            {"clients", clients(status.clients)},
            {"links", clients(status.links)},
            {"packets_in", counted.packets_in},
            {"bytes_in", counted.bytes_in},
            {"packets_bad", counted.packets_bad},
            {"packets_dropped", counted.packets_dropped},
            {"runs", counted.runs},
            {"gaps", counted.gaps},
            {"losses", counted.losses},
            {"recoveries", counted.recoveries},
            {"resumes", counted.resumes},
            {"switches", counted.switches},
            {"last_gap_ms", counted.last_gap.count()},
            {"longest_gap_ms", counted.longest_gap.count()},
            {"fillers", counted.fillers},
            {"skips", counted.skips},
            {"slow_closed", counted.slow_closed},
            {"stalled_closed", counted.stalled_closed},
            {"flush_interval_ms", status.flush_interval.count()},
            {"log",
             {{"packets", status.log.packets},
              {"bytes", status.log.bytes},
              {"first", status.log.first},
              {"end", status.log.end}}}};
}

}  // namespace

std::string to_json(const Status& status) {
    constexpr int kIndent = 1;  // people read it, too
    Json channels = Json::array();
    for (const ChannelStatus& one : status.channels) channels.push_back(channel(one));
    const Json all{{"server", server(status.server)}, {"channels", std::move(channels)}};
    return all.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace weir::admin
