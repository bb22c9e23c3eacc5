#include "test/support/fake_host.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/protocol.hpp"
#include "weir/weir.hpp"

namespace weir::test {

namespace {

// Flushing costs nothing here, so wheels turn at the shortest interval.
constexpr FlushClocks kFreeOfCharge{.wall = [] { return std::uint64_t{0}; },
                                    .cpu = [] { return std::uint64_t{0}; }};

}  // namespace

// Nobody answers until the test does, or the time is over.
struct FakeHost::FakeDial final : Dial {
    FakeDial(FakeHost& h, const Address& to, Duration timeout, OnDone done)
        : host(h),
          address(to_string(to)),
          on_done(done),
          timer(h.timers_, Callback<void()>::of<&FakeDial::on_timeout>(this)) {
        timer.start(timeout);
    }
    ~FakeDial() override { std::erase(host.dials_, this); }
    void on_timeout() {
        std::erase(host.dials_, this);
        done(Error{Errc::timed_out, address + ": no answer in time"});
    }
    void done(Result<Peer*> result) {
        timer.stop();
        const OnDone tell = on_done;
        tell(std::move(result));
    }
    FakeHost& host;
    std::string address;
    OnDone on_done;
    Timer timer;
};

FakeHost::FakeHost(std::vector<ChannelConfig> channels, ServerConfig server)
    : server_(std::move(server)),
      flush_(timers_, server_.latency_max, kFreeOfCharge),
      limiter_(timers_, log_, stats_, DialLimiter::Connect::of<&FakeHost::open_dial>(this)),
      channels_({.host = *this, .modules = builtin_modules(), .flush = flush_, .loop = nullptr}) {
    // Not at zero: a time that nobody set would look as if it were now.
    timers_.set_now(TimePoint{Duration{1'000'000}});
    began_ = now();
    if (channels.empty())
        channels.push_back({.name = "live", .title = "Live", .sources = {"push:"}, .origin = {}});
    for (const ChannelConfig& config : channels) WEIR_ASSERT(channels_.add(config).ok());
    for (const Protocol* protocol : builtin_modules().protocols) {
        servers_.push_back(protocol->open(*this));
        spoken_.push_back({protocol, servers_.back().get(), {.channel = "live"}});
    }
    const Protocol* admin = builtin_modules().admin;
    servers_.push_back(admin->open(*this));
    spoken_to_admins_.push_back({admin, servers_.back().get()});
}

FakeHost::~FakeHost() {
    channels_.stop_sources();  // they hold connections
    channels_.drop_pushes();
    peers_.clear();  // their handlers know the channels and the servers
    servers_.clear();
}

const SourceSpec* FakeHost::push_slot(const Channel& channel, std::string_view name) const {
    return channels_.home(channel)->push_slot(name);
}

std::vector<SourceStatus> FakeHost::sources(const Channel& channel) const {
    return channels_.home(channel)->status();
}

std::vector<PushStatus> FakeHost::pushes(const Channel& channel) const {
    return channels_.home(channel)->push_status();
}

std::unique_ptr<Dial> FakeHost::dial(const Address& address, Duration timeout, Dial::OnDone on_done) {
    return limiter_.dial(address, timeout, on_done);
}

std::unique_ptr<Dial> FakeHost::open_dial(const Address& address, Duration timeout, Dial::OnDone on_done,
                                          Dial::OnSent on_sent) {
    dial_timeout_ = timeout;
    auto dial = std::make_unique<FakeDial>(*this, address, timeout, on_done);
    dials_.push_back(dial.get());
    begun_.push_back({dial->address, now()});
    on_sent();
    return dial;
}

std::vector<std::string> FakeHost::dials() const {
    std::vector<std::string> out;
    for (const FakeDial* dial : dials_) out.push_back(dial->address);
    return out;
}

FakeHost::FakeDial* FakeHost::take_dial(std::string_view address) {
    const auto it = std::find_if(dials_.begin(), dials_.end(),
                                 [&](const FakeDial* d) { return address.empty() || d->address == address; });
    if (it == dials_.end()) return nullptr;
    FakeDial* dial = *it;
    dials_.erase(it);
    return dial;
}

FakePeer* FakeHost::answer_dial_to(std::string_view address) {
    FakeDial* dial = take_dial(address);
    if (!dial) return nullptr;
    FakePeer& peer = *peers_.emplace_back(std::make_unique<FakePeer>(dial->address));
    dial->done(static_cast<Peer*>(&peer));
    return &peer;
}

FakePeer& FakeHost::answer_dial() {
    FakePeer* peer = answer_dial_to({});
    WEIR_ASSERT(peer != nullptr);
    return *peer;
}

bool FakeHost::refuse_dial_to(std::string_view address, std::string_view why) {
    FakeDial* dial = take_dial(address);
    if (!dial) return false;
    dial->done(Error{Errc::refused, dial->address + ": " + std::string(why)});
    return true;
}

void FakeHost::refuse_dial(std::string_view why) {
    WEIR_ASSERT(refuse_dial_to({}, why));
}

std::span<const Container* const> FakeHost::containers() const {
    return builtin_modules().containers;
}

bool FakeHost::has_room(Visitor visitor) {
    if (visitor == Visitor::source) return true;
    const std::size_t links = visitor == Visitor::server ? server().max_links : stats().links;
    const auto open =
        std::count_if(peers_.begin(), peers_.end(), [](const auto& peer) { return !peer->is_closing(); });
    return static_cast<std::size_t>(open) - newcomers_.count() - admin_newcomers_.count() <
           max_connections() + links;
}

FakePeer& FakeHost::connect(std::string remote) {
    FakePeer& peer = *peers_.emplace_back(std::make_unique<FakePeer>(std::move(remote)));
    auto sniffer = std::make_unique<Sniffer>(*this, peer, spoken_, newcomers_);
    peer.set_handler(std::move(sniffer));
    return peer;
}

FakePeer& FakeHost::connect_admin(std::string remote) {
    FakePeer& peer = *peers_.emplace_back(std::make_unique<FakePeer>(std::move(remote)));
    auto sniffer = std::make_unique<Sniffer>(*this, peer, spoken_to_admins_, admin_newcomers_);
    peer.set_handler(std::move(sniffer));
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
    stopping_ = true;
    channels_.stop_sources();
    for (Channel* channel : channels_.in_order()) channel->end();
    for (const auto& peer : peers_) peer->shut_down();
}

}  // namespace weir::test
