// What it costs to give one channel to many clients: over loopback sockets, and with sockets left out.
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "bench/sink_peer.hpp"
#include "core/media/channel.hpp"
#include "core/media/feed.hpp"
#include "core/media/flush_hub.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/viewer.hpp"
#include "weir/weir.hpp"

using namespace weir;

namespace {

double seconds(clockid_t clock) {
    timespec t{};
    clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

void report(const char* what, std::size_t clients, double cpu, std::uint64_t bytes, std::size_t packet_size) {
    const double packets = static_cast<double>(bytes) / static_cast<double>(packet_size);
    std::printf("%-10s %4zu clients: %5.2f GB, %.3f CPU seconds per GB, %.0f ns per packet and client\n",
                what, clients, static_cast<double>(bytes) / 1e9, cpu * 1e9 / static_cast<double>(bytes),
                cpu * 1e9 / packets);
}

// --- sockets left out: channel, wheel, viewers; a peer takes everything

void no_header(const StreamFormat&, const HeaderPlace&, std::vector<std::uint8_t>&) {}
void no_end(EndReason, std::vector<std::uint8_t>&) {}
constexpr Framing kIdentity{.name = "plain"};
constexpr PlayStyle kStyle{.protocol = "bench",
                           .framing = &kIdentity,
                           .wants_fillers = false,
                           .header_in_band = false,
                           .is_link = false,
                           .header = no_header,
                           .end = no_end};

void without_sockets(std::size_t clients) {
    static constexpr auto kStopped = [] { return std::uint64_t{0}; };
    TimerQueue timers;
    bench::Silence log;
    FlushHub flush{timers, Duration{5}, {.wall = kStopped, .cpu = kStopped}};
    Channel channel{"bench", "", {}, timers, flush, log};
    bench::Taken taken;
    const auto signal = builtin_modules().containers.front()->open_test_signal();
    struct Nobody {
        void replaced() {}
    } nobody;
    {
        Feed feed{channel, 0, Feed::Role::source, "bench", Callback<void()>::of<&Nobody::replaced>(&nobody)};
        feed.begin(signal->format());
        std::vector<std::unique_ptr<bench::SinkPeer>> peers;
        std::vector<std::unique_ptr<Viewer>> viewers;
        for (std::size_t i = 0; i < clients; ++i) {
            peers.push_back(std::make_unique<bench::SinkPeer>(taken));
            viewers.push_back(std::make_unique<Viewer>(*peers.back(), channel, kStyle, "", "bench"));
        }
        const double began = seconds(CLOCK_THREAD_CPUTIME_ID);
        // One packet per turn of the wheel: the dearest case.
        for (std::uint64_t n = 0; n < 2'000; ++n) {
            if (!feed.append(signal->packet(n))) std::abort();
            feed.publish();
            timers.run(timers.now() + Duration{5});
        }
        report("no sockets", clients, seconds(CLOCK_THREAD_CPUTIME_ID) - began, taken.bytes,
               signal->format()->max_packet());
    }
}

// --- loopback: the relay and an embedded source on one thread, clients that throw everything away on another

constexpr std::uint64_t kBytesPerClient = std::uint64_t{16} << 20;

class Clients {
  public:
    Clients(std::uint16_t port, std::size_t count) : sockets_(count), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        static constexpr char kRequest[] = "GET /bench HTTP/1.0\r\n\r\n";
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (int& s : sockets_) {
            s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            if (::connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) std::abort();
            if (::send(s, kRequest, sizeof kRequest - 1, 0) < 0) std::abort();
            ::fcntl(s, F_SETFL, O_NONBLOCK);
            epoll_event event{.events = EPOLLIN, .data = {.fd = s}};
            ::epoll_ctl(epoll_, EPOLL_CTL_ADD, s, &event);
        }
    }
    ~Clients() {
        for (int s : sockets_) ::close(s);
        ::close(epoll_);
    }
    Clients(const Clients&) = delete;
    Clients& operator=(const Clients&) = delete;

    void read_until(std::uint64_t bytes, std::atomic<std::uint64_t>& got) {
        epoll_event events[128];
        while (got < bytes) {
            const int n = ::epoll_wait(epoll_, events, 128, 1000);
            for (int i = 0; i < n; ++i) {
                // MSG_TRUNC: taken off the socket, copied nowhere.
                const ssize_t taken = ::recv(events[i].data.fd, nullptr, std::size_t{1} << 20, MSG_TRUNC);
                if (taken > 0) got += static_cast<std::uint64_t>(taken);
            }
        }
    }

  private:
    std::vector<int> sockets_;
    int epoll_;
};

class Source {
  public:
    Source(Relay& relay, uv_loop_t* loop, std::size_t clients, const std::atomic<std::uint64_t>& got)
        : publisher_(relay.publish("bench")), clients_(clients), got_(got) {
        if (!publisher_->begin(tone_.header()).empty()) std::abort();
        uv_timer_init(loop, &timer_);
        timer_.data = this;
        uv_timer_start(
            &timer_, [](uv_timer_t* t) { static_cast<Source*>(t->data)->on_timer(); }, 1, 1);
    }
    void stop() {
        publisher_.reset();
        uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
    }
    std::size_t packet_size() { return tone_.packet(0).size(); }

  private:
    // As fast as the clients take it, half a log ahead of them at most.
    void on_timer() {
        for (int i = 0; i < 8 && number_ * packet_size() < got_ / clients_ + (std::size_t{2} << 20); ++i) {
            if (!publisher_->append(tone_.packet(number_++)).empty()) std::abort();
        }
        publisher_->flush();
    }

    TestTone tone_;
    std::unique_ptr<Publisher> publisher_;
    std::size_t clients_;
    const std::atomic<std::uint64_t>& got_;
    uv_timer_t timer_{};
    std::uint64_t number_ = 0;
};

void over_loopback(std::size_t clients) {
    uv_loop_t loop;
    uv_loop_init(&loop);
    Config config;
    config.listen.push_back({.protocols = {"http"}, .address = "127.0.0.1:0", .origin = {}});
    ChannelConfig channel;
    channel.name = "bench";
    channel.sources = {"push:"};
    channel.burst = Milliseconds{0};
    config.channels.push_back(channel);
    {
        Relay relay{config};
        if (const auto error = relay.attach(&loop); !error.empty()) {
            std::fprintf(stderr, "%s\n", error.c_str());
            std::exit(1);
        }
        const std::string address = relay.endpoints().front().address;
        const auto port = static_cast<std::uint16_t>(std::atoi(address.c_str() + address.rfind(':') + 1));
        std::atomic<std::uint64_t> got = 0;
        Source source{relay, &loop, clients, got};
        std::thread reader{[&] {
            Clients all{port, clients};
            all.read_until(kBytesPerClient * clients, got);
            relay.stop();
        }};
        const double began = seconds(CLOCK_THREAD_CPUTIME_ID);
        while (!relay.is_stopped()) uv_run(&loop, UV_RUN_ONCE);
        report("loopback", clients, seconds(CLOCK_THREAD_CPUTIME_ID) - began, got, source.packet_size());
        reader.join();
        source.stop();
    }
    uv_run(&loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&loop) != 0) std::abort();
}

}  // namespace

int main() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    for (const std::size_t clients : {std::size_t{100}, std::size_t{1000}}) without_sockets(clients);
    for (const std::size_t clients : {std::size_t{10}, std::size_t{100}, std::size_t{400}})
        over_loopback(clients);
    return 0;
}
