#include "core/relay/worker.hpp"

#include <algorithm>

#include "core/io/descriptors.hpp"
#include "core/relay/connection_limit.hpp"
#include "core/relay/loop_outbound.hpp"

namespace weir {

namespace {
constexpr Duration kDrainTick{20};
constexpr Duration kRefusalLogPause{10000};
// What a player or an encoder says first comes with its connection.
constexpr Duration kSilent{100};
}  // namespace

Worker::Worker(Loop& loop, const Config& config, const Modules& modules, Log& log)
    : loop_(loop),
      config_(config),
      modules_(modules),
      log_(log),
      began_(loop.timers().now()),
      max_connections_(connections_in_force(config, descriptor_limit())),
      max_links_(links_in_force(config, descriptor_limit())),
      most_connections_(connections_with_sources(config, max_connections_, max_links_)),
      flush_(loop.timers(), config.server.latency_max, {.wall = Loop::wall_us, .cpu = Loop::cpu_us}),
      dials_(loop.timers(), log, stats_, DialLimiter::Connect::of<&Worker::connect>(this)),
      channels_({.host = *this, .modules = modules, .flush = flush_, .loop = &loop}),
      newcomers_(loop.timers(), config.server.header_timeout,
                 Callback<bool(Visitor)>::of<&Worker::has_room>(this)),
      admin_newcomers_(loop.timers(), config.server.header_timeout, {}),
      drain_timer_(loop.timers(), Callback<void()>::of<&Worker::on_drain_tick>(this)) {
    if (max_connections_ == config.server.max_connections)
        log.info("up to {} connections are taken; this process may open {} files", max_connections_,
                 descriptor_limit());
    else
        log.warning(
            "max_connections is {}, not {}: this process may open {} files (ulimit -n), {} are kept "
            "for sources and for itself",
            max_connections_, config.server.max_connections, descriptor_limit(),
            descriptor_limit() - max_connections_);
}

Worker::~Worker() {
    ports_.clear();
    channels_.stop_sources();  // they hold connections
    drop_connections();        // their handlers know the channels
    servers_.clear();
}

void Worker::drop_connections() {
    channels_.drop_pushes();  // they hold connections, too
    loop_.drop_connections();
}

Result<> Worker::add_channel(const ChannelConfig& config) {
    return channels_.add(config);
}

ProtocolServer* Worker::server_of(const Protocol& protocol) {
    auto& server = servers_[&protocol];
    if (!server) server = protocol.open(*this);
    return server.get();
}

Result<> Worker::listen(const ListenConfig& config) {
    auto port = std::make_unique<Port>();
    port->config = &config;
    for (const std::string& name : config.protocols) {
        const auto& known = modules_.protocols;
        if (std::none_of(known.begin(), known.end(), [&](const Protocol* p) { return p->name() == name; }))
            return Error{Errc::bad_input, "unknown protocol \"" + name + "\""};
    }
    // Asked in the order in which weir has them, whatever the configuration's is.
    for (const Protocol* protocol : modules_.protocols) {
        const auto& wanted = config.protocols;
        if (std::find(wanted.begin(), wanted.end(), protocol->name()) != wanted.end())
            port->spoken.push_back({protocol, server_of(*protocol), {.channel = config.channel}});
    }
    std::string names;
    for (const std::string& name : config.protocols) names += (names.empty() ? "" : ", ") + name;
    const SocketOptions options{
        .tcp_nodelay = config.tcp_nodelay, .send_buffer = config.send_buffer, .pacing = config.pacing};
    return open_port(std::move(port), config.address, options, names);
}

Result<> Worker::listen(const AdminConfig& config) {
    if (!modules_.admin) return Error{Errc::unsupported, "this build has no admin pages"};
    auto port = std::make_unique<Port>();
    port->spoken.push_back({modules_.admin, server_of(*modules_.admin)});
    return open_port(std::move(port), config.address, {}, modules_.admin->name());
}

Result<> Worker::open_port(std::unique_ptr<Port> port, const std::string& at, const SocketOptions& options,
                           std::string_view names) {
    auto address = parse_address(at);
    if (!address) return address.error();
    const auto admit = port->config ? Listener::Admit::of<&Worker::admit>(this)
                                    : Listener::Admit::of<&Worker::admit_admin>(this);
    auto listener = Listener::open(loop_, address.value(), options, ports_.size(), admit,
                                   Listener::OnPeer::of<&Worker::on_peer>(this));
    if (!listener) return listener.error();
    port->listener = std::move(listener).value();
    log_.info("listening on {} ({})", port->listener->local(), names);
    if (const std::size_t held = port->listener->send_buffer(); held < options.send_buffer)
        log_.warning("send_buffer is {} bytes, not {}: the system allows no more (net.core.wmem_max)", held,
                     options.send_buffer);
    ports_.push_back(std::move(port));
    return Ok{};
}

std::vector<Worker::Endpoint> Worker::endpoints() const {
    std::vector<Endpoint> out;
    for (const auto& port : ports_) {
        if (port->config) out.push_back({port->config, port->listener->local()});
    }
    return out;
}

std::string Worker::admin_address() const {
    for (const auto& port : ports_) {
        if (!port->config) return port->listener->local();
    }
    return {};
}

Admission Worker::admit_admin() {
    return loop_.connections() < most_connections_ + kAdminConnections ? Admission::yes : Admission::no;
}

// Connections that say nothing must not keep out an encoder that comes back: the oldest goes for whoever
// comes. It is there until the end of the loop's turn.
bool Worker::make_room() {
    Sniffer* oldest = newcomers_.oldest();
    if (!oldest || timers().now() - oldest->began() < kSilent) return false;
    if (loop_.connections() >= most_connections_ + kLeavingConnections) return false;
    oldest->give_way();
    return true;
}

Admission Worker::admit() {
    if (loop_.connections() < most_connections_) return Admission::yes;
    if (loop_.not_handed_over() > 0) return Admission::later;
    if (make_room()) return Admission::yes;
    count_refusal();
    return Admission::no;
}

bool Worker::has_room(Visitor visitor) {
    if (visitor == Visitor::source) return true;
    const std::size_t unheard = newcomers_.count() + admin_newcomers_.count() + loop_.not_handed_over();
    const std::size_t links = visitor == Visitor::server ? max_links_ : stats_.links;
    if (loop_.connections() - unheard < max_connections_ + links) return true;
    count_refusal();
    return false;
}

void Worker::count_refusal() {
    ++stats_.refused_connections;
    if (refusal_logged_ != TimePoint{} && timers().now() - refusal_logged_ <= kRefusalLogPause) return;
    refusal_logged_ = timers().now();
    log_.warning("connections refused, {} so far: max_connections = {} is reached",
                 stats_.refused_connections, max_connections_);
}

void Worker::on_peer(Listener& listener, Peer& peer) {
    ++stats_.connections;
    const Port& port = *ports_[listener.tag()];
    peer.set_handler(
        std::make_unique<Sniffer>(*this, peer, port.spoken, port.config ? newcomers_ : admin_newcomers_));
}

const SourceSpec* Worker::push_slot(const Channel& channel, std::string_view name) const {
    const ChannelHome* home = channels_.home(channel);
    return home ? home->push_slot(name) : nullptr;
}

std::uint32_t Worker::random() {
    return random_u32();
}

std::vector<SourceStatus> Worker::sources(const Channel& channel) const {
    const ChannelHome* home = channels_.home(channel);
    return home ? home->status() : std::vector<SourceStatus>{};
}

std::vector<PushStatus> Worker::pushes(const Channel& channel) const {
    const ChannelHome* home = channels_.home(channel);
    return home ? home->push_status() : std::vector<PushStatus>{};
}

std::unique_ptr<Dial> Worker::dial(const Address& address, Duration timeout, Dial::OnDone on_done) {
    return dials_.dial(address, timeout, on_done);
}

std::unique_ptr<Dial> Worker::connect(const Address& address, Duration timeout, Dial::OnDone on_done,
                                      Dial::OnSent on_sent) {
    return dial_on(loop_, address, timeout, on_done, on_sent);
}

void Worker::stop(Duration drain, Callback<void()> on_stopped) {
    on_stopped_ = on_stopped;
    for (auto& port : ports_) port->listener.reset();
    channels_.stop_sources();
    for (Channel* channel : channels_.in_order()) channel->end();
    loop_.shut_down_connections();
    drain_until_ = timers().now() + drain;
    drain_timer_.start(Duration{0});
}

void Worker::on_drain_tick() {
    if (loop_.connections() > 0 && timers().now() < drain_until_) {
        drain_timer_.start(kDrainTick);
        return;
    }
    if (loop_.connections() > 0)
        log_.info("{} connections were still open after the drain time", loop_.connections());
    drop_connections();
    on_stopped_();
}

}  // namespace weir
