#include "core/relay/channel_home.hpp"

#include <algorithm>

namespace weir {

namespace {
constexpr Duration kShortestKeepalive{100};

ChannelPolicy policy_of(const ChannelConfig& config) {
    return {.burst = config.burst,
            .close_slow_clients = config.slow_client == SlowClient::close,
            .log = {config.log_size, config.log_time},
            .header_limit = config.header_limit,
            .wait_max = config.wait_max,
            .keepalive = config.keepalive};
}
}  // namespace

const SourceSpec* ChannelHome::push_slot() const noexcept {
    const auto it = std::find_if(sources.begin(), sources.end(),
                                 [](const SourceSpec& s) { return s.kind == SourceSpec::Kind::push; });
    return it == sources.end() ? nullptr : &*it;
}

std::vector<SourceStatus> ChannelHome::status() const {
    std::vector<SourceStatus> out;
    for (const SourceSpec& spec : sources) {
        SourceStatus status{.source = spec.shown,
                            .rank = spec.rank,
                            .fill = spec.role == Feed::Role::fill,
                            .who = {},
                            .error = {}};
        if (const Feed* feed = channel->feed_of_rank(spec.rank)) {
            status.state = feed->is_on_air() ? SourceStatus::State::on_air : SourceStatus::State::standby;
            status.who = feed->who();
        }
        if (pulls) pulls->describe(spec, status);
        for (const File& file : files) {
            if (file.spec == &spec) file.source->describe(status);
        }
        out.push_back(std::move(status));
    }
    return out;
}

void ChannelHome::stop_sources() noexcept {
    tests.clear();
    files.clear();
    pulls.reset();
}

Result<ChannelHome> open_channel(const ChannelConfig& config, const HomeContext& context) {
    if (config.keepalive < kShortestKeepalive)
        return Error{Errc::bad_input, "keepalive is shorter than 100 ms"};
    auto sources = parse_sources(config.sources, context.modules.protocols);
    if (!sources) return sources.error();
    Host& host = context.host;
    ChannelHome home;
    home.sources = std::move(sources).value();
    home.channel = std::make_unique<Channel>(config.name, config.title.empty() ? config.name : config.title,
                                             policy_of(config), host.timers(), context.wheel, host.log());
    std::vector<const SourceSpec*> pulls;
    for (const SourceSpec& spec : home.sources) {
        switch (spec.kind) {
            case SourceSpec::Kind::push:
                break;
            case SourceSpec::Kind::pull:
                pulls.push_back(&spec);
                break;
            case SourceSpec::Kind::file: {
                auto path = file_path_of(spec.text);
                if (!path) return path.error();
                if (!context.loop) break;
                home.files.push_back({&spec, std::make_unique<FileSource>(*context.loop, *home.channel, spec,
                                                                          context.modules.containers,
                                                                          std::move(path).value())});
                break;
            }
            case SourceSpec::Kind::test:
                home.tests.push_back(std::make_unique<TestSource>(
                    *home.channel, spec, *context.modules.containers.front(), host.timers()));
                break;
        }
    }
    if (!pulls.empty()) home.pulls = std::make_unique<PullSources>(host, *home.channel, std::move(pulls));
    return home;
}

}  // namespace weir
