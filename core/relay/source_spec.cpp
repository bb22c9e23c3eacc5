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
    // What stands between "//" and "@" may be a password.
    std::string shown{text.substr(0, text.find("//"))};
    if (shown.size() < text.size()) shown += "//...";
    return {Errc::bad_input, in_quotes(shown) + " is not a source, expected \"push:\"" + forms_of(protocols) +
                                 ", \"file:PATH\" or \"test:\""};
}

}  // namespace

Result<SourceSpec> parse_source(std::string_view text, std::span<const Protocol* const> protocols) {
    SourceSpec spec{.text = std::string(text), .shown = std::string(text)};
    if (text == kPush) return spec;
    if (text == kTest) {
        spec.kind = SourceSpec::Kind::test;
        return spec;
    }
    if (text.starts_with(kFile)) {
        spec.kind = SourceSpec::Kind::file;
        if (auto path = file_path_of(text); !path) return path.error();
        return spec;
    }
    if (text.starts_with(kPush))
        return Error{Errc::bad_input,
                     in_quotes(text) + ": named push slots are not supported in this version, \"push:\" is"};
    spec.protocol = find_puller(protocols, text);
    if (!spec.protocol) return unknown(text, protocols);
    auto shown = spec.protocol->check_pull(text);
    if (!shown) return shown.error();
    spec.kind = SourceSpec::Kind::pull;
    spec.shown = std::move(shown).value();
    return spec;
}

Result<std::vector<SourceSpec>> parse_sources(std::span<const std::string> sources,
                                              std::span<const Protocol* const> protocols) {
    std::vector<SourceSpec> specs;
    for (const std::string& text : sources) {
        auto parsed = parse_source(text, protocols);
        if (!parsed) return parsed.error();
        SourceSpec spec = std::move(parsed).value();
        spec.rank = specs.size();
        const bool is_behind_live =
            std::any_of(specs.begin(), specs.end(), [](const SourceSpec& s) { return s.is_live(); });
        if (!spec.is_live() && is_behind_live) spec.role = Feed::Role::fill;
        if (std::any_of(specs.begin(), specs.end(), [&](const SourceSpec& s) { return s.text == text; }))
            return Error{Errc::bad_input, in_quotes(spec.shown) + " is listed twice"};
        specs.push_back(std::move(spec));
    }
    return specs;
}

}  // namespace weir
