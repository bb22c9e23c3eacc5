#include "cli/config_node.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace weir::cli {

const ConfigNode* ConfigNode::child(std::string_view name) const noexcept {
    const auto at = std::find_if(children.begin(), children.end(),
                                 [&](const ConfigNode& child) { return child.key == name; });
    return at == children.end() ? nullptr : &*at;
}

bool ConfigNode::is_list_of_tables() const noexcept {
    return is(Type::list) && !children.empty() &&
           std::all_of(children.begin(), children.end(),
                       [](const ConfigNode& item) { return item.is(Type::table); });
}

std::string_view type_name(const ConfigNode& node) noexcept {
    switch (node.type) {
        case ConfigNode::Type::text:
            return "text";
        case ConfigNode::Type::integer:
            return "integer";
        case ConfigNode::Type::fraction:
            return "number with a fraction";
        case ConfigNode::Type::boolean:
            return "boolean";
        case ConfigNode::Type::date:
            break;
        case ConfigNode::Type::list:
            return "list";
        case ConfigNode::Type::table:
            return "table";
    }
    return "date or time";
}

std::string name_of(std::string_view key) {
    return key.empty() ? "\"\"" : printable(key, 80);
}

}  // namespace weir::cli
