#include "core/relay/channel_home.hpp"

#include <algorithm>
#include <optional>

#include "core/media/handout.hpp"

namespace weir {

namespace {
constexpr Duration kShortestKeepalive{100};

SelectorPolicy source_policy_of(const ChannelConfig& config) {
    using Policy = SelectorPolicy;
    const auto failback = [&] {
        switch (config.failback.when) {
            case Failback::When::after:
                return Policy::Failback::after;
            case Failback::When::never:
                return Policy::Failback::never;
            case Failback::When::on_close:
                break;
        }
        return Policy::Failback::on_close;
    }();
    SelectorPolicy policy{.connect_timeout = config.connect_timeout,
                          .stall_timeout = config.stall_timeout,
                          .min_uptime = config.min_uptime,
                          .backoff_max = config.backoff_max,
                          .refused_backoff_max = config.refused_backoff_max,
                          .failover_on = config.failover_on == FailoverOn::article
                                             ? Policy::FailoverOn::article
                                             : Policy::FailoverOn::any_error,
                          .failback = failback,
                          .failback_after = config.failback.beside,
                          .hold = std::nullopt,
                          .end_with_source = config.on_end == OnEnd::end,
                          .end_grace = config.end_grace};
    if (config.hold.count() > 0) policy.hold = config.hold;
    return policy;
}

ChannelPolicy policy_of(const ChannelConfig& config, const ServerConfig& server) {
    return {.burst = config.burst,
            .close_slow_clients = config.slow_client == SlowClient::close,
            .log = {config.log_size, config.log_time},
            .header_limit = config.header_limit,
            .wait_max = config.wait_max,
            .keepalive = config.keepalive,
            .latency = config.latency.count() > 0 ? config.latency : server.latency,
            .sources = source_policy_of(config)};
}

Selector::Kind kind_of(const SourceSpec& spec) {
    if (spec.role == Feed::Role::fill) return Selector::Kind::fill;
    if (spec.kind == SourceSpec::Kind::push) return Selector::Kind::push;
    return spec.kind == SourceSpec::Kind::pull ? Selector::Kind::pull : Selector::Kind::local;
}

SourceStatus::State state_of(Selector::State state, bool is_on_air) {
    switch (state) {
        case Selector::State::absent:
            return SourceStatus::State::idle;
        case Selector::State::dialling:
            return SourceStatus::State::dialling;
        case Selector::State::ready:
        case Selector::State::live:
            return is_on_air ? SourceStatus::State::on_air : SourceStatus::State::standby;
        case Selector::State::starving:
            return SourceStatus::State::starving;
        case Selector::State::failed:
            return SourceStatus::State::waiting;
    }
    return SourceStatus::State::idle;
}
// Each pull takes the place of a pull; all else stays where it stands.
void shuffle_pulls(std::vector<SourceSpec>& sources, Host& host) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < sources.size(); ++i)
        if (sources[i].kind == SourceSpec::Kind::pull) places.push_back(i);
    const std::vector<SourceSpec> listed = sources;
    const auto drawn = hand_out(places.size(), {.count = HandoutPolicy::kAll, .randomize = true},
                                Callback<std::uint32_t()>::of<&Host::random>(&host));
    for (std::size_t i = 0; i < places.size(); ++i) {
        sources[places[i]] = listed[places[drawn[i]]];
        sources[places[i]].rank = places[i];
    }
}

}  // namespace

const SourceSpec* ChannelHome::push_slot(std::string_view name) const noexcept {
    const auto it = std::find_if(sources.begin(), sources.end(), [&](const SourceSpec& s) {
        return s.kind == SourceSpec::Kind::push && s.slot == name;
    });
    return it == sources.end() ? nullptr : &*it;
}

std::vector<SourceStatus> ChannelHome::status() const {
    std::vector<SourceStatus> out;
    for (const SourceSpec& spec : sources) {
        SourceStatus status{.source = spec.shown,
                            .rank = spec.rank,
                            .fill = spec.role == Feed::Role::fill,
                            .standby = spec.standby,
                            .who = {},
                            .error = {}};
        if (spec.kind == SourceSpec::Kind::push) status.slot = spec.slot;
        const Switcher& switcher = channel->switcher();
        const Feed* feed = switcher.feed_of(spec.rank);
        status.state = state_of(switcher.state(spec.rank), feed && feed->is_on_air());
        if (feed) status.who = feed->who();
        if (pulls) pulls->describe(spec, status);
        // What failed is asked again by itself, or when what is on air is lost.
        if (status.state == SourceStatus::State::idle && !status.error.empty())
            status.state = SourceStatus::State::waiting;
        if (status.state == SourceStatus::State::waiting && !switcher.is_wanted(spec.rank))
            status.state = SourceStatus::State::idle;
        for (const File& file : files) {
            if (file.spec == &spec) file.source->describe(status);
        }
        out.push_back(std::move(status));
    }
    return out;
}

std::vector<PushStatus> ChannelHome::push_status() const {
    std::vector<PushStatus> out;
    for (const auto& push : pushes) out.push_back(push->status());
    return out;
}

void ChannelHome::stop_sources() noexcept {
    demand.reset();
    channel->switcher().stop();
    tests.clear();
    files.clear();
    pulls.reset();
}

Result<ChannelHome> open_channel(const ChannelConfig& config, const HomeContext& context) {
    if (config.keepalive < kShortestKeepalive)
        return Error{Errc::bad_input, "keepalive is shorter than 100 ms"};
    auto sources = parse_sources(config.sources, context.modules.protocols);
    if (!sources) return sources.error();
    auto targets = parse_push_targets(config.push_to, context.modules.pushes);
    if (!targets) return targets.error();
    Host& host = context.host;
    ChannelHome home;
    home.sources = std::move(sources).value();
    home.channel =
        std::make_unique<Channel>(config.name, config.title.empty() ? config.name : config.title,
                                  policy_of(config, host.server()), host.timers(), context.flush, host.log());
    if (config.randomize) shuffle_pulls(home.sources, host);
    std::vector<const SourceSpec*> pulls;
    std::vector<Selector::Entry> kinds;
    for (const SourceSpec& spec : home.sources) {
        kinds.emplace_back(kind_of(spec), spec.standby);
        if (spec.kind == SourceSpec::Kind::pull) pulls.push_back(&spec);
    }
    if (!pulls.empty())
        home.pulls = std::make_unique<PullSources>(host, *home.channel, pulls,
                                                   PullLink::Policy{.connect_timeout = config.connect_timeout,
                                                                    .failover_on = config.failover_on,
                                                                    .may_be_unknown = context.is_made},
                                                   context.on_news);
    const bool sleeps = is_on_demand(config);
    home.channel->switcher().start(kinds, home.pulls.get(),
                                   Callback<std::uint32_t()>::of<&Host::random>(&host), !sleeps);
    if (sleeps) home.demand = std::make_unique<OnDemand>(*home.channel, config.idle_timeout, context.on_news);
    for (const SourceSpec& spec : home.sources) {
        switch (spec.kind) {
            case SourceSpec::Kind::push:
            case SourceSpec::Kind::pull:
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
    for (PushSpec& target : targets.value())
        home.pushes.push_back(
            std::make_unique<PushLink>(host, *home.channel, std::move(target),
                                       PushLink::Policy{.min_uptime = config.min_uptime,
                                                        .backoff_max = config.backoff_max,
                                                        .refused_backoff_max = config.refused_backoff_max}));
    return home;
}

}  // namespace weir
