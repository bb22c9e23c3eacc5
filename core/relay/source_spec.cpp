#include "core/relay/source_spec.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/relay/protocol.hpp"
#include "core/relay/sources/file_source.hpp"

namespace weir {

namespace {

constexpr std::string_view kPush = "push:", kTest = "test:", kFile = "file:";

std::string in_quotes(std::string_view text) {
    return '"' + printable(text, 80) + '"';
}

// What stands between "//" and "@" may be a password.
std::string without_credentials(std::string_view text) {
    std::string shown{text.substr(0, text.find("//"))};
    if (shown.size() < text.size()) shown += "//...";
    return in_quotes(shown);
}

// "http://... or mmsh://..."
std::string forms_of(std::span<const Protocol* const> protocols) {
    std::string out;
    for (const Protocol* protocol : protocols) {
        for (const std::string_view scheme : protocol->pull_schemes())
            out += ", \"" + std::string(scheme) + "://...\"";
    }
    return out;
}

Error unknown(std::string_view text, std::span<const Protocol* const> protocols) {
    constexpr std::string_view kPlain[] = {kPush, kTest, kFile};
    if (const auto near = nearest(text, kPlain))
        return {Errc::bad_input,
                in_quotes(text) + " is not a source, did you mean \"" + std::string(*near) + "\"?"};
    return {Errc::bad_input, without_credentials(text) + " is not a source, expected \"push:\"" +
                                 forms_of(protocols) + ", \"file:PATH\" or \"test:\""};
}

// `text`: "push:", and a name or nothing.
Result<std::string> slot_name_of(std::string_view text) {
    const std::string_view name = text.substr(kPush.size());
    if (name.size() > kMaxSlotName)
        return Error{Errc::bad_input, without_credentials(text) + " names a slot with " +
                                          std::to_string(name.size()) + " characters, expected up to " +
                                          std::to_string(kMaxSlotName)};
    if (!std::all_of(name.begin(), name.end(), is_name_character))
        return Error{Errc::bad_input, without_credentials(text) +
                                          " names a slot with a character that it may not have, expected "
                                          "letters, digits, '-', '_' and '.' only, as in \"push:backup\""};
    return std::string(name);
}

Error no_pull(const SourceSpec& spec) {
    const bool is_push = spec.kind == SourceSpec::Kind::push;
    return {Errc::bad_input, in_quotes(spec.shown) +
                                 " is not pulled, and only what is pulled takes \"standby\": " +
                                 (is_push ? "a push stands by by itself" : "it is ready at any time") +
                                 ", leave the word out"};
}

// All of an entry but standby.
Result<SourceSpec> parse_text(std::string_view text, std::span<const Protocol* const> protocols) {
    SourceSpec spec{.text = std::string(text), .shown = std::string(text), .slot = {}};
    if (text.starts_with(kPush)) {
        auto name = slot_name_of(text);
        if (!name) return name.error();
        spec.slot = std::move(name).value();
        return spec;
    }
    if (text == kTest) {
        spec.kind = SourceSpec::Kind::test;
        return spec;
    }
    if (text.starts_with(kFile)) {
        spec.kind = SourceSpec::Kind::file;
        if (auto path = file_path_of(text); !path) return path.error();
        return spec;
    }
    spec.protocol = find_puller(protocols, text);
    if (!spec.protocol) return unknown(text, protocols);
    auto shown = spec.protocol->check_pull(text);
    if (!shown) return shown.error();
    spec.kind = SourceSpec::Kind::pull;
    spec.shown = std::move(shown).value();
    return spec;
}

}  // namespace

Result<SourceSpec> parse_source(const SourceConfig& source, std::span<const Protocol* const> protocols) {
    auto parsed = parse_text(source.url, protocols);
    if (!parsed) return parsed.error();
    parsed.value().standby = source.standby;
    if (source.standby && parsed.value().kind != SourceSpec::Kind::pull) return no_pull(parsed.value());
    return parsed;
}

Result<std::vector<SourceSpec>> parse_sources(std::span<const SourceConfig> sources,
                                              std::span<const Protocol* const> protocols) {
    std::vector<SourceSpec> specs;
    for (const SourceConfig& source : sources) {
        auto parsed = parse_source(source, protocols);
        if (!parsed) return parsed.error();
        SourceSpec spec = std::move(parsed).value();
        spec.rank = specs.size();
        const bool is_behind_live =
            std::any_of(specs.begin(), specs.end(), [](const SourceSpec& s) { return s.is_live(); });
        if (!spec.is_live() && is_behind_live) spec.role = Feed::Role::fill;
        if (std::any_of(specs.begin(), specs.end(),
                        [&](const SourceSpec& s) { return s.text == source.url; }))
            return Error{Errc::bad_input, in_quotes(spec.shown) + " is listed twice"};
        specs.push_back(std::move(spec));
    }
    return specs;
}

}  // namespace weir
