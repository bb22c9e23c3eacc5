#include "cli/config_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cli/config_checks.hpp"
#include "cli/config_demand.hpp"
#include "cli/config_values.hpp"
#include "cli/config_words.hpp"
#include "cli/units.hpp"
#include "core/base/address.hpp"
#include "core/base/text.hpp"
#include "core/relay/channel_name.hpp"

namespace weir::cli {

namespace {

using Type = ConfigNode::Type;

// The customary port, where nothing else is spoken there and none is named.
constexpr std::string_view kMsbd = "msbd", kMsbdAddress = "[::]:7007";

class ConfigReader {
  public:
    ConfigReader(Problems& problems, const CheckContext& context) : problems_(problems), context_(context) {}

    Config read(const ConfigNode& root);

  private:
    void read_each(const ConfigNode& node, std::string_view section,
                   void (ConfigReader::*read_one)(const ConfigNode&));
    void read_once(const ConfigNode& node, std::string_view section,
                   void (ConfigReader::*read_one)(const ConfigNode&));
    void read_server(const ConfigNode& table);
    void read_admin(const ConfigNode& table);
    void read_listen(const ConfigNode& table);
    void read_channel(const ConfigNode& table);
    template <class S>
    Seen read_keys(const ConfigNode& table, std::string_view section, std::span<const Key<S>> keys, S& into);
    template <class S>
    void report_unknown(const ConfigNode& node, std::string_view section, std::span<const Key<S>> keys,
                        Seen& seen);
    void check_latencies();
    void check_own_channels();
    void check_address_is_free(std::string_view section, const std::string& address, const Seen& seen,
                               Place start);

    using Lines = std::map<std::string, std::uint32_t, std::less<>>;

    Problems& problems_;
    const CheckContext& context_;
    // A [server] may come behind the channels.
    struct Latency {
        Place place;
        Milliseconds value;
    };
    std::vector<Latency> channel_latencies_;  // of those that have a good one
    bool is_latency_max_good_ = true;
    // As may the channels behind a port that names one.
    struct OwnChannel {
        Place place;
        std::string name;
    };
    std::vector<OwnChannel> own_channels_;
    Lines channel_lines_;  // name -> where it was first given
    Lines address_lines_;
    Config config_;
};

template <class S>
void ConfigReader::report_unknown(const ConfigNode& node, std::string_view section,
                                  std::span<const Key<S>> keys, Seen& seen) {
    const Place place = node.key_place;
    std::string path = fmt::format("{}.{}", section, name_of(node.key));
    for (const KeyInfo& other : known_keys()) {
        if (other.name != node.key) continue;
        return problems_.report(place, std::move(path),
                                fmt::format("does not belong in {}, move it to {}", section_header(section),
                                            section_header(other.section)));
    }
    std::vector<std::string_view> names;
    for (const auto& known : keys) names.push_back(known.name);
    const auto near = nearest(node.key, names);
    if (!near) {
        return problems_.report(
            place, std::move(path),
            fmt::format("unknown key, {} takes {}", section_header(section), fmt::join(names, ", ")));
    }
    seen.add(*near, place, Seen::State::faulty);
    problems_.report(place, std::move(path), fmt::format("unknown key, did you mean \"{}\"?", *near));
}

template <class S>
Seen ConfigReader::read_keys(const ConfigNode& table, std::string_view section, std::span<const Key<S>> keys,
                             S& into) {
    Seen seen;
    for (const ConfigNode& node : table.children) {
        const auto at =
            std::find_if(keys.begin(), keys.end(), [&](const Key<S>& k) { return k.name == node.key; });
        if (at == keys.end()) {
            report_unknown(node, section, keys, seen);
            continue;
        }
        const std::size_t before = problems_.count();
        read_value(node, section, *at, context_, problems_, into);
        seen.add(at->name, node.place, problems_.count() == before ? Seen::State::good : Seen::State::faulty);
    }
    for (const auto& key : keys) {
        if (key.presence == Presence::optional || seen.has(key.name)) continue;
        problems_.report(table.place, fmt::format("{}.{}", section, key.name),
                         fmt::format("missing, expected {}", expected(key)));
    }
    return seen;
}

void ConfigReader::read_server(const ConfigNode& table) {
    ServerConfig& server = config_.server;
    const Seen seen = read_keys(table, kServerSection, server_keys(), server);
    is_latency_max_good_ = seen.is_good("latency_max");
    if (server.latency > server.latency_max && seen.is_good("latency") && seen.is_good("latency_max")) {
        const std::string_view key = seen.has("latency") ? "latency" : "latency_max";
        problems_.report(*seen.place_of(key), fmt::format("server.{}", key),
                         fmt::format("latency ({}) is above latency_max ({}), expected at most latency_max",
                                     format_duration(server.latency), format_duration(server.latency_max)));
    }
}

void ConfigReader::check_latencies() {
    const Milliseconds most = config_.server.latency_max;
    if (!is_latency_max_good_) return;
    for (const Latency& latency : channel_latencies_) {
        if (latency.value <= most) continue;
        problems_.report(latency.place, "channel.latency",
                         fmt::format("latency ({}) is above server.latency_max ({}), expected at most that",
                                     format_duration(latency.value), format_duration(most)));
    }
}

void ConfigReader::check_own_channels() {
    std::vector<std::string_view> names;
    for (const auto& [name, line] : channel_lines_) names.push_back(name);
    for (const OwnChannel& own : own_channels_) {
        if (channel_lines_.contains(own.name) || channel_lines_.contains(kAnyChannel)) continue;
        const auto near = nearest(own.name, names);
        problems_.report(own.place, "listen.channel",
                         fmt::format("there is no [[channel]] {}, {}", quoted(own.name),
                                     near ? fmt::format("did you mean \"{}\"?", *near)
                                          : std::string("expected the name of one")));
    }
}

// An address is listened on once. Port 0 is another port each time.
void ConfigReader::check_address_is_free(std::string_view section, const std::string& address,
                                         const Seen& seen, Place start) {
    const auto parsed = parse_address(address);
    if (!seen.is_good("address") || !parsed || parsed.value().port == 0) return;
    const Place place = seen.place_of("address").value_or(start);
    const auto [first, is_new] = address_lines_.emplace(to_string(parsed.value()), place.line);
    if (is_new) return;
    problems_.report(place, fmt::format("{}.address", section),
                     fmt::format("{} is taken by line {} already, expected another address or port",
                                 quoted(address), first->second));
}

void ConfigReader::read_admin(const ConfigNode& table) {
    const Place start = table.place;
    config_.admin.origin = problems_.where(start);
    const Seen seen = read_keys(table, kAdminSection, admin_keys(), config_.admin);
    check_address_is_free(kAdminSection, config_.admin.address, seen, start);
}

void ConfigReader::read_listen(const ConfigNode& table) {
    const Place start = table.place;
    ListenConfig listen{.origin = problems_.where(start)};
    const Seen seen = read_keys(table, kListenSection, listen_keys(), listen);
    const auto& spoken = listen.protocols;
    const bool speaks_msbd = std::find(spoken.begin(), spoken.end(), kMsbd) != spoken.end();
    if (speaks_msbd && spoken.size() == 1 && !seen.has("address")) listen.address = kMsbdAddress;
    if (!listen.channel.empty() && seen.is_good("protocol")) {
        const Place place = *seen.place_of("channel");
        if (speaks_msbd)
            own_channels_.push_back({place, listen.channel});
        else
            problems_.report(place, "listen.channel",
                             "this port does not speak \"msbd\", the only protocol whose clients may name no "
                             "channel; expected that in its protocol, or no channel");
    }
    check_address_is_free(kListenSection, listen.address, seen, start);
    config_.listen.push_back(std::move(listen));
}

void ConfigReader::read_channel(const ConfigNode& table) {
    const Place start = table.place;
    ChannelConfig channel;
    channel.origin = problems_.where(start);
    const Seen seen = read_keys(table, kChannelSection, channel_keys(), channel);
    if (!channel.name.empty()) {
        const Place place = seen.place_of("name").value_or(start);
        const auto [first, is_new] = channel_lines_.emplace(channel.name, place.line);
        if (!is_new) {
            problems_.report(place, "channel.name",
                             fmt::format("{} is the channel of line {} already, expected another name",
                                         quoted(channel.name), first->second));
        }
    }
    if (channel.latency.count() > 0)
        channel_latencies_.push_back({*seen.place_of("latency"), channel.latency});
    if (channel.log_time < channel.burst && seen.is_good("log_time") && seen.is_good("burst")) {
        const std::string_view key = seen.has("log_time") ? "log_time" : "burst";
        problems_.report(
            *seen.place_of(key), fmt::format("channel.{}", key),
            fmt::format("burst ({}) is longer than log_time ({}), expected log_time to be at least burst",
                        format_duration(channel.burst), format_duration(channel.log_time)));
    }
    report_demand(channel, seen, table.place, problems_);
    config_.channels.push_back(std::move(channel));
}

// The tables of [[section]], each handed to `read_one`.
void ConfigReader::read_each(const ConfigNode& node, std::string_view section,
                             void (ConfigReader::*read_one)(const ConfigNode&)) {
    if (!node.is(Type::list)) {
        const auto written =
            node.is(Type::table) ? fmt::format("[{}]", section) : std::string(type_name(node));
        return problems_.report(node.place, std::string(section),
                                fmt::format("found {}, expected {}", written, section_header(section)));
    }
    for (const ConfigNode& item : node.children) {
        if (item.is(Type::table)) {
            (this->*read_one)(item);
        } else {
            problems_.report(item.place, std::string(section),
                             fmt::format("found {}, expected {}", type_name(item), section_header(section)));
        }
    }
}

// The table of [section].
void ConfigReader::read_once(const ConfigNode& node, std::string_view section,
                             void (ConfigReader::*read_one)(const ConfigNode&)) {
    if (node.is(Type::table)) return (this->*read_one)(node);
    const auto written =
        node.is_list_of_tables() ? fmt::format("[[{}]]", section) : std::string(type_name(node));
    problems_.report(node.place, std::string(section),
                     fmt::format("found {}, expected {}", written, section_header(section)));
}

Config ConfigReader::read(const ConfigNode& root) {
    std::vector<std::string_view> seen;
    for (const ConfigNode& node : root.children) {
        if (node.key == kServerSection) {
            read_once(node, kServerSection, &ConfigReader::read_server);
        } else if (node.key == kAdminSection) {
            continue;  // after the listeners, so that theirs are the addresses that are taken
        } else if (node.key == kListenSection || node.key == kChannelSection) {
            const bool is_listen = node.key == kListenSection;
            const auto section = is_listen ? kListenSection : kChannelSection;
            // An empty list is as good as none, and reported as that.
            if (node.is(Type::list) && node.children.empty()) continue;
            read_each(node, section, is_listen ? &ConfigReader::read_listen : &ConfigReader::read_channel);
            seen.push_back(section);
        } else if (const auto near = nearest(node.key, kSections)) {
            problems_.report(node.key_place, name_of(node.key),
                             fmt::format("unknown section, did you mean {}?", section_header(*near)));
            seen.push_back(*near);
        } else {
            problems_.report(node.key_place, name_of(node.key),
                             "unknown section, expected [server], [admin], [[listen]] or [[channel]]");
        }
    }
    if (const ConfigNode* admin = root.child(kAdminSection))
        read_once(*admin, kAdminSection, &ConfigReader::read_admin);
    check_latencies();
    check_own_channels();
    const auto require = [&](std::string_view section, std::string_view what) {
        if (std::find(seen.begin(), seen.end(), section) != seen.end()) return;
        problems_.report(Place{}, std::string(section), std::string(what));
    };
    require(kListenSection, "missing, expected at least one [[listen]]");
    require(kChannelSection, "missing, expected at least one [[channel]]");
    return std::move(config_);
}

}  // namespace

Config read_sections(const ConfigNode& root, const CheckContext& context, Problems& problems) {
    return ConfigReader(problems, context).read(root);
}

}  // namespace weir::cli
