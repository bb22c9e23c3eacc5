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
// A channel's list of sources, each of them text or a table (config_sources.hpp).
template <class Section>
struct SourcesKey {
    std::vector<SourceConfig> Section::*field;
    std::string_view range;
};
// The servers that a channel is pushed to, each of them text or a table (config_push_targets.hpp).
template <class Section>
struct PushTargetsKey {
    std::vector<PushTargetConfig> Section::*field;
    std::string_view range;
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
struct BoolKey {
    bool Section::*field;
};
// One of a few names, which stand in the order of the field's enumeration; choice() makes it.
template <class Section>
struct ChoiceKey {
    std::span<const std::string_view> names;
    void (*set)(Section& into, std::size_t at);
    std::size_t (*get)(const Section& from);
};
template <auto Field, class Section, class Enum>
constexpr ChoiceKey<Section> choice_of(Enum Section::*, std::span<const std::string_view> names) {
    return {.names = names,
            .set = [](Section& into, std::size_t at) { into.*Field = static_cast<Enum>(at); },
            .get = [](const Section& from) { return static_cast<std::size_t>(from.*Field); }};
}
// Such as choice<&ChannelConfig::on_end>(kOnEndNames)
template <auto Field>
constexpr auto choice(std::span<const std::string_view> names) {
    return choice_of<Field>(Field, names);
}

// Text of a form of its own. The Error says what is wrong and what would be right.
template <class Section>
struct FormKey {
    Result<> (*parse)(std::string_view text, Section& into);
    std::string (*show)(const Section& from);
    std::string_view type, range, expected;
};

enum class Presence { optional, required };

template <class Section>
struct Key {
    std::string_view name;
    std::string_view example;  // as TOML, for "expected a duration such as ..."
    Presence presence;
    std::variant<TextKey<Section>, ListKey<Section>, SourcesKey<Section>, PushTargetsKey<Section>,
                 DurationKey<Section>, SizeKey<Section>, CountKey<Section>, BoolKey<Section>,
                 ChoiceKey<Section>, FormKey<Section>>
        rule;
    std::string_view meaning;
};

std::span<const Key<ServerConfig>> server_keys() noexcept;
std::span<const Key<AdminConfig>> admin_keys() noexcept;
std::span<const Key<ListenConfig>> listen_keys() noexcept;
std::span<const Key<ChannelConfig>> channel_keys() noexcept;

}  // namespace weir::cli
