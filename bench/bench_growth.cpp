// The relay's steady state on a clock moved by hand, with peers that take everything: as many clients,
// channels and packets as asked for, and so many sends, in every run. bench/growth.py counts its instructions
// under callgrind.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/sink_peer.hpp"
#include "core/media/channel.hpp"
#include "core/media/feed.hpp"
#include "core/media/flush_hub.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/viewer.hpp"
#include "protocols/wmsp/play_style.hpp"
#include "weir/weir.hpp"

using namespace weir;

namespace {

// Shorter than the time between two packets of a channel: each client gets each packet by a send of its own,
// the dearest case.
constexpr Duration kInterval{5};
// A log that is full after a second: the steady state drops blocks as it takes new ones.
constexpr Duration kLogTime{1000};
constexpr std::size_t kLogBytes = std::size_t{1} << 20;
constexpr std::uint64_t kWarmUp = 100;  // packets, until logs drop their oldest blocks

// All that knows how a channel comes by its flushing. The interval never changes: no time passes for its
// clocks.
class Station {
  public:
    Station(TimerQueue& timers, Log& log)
        : timers_(timers), log_(log), flush_(timers, kInterval, {.wall = stopped, .cpu = stopped}) {}

    std::unique_ptr<Channel> open(std::string name) {
        const ChannelPolicy policy{.burst = Duration{0}, .log = {kLogBytes, kLogTime}, .latency = kInterval};
        return std::make_unique<Channel>(std::move(name), "", policy, timers_, flush_, log_);
    }

  private:
    static std::uint64_t stopped() { return 0; }

    TimerQueue& timers_;
    Log& log_;
    FlushHub flush_;
};

// A channel, its encoder, and those who watch it by WMSP: the framing is part of what a packet costs.
class Programme {
  public:
    Programme(std::unique_ptr<Channel> channel, const Container& container)
        : channel_(std::move(channel)),
          container_(container),
          feed_(*channel_, 0, Feed::Role::source, "bench", Callback<void()>::of<&Programme::replaced>(this)) {
    }

    void take(Bytes bytes) {
        if (!feed_.write(container_, bytes)) std::abort();
    }
    void add_client(bench::Taken& taken) {
        static const PlayStyle& style = wmsp::play_style({.free = true}, false);
        peers_.push_back(std::make_unique<bench::SinkPeer>(taken));
        viewers_.push_back(std::make_unique<Viewer>(*peers_.back(), *channel_, style, "", "bench"));
    }

  private:
    void replaced() {}

    std::unique_ptr<Channel> channel_;
    const Container& container_;
    Feed feed_;
    std::vector<std::unique_ptr<bench::SinkPeer>> peers_;
    std::vector<std::unique_ptr<Viewer>> viewers_;
};

struct Size {
    std::uint64_t clients = 1000;  // in all, the same number on each channel
    std::uint64_t channels = 1;
    std::uint64_t packets = 200;  // on each channel
};

class Growth {
  public:
    explicit Growth(const Size& size) : station_(timers_, log_) {
        const Container& container = *builtin_modules().containers.front();
        const auto signal = container.open_test_signal();
        period_ = signal->packet_duration();
        for (std::uint64_t n = 0; n < kWarmUp + size.packets; ++n) {
            const Bytes packet = signal->packet(n);
            packets_.emplace_back(packet.begin(), packet.end());
        }
        timers_.set_now(TimePoint{Duration{3'600'000}});
        for (std::uint64_t c = 0; c < size.channels; ++c) {
            programmes_.push_back(
                std::make_unique<Programme>(station_.open("bench" + std::to_string(c)), container));
            programmes_.back()->take(signal->format()->header());
        }
        play(1);  // a client needs a sync point to begin with
        for (auto& programme : programmes_) {
            for (std::uint64_t k = 0; k < size.clients / size.channels; ++k) programme->add_client(taken_);
        }
        play(kWarmUp - 1);
    }

    // The next packets of every channel, and until the last one of them is sent. Encoders are not in step:
    // channels take turns within a packet's time.
    void play(std::uint64_t count) {
        const TimePoint begin = timers_.now();
        for (std::uint64_t n = 0; n < count; ++n, ++next_) {
            for (std::size_t c = 0; c < programmes_.size(); ++c) {
                pass_until(begin + period_ * n + period_ * c / programmes_.size());
                programmes_[c]->take(packets_[next_]);
            }
        }
        pass_until(begin + period_ * count + kInterval);
    }
    const bench::Taken& taken() const noexcept { return taken_; }

  private:
    // As the loop does: it wakes up when something is due, and only then.
    void pass_until(TimePoint then) {
        for (auto due = timers_.next_due(); due && *due <= then; due = timers_.next_due()) timers_.run(*due);
        timers_.set_now(then);
    }

    TimerQueue timers_;
    bench::Silence log_;
    bench::Taken taken_;
    Station station_;
    Duration period_{};
    std::vector<std::vector<std::uint8_t>> packets_;
    std::size_t next_ = 0;
    std::vector<std::unique_ptr<Programme>> programmes_;
};

Size size_of(int argc, char** argv) {
    Size size;
    for (int i = 1; i < argc; i += 2) {
        const std::string_view name = argv[i];
        std::uint64_t* const value = name == "--clients"    ? &size.clients
                                     : name == "--channels" ? &size.channels
                                     : name == "--packets"  ? &size.packets
                                                            : nullptr;
        if (value && i + 1 < argc) *value = std::strtoull(argv[i + 1], nullptr, 10);
        if (!value || i + 1 == argc || *value == 0) {
            std::fprintf(stderr, "usage: bench_growth [--clients N] [--channels M] [--packets P]\n");
            std::exit(2);
        }
    }
    if (size.clients % size.channels != 0) {
        std::fprintf(stderr, "bench_growth: --clients is no multiple of --channels\n");
        std::exit(2);
    }
    return size;
}

}  // namespace

// What callgrind is told to count (--toggle-collect): a name of its own, never part of another function.
extern "C" [[gnu::noinline]] void bench_growth_counted(Growth& growth, std::uint64_t packets) {
    growth.play(packets);
}

int main(int argc, char** argv) {
    const Size size = size_of(argc, argv);
    Growth growth{size};
    const bench::Taken before = growth.taken();
    bench_growth_counted(growth, size.packets);
    const std::uint64_t sends = growth.taken().sends - before.sends;
    std::printf("clients %llu, channels %llu, packets %llu, sends %llu\n",
                static_cast<unsigned long long>(size.clients), static_cast<unsigned long long>(size.channels),
                static_cast<unsigned long long>(size.packets * size.channels),
                static_cast<unsigned long long>(sends));
    if (sends == size.packets * size.clients) return 0;
    std::fprintf(stderr, "bench_growth: not one send for each client and packet\n");
    return 1;
}
