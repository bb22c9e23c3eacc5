// Every key of weir.toml in one table per section: its name, where its value goes, what values it takes, and
// the line that explains it. The reader (config_values.cpp), known_keys() and "did you mean" all use these
// tables; a new key is one entry here plus its lines in etc/weir.toml and docs/configuration.md, which a test
// compares. Knows nothing of TOML. The tables are constant and may be used from any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.hpp"
#include "weir/config.hpp"

namespace weir::cli {

inline constexpr std::string_view kServerSection = "server";
inline constexpr std::string_view kAdminSection = "admin";
inline constexpr std::string_view kListenSection = "listen";
inline constexpr std::string_view kChannelSection = "channel";
inline constexpr std::string_view kSections[] = {kServerSection, kAdminSection, kListenSection,
                                                 kChannelSection};

// As it is written in the file: "[server]", "[[channel]]".
std::string section_header(std::string_view section);

// What a check of one piece of text may ask for.
struct CheckContext {
    std::span<const std::string_view> protocols;  // names that [[listen]] may use
};
// The Error says what is wrong and what would be right.
using TextCheck = Result<> (*)(std::string_view text, const CheckContext& context);

// One struct per kind of value: the member it fills and what it accepts.
template <class Section>
struct TextKey {
    std::string Section::*field;
    TextCheck check;
    std::string_view range;
};
template <class Section>
struct ListKey {
    std::vector<std::string> Section::*field;
    TextCheck check_item;
    std::string_view range;
    enum class Form { list, one_or_list } form = Form::list;
};
template <class Section>
struct DurationKey {
    Milliseconds Section::*field;
    Milliseconds least, most;
};
template <class Section>
struct SizeKey {
    std::size_t Section::*field;
    std::size_t least, most;
};
template <class Section>
struct CountKey {
    std::size_t Section::*field;
    std::size_t least, most;
};
template <class Section>
struct SlowClientKey {
    SlowClient Section::*field;
};
inline constexpr std::string_view kSlowClientNames[] = {"skip", "close"};  // in the order of SlowClient

enum class Presence { optional, required };

template <class Section>
struct Key {
    std::string_view name;
    std::string_view example;  // as TOML, for "expected a duration such as ..."
    Presence presence;
    std::variant<TextKey<Section>, ListKey<Section>, DurationKey<Section>, SizeKey<Section>,
                 CountKey<Section>, SlowClientKey<Section>>
        rule;
    std::string_view meaning;
};

std::span<const Key<ServerConfig>> server_keys() noexcept;
std::span<const Key<AdminConfig>> admin_keys() noexcept;
std::span<const Key<ListenConfig>> listen_keys() noexcept;
std::span<const Key<ChannelConfig>> channel_keys() noexcept;

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
