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

Result<ChannelHome> open_channel(const ChannelConfig& config, const Container& test_container,
                                 TimerQueue& timers, FlushWheel& wheel, Log& log) {
    if (config.keepalive < kShortestKeepalive)
        return Error{Errc::bad_input, "keepalive is shorter than 100 ms"};
    auto sources = parse_sources(config.sources);
    if (!sources) return sources.error();
    ChannelHome home;
    home.sources = std::move(sources).value();
    home.channel = std::make_unique<Channel>(config.name, config.title.empty() ? config.name : config.title,
                                             policy_of(config), timers, wheel, log);
    for (const SourceSpec& spec : home.sources) {
        if (spec.kind == SourceSpec::Kind::test)
            home.tests.push_back(std::make_unique<TestSource>(*home.channel, spec, test_container, timers));
    }
    return home;
}

}  // namespace weir
