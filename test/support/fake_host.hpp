// FakeHost: a worker without a loop. Its clock moves when the test moves it, its random numbers count up from
// 1000, its connections are FakePeers behind the same Sniffer and protocols as a real worker's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/media/flush_hub.hpp"
#include "core/relay/channels.hpp"
#include "core/relay/dial_limiter.hpp"
#include "core/relay/host.hpp"
#include "core/relay/sniffer.hpp"
#include "test/support/fake_log.hpp"
#include "test/support/fake_peer.hpp"
#include "weir/config.hpp"

namespace weir::test {

class FakeHost final : public Host {
  public:
    // Without channels it has one, "live", that takes pushes.
    explicit FakeHost(std::vector<ChannelConfig> channels = {}, ServerConfig server = {});
    ~FakeHost();
    FakeHost(const FakeHost&) = delete;
    FakeHost& operator=(const FakeHost&) = delete;

    Channel* channel(std::string_view name) override { return channels_.find(name); }
    std::span<Channel* const> channels() override { return channels_.in_order(); }
    bool serves(std::string_view name) const override { return channels_.serves(name); }
    Result<Channel*> ask_for(std::string_view name) override { return channels_.ask_for(name); }
    const SourceSpec* push_slot(const Channel& channel, std::string_view name) const override;
    std::vector<SourceStatus> sources(const Channel& channel) const override;
    std::vector<PushStatus> pushes(const Channel& channel) const override;
    std::unique_ptr<Dial> dial(const Address& address, Duration timeout, Dial::OnDone on_done) override;
    std::span<const Container* const> containers() const override;
    TimerQueue& timers() override { return timers_; }
    Log& log() override { return log_; }
    const ServerConfig& server() const override { return server_; }
    HostStats& stats() override { return stats_; }
    std::size_t connections() const override { return peers_.size(); }
    std::size_t max_connections() const override { return server().max_connections; }
    std::size_t max_links() const override { return server().max_links; }
    bool is_stopping() const override { return stopping_; }
    TimePoint began() const override { return began_; }
    std::uint32_t random() override { return next_random_ += random_step_; }
    // From now on they are as different as they may be.
    void randomize() { random_step_ = 0x9E3779B9U; }

    FakeLog& lines() noexcept { return log_; }
    Channel& live() { return *channels_.in_order().front(); }
    TimePoint now() const noexcept { return timers_.now(); }

    // A new connection to a port that speaks all protocols, and whose own channel is "live". It stays until
    // the host goes.
    FakePeer& connect(std::string remote = "192.0.2.1:4711");
    // The same to the admin port.
    FakePeer& connect_admin(std::string remote = "127.0.0.1:4711");
    // A connection to the public port that says `text` in one piece.
    FakePeer& ask(std::string_view text, std::string remote = "192.0.2.1:4711");
    // Attempts of weir's to connect that wait for an answer, the oldest first, as "host:port"; those that
    // wait for their turn are not among them.
    std::vector<std::string> dials() const;
    // How long the newest may take.
    Duration dial_timeout() const noexcept { return dial_timeout_; }
    // The oldest of them gets a connection, or is told why there is none.
    FakePeer& answer_dial();
    void refuse_dial(std::string_view why = "Connection refused");
    // The same for the oldest to `address` ("": to whomever); null, or false, where there is none.
    FakePeer* answer_dial_to(std::string_view address);
    bool refuse_dial_to(std::string_view address, std::string_view why = "Connection refused");
    // Every attempt that ever began, in order.
    struct Begun {
        std::string address;
        TimePoint at;
    };
    const std::vector<Begun>& dials_begun() const noexcept { return begun_; }
    // What they pass before.
    const DialLimiter& limiter() const noexcept { return limiter_; }
    // Ends the turn, then moves the clock from one due timer to the next, a turn each.
    void advance(Duration by);
    void end_turn();
    // As Worker::stop(): ends the channels and asks each connection to close.
    void stop();

  private:
    ServerConfig server_;
    FakeLog log_;
    HostStats stats_;
    TimerQueue timers_;
    FlushHub flush_;
    DialLimiter limiter_;
    Channels channels_;
    std::vector<std::unique_ptr<ProtocolServer>> servers_;
    std::vector<SpokenProtocol> spoken_;
    std::vector<SpokenProtocol> spoken_to_admins_;
    bool has_room(Visitor visitor);
    Newcomers newcomers_{timers_, server_.header_timeout,
                         Callback<bool(Visitor)>::of<&FakeHost::has_room>(this)};
    Newcomers admin_newcomers_{timers_, server_.header_timeout, {}};
    std::vector<std::unique_ptr<FakePeer>> peers_;
    std::uint32_t next_random_ = 999, random_step_ = 1;
    struct FakeDial;
    std::unique_ptr<Dial> open_dial(const Address& address, Duration timeout, Dial::OnDone on_done,
                                    Dial::OnSent on_sent);
    FakeDial* take_dial(std::string_view address);
    std::vector<FakeDial*> dials_;
    std::vector<Begun> begun_;
    Duration dial_timeout_{0};
    TimePoint began_{};
    bool stopping_ = false;
};

}  // namespace weir::test
