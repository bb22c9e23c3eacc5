#include "cli/config_toml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "cli/config_checks.hpp"
#include "cli/config_keys.hpp"
#include "cli/units.hpp"
#include "core/base/address.hpp"
#include "core/base/text.hpp"

namespace weir::cli {

namespace {

using Place = toml::source_position;
constexpr Place kFileStart{1, 1};

std::string_view type_name(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::string:
            return "text";
        case toml::node_type::integer:
            return "integer";
        case toml::node_type::floating_point:
            return "number with a fraction";
        case toml::node_type::boolean:
            return "boolean";
        case toml::node_type::array:
            return "list";
        case toml::node_type::table:
            return "table";
        default:
            return "date or time";
    }
}

// Which keys a section brought: known ones, and those that an unknown key was probably meant to be.
class Seen {
  public:
    enum class State { good, faulty };

    void add(std::string_view key, Place place, State state) { entries_.push_back({key, place, state}); }
    bool has(std::string_view key) const { return find(key) != nullptr; }
    std::optional<Place> place_of(std::string_view key) const {
        const Entry* entry = find(key);
        return entry ? std::optional(entry->place) : std::nullopt;
    }
    // Left out counts as good: then the default holds.
    bool is_good(std::string_view key) const {
        return std::none_of(entries_.begin(), entries_.end(),
                            [&](const Entry& e) { return e.key == key && e.state == State::faulty; });
    }

  private:
    struct Entry {
        std::string_view key;
        Place place;
        State state;
    };
    const Entry* find(std::string_view key) const {
        const auto at =
            std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.key == key; });
        return at == entries_.end() ? nullptr : &*at;
    }
    std::vector<Entry> entries_;
};

class Problems {
  public:
    explicit Problems(std::string_view file) : file_(file) {}

    void report(Place place, std::string key, std::string what) {
        found_.push_back({place, std::move(key), std::move(what)});
    }
    std::size_t count() const noexcept { return found_.size(); }
    std::string where(Place place) const { return fmt::format("{}:{}:{}", file_, place.line, place.column); }

    // toml++ sorts keys by name; people read files from the top.
    std::vector<ConfigProblem> in_file_order() {
        std::stable_sort(found_.begin(), found_.end(),
                         [](const Found& a, const Found& b) { return a.place < b.place; });
        std::vector<ConfigProblem> out;
        for (Found& f : found_) out.push_back({where(f.place), std::move(f.key), std::move(f.what)});
        return out;
    }

  private:
    struct Found {
        Place place;
        std::string key;
        std::string what;
    };
    std::string_view file_;
    std::vector<Found> found_;
};

// Reads one value into the field that its key names. take() reports what is wrong with it, or fills the
// field.
template <class S>
class ValueReader {
  public:
    ValueReader(Problems& problems, const CheckContext& context, std::string_view section, const Key<S>& key)
        : problems_(problems), context_(context), path_(fmt::format("{}.{}", section, key.name)), key_(key) {}

    void take(const toml::node& node, S& into) {
        std::visit([&](const auto& rule) { fill(node, rule, into); }, key_.rule);
    }

  private:
    void report(const toml::node& node, std::string what) {
        problems_.report(node.source().begin, path_, std::move(what));
    }
    void wrong_type(const toml::node& node) {
        report(node, fmt::format("found {}, expected {}", type_name(node), expected(key_)));
    }
    std::optional<std::string_view> text_of(const toml::node& node) {
        if (const auto* text = node.as_string()) return std::string_view(text->get());
        wrong_type(node);
        return std::nullopt;
    }
    bool is_accepted(const toml::node& node, std::string_view text, TextCheck check) {
        const auto checked = check(text, context_);
        if (!checked) report(node, checked.error().detail);
        return checked.ok();
    }

    void fill(const toml::node& node, const TextKey<S>& rule, S& into) {
        const auto text = text_of(node);
        if (text && is_accepted(node, *text, rule.check)) into.*rule.field = *text;
    }

    void fill(const toml::node& node, const ListKey<S>& rule, S& into) {
        std::vector<std::string> items;
        if (const auto* array = node.as_array()) {
            if (array->empty())
                return report(node, fmt::format("an empty list, expected {}", expected(key_)));
            for (const toml::node& item : *array) take_item(item, rule, items);
        } else if (rule.form == ListKey<S>::Form::one_or_list && node.is_string()) {
            take_item(node, rule, items);
        } else {
            return wrong_type(node);
        }
        into.*rule.field = std::move(items);
    }
    void take_item(const toml::node& node, const ListKey<S>& rule, std::vector<std::string>& items) {
        const auto text = text_of(node);
        if (!text || !is_accepted(node, *text, rule.check_item)) return;
        if (std::find(items.begin(), items.end(), *text) != items.end()) {
            return report(node, quoted(*text) + " stands twice, list each once");
        }
        items.emplace_back(*text);
    }

    template <class Parse, class Format, class Rule>
    void fill_quantity(const toml::node& node, const Rule& rule, Parse parse, Format format, S& into) {
        const auto text = text_of(node);
        if (!text) return;
        const auto value = parse(*text);
        if (!value && value.error().code != Errc::too_large) return report(node, value.error().detail);
        if (!value || value.value() < rule.least || value.value() > rule.most) {
            return report(node, fmt::format("{} is out of range, expected {} to {}", quoted(*text),
                                            format(rule.least), format(rule.most)));
        }
        into.*rule.field = value.value();
    }
    void fill(const toml::node& node, const DurationKey<S>& rule, S& into) {
        fill_quantity(node, rule, parse_duration, format_duration, into);
    }
    void fill(const toml::node& node, const SizeKey<S>& rule, S& into) {
        fill_quantity(node, rule, parse_size, format_size, into);
    }
    void fill(const toml::node& node, const CountKey<S>& rule, S& into) {
        const auto* number = node.as_integer();
        if (number == nullptr) return wrong_type(node);
        const std::int64_t value = number->get();
        if (value < 0 || static_cast<std::uint64_t>(value) < rule.least ||
            static_cast<std::uint64_t>(value) > rule.most) {
            return report(node,
                          fmt::format("{} is out of range, expected {} to {}", value, rule.least, rule.most));
        }
        into.*rule.field = static_cast<std::size_t>(value);
    }
    void fill(const toml::node& node, const SlowClientKey<S>& rule, S& into) {
        const auto text = text_of(node);
        if (!text) return;
        const auto at = std::find(std::begin(kSlowClientNames), std::end(kSlowClientNames), *text);
        if (at == std::end(kSlowClientNames)) {
            return report(node, fmt::format("{} is unknown, expected {}", quoted(*text), expected(key_)));
        }
        into.*rule.field = static_cast<SlowClient>(at - std::begin(kSlowClientNames));
    }

    Problems& problems_;
    const CheckContext& context_;
    std::string path_;  // "channel.burst"
    const Key<S>& key_;
};

class ConfigReader {
  public:
    ConfigReader(std::string_view file, const CheckContext& context) : problems_(file), context_(context) {}

    LoadedConfig read(std::string_view text, std::string_view file);

  private:
    void read_root(const toml::table& root);
    void read_each(const toml::node& node, std::string_view section,
                   void (ConfigReader::*read_one)(const toml::table&));
    void read_server(const toml::table& table);
    void read_listen(const toml::table& table);
    void read_channel(const toml::table& table);
    template <class S>
    Seen read_keys(const toml::table& table, std::string_view section, std::span<const Key<S>> keys, S& into);
    template <class S>
    void report_unknown(const toml::key& key, std::string_view section, std::span<const Key<S>> keys,
                        Seen& seen);

    using Lines = std::map<std::string, toml::source_index, std::less<>>;

    Problems problems_;
    const CheckContext& context_;
    Lines channel_lines_;  // name -> where it was first given
    Lines address_lines_;
    Config config_;
};

template <class S>
void ConfigReader::report_unknown(const toml::key& key, std::string_view section,
                                  std::span<const Key<S>> keys, Seen& seen) {
    const Place place = key.source().begin;
    std::string path = fmt::format("{}.{}", section, printable(key.str(), 80));
    for (const KeyInfo& other : known_keys()) {
        if (other.name != key.str()) continue;
        return problems_.report(place, std::move(path),
                                fmt::format("does not belong in {}, move it to {}", section_header(section),
                                            section_header(other.section)));
    }
    std::vector<std::string_view> names;
    for (const auto& known : keys) names.push_back(known.name);
    const auto near = nearest(key.str(), names);
    if (!near) {
        return problems_.report(
            place, std::move(path),
            fmt::format("unknown key, {} takes {}", section_header(section), fmt::join(names, ", ")));
    }
    seen.add(*near, place, Seen::State::faulty);
    problems_.report(place, std::move(path), fmt::format("unknown key, did you mean \"{}\"?", *near));
}

template <class S>
Seen ConfigReader::read_keys(const toml::table& table, std::string_view section, std::span<const Key<S>> keys,
                             S& into) {
    Seen seen;
    for (const auto& [name, node] : table) {
        const auto at = std::find_if(keys.begin(), keys.end(),
                                     [&name = name](const Key<S>& k) { return k.name == name.str(); });
        if (at == keys.end()) {
            report_unknown(name, section, keys, seen);
            continue;
        }
        const std::size_t before = problems_.count();
        ValueReader<S>(problems_, context_, section, *at).take(node, into);
        seen.add(at->name, node.source().begin,
                 problems_.count() == before ? Seen::State::good : Seen::State::faulty);
    }
    for (const auto& key : keys) {
        if (key.presence == Presence::optional || seen.has(key.name)) continue;
        problems_.report(table.source().begin, fmt::format("{}.{}", section, key.name),
                         fmt::format("missing, expected {}", expected(key)));
    }
    return seen;
}

void ConfigReader::read_server(const toml::table& table) {
    ServerConfig& server = config_.server;
    const Seen seen = read_keys(table, kServerSection, server_keys(), server);
    if (server.latency > server.latency_max && seen.is_good("latency") && seen.is_good("latency_max")) {
        const std::string_view key = seen.has("latency") ? "latency" : "latency_max";
        problems_.report(*seen.place_of(key), fmt::format("server.{}", key),
                         fmt::format("latency ({}) is above latency_max ({}), expected at most latency_max",
                                     format_duration(server.latency), format_duration(server.latency_max)));
    }
}

void ConfigReader::read_listen(const toml::table& table) {
    const Place start = table.source().begin;
    ListenConfig listen{.origin = problems_.where(start)};
    const Seen seen = read_keys(table, kListenSection, listen_keys(), listen);
    const auto address = parse_address(listen.address);
    if (seen.is_good("address") && address && address.value().port != 0) {
        const Place place = seen.place_of("address").value_or(start);
        const auto [first, is_new] = address_lines_.emplace(to_string(address.value()), place.line);
        if (!is_new) {
            problems_.report(place, "listen.address",
                             fmt::format("{} is taken by line {} already, expected another address or port",
                                         quoted(listen.address), first->second));
        }
    }
    config_.listen.push_back(std::move(listen));
}

void ConfigReader::read_channel(const toml::table& table) {
    const Place start = table.source().begin;
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
    if (channel.log_time < channel.burst && seen.is_good("log_time") && seen.is_good("burst")) {
        const std::string_view key = seen.has("log_time") ? "log_time" : "burst";
        problems_.report(
            *seen.place_of(key), fmt::format("channel.{}", key),
            fmt::format("burst ({}) is longer than log_time ({}), expected log_time to be at least burst",
                        format_duration(channel.burst), format_duration(channel.log_time)));
    }
    config_.channels.push_back(std::move(channel));
}

// The tables of [[section]], each handed to `read_one`.
void ConfigReader::read_each(const toml::node& node, std::string_view section,
                             void (ConfigReader::*read_one)(const toml::table&)) {
    const auto* array = node.as_array();
    if (array == nullptr) {
        const auto written = node.is_table() ? fmt::format("[{}]", section) : std::string(type_name(node));
        return problems_.report(node.source().begin, std::string(section),
                                fmt::format("found {}, expected {}", written, section_header(section)));
    }
    for (const toml::node& item : *array) {
        if (const auto* table = item.as_table()) {
            (this->*read_one)(*table);
        } else {
            problems_.report(item.source().begin, std::string(section),
                             fmt::format("found {}, expected {}", type_name(item), section_header(section)));
        }
    }
}

void ConfigReader::read_root(const toml::table& root) {
    std::vector<std::string_view> seen;
    for (const auto& [name, node] : root) {
        if (name.str() == kServerSection) {
            if (const auto* table = node.as_table()) {
                read_server(*table);
            } else {
                const auto written = node.is_array_of_tables() ? "[[server]]" : type_name(node);
                problems_.report(node.source().begin, "server",
                                 fmt::format("found {}, expected [server]", written));
            }
        } else if (name.str() == kListenSection || name.str() == kChannelSection) {
            const bool is_listen = name.str() == kListenSection;
            const auto section = is_listen ? kListenSection : kChannelSection;
            // An empty list is as good as none, and reported as that.
            if (const auto* array = node.as_array(); array != nullptr && array->empty()) continue;
            read_each(node, section, is_listen ? &ConfigReader::read_listen : &ConfigReader::read_channel);
            seen.push_back(section);
        } else if (const auto near = nearest(name.str(), kSections)) {
            problems_.report(name.source().begin, printable(name.str(), 80),
                             fmt::format("unknown section, did you mean {}?", section_header(*near)));
            seen.push_back(*near);
        } else {
            problems_.report(name.source().begin, printable(name.str(), 80),
                             "unknown section, expected [server], [[listen]] or [[channel]]");
        }
    }
    const auto require = [&](std::string_view section, std::string_view what) {
        if (std::find(seen.begin(), seen.end(), section) != seen.end()) return;
        problems_.report(kFileStart, std::string(section), std::string(what));
    };
    require(kListenSection, "missing, expected at least one [[listen]]");
    require(kChannelSection, "missing, expected at least one [[channel]]");
}

LoadedConfig ConfigReader::read(std::string_view text, std::string_view file) {
    const toml::parse_result parsed = toml::parse(text, file);
    if (parsed) {
        read_root(parsed.table());
    } else {
        const auto& error = parsed.error();
        problems_.report(error.source().begin, "syntax", printable(error.description(), 300));
    }
    return {.config = std::move(config_), .problems = problems_.in_file_order()};
}

LoadedConfig unreadable(const std::string& path, std::string_view why) {
    Problems problems(path);
    problems.report(kFileStart, "file",
                    fmt::format("cannot be read ({}), expected a readable TOML file", why));
    return {.config = {}, .problems = problems.in_file_order()};
}

}  // namespace

std::string to_string(const ConfigProblem& problem) {
    return fmt::format("{}: {}: {}", problem.where, problem.key, problem.what);
}

LoadedConfig parse_config(std::string_view text, std::string_view file_name,
                          std::span<const std::string_view> known_protocols) {
    const CheckContext context{.protocols = known_protocols};
    return ConfigReader(file_name, context).read(text, file_name);
}

LoadedConfig load_config(const std::string& path, std::span<const std::string_view> known_protocols) {
    struct CloseFile {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
    if (!file) return unreadable(path, std::strerror(errno));
    std::string text(kMaxConfigFile + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    if (std::ferror(file.get()) != 0) return unreadable(path, std::strerror(errno));
    if (text.size() > kMaxConfigFile) return unreadable(path, "longer than " + format_size(kMaxConfigFile));
    return parse_config(text, path, known_protocols);
}

}  // namespace weir::cli
