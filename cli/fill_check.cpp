#include "cli/fill_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/config_checks.hpp"
#include "cli/file_header.hpp"
#include "core/base/text.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/source_spec.hpp"
#include "core/relay/sources/file_source.hpp"
#include "weir/weir.hpp"

namespace weir::cli {

namespace {

using Kind = SourceSpec::Kind;

constexpr std::size_t kShownError = 300;

struct Entry {
    const SourceSpec* spec;
    StreamFormatPtr format;
};

class ChannelCheck {
  public:
    ChannelCheck(const ChannelConfig& channel, const std::vector<ConfigOrigin>& origins, FillReport& report)
        : channel_(channel), origins_(origins), report_(report) {}

    void run(const std::vector<SourceSpec>& specs) {
        const bool has_files =
            std::any_of(specs.begin(), specs.end(), [](const auto& s) { return s.kind == Kind::file; });
        if (!has_files) return;
        for (const SourceSpec& spec : specs) {
            auto format = format_of(spec);
            if (!format) continue;
            // Which fit the first fit each other: one line for each that does not is enough.
            if (first_.spec) {
                compare({&spec, std::move(format)});
            } else {
                first_ = {&spec, std::move(format)};
            }
        }
    }

  private:
    StreamFormatPtr format_of(const SourceSpec& spec) {
        if (spec.kind == Kind::test)
            return builtin_modules().containers.front()->open_test_signal()->format();
        if (spec.kind != Kind::file) return nullptr;
        const auto path = file_path_of(spec.text);
        if (!path) return nullptr;  // the configuration has none such
        auto format = read_file_header(path.value(), channel_.header_limit);
        if (!format) {
            warn(spec, fmt::format("cannot be played: {}", printable(format.error().detail, kShownError)));
            return nullptr;
        }
        std::string note = fmt::format("{}: {}", quoted(spec.shown), format.value()->describe());
        if (spec.role == Feed::Role::fill)
            note += "; fills in for a live source that has the same header, see \"weir slate --like URL\"";
        report_.notes.push_back({.where = place(spec), .key = kKey, .what = std::move(note)});
        return std::move(format).value();
    }

    void compare(const Entry& entry) {
        const Entry *before = &first_, *after = &entry;
        std::string differs = first_.format->difference(*entry.format);
        // Which of them comes first on air is not said: a longer packet may follow in one order only.
        if (differs.empty()) {
            std::swap(before, after);
            differs = before->format->difference(*after->format);
        }
        if (differs.empty()) return;
        std::string what =
            fmt::format("cannot go on for clients of {}: {}", quoted(before->spec->shown), differs);
        warn(*entry.spec, after->spec == entry.spec
                              ? std::move(what)
                              : fmt::format("beside it {} {}", quoted(after->spec->shown), what));
    }

    void warn(const SourceSpec& spec, const std::string& what) {
        report_.warnings.push_back({.where = place(spec),
                                    .key = kKey,
                                    .what = fmt::format("warning: {} {}", quoted(spec.shown), what)});
    }
    std::string place(const SourceSpec& spec) const {
        return spec.rank < origins_.size() ? origins_[spec.rank] : channel_.origin;
    }

    static constexpr const char* kKey = "channel.sources";

    const ChannelConfig& channel_;
    const std::vector<ConfigOrigin>& origins_;
    FillReport& report_;
    Entry first_{};  // that could be read
};

}  // namespace

FillReport check_fill(const Config& config, const SourceOrigins& origins) {
    static const std::vector<ConfigOrigin> kNone;
    FillReport report;
    for (std::size_t i = 0; i < config.channels.size(); ++i) {
        const ChannelConfig& channel = config.channels[i];
        const auto specs = parse_sources(channel.sources, builtin_modules().protocols);
        if (!specs) continue;  // the configuration was checked
        ChannelCheck(channel, i < origins.size() ? origins[i] : kNone, report).run(specs.value());
    }
    return report;
}

}  // namespace weir::cli
