// ChannelHome: a channel with what its home worker keeps for it: where its stream may come from, and those
// sources that weir runs by itself. Worker's thread.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/media/channel.hpp"
#include "core/relay/host.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/on_demand.hpp"
#include "core/relay/push_link.hpp"
#include "core/relay/push_status.hpp"
#include "core/relay/source_spec.hpp"
#include "core/relay/source_status.hpp"
#include "core/relay/sources/file_source.hpp"
#include "core/relay/sources/pull_sources.hpp"
#include "core/relay/sources/test_source.hpp"
#include "weir/config.hpp"

namespace weir {

class Loop;

struct ChannelHome {
    std::vector<SourceSpec> sources;
    std::unique_ptr<Channel> channel;
    std::vector<std::unique_ptr<TestSource>> tests;
    struct File {
        const SourceSpec* spec;
        std::unique_ptr<FileSource> source;
    };
    std::vector<File> files;
    std::unique_ptr<PullSources> pulls;  // null: it has none
    std::vector<std::unique_ptr<PushLink>> pushes;
    std::unique_ptr<OnDemand> demand;  // null: it is always connected

    // The slot that takes pushes under this name, "" for "push:"; null where the sources list no such one.
    const SourceSpec* push_slot(std::string_view name) const noexcept;
    // Each source, in the order of the list.
    std::vector<SourceStatus> status() const;
    // Each server that it is pushed to, in the order of the list.
    std::vector<PushStatus> push_status() const;
    // What weir runs by itself ends; pushes end with their connections.
    void stop_sources() noexcept;
    // Outgoing pushes end with the channel, by their protocols; this is for those that have not by then.
    void drop_pushes() noexcept { pushes.clear(); }
};

// What a home needs around it; all of it outlives the home.
struct HomeContext {
    Host& host;
    const Modules& modules;
    FlushHub& flush;
    Loop* loop;  // null in tests without one: then no file is read
    // A channel on demand fell asleep, or all of a channel's pulls do not know what they are asked for; from
    // inside what a timer does.
    Callback<void()> on_news = {};
    bool is_made = false;  // the channel, by "*": for whatever name somebody asked
};

// Error: its sources, its push_to, or its keepalive.
Result<ChannelHome> open_channel(const ChannelConfig& config, const HomeContext& context);

}  // namespace weir
