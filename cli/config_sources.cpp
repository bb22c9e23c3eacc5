#include "cli/config_sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "cli/config_checks.hpp"
#include "cli/config_entries.hpp"
#include "core/base/text.hpp"
#include "core/relay/channel_name.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/source_spec.hpp"
#include "protocols/http/url.hpp"
#include "weir/weir.hpp"

namespace weir::cli {

namespace {

using Type = ConfigNode::Type;

constexpr std::string_view kStandby = "standby";
constexpr std::string_view kKeys[] = {kEntryUrl, kStandby};
constexpr EntryForm kForm{
    .noun = "a source",
    .forms = "a source such as \"push:\" or {url = \"http://host/path\", standby = true}",
    .keys = kKeys};

class SourceListReader final : private EntryListReader {
  public:
    SourceListReader(std::string_view path, Problems& problems) : EntryListReader(path, kForm, problems) {}

    std::vector<SourceConfig> read(const ConfigNode& list) {
        read_items(list);
        return std::move(sources_);
    }

  private:
    void on_text(const ConfigNode& item) override { take(item, std::string(path()), item.text); }

    void on_table(const ConfigNode& table, const ConfigNode* url) override {
        const ConfigNode* standby = table.child(kStandby);
        if (standby && !standby->is(Type::boolean)) {
            wrong_type(*standby, path_of(kStandby), "true or false");
            standby = nullptr;
        }
        if (!url) return;
        SourceConfig source{url->text};
        source.standby = standby && standby->boolean;
        if (!take(*url, path_of(kEntryUrl), std::move(source)) || !standby) return;
        // Of what is no pull false is as wrong as true: a push stands by, whatever is written.
        check(*standby, path_of(kStandby), standby_source(url->text));
    }

    // False: `source` is none; that was reported at `node`.
    bool check(const ConfigNode& node, std::string path, const SourceConfig& source) {
        // Whether {name} may stand there is seen when the channel's own name is known.
        SourceConfig named = source;
        named.url = with_name(source.url, "name");
        const auto parsed = parse_source(named, builtin_modules().protocols);
        if (!parsed) problems().report(node.place, std::move(path), parsed.error().detail);
        return parsed.ok();
    }

    // What is written about standby is left to the caller.
    bool take(const ConfigNode& node, std::string path, SourceConfig source) {
        if (!check(node, path, source.url)) return false;
        const bool is_there = std::any_of(sources_.begin(), sources_.end(),
                                          [&](const SourceConfig& other) { return other.url == source.url; });
        if (is_there) {
            problems().report(node.place, std::move(path),
                              quoted(http::hide_credentials(source.url)) + " stands twice, list each once");
            return false;
        }
        sources_.push_back(std::move(source));
        return true;
    }

    std::vector<SourceConfig> sources_;
};

}  // namespace

std::vector<SourceConfig> read_source_list(const ConfigNode& list, std::string_view path,
                                           Problems& problems) {
    return SourceListReader(path, problems).read(list);
}

}  // namespace weir::cli
