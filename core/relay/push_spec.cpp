#include "core/relay/push_spec.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace weir {

namespace {

std::string in_quotes(std::string_view text) {
    return '"' + printable(text, 80) + '"';
}

std::string names_of(std::span<const PushForm> forms) {
    std::string out;
    for (const PushForm& form : forms) out += (out.empty() ? "" : " or ") + in_quotes(form.name);
    return out;
}

}  // namespace

Result<PushSpec> parse_push_target(const PushTargetConfig& target, std::span<const PushForm> forms) {
    const PushForm* form = find_push_form(forms, target.form);
    if (!form)
        return Error{Errc::unsupported,
                     in_quotes(target.form) + " is no form of pushing, expected " + names_of(forms)};
    auto shown = form->check(target.url);
    if (!shown) return shown.error();
    return PushSpec{.url = target.url, .shown = std::move(shown).value(), .form = form};
}

Result<std::vector<PushSpec>> parse_push_targets(std::span<const PushTargetConfig> targets,
                                                 std::span<const PushForm> forms) {
    if (targets.size() > kMaxPushTargets)
        return Error{Errc::too_large, "push_to lists " + std::to_string(targets.size()) +
                                          " servers, expected up to " + std::to_string(kMaxPushTargets)};
    std::vector<PushSpec> specs;
    for (const PushTargetConfig& target : targets) {
        auto parsed = parse_push_target(target, forms);
        if (!parsed) return Error{parsed.error().code, "push_to: " + parsed.error().detail};
        // Two pushes to one place would throw each other out for ever, whatever their forms.
        if (std::any_of(specs.begin(), specs.end(),
                        [&](const PushSpec& s) { return s.shown == parsed.value().shown; }))
            return Error{Errc::bad_input, "push_to: " + in_quotes(parsed.value().shown) + " is listed twice"};
        specs.push_back(std::move(parsed).value());
    }
    return specs;
}

}  // namespace weir
