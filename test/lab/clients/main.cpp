// weir-lab-clients: many players of a relay in one process, which tells what they saw.
//
//   weir-lab-clients --host H --port P --clients N --channels a,b,c [--protocol http|mmsh|mixed] [--seconds
//   S]
//
// Runs for S seconds, else until its standard input ends or it is told to stop (SIGINT, SIGTERM), and prints
// a report: one line of JSON. On standard input, one line each: "report" prints one at once, "mark NAME" ends
// the measuring window and begins the next, "quit" ends the program. All times are those of CLOCK_MONOTONIC,
// in ms.
//
// --trace DIR writes DIR/CHANNEL.trace for the first client of each channel, a line per packet: when it came,
// the fingerprint of its payloads, its send time, 1 for a sync point, m for media or f for none.
// --gaps FILE writes a line for each stretch without media of --gap-ms and more: channel, client, from, to
// ("-": it is not over).
// --read FILE prints, instead, the fingerprints of a recording's packets: fingerprint, send time, 1 for a
// sync point.

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cinttypes>
#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>

#include "test/lab/clients/crowd.hpp"

namespace {

using namespace weir;
using namespace weir::lab;

volatile std::sig_atomic_t stopped = 0;

void print(const nlohmann::json& report) {
    std::cout << report.dump() << std::endl;
}

// Lines of standard input, as they come.
class Orders {
  public:
    // False: it cannot be watched (a file, /dev/null); nothing is read from it then.
    bool open(int epoll) {
        ::fcntl(STDIN_FILENO, F_SETFL, ::fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
        epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
        return ::epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event) == 0;
    }
    // False: there will be no more.
    template <class Take>
    bool read(Take&& take) {
        char piece[4096];
        const ssize_t n = ::read(STDIN_FILENO, piece, sizeof piece);
        if (n <= 0) return n < 0 && (errno == EAGAIN || errno == EINTR);
        held_.append(piece, static_cast<std::size_t>(n));
        for (auto end = held_.find('\n'); end != std::string::npos; end = held_.find('\n')) {
            const std::string line = held_.substr(0, end);
            held_.erase(0, end + 1);
            if (!take(line)) return false;
        }
        return true;
    }

  private:
    std::string held_;
};

bool obey(Crowd& crowd, const std::string& line) {
    if (line == "report") print(crowd.report());
    if (line.starts_with("mark ")) crowd.mark(std::string_view{line}.substr(5));
    return line != "quit";
}

int play(const CrowdOptions& options, double seconds) {
    Crowd crowd{options};
    if (const auto wrong = crowd.open(); !wrong.empty()) {
        std::cerr << "weir-lab-clients: " << wrong << '\n';
        return 1;
    }
    Orders orders;
    bool has_orders = orders.open(crowd.epoll());
    if (!has_orders && seconds <= 0) {
        std::cerr << "weir-lab-clients: expected a pipe as standard input, or --seconds\n";
        return 1;
    }
    const Micros end = seconds > 0 ? now() + static_cast<Micros>(seconds * 1e6) : 0;
    while (!stopped && (end == 0 || now() < end)) {
        const Micros most = end == 0 ? 50'000 : std::clamp<Micros>(end - now(), 0, 50'000);
        if (!crowd.turn(most, STDIN_FILENO) || !has_orders) continue;
        has_orders = orders.read([&crowd](const std::string& line) { return obey(crowd, line); });
        if (has_orders) continue;
        if (end == 0) break;
        ::epoll_ctl(crowd.epoll(), EPOLL_CTL_DEL, STDIN_FILENO, nullptr);
    }
    crowd.note_open_gaps();
    print(crowd.report());
    return 0;
}

int read_recording(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    const std::vector<char> all{std::istreambuf_iterator<char>{file}, {}};
    const Bytes bytes{reinterpret_cast<const std::uint8_t*>(all.data()), all.size()};
    const auto header = asf::parse_header(bytes, asf::kMaxHeaderBlob);
    if (!header) {
        std::cerr << path << ": " << header.error().detail << '\n';
        return 1;
    }
    const asf::Header& h = header.value();
    // A recording's index stands behind its packets.
    std::uint64_t left = h.data_packets > 0 && !h.broadcast ? h.data_packets : bytes.size();
    for (std::size_t at = h.blob_size; left > 0 && at + h.packet_size <= bytes.size();
         at += h.packet_size, --left) {
        const auto one = fingerprint_of(bytes.subspan(at, h.packet_size), h);
        if (one && one->is_media)
            std::printf("%016" PRIx64 " %" PRIu32 " %d\n", one->hash, one->send_time, one->is_sync ? 1 : 0);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CrowdOptions options;
    double seconds = 0;
    std::string recording;
    CLI::App app{"Many players of a relay, and what they saw."};
    app.add_option("--host", options.host);
    app.add_option("--port", options.port);
    app.add_option("--clients", options.clients);
    app.add_option("--channels", options.channels)->delimiter(',');
    app.add_option("--protocol", options.protocol)->check(CLI::IsMember({"http", "mmsh", "mixed"}));
    app.add_option("--seconds", seconds);
    app.add_option("--rate", options.rate, "clients dialled per second");
    app.add_option("--trace", options.trace)->check(CLI::ExistingDirectory);
    app.add_option("--gaps", options.gaps);
    app.add_option("--gap-ms", options.gap_ms);
    app.add_option("--read", recording)->check(CLI::ExistingFile);
    CLI11_PARSE(app, argc, argv);
    if (!recording.empty()) return read_recording(recording);
    if (options.port == 0 || options.channels.empty()) {
        std::cerr << "weir-lab-clients: expected --port and --channels\n";
        return 2;
    }
    std::signal(SIGPIPE, SIG_IGN);
    for (const int number : {SIGINT, SIGTERM}) std::signal(number, [](int) { stopped = 1; });
    return play(options, seconds);
}
