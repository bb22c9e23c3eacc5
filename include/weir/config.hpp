// weir's configuration as plain structs with defaults: what an embedder fills in, and what the command line
// reads from weir.toml. Owns its text; read-only once a Relay has it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace weir {

using Milliseconds = std::chrono::milliseconds;

// Where a setting stands in a file, as "weir.toml:12:3", for messages. Empty for an embedder's own structs.
using ConfigOrigin = std::string;

struct ServerConfig {
    std::string name = "weir";  // told to clients and in logs; printable ASCII, up to 64 characters
    // A client is written to once per flush interval, which weir chooses from [5 ms, latency] and, when a
    // core is over 80 % busy, widens up to latency_max; or as soon as 24 KiB wait for it. latency: of
    // channels that have none of their own; 5 ms to latency_max. latency_max: of all channels, up to 2 s.
    Milliseconds latency{100};
    Milliseconds latency_max{400};
    Milliseconds drain{5000};            // on stop: how long clients may take to read what was already theirs
    Milliseconds header_timeout{10000};  // a request's header must be complete by then
    std::size_t max_links = 256;         // to servers downstream, which have places of their own
    std::size_t max_connections = 16000;  // of this process, 1 to 1000000; one more client is refused
};

struct ListenConfig {
    std::vector<std::string> protocols{"http"};  // what this port speaks: "http", "msbd" (off unless named)
    std::string address = "[::]:8080";  // host:port; IPv4, [IPv6] or a name; port 0: the system picks one
    bool tcp_nodelay = true;            // what is sent is not held back for more to come
    // What servers of the 4.x era get over "msbd", which name no channel; empty: they are refused.
    std::string channel{};
    std::size_t send_buffer = 0;  // bytes that the kernel holds for a client; 0: as many as it sees fit
    std::size_t pacing = 0;       // bytes a second and client, sent evenly; 0: as fast as they are taken
    ConfigOrigin origin;
};

// The port for whoever runs the relay: status, metrics, health. Not for the public.
struct AdminConfig {
    std::string address;  // host:port as in ListenConfig; empty: there is none
    ConfigOrigin origin;
};

enum class SlowClient {
    skip,   // a client that lags past the log goes on at the newest sync point
    close,  // it is closed
};

enum class FailoverOn {
    any_error,  // whatever goes wrong with a source, the next one of the list is asked
    article,    // an answer that refuses (404, 503) stays with the source that gave it; 511 moves on
};

// When a better source takes over from a worse one that works.
struct Failback {
    enum class When {
        on_close,  // a push at once; what weir pulls only when the worse one is lost
        after,     // when it has run beside the worse one for `beside`
        never,     // only when the worse one is lost
    } when = When::on_close;
    Milliseconds beside{0};
};

enum class OnEnd {
    hold,  // a source that ends is lost like any other; clients are held
    end,   // clients get their protocol's end, after end_grace
};

// One entry of a channel's list. Text alone is one, too: {"push:", standby_source("http://host/path")}.
struct SourceConfig {
    SourceConfig() = default;
    SourceConfig(const char* text) : url(text) {}
    SourceConfig(std::string text) : url(std::move(text)) {}
    bool operator==(const SourceConfig&) const = default;

    std::string url;       // "push:", "push:NAME", "http://...", "mmsh://...", "file:PATH", "test:"
    bool standby = false;  // of what is pulled: connected beside a better one that works, ready to take over
};
inline SourceConfig standby_source(std::string url) {
    SourceConfig source{std::move(url)};
    source.standby = true;
    return source;
}

// A server that a channel is pushed to. Text alone is one, too: {"http://edge:8080/news",
// wm_push("http://...")}.
struct PushTargetConfig {
    PushTargetConfig() = default;
    PushTargetConfig(const char* text) : url(text) {}
    PushTargetConfig(std::string text) : url(std::move(text)) {}
    bool operator==(const PushTargetConfig&) const = default;

    std::string url;  // "http://host:port/path", with "?source=SLOT" where it is a weir's slot
    // "raw": one POST without end, as ffmpeg pushes; "wm": as Windows Media Encoder does.
    std::string form = "raw";
};
inline PushTargetConfig wm_push(std::string url) {
    PushTargetConfig target{std::move(url)};
    target.form = "wm";
    return target;
}

struct ChannelConfig {
    // Clients open http://host:port/NAME; letters, digits, '-', '_', '.', up to 64. "*": every name that has
    // no channel of its own gets one, on demand, when a client asks for it; "{name}" in sources and title
    // stands for that name.
    std::string name;
    std::string title;  // for people; empty: the name
    // In order of preference. "push:" takes an encoder's push to http://host:port/NAME; "push:SLOT" one to
    // http://host:port/NAME?source=SLOT (SLOT: letters, digits, '-', '_', '.', up to 64); "http://..." and
    // "mmsh://..." are pulled; "file:PATH" is a recording, played over and over; "test:" is weir's own test
    // signal. "file:" and "test:" behind one of the others only bridge its absence.
    std::vector<SourceConfig> sources;
    // Servers that get the channel from weir, up to 16, each once. min_uptime and both of backoff_max hold
    // for them, too.
    std::vector<PushTargetConfig> push_to{};
    // Its sources, all of them pulled, are connected to when the first client asks for it, and let go
    // idle_timeout after the last has left. "*" always is.
    bool on_demand = false;
    Milliseconds idle_timeout{10000};
    std::size_t max_channels = 256;  // of those that "*" makes: one more is refused
    Milliseconds latency{0};         // 0: the server's; else 5 ms to the server's latency_max
    // What a newcomer gets at once, from a sync point; 0: the newest sync point.
    Milliseconds burst{3000};
    SlowClient slow_client = SlowClient::skip;
    // What is kept of the stream, in bytes (256 KiB to 1 GiB) and in time (at least burst): bounds how far a
    // client lags.
    std::size_t log_size = std::size_t{8} << 20;
    Milliseconds log_time{15000};
    // The longest stream header taken from a source, in bytes, up to 1 MiB.
    std::size_t header_limit = std::size_t{64} << 10;
    // How long a client that comes before any stream is held before it gets 503.
    Milliseconds wait_max{10000};
    // Without media for so long, clients get a filler, and so again; at least 100 ms.
    Milliseconds keepalive{1000};
    // A source that weir pulls: how long it may take to accept the connection, and then to answer.
    Milliseconds connect_timeout{10000};
    // A source on air that brings no media for longer is lost.
    Milliseconds stall_timeout{5000};
    // A stream that is lost earlier counts as a failed attempt: the next source is asked, then pauses grow.
    Milliseconds min_uptime{5000};
    // The longest pause between two walks of the list: after nobody answered (from 0.2 s, doubled), and after
    // refusals and streams that broke at once (from 1 s, doubled). Each is drawn from 50 to 100 % of its
    // value.
    Milliseconds backoff_max{5000};
    Milliseconds refused_backoff_max{30000};
    FailoverOn failover_on = FailoverOn::any_error;
    Failback failback{};
    // The pulls of the list change places at random, once, when the channel is opened: many edges spread over
    // their origins.
    bool randomize = false;
    OnEnd on_end = OnEnd::hold;
    Milliseconds end_grace{10000};
    // How long clients are held without a source; 0: for ever.
    Milliseconds hold{0};
    ConfigOrigin origin;
};

struct Config {
    ServerConfig server;
    AdminConfig admin;
    std::vector<ListenConfig> listen;
    std::vector<ChannelConfig> channels;
};

}  // namespace weir
