#include "cli/config_words.hpp"

#include <variant>

#include "cli/units.hpp"

namespace weir::cli {

namespace {

std::string in_quotes(std::string_view text) {
    return '"' + std::string(text) + '"';
}

// How messages and the documentation speak of each kind of value. show() gives it as TOML.
template <class S>
struct Words {
    static std::string type(const TextKey<S>&) { return "text"; }
    static std::string type(const ListKey<S>& rule) {
        return rule.form == ListKey<S>::Form::list ? "list of text" : "text or list of text";
    }
    static std::string type(const SourcesKey<S>&) { return "list of sources"; }
    static std::string type(const PushTargetsKey<S>&) { return "list of servers"; }
    static std::string type(const DurationKey<S>&) { return "duration"; }
    static std::string type(const SizeKey<S>&) { return "size"; }
    static std::string type(const CountKey<S>&) { return "whole number"; }
    static std::string type(const BoolKey<S>&) { return "boolean"; }
    static std::string type(const ChoiceKey<S>&) { return "choice"; }
    static std::string type(const FormKey<S>& rule) { return std::string(rule.type); }

    static std::string range(const TextKey<S>& rule) { return std::string(rule.range); }
    static std::string range(const ListKey<S>& rule) { return std::string(rule.range); }
    static std::string range(const SourcesKey<S>& rule) { return std::string(rule.range); }
    static std::string range(const PushTargetsKey<S>& rule) { return std::string(rule.range); }
    static std::string range(const DurationKey<S>& rule) {
        return format_duration(rule.least) + " to " + format_duration(rule.most);
    }
    static std::string range(const SizeKey<S>& rule) {
        return format_size(rule.least) + " to " + format_size(rule.most);
    }
    static std::string range(const CountKey<S>& rule) {
        return std::to_string(rule.least) + " to " + std::to_string(rule.most);
    }
    static std::string range(const BoolKey<S>&) { return "true or false"; }
    static std::string range(const ChoiceKey<S>& rule) {
        std::string out;
        for (std::string_view name : rule.names) out += (out.empty() ? "" : " or ") + in_quotes(name);
        return out;
    }
    static std::string range(const FormKey<S>& rule) { return std::string(rule.range); }

    static std::string show(const TextKey<S>& rule, const S& from) { return in_quotes(from.*rule.field); }
    static std::string show(const ListKey<S>& rule, const S& from) {
        const auto& items = from.*rule.field;
        if (rule.form == ListKey<S>::Form::one_or_list && items.size() == 1) return in_quotes(items.front());
        std::string out;
        for (const auto& item : items) out += (out.empty() ? "" : ", ") + in_quotes(item);
        return '[' + out + ']';
    }
    // Of defaults, which have none.
    static std::string show(const SourcesKey<S>&, const S&) { return "[]"; }
    static std::string show(const PushTargetsKey<S>&, const S&) { return "[]"; }
    static std::string show(const DurationKey<S>& rule, const S& from) {
        return in_quotes(format_duration(from.*rule.field));
    }
    static std::string show(const SizeKey<S>& rule, const S& from) {
        return in_quotes(format_size(from.*rule.field));
    }
    static std::string show(const CountKey<S>& rule, const S& from) {
        return std::to_string(from.*rule.field);
    }
    static std::string show(const BoolKey<S>& rule, const S& from) {
        return from.*rule.field ? "true" : "false";
    }
    static std::string show(const ChoiceKey<S>& rule, const S& from) {
        return in_quotes(rule.names[rule.get(from)]);
    }
    static std::string show(const FormKey<S>& rule, const S& from) { return in_quotes(rule.show(from)); }

    // For messages: what a value looks like.
    static std::string expected(const auto& rule, std::string_view example) {
        const std::string name = type(rule);
        const bool takes_article = !name.starts_with("text");
        return (takes_article ? "a " : "") + name + " such as " + std::string(example);
    }
    static std::string expected(const BoolKey<S>& rule, std::string_view) { return range(rule); }
    static std::string expected(const ChoiceKey<S>& rule, std::string_view) { return range(rule); }
    static std::string expected(const FormKey<S>& rule, std::string_view) {
        return std::string(rule.expected);
    }
};

template <class S>
void append_known(std::vector<KeyInfo>& out, std::string_view section, std::span<const Key<S>> keys) {
    const S defaults;
    for (const auto& key : keys) {
        std::visit(
            [&](const auto& rule) {
                out.push_back({.section = std::string(section),
                               .name = std::string(key.name),
                               .type = Words<S>::type(rule),
                               .default_value = key.presence == Presence::required
                                                    ? "required"
                                                    : Words<S>::show(rule, defaults),
                               .range = Words<S>::range(rule),
                               .meaning = std::string(key.meaning)});
            },
            key.rule);
    }
}

}  // namespace

template <class S>
std::string expected(const Key<S>& key) {
    return std::visit([&](const auto& rule) { return Words<S>::expected(rule, key.example); }, key.rule);
}
template std::string expected(const Key<ServerConfig>&);
template std::string expected(const Key<AdminConfig>&);
template std::string expected(const Key<ListenConfig>&);
template std::string expected(const Key<ChannelConfig>&);

std::vector<KeyInfo> known_keys() {
    std::vector<KeyInfo> out;
    append_known(out, kServerSection, server_keys());
    append_known(out, kListenSection, listen_keys());
    append_known(out, kAdminSection, admin_keys());
    append_known(out, kChannelSection, channel_keys());
    return out;
}

}  // namespace weir::cli
