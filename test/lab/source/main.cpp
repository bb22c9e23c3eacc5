// weir-lab-source: an encoder of the lab, light enough for twenty of them, of whose stream every packet is
// known.
//
//   weir-lab-source --push URL... | --serve PORT [--run N] [--packet-size BYTES] [--packet-ms MS] [--sync-ms
//   MS]
//
// Pushes the same packets to every URL, and gives them to everybody who connects to PORT (0: the system
// chooses; the line "serving PORT" tells). Runs until it is ended. --run tells its packets from those of
// another one.
// --trace FILE: a line per packet, when it is made: ms of CLOCK_MONOTONIC, fingerprint, number, 1 for a sync
// point.
// SIGUSR1 resets the connection to the first URL and keeps it away; SIGUSR2 lets it come back.
// --accepts FILE: a line for each connection to PORT: ms.

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "test/lab/source/links.hpp"

namespace {

using namespace weir;
using namespace weir::lab;

volatile std::sig_atomic_t stopped = 0, first_is_away = 0;

struct Options {
    std::vector<std::string> push;
    int serve = -1;
    std::string address = "127.0.0.1", trace, accepts;
    test::NumberedStreamShape shape{.packet_size = 900, .packet_ms = 50, .packets_per_sync = 20, .run = 1};
    std::uint32_t sync_ms = 1000;
};

// Negative: errno tells why.
int listen_at(const std::string& address, int port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, address.c_str(), &at.sin_addr);
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&at), sizeof at) < 0 ||
        ::listen(listener, 4096) < 0)
        return -1;
    socklen_t size = sizeof at;
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size);
    std::printf("serving %d\n", ntohs(at.sin_port));
    std::fflush(stdout);
    return listener;
}

class Source {
  public:
    Source(const Options& options, int listener, std::FILE* trace, std::FILE* accepts)
        : live_(options.shape, trace), listener_(listener), accepts_(accepts) {
        for (const auto& url : options.push) links_.push_back(std::make_unique<PushLink>(url));
        pushes_ = links_.size();
    }

    void run() {
        while (!stopped) {
            Micros at = now();
            while (at >= live_.due()) {
                const std::string& packet = live_.next(at);
                for (auto& link : links_) link->give(packet);
            }
            for (auto& link : links_) {
                if (link == links_.front() && pushes_ > 0 && first_is_away)
                    link->reset();
                else
                    link->tick(at);
            }
            wait(std::clamp<Micros>(live_.due() - now(), 0, 50'000));
        }
    }

  private:
    void wait(Micros most) {
        waiting_.assign(1, {.fd = listener_, .events = POLLIN, .revents = 0});
        for (const auto& link : links_) waiting_.push_back(link->wanted());
        ::poll(waiting_.data(), waiting_.size(), static_cast<int>((most + 999) / 1000));
        for (std::size_t i = 0; i < links_.size(); ++i) {
            if (waiting_[i + 1].revents) links_[i]->on_ready(waiting_[i + 1].revents, live_, now());
        }
        const auto served = links_.begin() + static_cast<std::ptrdiff_t>(pushes_);
        links_.erase(std::remove_if(served, links_.end(), [](const auto& link) { return !link->is_open(); }),
                     links_.end());
        if (waiting_[0].revents) accept_all();
    }

    void accept_all() {
        for (int one; (one = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
            if (accepts_) std::fprintf(accepts_, "%.3f\n", to_ms(now()));
            links_.push_back(std::make_unique<ServedLink>(one));
        }
        if (accepts_) std::fflush(accepts_);
    }

    Live live_;
    int listener_;
    std::FILE* accepts_;
    std::size_t pushes_ = 0;
    std::vector<std::unique_ptr<Link>> links_;  // first those that push
    std::vector<pollfd> waiting_;
};

int complain(const std::string& what) {
    std::fprintf(stderr, "weir-lab-source: %s\n", what.c_str());
    return 1;
}

int play(const Options& options) {
    std::FILE* trace = options.trace.empty() ? nullptr : std::fopen(options.trace.c_str(), "a");
    std::FILE* accepts = options.accepts.empty() ? nullptr : std::fopen(options.accepts.c_str(), "a");
    for (const auto& url : options.push) {
        if (!PushLink{url}.is_good())
            return complain(url + ": expected http://ADDRESS:PORT/PATH, with an IPv4 address");
    }
    const int listener = options.serve < 0 ? -1 : listen_at(options.address, options.serve);
    if (options.serve >= 0 && listener < 0) return complain(std::strerror(errno));
    Source{options, listener, trace, accepts}.run();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"An encoder of the lab."};
    app.add_option("--push", options.push);
    app.add_option("--serve", options.serve);
    app.add_option("--address", options.address);
    app.add_option("--run", options.shape.run);
    app.add_option("--packet-size", options.shape.packet_size)->check(CLI::Range(64, 60000));
    app.add_option("--packet-ms", options.shape.packet_ms)->check(CLI::Range(1, 1000));
    app.add_option("--sync-ms", options.sync_ms);
    app.add_option("--trace", options.trace);
    app.add_option("--accepts", options.accepts);
    CLI11_PARSE(app, argc, argv);
    options.shape.packets_per_sync = std::max<std::uint32_t>(1, options.sync_ms / options.shape.packet_ms);
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    std::signal(SIGPIPE, SIG_IGN);
    for (const int number : {SIGINT, SIGTERM}) std::signal(number, [](int) { stopped = 1; });
    std::signal(SIGUSR1, [](int) { first_is_away = 1; });
    std::signal(SIGUSR2, [](int) { first_is_away = 0; });
    return play(options);
}
