#include "cli/config_entries.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace weir::cli {

namespace {
using Type = ConfigNode::Type;
constexpr std::string_view kUrlForm = "text such as \"http://host/path\"";
}  // namespace

std::string EntryListReader::path_of(std::string_view key) const {
    return fmt::format("{}.{}", path_, key);
}

void EntryListReader::wrong_type(const ConfigNode& node, std::string path, std::string_view expected) {
    problems_.report(node.place, std::move(path),
                     fmt::format("found {}, expected {}", type_name(node), expected));
}

void EntryListReader::read_items(const ConfigNode& list) {
    for (const ConfigNode& item : list.children) {
        if (item.is(Type::text)) {
            on_text(item);
        } else if (item.is(Type::table)) {
            read_table(item);
        } else {
            wrong_type(item, std::string(path_), form_.forms);
        }
    }
}

void EntryListReader::read_table(const ConfigNode& table) {
    const bool is_url_misspelt = report_unknown(table);
    const ConfigNode* url = table.child(kEntryUrl);
    if (!url && !is_url_misspelt)
        problems_.report(table.place, path_of(kEntryUrl), fmt::format("missing, expected {}", form_.forms));
    if (url && !url->is(Type::text)) wrong_type(*url, path_of(kEntryUrl), kUrlForm);
    on_table(table, url && url->is(Type::text) ? url : nullptr);
}

// True: one of the keys that are unknown was probably meant to be the URL.
bool EntryListReader::report_unknown(const ConfigNode& table) {
    bool is_url_misspelt = false;
    for (const ConfigNode& node : table.children) {
        if (std::find(form_.keys.begin(), form_.keys.end(), node.key) != form_.keys.end()) continue;
        const auto near = nearest(node.key, form_.keys);
        is_url_misspelt |= near == kEntryUrl;
        problems_.report(
            node.key_place, path_of(name_of(node.key)),
            near ? fmt::format("unknown key, did you mean \"{}\"?", *near)
                 : fmt::format("unknown key, {} takes {}", form_.noun, fmt::join(form_.keys, ", ")));
    }
    return is_url_misspelt;
}

}  // namespace weir::cli
