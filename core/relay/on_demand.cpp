#include "core/relay/on_demand.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/relay/channel_name.hpp"
#include "core/relay/protocol.hpp"

namespace weir {

namespace {
constexpr Duration kShortestPause{10}, kLongestPause{1000};
}

OnDemand::OnDemand(Channel& channel, Duration idle_timeout, Callback<void()> on_asleep)
    : channel_(channel),
      idle_timeout_(idle_timeout),
      on_asleep_(on_asleep),
      timer_(channel.timers(), Callback<void()>::of<&OnDemand::on_look>(this)) {}

// Who comes and goes is looked at now and then: so nobody who leaves has to tell.
Duration OnDemand::pause() const noexcept {
    return std::clamp(idle_timeout_ / 10, kShortestPause, kLongestPause);
}

void OnDemand::ask() {
    wanted_ = channel_.now();
    if (!is_asleep()) return;
    timer_.start(pause());
    channel_.logger().debug("channel {}: somebody asks for it", channel_.name());
    channel_.switcher().wake();
}

void OnDemand::on_look() {
    const TimePoint now = channel_.now();
    if (channel_.is_wanted()) wanted_ = now;
    // The last one may have left just before this look.
    if (now - wanted_ < idle_timeout_ + pause()) return timer_.start(pause());
    channel_.logger().debug("channel {}: nobody has wanted it for {} ms", channel_.name(),
                            idle_timeout_.count());
    channel_.switcher().sleep();
    if (on_asleep_) on_asleep_();
}

bool is_on_demand(const ChannelConfig& config) noexcept {
    return config.on_demand || config.name == kAnyChannel;
}

std::optional<DemandProblem> check_demand(const ChannelConfig& config,
                                          std::span<const Protocol* const> protocols) {
    const bool is_any = config.name == kAnyChannel;
    for (const SourceConfig& source : config.sources) {
        const bool has_name = source.url.find(kNamePlaceholder) != std::string::npos;
        const auto found = [&](std::string_view what) {
            return DemandProblem{"sources",
                                 '"' + printable(source.url.substr(0, source.url.find("//")), 80) +
                                     (source.url.find("//") == std::string::npos ? "\"" : "//...\"") +
                                     std::string(what)};
        };
        if (is_on_demand(config) && !find_puller(protocols, source.url))
            return found(
                " is not pulled, and a channel on demand connects to its sources; expected URLs such as "
                "\"http://host/path\" only");
        if (is_any && !has_name)
            return found(
                " lacks {name}: every channel would be the same; expected a URL such as "
                "\"msbd://host/{name}\"");
        if (!is_any && has_name)
            return found(" has {name} in it, which only the channel \"*\" knows; expected a whole URL");
    }
    if (is_on_demand(config) && !config.push_to.empty())
        return DemandProblem{
            "push_to",
            "a channel on demand has a stream only while somebody asks for it here, expected "
            "no push_to, or a channel that is always connected"};
    return std::nullopt;
}

}  // namespace weir
