#include "cli/status_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "core/base/text.hpp"

namespace weir::cli {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kNothing = "-";
constexpr int kDeepest = 8;

// The value under `key`, or null: nlohmann's own accessors would throw.
const Json* find(const Json* from, const char* key) {
    if (!from || !from->is_object()) return nullptr;
    const auto it = from->find(key);
    return it == from->end() ? nullptr : &*it;
}

std::string text(const Json* from, const char* key) {
    const Json* value = find(from, key);
    const auto* found = value ? value->get_ptr<const std::string*>() : nullptr;
    return found && !found->empty() ? printable(*found) : std::string(kNothing);
}

std::optional<std::uint64_t> number(const Json* from, const char* key) {
    const Json* value = find(from, key);
    return value && value->is_number_unsigned() ? std::optional(value->get<std::uint64_t>()) : std::nullopt;
}

std::string shown(std::optional<std::uint64_t> value) {
    return value ? std::to_string(*value) : std::string(kNothing);
}

bool is_true(const Json* from, const char* key) {
    const Json* value = find(from, key);
    return value && value->is_boolean() && value->get<bool>();
}

// What stands in a list; nothing where there is none.
std::vector<const Json*> items(const Json* from, const char* key) {
    std::vector<const Json*> out;
    const Json* list = find(from, key);
    if (!list || !list->is_array()) return out;
    for (const Json& item : *list) out.push_back(&item);
    return out;
}

// "12 s", "5 min", "3 h 20 min", "41 d 7 h".
std::string span(std::optional<std::uint64_t> milliseconds) {
    if (!milliseconds) return std::string(kNothing);
    const std::uint64_t seconds = *milliseconds / 1000;
    const std::uint64_t minutes = seconds / 60;
    const std::uint64_t hours = minutes / 60;
    if (minutes == 0) return fmt::format("{} s", seconds);
    if (hours == 0) return fmt::format("{} min", minutes);
    if (hours < 24) return fmt::format("{} h {} min", hours, minutes % 60);
    return fmt::format("{} d {} h", hours / 24, hours % 24);
}

std::string bit_rate(const Json* channel) {
    const auto rate = number(find(channel, "format"), "bit_rate");
    return rate.value_or(0) > 0 ? fmt::format("{} kbit/s", (*rate - 1) / 1000 + 1) : std::string(kNothing);
}

// "240", or with servers downstream "240 + 3".
std::string clients(const Json* channel) {
    const auto servers = number(find(channel, "links"), "now");
    return shown(number(find(channel, "clients"), "now")) +
           (servers.value_or(0) > 0 ? " + " + shown(servers) : std::string{});
}

using Row = std::array<std::string, 7>;
const Row kHeading{"CHANNEL", "STATE", "CLIENTS", "BIT RATE", "SOURCE", "STATE", "NOTE"};

// A row for each source, then one for each server that it is pushed to; the channel stands in the first.
void append(std::vector<Row>& rows, const Json* channel) {
    Row row{text(channel, "name"), text(channel, "state"), clients(channel), bit_rate(channel)};
    for (const Json* source : items(channel, "sources")) {
        row[4] = text(source, "source") + (is_true(source, "fill")      ? " (fill)"
                                           : is_true(source, "standby") ? " (standby)"
                                                                        : "");
        row[5] = text(source, "state");
        std::replace(row[5].begin(), row[5].end(), '_', ' ');
        row[6] = text(source, "error");
        if (row[6] == kNothing) row[6] = text(source, "who");
        if (row[6] == kNothing) row[6].clear();
        rows.push_back(row);
        row = {};
    }
    for (const Json* push : items(channel, "push_to")) {
        row[4] = "to " + text(push, "url");
        row[5] = text(push, "state");
        row[6] = text(push, "error");
        if (row[6] == kNothing) row[6].clear();
        rows.push_back(row);
        row = {};
    }
    if (!row[0].empty()) rows.push_back(std::move(row));
}

std::string aligned(const std::vector<Row>& rows) {
    std::array<std::size_t, std::tuple_size_v<Row>> widths{};
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string out;
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) out += fmt::format("{:<{}}  ", row[i], widths[i]);
        out.erase(out.find_last_not_of(' ') + 1);
        out += '\n';
    }
    return out;
}

}  // namespace

Result<std::string> status_table(std::string_view json) {
    // What is nested deeper is not looked at.
    const auto is_kept = [](int depth, Json::parse_event_t, Json&) { return depth <= kDeepest; };
    const Json all = Json::parse(json, is_kept, false);
    const Json* server = find(&all, "server");
    if (!server || !find(&all, "channels"))
        return Error{Errc::bad_input, "what answers there is not weir: \"" + printable(json, 40) + "\""};
    std::string out = fmt::format(
        "{}: weir {}, up {}{}, {} of {} connections\n\n", text(server, "name"), text(server, "version"),
        span(number(server, "uptime_ms")), is_true(server, "stopping") ? ", stopping" : "",
        shown(number(server, "connections")), shown(number(server, "max_connections")));
    std::vector<Row> rows{kHeading};
    for (const Json* channel : items(&all, "channels")) append(rows, channel);
    return out + aligned(rows);
}

}  // namespace weir::cli
