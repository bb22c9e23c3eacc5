#include "cli/config_sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "cli/config_checks.hpp"
#include "core/base/text.hpp"
#include "core/relay/channel_name.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/source_spec.hpp"
#include "protocols/http/url.hpp"
#include "weir/weir.hpp"

namespace weir::cli {

namespace {

using Type = ConfigNode::Type;

constexpr std::string_view kUrl = "url", kStandby = "standby";
constexpr std::string_view kKeys[] = {kUrl, kStandby};
constexpr std::string_view kUrlForm = "text such as \"http://host/path\"";
constexpr std::string_view kForms =
    "a source such as \"push:\" or {url = \"http://host/path\", standby = true}";

class SourceListReader {
  public:
    SourceListReader(std::string_view path, Problems& problems) : path_(path), problems_(problems) {}

    std::vector<SourceConfig> read(const ConfigNode& list) {
        for (const ConfigNode& item : list.children) {
            if (item.is(Type::text)) {
                take(item, path_, item.text);
            } else if (item.is(Type::table)) {
                read_table(item);
            } else {
                wrong_type(item, path_, kForms);
            }
        }
        return std::move(sources_);
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
        const ConfigNode* standby = table.child(kStandby);
        if (!url && !is_url_misspelt)
            problems_.report(table.place, path_of(kUrl), fmt::format("missing, expected {}", kForms));
        if (standby && !standby->is(Type::boolean)) {
            wrong_type(*standby, path_of(kStandby), "true or false");
            standby = nullptr;
        }
        if (!url) return;
        if (!url->is(Type::text)) return wrong_type(*url, path_of(kUrl), kUrlForm);
        SourceConfig source{url->text};
        source.standby = standby && standby->boolean;
        if (!take(*url, path_of(kUrl), std::move(source)) || !standby) return;
        // Of what is no pull false is as wrong as true: a push stands by, whatever is written.
        check(*standby, path_of(kStandby), standby_source(url->text));
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
                                  : fmt::format("unknown key, a source takes {}", fmt::join(kKeys, ", ")));
        }
        return is_url_misspelt;
    }

    // False: `source` is none; that was reported at `node`.
    bool check(const ConfigNode& node, std::string path, const SourceConfig& source) {
        // Whether {name} may stand there is seen when the channel's own name is known.
        SourceConfig named = source;
        named.url = with_name(source.url, "name");
        const auto parsed = parse_source(named, builtin_modules().protocols);
        if (!parsed) problems_.report(node.place, std::move(path), parsed.error().detail);
        return parsed.ok();
    }

    // What is written about standby is left to the caller.
    bool take(const ConfigNode& node, std::string path, SourceConfig source) {
        if (!check(node, path, source.url)) return false;
        const bool is_there = std::any_of(sources_.begin(), sources_.end(),
                                          [&](const SourceConfig& other) { return other.url == source.url; });
        if (is_there) {
            problems_.report(node.place, std::move(path),
                             quoted(http::hide_credentials(source.url)) + " stands twice, list each once");
            return false;
        }
        sources_.push_back(std::move(source));
        return true;
    }

    std::string path_;
    Problems& problems_;
    std::vector<SourceConfig> sources_;
};

}  // namespace

std::vector<SourceConfig> read_source_list(const ConfigNode& list, std::string_view path,
                                           Problems& problems) {
    return SourceListReader(path, problems).read(list);
}

}  // namespace weir::cli
