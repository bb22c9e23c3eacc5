// ChannelHome: a channel with what its home worker keeps for it: where its stream may come from, and those
// sources that live inside weir. Worker's thread.
#pragma once

#include <memory>
#include <vector>

#include "core/media/channel.hpp"
#include "core/relay/source_spec.hpp"
#include "core/relay/sources/test_source.hpp"
#include "weir/config.hpp"

namespace weir {

struct ChannelHome {
    std::vector<SourceSpec> sources;
    std::unique_ptr<Channel> channel;
    std::vector<std::unique_ptr<TestSource>> tests;

    // The slot that takes pushes; null where the sources list none.
    const SourceSpec* push_slot() const noexcept;
};

// Error: its sources, or its keepalive. test_container makes "test:". All but `config` outlive the home.
Result<ChannelHome> open_channel(const ChannelConfig& config, const Container& test_container,
                                 TimerQueue& timers, FlushWheel& wheel, Log& log);

}  // namespace weir
