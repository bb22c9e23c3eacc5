#include "cli/config_push_targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "cli/config_checks.hpp"
#include "cli/config_entries.hpp"
#include "core/base/text.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/push_spec.hpp"
#include "weir/weir.hpp"

namespace weir::cli {

namespace {

using Type = ConfigNode::Type;

constexpr std::string_view kForm = "form";
constexpr std::string_view kKeys[] = {kEntryUrl, kForm};
constexpr std::string_view kFormForm = "\"raw\" or \"wm\"";
constexpr EntryForm kEntry{
    .noun = "a server",
    .forms = "a server such as \"http://host/path\" or {url = \"http://host/path\", form = \"wm\"}",
    .keys = kKeys};

class PushTargetReader final : private EntryListReader {
  public:
    PushTargetReader(std::string_view path, Problems& problems) : EntryListReader(path, kEntry, problems) {}

    std::vector<PushTargetConfig> read(const ConfigNode& list) {
        read_items(list);
        if (list.children.size() > kMaxPushTargets)
            problems().report(
                list.place, std::string(path()),
                fmt::format("{} servers, expected up to {}", list.children.size(), kMaxPushTargets));
        return std::move(targets_);
    }

  private:
    void on_text(const ConfigNode& item) override { take(item, std::string(path()), item.text); }

    void on_table(const ConfigNode& table, const ConfigNode* url) override {
        const ConfigNode* form = table.child(kForm);
        const bool is_form_good = !form || check_form(*form);
        if (!url) return;
        PushTargetConfig target{url->text};
        if (form && is_form_good) target.form = form->text;
        take(*url, path_of(kEntryUrl), std::move(target));
    }

    bool check_form(const ConfigNode& form) {
        if (!form.is(Type::text)) {
            wrong_type(form, path_of(kForm), kFormForm);
            return false;
        }
        if (find_push_form(builtin_modules().pushes, form.text)) return true;
        problems().report(form.place, path_of(kForm),
                          fmt::format("{} is no form of pushing, expected {}", quoted(form.text), kFormForm));
        return false;
    }

    void take(const ConfigNode& node, std::string path, PushTargetConfig target) {
        const auto parsed = parse_push_target(target, builtin_modules().pushes);
        if (!parsed) return problems().report(node.place, std::move(path), parsed.error().detail);
        const std::string& shown = parsed.value().shown;
        if (std::find(shown_.begin(), shown_.end(), shown) != shown_.end())
            return problems().report(node.place, std::move(path),
                                     quoted(shown) + " stands twice, list each once");
        shown_.push_back(shown);
        targets_.push_back(std::move(target));
    }

    std::vector<PushTargetConfig> targets_;
    std::vector<std::string> shown_;  // the same, without credentials
};

}  // namespace

std::vector<PushTargetConfig> read_push_targets(const ConfigNode& list, std::string_view path,
                                                Problems& problems) {
    return PushTargetReader(path, problems).read(list);
}

}  // namespace weir::cli
