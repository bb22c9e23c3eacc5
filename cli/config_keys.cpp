#include "cli/config_keys.hpp"

#include "cli/config_checks.hpp"
#include "cli/units.hpp"

namespace weir::cli {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kKiB = std::size_t{1} << 10;
constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kGiB = std::size_t{1} << 30;

using Server = ServerConfig;
const Key<Server> kServerKeys[] = {
    {"name", "\"edge-1\"", Presence::optional,
     TextKey<Server>{&Server::name, check_server_name, "1 to 64 printable ASCII characters"},
     "what this server calls itself towards clients and in logs"},
    {"latency", "\"50ms\"", Presence::optional, DurationKey<Server>{&Server::latency, 5ms, 2s},
     "the longest that bytes wait for being sent together; at most latency_max"},
    {"latency_max", "\"400ms\"", Presence::optional, DurationKey<Server>{&Server::latency_max, 5ms, 2s},
     "how far that may widen while a processor core is over 80 % busy"},
    {"drain", "\"5s\"", Presence::optional, DurationKey<Server>{&Server::drain, 0ms, 10min},
     "on stop, how long clients may take to read what was already theirs"},
    {"header_timeout", "\"10s\"", Presence::optional,
     DurationKey<Server>{&Server::header_timeout, 100ms, 10min},
     "how long a client may take to send a complete request header"},
    {"max_connections", "10000", Presence::optional, CountKey<Server>{&Server::max_connections, 1, 1000000},
     "connections of the whole process; one more is closed at once"},
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
     ListKey<Listen>{&Listen::protocols, check_protocol, "\"http\"", ListKey<Listen>::Form::one_or_list},
     "what this port speaks"},
    {"address", "\"[::]:8080\"", Presence::optional,
     TextKey<Listen>{&Listen::address, check_address, "host:port; IPv4, [IPv6] or a name; port 0 to 65535"},
     "where to listen; with port 0 the system picks a port, which is logged"},
};

using Channel = ChannelConfig;
const Key<Channel> kChannelKeys[] = {
    {"name", "\"news\"", Presence::required,
     TextKey<Channel>{&Channel::name, check_channel_name, "1 to 64 letters, digits, '-', '_', '.'"},
     "clients open http://host:port/NAME and mmsh://host:port/NAME"},
    {"title", "\"Evening news\"", Presence::optional,
     TextKey<Channel>{&Channel::title, check_title, "up to 200 bytes of UTF-8, one line"},
     "the channel's title for people; empty: its name"},
    {"sources", "[\"push:\"]", Presence::required,
     ListKey<Channel>{
         &Channel::sources, check_source,
         "\"push:\", \"http://...\", \"mmsh://...\", \"file:PATH\", \"test:\"; at least one, each once"},
     "where the stream comes from, in order of preference"},
    {"burst", "\"3s\"", Presence::optional, DurationKey<Channel>{&Channel::burst, 0ms, 10min},
     "what a newcomer gets at once, from a sync point; 0s: from the newest sync point"},
    {"slow_client", "\"skip\"", Presence::optional, SlowClientKey<Channel>{&Channel::slow_client},
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
};

std::string in_quotes(std::string_view text) {
    return '"' + std::string(text) + '"';
}

// How messages and the documentation speak of each kind of value. show() gives it as TOML.
template <class S>
struct Words {
    static std::string type(const TextKey<S>&) { return "text"; }
    static std::string type(const ListKey<S>& rule) {
        return rule.form == ListKey<S>::Form::list ? "list of text" : "text or list of text";
    }
    static std::string type(const DurationKey<S>&) { return "duration"; }
    static std::string type(const SizeKey<S>&) { return "size"; }
    static std::string type(const CountKey<S>&) { return "whole number"; }
    static std::string type(const SlowClientKey<S>&) { return "choice"; }

    static std::string range(const TextKey<S>& rule) { return std::string(rule.range); }
    static std::string range(const ListKey<S>& rule) { return std::string(rule.range); }
    static std::string range(const DurationKey<S>& rule) {
        return format_duration(rule.least) + " to " + format_duration(rule.most);
    }
    static std::string range(const SizeKey<S>& rule) {
        return format_size(rule.least) + " to " + format_size(rule.most);
    }
    static std::string range(const CountKey<S>& rule) {
        return std::to_string(rule.least) + " to " + std::to_string(rule.most);
    }
    static std::string range(const SlowClientKey<S>&) {
        return in_quotes(kSlowClientNames[0]) + " or " + in_quotes(kSlowClientNames[1]);
    }

    static std::string show(const TextKey<S>& rule, const S& from) { return in_quotes(from.*rule.field); }
    static std::string show(const ListKey<S>& rule, const S& from) {
        const auto& items = from.*rule.field;
        if (rule.form == ListKey<S>::Form::one_or_list && items.size() == 1) return in_quotes(items.front());
        std::string out;
        for (const auto& item : items) out += (out.empty() ? "" : ", ") + in_quotes(item);
        return '[' + out + ']';
    }
    static std::string show(const DurationKey<S>& rule, const S& from) {
        return in_quotes(format_duration(from.*rule.field));
    }
    static std::string show(const SizeKey<S>& rule, const S& from) {
        return in_quotes(format_size(from.*rule.field));
    }
    static std::string show(const CountKey<S>& rule, const S& from) {
        return std::to_string(from.*rule.field);
    }
    static std::string show(const SlowClientKey<S>& rule, const S& from) {
        return in_quotes(kSlowClientNames[static_cast<std::size_t>(from.*rule.field)]);
    }
};

template <class S>
void append_known(std::vector<KeyInfo>& out, std::string_view section, std::span<const Key<S>> keys) {
    const S defaults;
    for (const auto& key : keys) {
        std::visit(
            [&](const auto& rule) {
                out.push_back({.section = std::string(section),
                               .name = std::string(key.name),
                               .type = Words<S>::type(rule),
                               .default_value = key.presence == Presence::required
                                                    ? "required"
                                                    : Words<S>::show(rule, defaults),
                               .range = Words<S>::range(rule),
                               .meaning = std::string(key.meaning)});
            },
            key.rule);
    }
}

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

template <class S>
std::string expected(const Key<S>& key) {
    if (const auto* choice = std::get_if<SlowClientKey<S>>(&key.rule)) return Words<S>::range(*choice);
    const std::string type = std::visit([](const auto& rule) { return Words<S>::type(rule); }, key.rule);
    const bool takes_article = !type.starts_with("text");
    return (takes_article ? "a " : "") + type + " such as " + std::string(key.example);
}
template std::string expected(const Key<ServerConfig>&);
template std::string expected(const Key<AdminConfig>&);
template std::string expected(const Key<ListenConfig>&);
template std::string expected(const Key<ChannelConfig>&);

std::vector<KeyInfo> known_keys() {
    std::vector<KeyInfo> out;
    append_known(out, kServerSection, server_keys());
    append_known(out, kListenSection, listen_keys());
    append_known(out, kAdminSection, admin_keys());
    append_known(out, kChannelSection, channel_keys());
    return out;
}

}  // namespace weir::cli
