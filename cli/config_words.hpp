// The keys of weir.toml in words, for messages and for the documentation, which a test compares. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/config_keys.hpp"

namespace weir::cli {

// "a duration such as "3s"": what a value of this kind looks like.
template <class Section>
std::string expected(const Key<Section>& key);

// A key as the documentation shows it.
struct KeyInfo {
    std::string section;        // "channel"
    std::string name;           // "burst"
    std::string type;           // "duration"
    std::string default_value;  // as TOML, or "required"
    std::string range;          // "0s to 10m"
    std::string meaning;        // one sentence
};
std::vector<KeyInfo> known_keys();

}  // namespace weir::cli
