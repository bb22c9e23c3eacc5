#include "protocols/admin/metrics.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>

namespace weir::admin {

namespace {

using Number = std::uint64_t;

// What a text format reader must not stumble over: quotes, backslashes and line ends are escaped, bytes
// outside printable ASCII (which only an embedder's names can have) stand as in a URL.
std::string escaped(std::string_view value) {
    std::string out;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\\' || c == '"') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (byte >= 0x20 && byte <= 0x7E) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", byte);
        }
    }
    return out;
}

// Writes the samples of one metric.
class Samples {
  public:
    Samples(std::string& out, std::string_view name) : out_(out), name_(name) {}

    template <class T>
    void add(T value) {
        fmt::format_to(std::back_inserter(out_), "{} {}\n", name_, value);
    }
    // labels: `name="value"` and so on.
    template <class T>
    void add(std::string_view labels, T value) {
        fmt::format_to(std::back_inserter(out_), "{}{{{}}} {}\n", name_, labels, value);
    }

  private:
    std::string& out_;
    std::string_view name_;
};

std::string label(const ChannelStatus& channel) {
    return fmt::format("channel=\"{}\"", escaped(channel.name));
}

using Write = void (*)(const Status& status, Samples& samples);

template <Number HostStats::*field>
void of_server(const Status& status, Samples& samples) {
    samples.add(status.server.counted.*field);
}

template <Number ChannelStats::*field>
void of_channel(const Status& status, Samples& samples) {
    for (const ChannelStatus& channel : status.channels) samples.add(label(channel), channel.counted.*field);
}

template <Duration ChannelStats::*field>
void of_channel_in_seconds(const Status& status, Samples& samples) {
    for (const ChannelStatus& channel : status.channels)
        samples.add(label(channel),
                    fmt::format("{:.3f}", static_cast<double>((channel.counted.*field).count()) / 1000));
}

template <Number LogStatus::*field>
void of_log(const Status& status, Samples& samples) {
    for (const ChannelStatus& channel : status.channels) samples.add(label(channel), channel.log.*field);
}

template <std::vector<ClientsStatus> ChannelStatus::*who, Number ClientsStatus::*field>
void of_takers(const Status& status, Samples& samples) {
    for (const ChannelStatus& channel : status.channels) {
        for (const ClientsStatus& clients : channel.*who)
            samples.add(fmt::format("{},protocol=\"{}\"", label(channel), escaped(clients.protocol)),
                        clients.*field);
    }
}

void slow_closed(const Status& status, Samples& samples) {
    for (const ChannelStatus& channel : status.channels) {
        samples.add(label(channel) + ",reason=\"lagged\"", channel.counted.slow_closed);
        samples.add(label(channel) + ",reason=\"stalled\"", channel.counted.stalled_closed);
    }
}

void channel_state(const Status& status, Samples& samples) {
    for (const ChannelStatus& channel : status.channels) {
        for (const auto state : {Channel::State::closed, Channel::State::idle, Channel::State::open,
                                 Channel::State::streaming, Channel::State::restarting})
            samples.add(fmt::format("{},state=\"{}\"", label(channel), to_string(state)),
                        channel.state == state ? 1 : 0);
    }
}

void source_info(const Status& status, Samples& samples) {
    const auto yes_or_no = [](bool value) { return value ? "yes" : "no"; };
    for (const ChannelStatus& channel : status.channels) {
        for (const SourceStatus& source : channel.sources)
            samples.add(fmt::format("{},rank=\"{}\",source=\"{}\",standby=\"{}\",fill=\"{}\"", label(channel),
                                    source.rank, escaped(source.source), yes_or_no(source.standby),
                                    yes_or_no(source.fill)),
                        1);
    }
}

void source_state(const Status& status, Samples& samples) {
    using State = SourceStatus::State;
    for (const ChannelStatus& channel : status.channels) {
        for (const SourceStatus& source : channel.sources) {
            for (const auto state : {State::idle, State::dialling, State::waiting, State::standby,
                                     State::starving, State::on_air})
                samples.add(
                    fmt::format("{},rank=\"{}\",state=\"{}\"", label(channel), source.rank, to_string(state)),
                    source.state == state ? 1 : 0);
        }
    }
}

// A target is told by its place in the list, from 0.
template <class Add>
void of_pushes(const Status& status, Add&& add) {
    for (const ChannelStatus& channel : status.channels) {
        for (std::size_t i = 0; i < channel.push_to.size(); ++i)
            add(fmt::format("{},target=\"{}\"", label(channel), i), channel.push_to[i]);
    }
}

template <Number PushStatus::*field>
void of_push(const Status& status, Samples& samples) {
    of_pushes(status,
              [&](const std::string& labels, const PushStatus& push) { samples.add(labels, push.*field); });
}

void push_info(const Status& status, Samples& samples) {
    of_pushes(status, [&](const std::string& labels, const PushStatus& push) {
        samples.add(fmt::format("{},url=\"{}\",form=\"{}\"", labels, escaped(push.url), escaped(push.form)),
                    1);
    });
}

void push_state(const Status& status, Samples& samples) {
    using State = PushStatus::State;
    of_pushes(status, [&](const std::string& labels, const PushStatus& push) {
        for (const auto state : {State::off, State::connecting, State::sending, State::waiting})
            samples.add(fmt::format("{},state=\"{}\"", labels, to_string(state)),
                        push.state == state ? 1 : 0);
    });
}

void bit_rate(const Status& status, Samples& samples) {
    for (const ChannelStatus& channel : status.channels)
        samples.add(label(channel), channel.format ? channel.format->bit_rate : 0);
}

void flush_interval(const Status& status, Samples& samples) {
    for (const ChannelStatus& channel : status.channels)
        samples.add(label(channel),
                    fmt::format("{:.3f}", static_cast<double>(channel.flush_interval.count()) / 1000));
}

struct Metric {
    MetricInfo info;
    Write write;
};

// A gauge and a counter never differ by "_total" alone: OpenMetrics would take them for one.
constexpr Metric kMetrics[] = {
    {{"weir_info", "gauge", "name, version", "Always 1; the labels tell the server's name and version."},
     [](const Status& status, Samples& samples) {
         samples.add(fmt::format("name=\"{}\",version=\"{}\"", escaped(status.server.name),
                                 escaped(status.server.version)),
                     1);
     }},
    {{"weir_uptime_seconds", "gauge", "", "Time since weir started."},
     [](const Status& status, Samples& samples) {
         samples.add(fmt::format("{:.3f}", static_cast<double>(status.server.uptime.count()) / 1000));
     }},
    {{"weir_stopping", "gauge", "", "1 while weir lets its clients read what is theirs before it ends."},
     [](const Status& status, Samples& samples) { samples.add(status.server.stopping ? 1 : 0); }},
    {{"weir_connections", "gauge", "", "Connections that are open."},
     [](const Status& status, Samples& samples) { samples.add(status.server.connections); }},
    {{"weir_connections_max", "gauge", "",
      "How many may be open: max_connections, or as many as files allow."},
     [](const Status& status, Samples& samples) { samples.add(status.server.max_connections); }},
    {{"weir_connections_accepted_total", "counter", "", "Connections that were taken."},
     of_server<&HostStats::connections>},
    {{"weir_connections_refused_total", "counter", "",
      "Connections refused because max_connections was reached."},
     of_server<&HostStats::refused_connections>},
    {{"weir_unknown_protocol_total", "counter", "",
      "Connections whose first bytes no protocol of the port speaks."},
     of_server<&HostStats::unknown_protocol>},
    {{"weir_bad_requests_total", "counter", "", "Connections closed for what they sent."},
     of_server<&HostStats::bad_requests>},
    {{"weir_timeouts_total", "counter", "", "Connections closed for what they did not send in time."},
     of_server<&HostStats::timeouts>},
    {{"weir_pushes_refused_total", "counter", "", "Encoders that were refused."},
     of_server<&HostStats::pushes_refused>},
    {{"weir_links_refused_total", "counter", "", "Servers downstream refused because max_links was reached."},
     of_server<&HostStats::links_refused>},
    {{"weir_dials_total", "counter", "", "Attempts to connect to a server that were begun."},
     of_server<&HostStats::dials>},
    {{"weir_dials_missed_total", "counter", "", "Attempts that were given up before their turn came."},
     of_server<&HostStats::dials_missed>},
    {{"weir_dials_waiting", "gauge", "", "Attempts that wait for their turn."},
     of_server<&HostStats::dials_waiting>},
    {{"weir_dials_waiting_most", "gauge", "", "The most that ever waited at a time."},
     of_server<&HostStats::dials_waiting_most>},
    {{"weir_channel_state", "gauge", "channel, state",
      "1 for the state the channel is in: closed, idle, open, streaming or restarting."},
     channel_state},
    {{"weir_source_info", "gauge", "channel, rank, source, standby, fill",
      "Always 1; the labels tell what stands at this rank of the channel's list."},
     source_info},
    {{"weir_source_state", "gauge", "channel, rank, state",
      "1 for the state the source is in: idle, dialling, waiting, standby, starving or on_air."},
     source_state},
    {{"weir_channel_bit_rate", "gauge", "channel", "bit/s as the stream's header states it; 0: not known."},
     bit_rate},
    {{"weir_channel_packets_in_total", "counter", "channel", "Packets taken from sources."},
     of_channel<&ChannelStats::packets_in>},
    {{"weir_channel_bytes_in_total", "counter", "channel", "Bytes of these packets."},
     of_channel<&ChannelStats::bytes_in>},
    {{"weir_channel_packets_bad_total", "counter", "channel",
      "Packets that were malformed, or could not be fitted to the channel."},
     of_channel<&ChannelStats::packets_bad>},
    {{"weir_channel_packets_dropped_total", "counter", "channel",
      "Packets before a run's first sync point, or without media (parity, streams that no header names)."},
     of_channel<&ChannelStats::packets_dropped>},
    {{"weir_channel_runs_total", "counter", "channel", "Runs that went on air."},
     of_channel<&ChannelStats::runs>},
    {{"weir_channel_gaps_total", "counter", "channel", "Times that no media came for longer than keepalive."},
     of_channel<&ChannelStats::gaps>},
    {{"weir_channel_losses_total", "counter", "channel", "Times that the source on air was lost."},
     of_channel<&ChannelStats::losses>},
    {{"weir_channel_recoveries_total", "counter", "channel",
      "Times that media came again after a loss, from whatever source but fill."},
     of_channel<&ChannelStats::recoveries>},
    {{"weir_channel_resumes_total", "counter", "channel",
      "Of these, times that the stream went on behind its last packet, with nothing lost."},
     of_channel<&ChannelStats::resumes>},
    {{"weir_channel_switches_total", "counter", "channel",
      "Times that another source than before went on air, fill not counted."},
     of_channel<&ChannelStats::switches>},
    {{"weir_channel_last_gap_seconds", "gauge", "channel", "Time without media at the last recovery."},
     of_channel_in_seconds<&ChannelStats::last_gap>},
    {{"weir_channel_longest_gap_seconds", "gauge", "channel", "The longest of these."},
     of_channel_in_seconds<&ChannelStats::longest_gap>},
    {{"weir_channel_fillers_total", "counter", "channel", "Keep-alive packets that were made."},
     of_channel<&ChannelStats::fillers>},
    {{"weir_channel_skips_total", "counter", "channel",
      "Times that a client lagged past the log and skipped."},
     of_channel<&ChannelStats::skips>},
    {{"weir_channel_slow_closed_total", "counter", "channel, reason",
      "Clients that were closed because they lagged, or took nothing for 30 s."},
     slow_closed},
    {{"weir_channel_flush_interval_seconds", "gauge", "channel",
      "How long bytes may wait for being sent together, as things are now."},
     flush_interval},
    {{"weir_channel_log_packets", "gauge", "channel", "Packets that the log holds."},
     of_log<&LogStatus::packets>},
    {{"weir_channel_log_bytes", "gauge", "channel", "Bytes that the log holds."}, of_log<&LogStatus::bytes>},
    {{"weir_channel_clients", "gauge", "channel, protocol", "Clients that play."},
     of_takers<&ChannelStatus::clients, &ClientsStatus::now>},
    {{"weir_channel_clients_served_total", "counter", "channel, protocol", "Clients that played or play."},
     of_takers<&ChannelStatus::clients, &ClientsStatus::total>},
    {{"weir_channel_bytes_sent_total", "counter", "channel, protocol", "Bytes sent to clients."},
     of_takers<&ChannelStatus::clients, &ClientsStatus::bytes_sent>},
    {{"weir_channel_links", "gauge", "channel, protocol", "Servers downstream that take the channel."},
     of_takers<&ChannelStatus::links, &ClientsStatus::now>},
    {{"weir_channel_links_served_total", "counter", "channel, protocol", "Servers that took or take it."},
     of_takers<&ChannelStatus::links, &ClientsStatus::total>},
    {{"weir_channel_link_bytes_sent_total", "counter", "channel, protocol", "Bytes sent to servers."},
     of_takers<&ChannelStatus::links, &ClientsStatus::bytes_sent>},
    {{"weir_push_info", "gauge", "channel, target, url, form",
      "Always 1; the labels tell what stands at this place of push_to."},
     push_info},
    {{"weir_push_state", "gauge", "channel, target, state",
      "1 for the state the push is in: off, connecting, sending or waiting."},
     push_state},
    {{"weir_push_packets_total", "counter", "channel, target", "Packets handed to the network."},
     of_push<&PushStatus::packets>},
    {{"weir_push_bytes_total", "counter", "channel, target", "Bytes of these packets."},
     of_push<&PushStatus::bytes>},
    {{"weir_push_attempts_total", "counter", "channel, target", "Attempts to push that were begun."},
     of_push<&PushStatus::attempts>},
    {{"weir_push_skips_total", "counter", "channel, target",
      "Times that the server lagged past the log, or was away for longer than that."},
     of_push<&PushStatus::skips>},
};

}  // namespace

std::string to_metrics(const Status& status) {
    std::string out;
    for (const Metric& metric : kMetrics) {
        fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n", metric.info.name,
                       metric.info.help, metric.info.type);
        Samples samples{out, metric.info.name};
        metric.write(status, samples);
    }
    return out;
}

std::span<const MetricInfo> known_metrics() noexcept {
    static const auto infos = [] {
        std::array<MetricInfo, std::size(kMetrics)> all;
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = kMetrics[i].info;
        return all;
    }();
    return infos;
}

}  // namespace weir::admin
