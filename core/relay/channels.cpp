#include "core/relay/channels.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/relay/channel_name.hpp"

namespace weir {

namespace {

constexpr Duration kFullLogPause{10000};

Error unknown(std::string_view name) {
    return {Errc::not_found, "There is no channel " + printable(name, 80) + " here."};
}

ChannelConfig named(const ChannelConfig& any, std::string_view name) {
    ChannelConfig config = any;
    config.name = name;
    config.on_demand = true;
    config.title = with_name(any.title, name);
    for (SourceConfig& source : config.sources) source.url = with_name(source.url, name);
    return config;
}

}  // namespace

Channels::Channels(const HomeContext& context)
    : context_(context), turn_(context.host.timers(), Callback<void()>::of<&Channels::on_turn>(this)) {
    context_.on_news = Callback<void()>::of<&Channels::on_news>(this);
}

Result<> Channels::add(const ChannelConfig& config) {
    const bool is_any = config.name == kAnyChannel;
    if (entries_.contains(config.name) || (is_any && any_))
        return Error{Errc::bad_input, "it is there twice"};
    if (const auto problem = check_demand(config, context_.modules.protocols))
        return Error{Errc::bad_input, std::string(problem->key) + ": " + problem->what};
    if (!is_any) {
        const auto opened = open(config, false);
        return opened ? Result<>{Ok{}} : Result<>{opened.error()};
    }
    // What is wrong with it is wrong with every channel that it makes.
    const auto tried = open_channel(named(config, "name"), context_);
    if (!tried) return tried.error();
    any_ = config;
    return Ok{};
}

Result<Channel*> Channels::open(const ChannelConfig& config, bool is_made) {
    HomeContext context = context_;
    context.is_made = is_made;
    auto home = open_channel(config, context);
    if (!home) return home.error();
    Channel* channel = home.value().channel.get();
    in_order_.push_back(channel);
    entries_.emplace(config.name, Entry{.home = std::move(home).value(), .is_made = is_made});
    return channel;
}

Channel* Channels::find(std::string_view name) noexcept {
    const auto it = entries_.find(name);
    return it == entries_.end() ? nullptr : it->second.home.channel.get();
}

const ChannelHome* Channels::home(const Channel& channel) const {
    const auto it = entries_.find(channel.name());
    return it == entries_.end() ? nullptr : &it->second.home;
}

bool Channels::serves(std::string_view name) const {
    return entries_.contains(name) || (any_ && check_channel_name(name));
}

Result<Channel*> Channels::ask_for(std::string_view name) {
    const auto it = entries_.find(name);
    if (it == entries_.end()) return make(name);
    const ChannelHome& home = it->second.home;
    if (home.demand) home.demand->ask();
    return home.channel.get();
}

Result<Channel*> Channels::make(std::string_view name) {
    const TimePoint now = context_.host.timers().now();
    if (!serves(name) || unknown_.has(name, now)) return unknown(name);
    if (made_ >= any_->max_channels) {
        if (full_logged_ == TimePoint{} || now - full_logged_ >= kFullLogPause) {
            full_logged_ = now;
            context_.host.log().warning("channel {}: not made, max_channels = {} of \"*\" are there", name,
                                        any_->max_channels);
        }
        return Error{Errc::refused, "As many channels as may be are open here. Try again later."};
    }
    auto channel = open(named(*any_, name), true);
    if (!channel) return channel;  // its name makes it so: the others are good
    ++made_;
    return ask_for(name);
}

// Who waits for what no source knows is told so, and what "*" made goes when nobody wants it.
void Channels::on_turn() {
    std::vector<std::string> unknown;
    std::vector<std::string> unwanted;
    for (const auto& [name, entry] : entries_) {
        if (!entry.is_made) continue;
        const bool is_unknown = !entry.home.channel->format() && entry.home.pulls->are_all_unknown();
        if (is_unknown) unknown.push_back(name);
        if (is_unknown || entry.home.demand->is_asleep()) unwanted.push_back(name);
    }
    for (const std::string& name : unknown) {
        unknown_.add(name, context_.host.timers().now());
        find(name)->tell_not_found();
    }
    for (const std::string& name : unwanted) remove(name);
}

// Not while somebody is there, were it for a goodbye: the channel's next sleep comes.
void Channels::remove(std::string_view name) {
    const auto it = entries_.find(name);
    if (it == entries_.end() || it->second.home.channel->is_wanted()) return;
    it->second.home.stop_sources();
    std::erase(in_order_, it->second.home.channel.get());
    entries_.erase(it);
    --made_;
}

void Channels::stop_sources() noexcept {
    turn_.stop();
    any_.reset();
    for (auto& [name, entry] : entries_) entry.home.stop_sources();
}

void Channels::drop_pushes() noexcept {
    for (auto& [name, entry] : entries_) entry.home.drop_pushes();
}

}  // namespace weir
