#include "cli/config_push_targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "cli/config_checks.hpp"
#include "core/base/text.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/push_spec.hpp"
#include "weir/weir.hpp"

namespace weir::cli {

namespace {

using Type = ConfigNode::Type;

constexpr std::string_view kUrl = "url", kForm = "form";
constexpr std::string_view kKeys[] = {kUrl, kForm};
constexpr std::string_view kUrlForm = "text such as \"http://host/path\"";
constexpr std::string_view kFormForm = "\"raw\" or \"wm\"";
constexpr std::string_view kForms =
    "a server such as \"http://host/path\" or {url = \"http://host/path\", form = \"wm\"}";

class PushTargetReader {
  public:
    PushTargetReader(std::string_view path, Problems& problems) : path_(path), problems_(problems) {}

    std::vector<PushTargetConfig> read(const ConfigNode& list) {
        for (const ConfigNode& item : list.children) {
            if (item.is(Type::text)) {
                take(item, path_, item.text);
            } else if (item.is(Type::table)) {
                read_table(item);
            } else {
                wrong_type(item, path_, kForms);
            }
        }
        if (list.children.size() > kMaxPushTargets)
            problems_.report(
                list.place, path_,
                fmt::format("{} servers, expected up to {}", list.children.size(), kMaxPushTargets));
        return std::move(targets_);
    }

  private:
    std::string path_of(std::string_view key) const { return fmt::format("{}.{}", path_, key); }

    void wrong_type(const ConfigNode& node, std::string path, std::string_view expected) {
        problems_.report(node.place, std::move(path),
                         fmt::format("found {}, expected {}", type_name(node), expected));
    }

    void read_table(const ConfigNode& table) {
        const bool is_url_misspelt = report_unknown(table);
        const ConfigNode* url = table.child(kUrl);
        const ConfigNode* form = table.child(kForm);
        if (!url && !is_url_misspelt)
            problems_.report(table.place, path_of(kUrl), fmt::format("missing, expected {}", kForms));
        const bool is_form_good = !form || check_form(*form);
        if (!url) return;
        if (!url->is(Type::text)) return wrong_type(*url, path_of(kUrl), kUrlForm);
        PushTargetConfig target{url->text};
        if (form && is_form_good) target.form = form->text;
        take(*url, path_of(kUrl), std::move(target));
    }

    bool check_form(const ConfigNode& form) {
        if (!form.is(Type::text)) {
            wrong_type(form, path_of(kForm), kFormForm);
            return false;
        }
        if (find_push_form(builtin_modules().pushes, form.text)) return true;
        problems_.report(form.place, path_of(kForm),
                         fmt::format("{} is no form of pushing, expected {}", quoted(form.text), kFormForm));
        return false;
    }

    // True: one of the keys that are unknown was probably meant to be the URL.
    bool report_unknown(const ConfigNode& table) {
        bool is_url_misspelt = false;
        for (const ConfigNode& node : table.children) {
            if (std::find(std::begin(kKeys), std::end(kKeys), node.key) != std::end(kKeys)) continue;
            const auto near = nearest(node.key, kKeys);
            is_url_misspelt |= near == kUrl;
            problems_.report(node.key_place, path_of(name_of(node.key)),
                             near ? fmt::format("unknown key, did you mean \"{}\"?", *near)
                                  : fmt::format("unknown key, a server takes {}", fmt::join(kKeys, ", ")));
        }
        return is_url_misspelt;
    }

    void take(const ConfigNode& node, std::string path, PushTargetConfig target) {
        const auto parsed = parse_push_target(target, builtin_modules().pushes);
        if (!parsed) return problems_.report(node.place, std::move(path), parsed.error().detail);
        const std::string& shown = parsed.value().shown;
        if (std::find(shown_.begin(), shown_.end(), shown) != shown_.end())
            return problems_.report(node.place, std::move(path),
                                    quoted(shown) + " stands twice, list each once");
        shown_.push_back(shown);
        targets_.push_back(std::move(target));
    }

    std::string path_;
    Problems& problems_;
    std::vector<PushTargetConfig> targets_;
    std::vector<std::string> shown_;  // the same, without credentials
};

}  // namespace

std::vector<PushTargetConfig> read_push_targets(const ConfigNode& list, std::string_view path,
                                                Problems& problems) {
    return PushTargetReader(path, problems).read(list);
}

}  // namespace weir::cli
