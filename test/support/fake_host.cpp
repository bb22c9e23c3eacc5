#include "test/support/fake_host.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/protocol.hpp"
#include "weir/weir.hpp"

namespace weir::test {

namespace {

// Flushing costs nothing here, so the wheel turns at its shortest interval.
constexpr WheelClocks kFreeOfCharge{.wall = [] { return std::uint64_t{0}; },
                                    .cpu = [] { return std::uint64_t{0}; }};

}  // namespace

FakeHost::FakeHost(std::vector<ChannelConfig> channels, ServerConfig server)
    : server_(std::move(server)),
      wheel_(timers_, FlushInterval{server_.latency, server_.latency_max}, kFreeOfCharge) {
    // Not at zero: a time that nobody set would look as if it were now.
    timers_.set_now(TimePoint{Duration{1'000'000}});
    if (channels.empty())
        channels.push_back({.name = "live", .title = "Live", .sources = {"push:"}, .origin = {}});
    for (const ChannelConfig& config : channels) {
        auto home = open_channel(config, *containers().front(), timers_, wheel_, log_);
        in_order_.push_back(home.value().channel.get());
        homes_.emplace(config.name, std::move(home).value());
    }
    for (const Protocol* protocol : builtin_modules().protocols) {
        servers_.push_back(protocol->open(*this));
        spoken_.push_back({protocol, servers_.back().get()});
    }
}

FakeHost::~FakeHost() {
    peers_.clear();  // their handlers know the channels and the servers
    servers_.clear();
}

Channel* FakeHost::channel(std::string_view name) {
    const auto it = homes_.find(name);
    return it == homes_.end() ? nullptr : it->second.channel.get();
}

const SourceSpec* FakeHost::push_slot(const Channel& channel) const {
    return homes_.find(channel.name())->second.push_slot();
}

std::span<const Container* const> FakeHost::containers() const {
    return builtin_modules().containers;
}

FakePeer& FakeHost::connect(std::string remote) {
    FakePeer& peer = *peers_.emplace_back(std::make_unique<FakePeer>(std::move(remote)));
    peer.set_handler(std::make_unique<Sniffer>(*this, peer, spoken_));
    return peer;
}

FakePeer& FakeHost::ask(std::string_view text, std::string remote) {
    FakePeer& peer = connect(std::move(remote));
    peer.say(text);
    end_turn();
    return peer;
}

void FakeHost::end_turn() {
    for (const auto& peer : peers_) peer->end_turn();
}

void FakeHost::advance(Duration by) {
    const TimePoint until = now() + by;
    const auto turn = [&](TimePoint at) {
        timers_.run(at);
        end_turn();
    };
    end_turn();
    turn(now());
    while (now() < until) {
        const TimePoint due = timers_.next_due().value_or(until);
        turn(std::clamp(due, now() + Duration{1}, until));
    }
    turn(now());
}

void FakeHost::stop() {
    for (auto& [name, home] : homes_) home.tests.clear();
    for (Channel* channel : in_order_) channel->end();
    for (const auto& peer : peers_) peer->shut_down();
}

}  // namespace weir::test
