#include "cli/config_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/config_checks.hpp"
#include "cli/config_forms.hpp"
#include "cli/config_push_targets.hpp"
#include "cli/config_sources.hpp"
#include "cli/config_words.hpp"
#include "cli/units.hpp"
#include "protocols/http/url.hpp"

namespace weir::cli {

namespace {

template <class S>
class ValueReader {
  public:
    ValueReader(Problems& problems, const CheckContext& context, std::string_view section, const Key<S>& key)
        : problems_(problems), context_(context), path_(fmt::format("{}.{}", section, key.name)), key_(key) {}

    void take(const ConfigNode& node, S& into) {
        std::visit([&](const auto& rule) { fill(node, rule, into); }, key_.rule);
    }

  private:
    void report(const ConfigNode& node, std::string what) {
        problems_.report(node.place, path_, std::move(what));
    }
    void wrong_type(const ConfigNode& node) {
        report(node, fmt::format("found {}, expected {}", type_name(node), expected(key_)));
    }
    std::optional<std::string_view> text_of(const ConfigNode& node) {
        if (node.is(ConfigNode::Type::text)) return node.text;
        wrong_type(node);
        return std::nullopt;
    }
    bool is_accepted(const ConfigNode& node, std::string_view text, TextCheck check) {
        const auto checked = check(text, context_);
        if (!checked) report(node, checked.error().detail);
        return checked.ok();
    }

    void fill(const ConfigNode& node, const TextKey<S>& rule, S& into) {
        const auto text = text_of(node);
        if (text && is_accepted(node, *text, rule.check)) into.*rule.field = *text;
    }

    void fill(const ConfigNode& node, const ListKey<S>& rule, S& into) {
        std::vector<std::string> items;
        if (node.is(ConfigNode::Type::list)) {
            if (node.children.empty())
                return report(node, fmt::format("an empty list, expected {}", expected(key_)));
            for (const ConfigNode& item : node.children) take_item(item, rule, items);
        } else if (rule.form == ListKey<S>::Form::one_or_list && node.is(ConfigNode::Type::text)) {
            take_item(node, rule, items);
        } else {
            return wrong_type(node);
        }
        into.*rule.field = std::move(items);
    }
    void take_item(const ConfigNode& node, const ListKey<S>& rule, std::vector<std::string>& items) {
        const auto text = text_of(node);
        if (!text || !is_accepted(node, *text, rule.check_item)) return;
        if (std::find(items.begin(), items.end(), *text) != items.end()) {
            return report(node, quoted(http::hide_credentials(*text)) + " stands twice, list each once");
        }
        items.emplace_back(*text);
    }

    void fill(const ConfigNode& node, const SourcesKey<S>& rule, S& into) {
        if (!node.is(ConfigNode::Type::list)) return wrong_type(node);
        if (node.children.empty())
            return report(node, fmt::format("an empty list, expected {}", expected(key_)));
        into.*rule.field = read_source_list(node, path_, problems_);
    }

    void fill(const ConfigNode& node, const PushTargetsKey<S>& rule, S& into) {
        if (!node.is(ConfigNode::Type::list)) return wrong_type(node);
        into.*rule.field = read_push_targets(node, path_, problems_);
    }

    template <class Parse, class Format, class Rule>
    void fill_quantity(const ConfigNode& node, const Rule& rule, Parse parse, Format format, S& into) {
        const auto text = text_of(node);
        if (!text) return;
        const auto value = parse(*text);
        if (!value && value.error().code != Errc::too_large) return report(node, value.error().detail);
        if (!value || value.value() < rule.least || value.value() > rule.most) {
            return report(node, fmt::format("{} is out of range, expected {} to {}", quoted(*text),
                                            format(rule.least), format(rule.most)));
        }
        into.*rule.field = value.value();
    }
    void fill(const ConfigNode& node, const DurationKey<S>& rule, S& into) {
        fill_quantity(node, rule, parse_duration, format_duration, into);
    }
    void fill(const ConfigNode& node, const SizeKey<S>& rule, S& into) {
        fill_quantity(node, rule, parse_size, format_size, into);
    }
    void fill(const ConfigNode& node, const CountKey<S>& rule, S& into) {
        if (!node.is(ConfigNode::Type::integer)) return wrong_type(node);
        const std::int64_t value = node.integer;
        if (value < 0 || static_cast<std::uint64_t>(value) < rule.least ||
            static_cast<std::uint64_t>(value) > rule.most) {
            return report(node,
                          fmt::format("{} is out of range, expected {} to {}", value, rule.least, rule.most));
        }
        into.*rule.field = static_cast<std::size_t>(value);
    }
    void fill(const ConfigNode& node, const BoolKey<S>& rule, S& into) {
        if (!node.is(ConfigNode::Type::boolean)) return wrong_type(node);
        into.*rule.field = node.boolean;
    }
    void fill(const ConfigNode& node, const ChoiceKey<S>& rule, S& into) {
        const auto text = text_of(node);
        if (!text) return;
        const auto at = std::find(rule.names.begin(), rule.names.end(), *text);
        if (at == rule.names.end()) return report(node, unknown_choice(*text, rule.names, expected(key_)));
        rule.set(into, static_cast<std::size_t>(at - rule.names.begin()));
    }
    void fill(const ConfigNode& node, const FormKey<S>& rule, S& into) {
        const auto text = text_of(node);
        if (!text) return;
        const auto parsed = rule.parse(*text, into);
        if (!parsed) report(node, parsed.error().detail);
    }

    Problems& problems_;
    const CheckContext& context_;
    std::string path_;  // "channel.burst"
    const Key<S>& key_;
};

}  // namespace

template <class S>
void read_value(const ConfigNode& node, std::string_view section, const Key<S>& key,
                const CheckContext& context, Problems& problems, S& into) {
    ValueReader<S>(problems, context, section, key).take(node, into);
}
template void read_value(const ConfigNode&, std::string_view, const Key<ServerConfig>&, const CheckContext&,
                         Problems&, ServerConfig&);
template void read_value(const ConfigNode&, std::string_view, const Key<AdminConfig>&, const CheckContext&,
                         Problems&, AdminConfig&);
template void read_value(const ConfigNode&, std::string_view, const Key<ListenConfig>&, const CheckContext&,
                         Problems&, ListenConfig&);
template void read_value(const ConfigNode&, std::string_view, const Key<ChannelConfig>&, const CheckContext&,
                         Problems&, ChannelConfig&);

}  // namespace weir::cli
