// Worker: one loop and all that lives on it: listeners, connections, the channels whose home it is, their
// sources. The Host of every protocol it runs. Its loop's thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/io/listener.hpp"
#include "core/io/loop.hpp"
#include "core/media/flush_hub.hpp"
#include "core/relay/channels.hpp"
#include "core/relay/dial_limiter.hpp"
#include "core/relay/host.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/sniffer.hpp"

namespace weir {

class Worker final : public Host {
  public:
    // `config`, `modules` and `log` outlive the worker.
    Worker(Loop& loop, const Config& config, const Modules& modules, Log& log);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Makes a channel at home here. Error: its sources, or where it is pushed to.
    Result<> add_channel(const ChannelConfig& config);
    // Error: the address, or an unknown protocol.
    Result<> listen(const ListenConfig& config);
    // The port for whoever runs the relay. `config` outlives the worker.
    Result<> listen(const AdminConfig& config);

    // Stops listening, ends the channels, lets clients read what is theirs for `drain`, closes the rest, then
    // calls on_stopped. Once.
    void stop(Duration drain, Callback<void()> on_stopped);

    struct Endpoint {
        const ListenConfig* config;
        std::string local;
    };
    std::vector<Endpoint> endpoints() const;  // without the admin port
    std::string admin_address() const;        // empty: there is none

    Channel* channel(std::string_view name) override { return channels_.find(name); }
    std::span<Channel* const> channels() override { return channels_.in_order(); }
    bool serves(std::string_view name) const override { return channels_.serves(name); }
    Result<Channel*> ask_for(std::string_view name) override { return channels_.ask_for(name); }
    const SourceSpec* push_slot(const Channel& channel, std::string_view name) const override;
    std::vector<SourceStatus> sources(const Channel& channel) const override;
    std::vector<PushStatus> pushes(const Channel& channel) const override;
    std::unique_ptr<Dial> dial(const Address& address, Duration timeout, Dial::OnDone on_done) override;
    std::span<const Container* const> containers() const override { return modules_.containers; }
    TimerQueue& timers() override { return loop_.timers(); }
    Log& log() override { return log_; }
    const ServerConfig& server() const override { return config_.server; }
    HostStats& stats() override { return stats_; }
    std::size_t connections() const override { return loop_.connections(); }
    std::size_t max_connections() const override { return max_connections_; }
    std::size_t max_links() const override { return max_links_; }
    bool is_stopping() const override { return static_cast<bool>(on_stopped_); }
    TimePoint began() const override { return began_; }
    std::uint32_t random() override;

  private:
    struct Port {
        const ListenConfig* config;  // null: the admin port
        std::vector<SpokenProtocol> spoken;
        std::unique_ptr<Listener> listener;
    };
    Result<> open_port(std::unique_ptr<Port> port, const std::string& address, const SocketOptions& options,
                       std::string_view names);
    ProtocolServer* server_of(const Protocol& protocol);
    std::unique_ptr<Dial> connect(const Address& address, Duration timeout, Dial::OnDone on_done,
                                  Dial::OnSent on_sent);
    bool has_room(Visitor visitor);
    Admission admit();
    Admission admit_admin();
    bool make_room();
    void count_refusal();
    void on_peer(Listener& listener, Peer& peer);
    void on_drain_tick();
    void drop_connections();

    Loop& loop_;
    const Config& config_;
    const Modules& modules_;
    Log& log_;
    HostStats stats_;
    TimePoint began_;
    std::size_t max_connections_;   // of clients
    std::size_t max_links_;         // of servers downstream
    std::size_t most_connections_;  // with sources that push, and with newcomers
    FlushHub flush_;
    DialLimiter dials_;
    Channels channels_;
    std::map<const Protocol*, std::unique_ptr<ProtocolServer>> servers_;
    std::vector<std::unique_ptr<Port>> ports_;
    Newcomers newcomers_;        // to ports for the public
    Newcomers admin_newcomers_;  // to the admin port
    Timer drain_timer_;
    TimePoint drain_until_{};
    Callback<void()> on_stopped_;
    TimePoint refusal_logged_{};
};

}  // namespace weir
