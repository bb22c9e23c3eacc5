// Reads one value of a configuration file into the field that its key names, by the key's rule. Pure.
#pragma once

#include <string_view>

#include "cli/config_keys.hpp"
#include "cli/config_node.hpp"
#include "cli/config_problems.hpp"

namespace weir::cli {

// Fills the field, or leaves it and reports what is wrong with the value, under "section.key".
template <class Section>
void read_value(const ConfigNode& node, std::string_view section, const Key<Section>& key,
                const CheckContext& context, Problems& problems, Section& into);

}  // namespace weir::cli
