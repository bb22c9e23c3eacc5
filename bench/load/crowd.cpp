#include "crowd.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "net.hpp"
#include "options.hpp"

namespace bench {

namespace {
constexpr std::int64_t kSecond = 1'000'000'000, kSlowTurn = kSecond / 10;
constexpr std::size_t kBuffer = 256 << 10;
constexpr std::uint32_t kClientsAnAddress = 20000;  // fewer than there are ports to connect from

// Seconds of processor time of this process.
double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::string play_request(const std::string& name, const std::string& agent) {
    return "GET /" + name + " HTTP/1.0\r\nHost: bench\r\nAccept: */*\r\nUser-Agent: " + agent +
           "\r\nPragma: no-cache,rate=1.000000,stream-time=0,stream-offset=0:0,request-context=2,"
           "max-duration=0\r\nPragma: xPlayStrm=1\r\nPragma: stream-switch-count=1\r\n"
           "Pragma: stream-switch-entry=ffff:1:0\r\n\r\n";
}

// REQ_CONNECT of MSBD: 20 bytes, then in UTF-16 the channel's name, a NUL, and "-", which says that a weir
// asks that wants to go on nowhere.
std::string connect_request(const std::string& name) {
    std::string units;
    for (const char c : name + std::string("\0-", 2)) units += {c, '\0'};
    std::string out("MSB \x06\x01\x07\0\0\0\0\0\0\0\0\0\x01\0\0\0", 20);
    out += units;
    out[8] = static_cast<char>(out.size());
    return out;
}

std::string request_for(Plan::Kind kind, const std::string& name) {
    switch (kind) {
        case Plan::Kind::http:
            break;
        case Plan::Kind::wmsp:
            return play_request(name, "NSPlayer/4.1.0.3856");
        case Plan::Kind::wmsp_edge:
            return play_request(name, "NSServer/4.1.0.3930 weir/bench");
        case Plan::Kind::msbd_edge:
            return connect_request(name);
    }
    return "GET /" + name + " HTTP/1.1\r\nHost: bench\r\nUser-Agent: weir-bench\r\nAccept: */*\r\n\r\n";
}
}  // namespace

Crowd::Crowd(const Plan& plan)
    : plan_(plan),
      server_(parse_address(plan.server)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      buffer_(kStampSize + kBuffer) {
    clients_.reserve(plan.clients);
}

void Crowd::start_one() {
    const auto index = static_cast<std::uint32_t>(clients_.size());
    Client& client = clients_.emplace_back();
    client.is_slow = index % 100 < plan_.slow_percent;
    client.asked_at = now_ns();
    client.fd = begin_connect(server_, 1 + index / kClientsAnAddress, client.is_slow ? 4096 : 0);
    if (client.fd < 0) {
        if (errno == EMFILE || errno == EADDRNOTAVAIL) give_up("the load has no more descriptors or ports");
        return lose(client);
    }
    epoll_event event{.events = EPOLLOUT, .data = {.u32 = index}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd, &event);
}

void Crowd::connect(std::uint32_t clients) {
    if (storm_began_ == 0 || plan_.ramp == 0) storm_began_ = now_ns();
    const std::int64_t began = now_ns(), patience = static_cast<std::int64_t>(plan_.patience * 1e9);
    const std::size_t before = clients_.size();
    while (clients_.size() < clients) {
        const double seconds = static_cast<double>(now_ns() - began) / 1e9;
        const auto allowed =
            plan_.ramp == 0 ? clients : before + static_cast<std::size_t>(seconds * plan_.ramp) + 1;
        // In a burst, answers are looked at now and then, so that first bytes are seen when they come.
        for (int i = 0; i < 64 && clients_.size() < std::min<std::size_t>(allowed, clients); ++i) start_one();
        turn(plan_.ramp == 0 ? 0 : now_ns() + kSecond / 1000);
    }
    const auto all_known = [&] { return playing_ + refused_ + closed_ + slow_closed_ >= clients_.size(); };
    while (!all_known() && now_ns() - began < patience) turn(now_ns() + kSecond / 100);
    all_play_at_ = now_ns();
}

void Crowd::run(double seconds) {
    const std::int64_t until = now_ns() + static_cast<std::int64_t>(seconds * 1e9);
    while (now_ns() < until) turn(until);
}

void Crowd::run_until_input(int fd) {
    pollfd input{.fd = fd, .events = POLLIN, .revents = 0};
    while (poll(&input, 1, 0) == 0) turn(now_ns() + kSecond / 20);
    char line[64];
    if (read(fd, line, sizeof line) < 0) give_up("cannot read standard input");
}

void Crowd::begin() {
    is_counting_ = true;
    began_at_ = now_ns();
    cpu_at_begin_ = cpu_seconds();
    bytes_ = slow_bytes_ = 0;
    totals_ = {}, slow_totals_ = {};
}

void Crowd::turn(std::int64_t until) {
    const std::int64_t rest = until - now_ns();
    int timeout = rest > 0 ? static_cast<int>((rest + 999'999) / 1'000'000) : 0;
    if (!slow_ones_.empty()) timeout = std::min(timeout, static_cast<int>(kSlowTurn / 1'000'000));
    epoll_event events[512];
    const int n = epoll_wait(epoll_, events, 512, timeout);
    for (int i = 0; i < n; ++i) on_event(events[i].data.u32, events[i].events);
    if (!slow_ones_.empty() && now_ns() >= slow_due_) read_slow_ones();
}

void Crowd::on_event(std::uint32_t index, std::uint32_t events) {
    Client& client = clients_[index];
    if (client.state == State::connecting && events & EPOLLOUT) return ask(index);
    take(client, index);
}

void Crowd::ask(std::uint32_t index) {
    Client& client = clients_[index];
    const std::string request = request_for(plan_.kind, "s" + std::to_string(index % plan_.streams));
    if (send(client.fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
        return lose(client);
    client.state = State::waiting;
    epoll_event event{.events = EPOLLIN, .data = {.u32 = index}};
    epoll_ctl(epoll_, client.is_slow ? EPOLL_CTL_DEL : EPOLL_CTL_MOD, client.fd, &event);
    if (client.is_slow) slow_ones_.push_back(index);
}

// Reads what there is, or passes over it where it is not this client's turn.
void Crowd::take(Client& client, std::uint32_t index) {
    const std::int64_t now = now_ns();
    const bool is_read = !client.reader.can_pass_over() || is_reckoning_ || client.is_slow ||
                         index % plan_.sample == static_cast<std::uint64_t>(now / kSecond) % plan_.sample;
    char* const in = buffer_.data() + kStampSize;
    const std::size_t most = client.is_slow ? plan_.slow_rate * kSlowTurn / kSecond : kBuffer;
    const ssize_t n = recv(client.fd, in, most, is_read ? 0 : MSG_TRUNC);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return lose(client);
    const auto size = static_cast<std::size_t>(n);
    (client.is_slow ? slow_bytes_ : bytes_) += size;
    if (!is_read) return client.reader.pass_over(size);
    if (!client.is_answered) {
        client.is_answered = true;
        first_byte_.add(now - client.asked_at);
    }
    if (plan_.kind == Plan::Kind::msbd_edge) client.reader.expect_msbd();
    client.reader.read(in, size, now_ns(), is_counting_, client.is_slow ? slow_totals_ : totals_);
    if (client.state == State::waiting && client.reader.has_answer() && client.reader.status() != 200)
        return lose(client);
    if (!client.reader.has_packet()) return;
    if (client.state == State::waiting) {
        client.state = State::playing;
        client.first_run = client.reader.run();
        first_packet_.add(now - client.asked_at);
        ++playing_;
    } else if (client.reader.run() != client.first_run && !client.is_resumed) {
        client.is_resumed = true;
        ++resumed_;
    }
}

void Crowd::lose(Client& client) {
    if (client.fd >= 0) reset(client.fd);
    client.fd = -1;
    if (client.state != State::playing) {
        ++refused_;
    } else {
        --playing_;
        ++(client.is_slow ? slow_closed_ : closed_);
    }
    client.state = State::closed;
}

void Crowd::read_slow_ones() {
    slow_due_ = now_ns() + kSlowTurn;
    for (const std::uint32_t index : slow_ones_)
        if (clients_[index].state != State::closed) take(clients_[index], index);
}

std::string Crowd::finish() {
    const double seconds = static_cast<double>(now_ns() - began_at_) / 1e9;
    const double cpu = (cpu_seconds() - cpu_at_begin_) / seconds;
    const std::uint64_t bytes = bytes_, slow_bytes = slow_bytes_;
    is_counting_ = false;
    // Everybody reads, so that what was passed over last is reckoned, too.
    is_reckoning_ = true;
    if (plan_.sample > 1) run(1);
    char out[1200];
    std::snprintf(
        out, sizeof out,
        R"({"clients":%u,"playing":%u,"refused":%u,"closed":%u,"slow_closed":%u,"resumed":%u,)"
        R"("seconds":%.3f,"bytes":%llu,"slow_bytes":%llu,"packets":%llu,"lost":%llu,"slow_lost":%llu,)"
        R"("latency_ms":%s,"first_byte_ms":%s,"first_packet_ms":%s,"all_play_s":%.3f,"load_cpu":%.3f})",
        plan_.clients, playing_, refused_, closed_, slow_closed_, resumed_, seconds,
        static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(slow_bytes),
        static_cast<unsigned long long>(totals_.packets), static_cast<unsigned long long>(totals_.lost),
        static_cast<unsigned long long>(slow_totals_.lost), totals_.latency.json().c_str(),
        first_byte_.json().c_str(), first_packet_.json().c_str(),
        static_cast<double>(all_play_at_ - storm_began_) / 1e9, cpu);
    for (Client& client : clients_)
        if (client.fd >= 0) reset(client.fd);
    return out;
}

}  // namespace bench
