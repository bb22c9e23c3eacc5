// A configuration file as a tree of plain values, each with its place: what the rest of cli/ sees of TOML.
// Tables hold their keys sorted by name. Owns its text.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

// Counted from 1, as editors do.
struct Place {
    std::uint32_t line = 1, column = 1;
    auto operator<=>(const Place&) const = default;
};

struct ConfigNode {
    enum class Type { text, integer, fraction, boolean, date, list, table };
    Type type = Type::table;
    Place place{};
    std::string text;          // of text
    std::int64_t integer = 0;  // of integer
    bool boolean = false;      // of boolean
    // Of list and table; left out below kDeepest, where no key reads.
    std::vector<ConfigNode> children;
    std::string key;  // its own, in a table
    Place key_place{};

    static constexpr int kDeepest = 5;  // the file, [[section]], one of it, a list, its item, a value there

    bool is(Type t) const noexcept { return type == t; }
    const ConfigNode* child(std::string_view name) const noexcept;
    // [[section]]: one table or more, and nothing else.
    bool is_list_of_tables() const noexcept;
};

// As messages say it: "found integer".
std::string_view type_name(const ConfigNode& node) noexcept;
// A key as a message names it; an empty one as it is written.
std::string name_of(std::string_view key);

}  // namespace weir::cli
