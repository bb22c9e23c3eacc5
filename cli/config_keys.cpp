#include "cli/config_keys.hpp"

#include "cli/config_checks.hpp"
#include "cli/config_forms.hpp"

namespace weir::cli {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kKiB = std::size_t{1} << 10;
constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kGiB = std::size_t{1} << 30;

// In the order of each enumeration.
constexpr std::string_view kSlowClientNames[] = {"skip", "close"};
constexpr std::string_view kFailoverOnNames[] = {"any-error", "article"};
constexpr std::string_view kOnEndNames[] = {"hold", "end"};

using Server = ServerConfig;
const Key<Server> kServerKeys[] = {
    {"name", "\"edge-1\"", Presence::optional,
     TextKey<Server>{&Server::name, check_server_name, "1 to 64 printable ASCII characters"},
     "what this server calls itself towards clients and in logs"},
    {"latency", "\"100ms\"", Presence::optional, DurationKey<Server>{&Server::latency, 5ms, 2s},
     "the same as a channel's, for channels that have none of their own; at most latency_max"},
    {"latency_max", "\"400ms\"", Presence::optional, DurationKey<Server>{&Server::latency_max, 5ms, 2s},
     "how far any channel's may widen while a processor core is over 80 % busy"},
    {"drain", "\"5s\"", Presence::optional, DurationKey<Server>{&Server::drain, 0ms, 10min},
     "on stop, how long clients may take to read what was already theirs"},
    {"header_timeout", "\"10s\"", Presence::optional,
     DurationKey<Server>{&Server::header_timeout, 100ms, 10min},
     "how long a client may take to send a complete request header"},
    {"max_connections", "16000", Presence::optional, CountKey<Server>{&Server::max_connections, 1, 1000000},
     "connections of the whole process; one more client is refused with 503"},
    {"max_links", "256", Presence::optional, CountKey<Server>{&Server::max_links, 0, 100000},
     "servers downstream (NSServer over HTTP, msbd), which have places of their own; one more is refused"},
};

using Admin = AdminConfig;
const Key<Admin> kAdminKeys[] = {
    {"address", "\"127.0.0.1:8081\"", Presence::required,
     TextKey<Admin>{&Admin::address, check_address, "host:port; IPv4, [IPv6] or a name; port 0 to 65535"},
     "where whoever runs weir asks for status, metrics and health; not for the public"},
};

using Listen = ListenConfig;
const Key<Listen> kListenKeys[] = {
    {"protocol", "\"http\"", Presence::optional,
     ListKey<Listen>{&Listen::protocols, check_protocol, "\"http\", \"msbd\"",
                     ListKey<Listen>::Form::one_or_list},
     "what this port speaks"},
    {"address", "\"[::]:8080\"", Presence::optional,
     TextKey<Listen>{&Listen::address, check_address, "host:port; IPv4, [IPv6] or a name; port 0 to 65535"},
     "where to listen; with port 0 the system picks a port, which is logged. Left out where \"msbd\" alone "
     "is "
     "spoken, it is \"[::]:7007\""},
    {"channel", "\"\"", Presence::optional,
     TextKey<Listen>{&Listen::channel, check_own_channel, "the name of a [[channel]], or nothing"},
     "over \"msbd\": what servers get that ask for \"NetShow\" or nothing, as those of the 4.x era; empty: "
     "they are refused"},
    {"tcp_nodelay", "true", Presence::optional, BoolKey<Listen>{&Listen::tcp_nodelay},
     "whether what is sent goes out at once, and is not held back for more to come"},
    {"send_buffer", "\"auto\"", Presence::optional,
     FormKey<Listen>{take_send_buffer, show_send_buffer, "size", kSendBufferRange, kSendBufferExpected},
     "how many bytes the system holds for a client that takes them slowly; auto: as it sees fit"},
    {"pacing", "\"off\"", Presence::optional,
     FormKey<Listen>{take_pacing, show_pacing, "size", kPacingRange, kPacingExpected},
     "the most that a client is sent in a second, spread evenly; off: as fast as it takes it"},
};

using Channel = ChannelConfig;
const Key<Channel> kChannelKeys[] = {
    {"name", "\"news\"", Presence::required,
     TextKey<Channel>{&Channel::name, check_name_or_any,
                      "1 to 64 letters, digits, '-', '_', '.'; or \"*\": every other name"},
     "clients open http://host:port/NAME and mmsh://host:port/NAME"},
    {"title", "\"Evening news\"", Presence::optional,
     TextKey<Channel>{&Channel::title, check_title, "up to 200 bytes of UTF-8, one line"},
     "the channel's title for people; empty: its name"},
    {"sources", "[\"push:\"]", Presence::required,
     SourcesKey<Channel>{
         &Channel::sources,
         "\"push:\", \"push:NAME\", \"http://...\", \"mmsh://...\", \"msbd://...\", \"file:PATH\", "
         "\"test:\"; at least one, each once"},
     "where the stream comes from, in order of preference"},
    {"push_to", "[\"http://edge:8080/news\"]", Presence::optional,
     PushTargetsKey<Channel>{&Channel::push_to, "\"http://host:port/path\", each once; up to 16 servers"},
     "where the stream is sent to: servers that cannot pull it from here"},
    {"on_demand", "true", Presence::optional, BoolKey<Channel>{&Channel::on_demand},
     "whether the sources are connected only while somebody wants the stream; with \"*\" they always are"},
    {"idle_timeout", "\"10s\"", Presence::optional, DurationKey<Channel>{&Channel::idle_timeout, 0ms, 24h},
     "on demand: how long after the last client has left the sources are let go"},
    {"max_channels", "256", Presence::optional, CountKey<Channel>{&Channel::max_channels, 1, 100000},
     "with \"*\": how many channels it makes at most; one more is refused with 503"},
    {"latency", "\"100ms\"", Presence::optional,
     FormKey<Channel>{take_latency, show_latency, "duration", kLatencyRange, kLatencyExpected},
     "the longest that bytes wait for being sent together; left out, it is that of [server]"},
    {"burst", "\"3s\"", Presence::optional, DurationKey<Channel>{&Channel::burst, 0ms, 10min},
     "what a newcomer gets at once, from a sync point; 0s: from the newest sync point"},
    {"slow_client", "\"skip\"", Presence::optional, choice<&Channel::slow_client>(kSlowClientNames),
     "what happens to a client that lags past the log: it goes on at the newest sync point, or is closed"},
    {"log_size", "\"8MiB\"", Presence::optional, SizeKey<Channel>{&Channel::log_size, 256 * kKiB, kGiB},
     "how many bytes of the stream are kept; bounds how far a client may lag"},
    {"log_time", "\"15s\"", Presence::optional, DurationKey<Channel>{&Channel::log_time, 1s, 1h},
     "how much time of the stream is kept; at least burst"},
    {"header_limit", "\"64KiB\"", Presence::optional, SizeKey<Channel>{&Channel::header_limit, kKiB, kMiB},
     "the longest stream header taken from a source"},
    {"wait_max", "\"10s\"", Presence::optional, DurationKey<Channel>{&Channel::wait_max, 0ms, 10min},
     "how long a client that comes before any stream waits for one before it gets 503"},
    {"keepalive", "\"1s\"", Presence::optional, DurationKey<Channel>{&Channel::keepalive, 100ms, 1min},
     "without media for so long, clients get a filler packet, and so again"},
    {"connect_timeout", "\"10s\"", Presence::optional,
     DurationKey<Channel>{&Channel::connect_timeout, 100ms, 10min},
     "how long a pulled source may take to accept the connection, and then to answer"},
    {"stall_timeout", "\"5s\"", Presence::optional,
     DurationKey<Channel>{&Channel::stall_timeout, 500ms, 10min},
     "a source that brings no media for longer is lost"},
    {"min_uptime", "\"5s\"", Presence::optional, DurationKey<Channel>{&Channel::min_uptime, 0ms, 1h},
     "a stream that is lost earlier counts as a failed attempt"},
    {"backoff_max", "\"5s\"", Presence::optional, DurationKey<Channel>{&Channel::backoff_max, 200ms, 1h},
     "the longest pause before the list is walked again where nobody answers"},
    {"refused_backoff_max", "\"30s\"", Presence::optional,
     DurationKey<Channel>{&Channel::refused_backoff_max, 1s, 1h},
     "the same after refusals and after streams that were lost before min_uptime"},
    {"failover_on", "\"any-error\"", Presence::optional, choice<&Channel::failover_on>(kFailoverOnNames),
     "what leads from a pulled source to the next: any error, or all but an answer of 4xx or 5xx; 511 "
     "always"},
    {"failback", "\"on-close\"", Presence::optional,
     FormKey<Channel>{take_failback, show_failback, "choice", kFailbackRange, kFailbackExpected},
     "when a better source takes over from a worse one that works"},
    {"randomize", "true", Presence::optional, BoolKey<Channel>{&Channel::randomize},
     "whether the pulled sources of the list change places at random, once, at the start"},
    {"on_end", "\"hold\"", Presence::optional, choice<&Channel::on_end>(kOnEndNames),
     "what a source's own end of its stream is: a loss like any other, or the end for the clients, too"},
    {"end_grace", "\"10s\"", Presence::optional, DurationKey<Channel>{&Channel::end_grace, 0ms, 1h},
     "with on_end \"end\": how long clients are kept after that end, in case another source comes"},
    {"hold", "\"1h\"", Presence::optional,
     FormKey<Channel>{take_hold, show_hold, "duration", kHoldRange, kHoldExpected},
     "how long clients are kept without a source; then their stream is ended"},
};

}  // namespace

std::string section_header(std::string_view section) {
    if (section == kServerSection || section == kAdminSection) return '[' + std::string(section) + ']';
    return "[[" + std::string(section) + "]]";
}

std::span<const Key<ServerConfig>> server_keys() noexcept {
    return kServerKeys;
}
std::span<const Key<AdminConfig>> admin_keys() noexcept {
    return kAdminKeys;
}
std::span<const Key<ListenConfig>> listen_keys() noexcept {
    return kListenKeys;
}
std::span<const Key<ChannelConfig>> channel_keys() noexcept {
    return kChannelKeys;
}

}  // namespace weir::cli
