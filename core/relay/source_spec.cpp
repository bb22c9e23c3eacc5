#include "core/relay/source_spec.hpp"

#include <algorithm>

namespace weir {

Result<std::vector<SourceSpec>> parse_sources(std::span<const std::string> sources) {
    std::vector<SourceSpec> specs;
    for (const std::string& text : sources) {
        SourceSpec spec{.rank = specs.size(), .text = text};
        if (text == "push:") {
            spec.kind = SourceSpec::Kind::push;
        } else if (text == "test:") {
            spec.kind = SourceSpec::Kind::test;
            if (!specs.empty()) spec.role = Feed::Role::fill;
        } else {
            return Error{Errc::bad_input, "source \"" + text + "\": expected \"push:\" or \"test:\""};
        }
        if (std::any_of(specs.begin(), specs.end(), [&](const SourceSpec& s) { return s.text == text; }))
            return Error{Errc::bad_input, "source \"" + text + "\" is listed twice"};
        specs.push_back(std::move(spec));
    }
    return specs;
}

}  // namespace weir
