// weir-bench-source: live streams of time-stamped packets, evenly paced, pushed to a server or held ready for
// one that pulls.
//
//   --push ADDR:PORT | --icecast ADDR:PORT | --serve ADDR:PORT    what to feed, and how
//   --streams N  --rate BITS_PER_SECOND  --key SECONDS            of each stream
//   --password TEXT                                               Icecast's source password
//
// It runs until it is killed, which is how a source dies. Exit code 1 when the server closes a connection.

#include <time.h>

#include <algorithm>
#include <vector>

#include "net.hpp"
#include "options.hpp"
#include "outlets.hpp"
#include "stream.hpp"

using namespace bench;

namespace {

struct Channel {
    Stream stream;
    std::int64_t due;
};

struct Feed {
    Way way;
    std::vector<Channel> channels;
    std::vector<Outlet> outlets;

    void greet(Outlet& outlet) {
        outlet.send(framed(way, channels[outlet.stream()].stream.header(), Kind::header));
    }
    void emit(std::size_t index) {
        const bool is_key = channels[index].stream.next_is_key();
        const std::string out = framed(way, channels[index].stream.next(), is_key ? Kind::key : Kind::other);
        for (Outlet& outlet : outlets)
            if (outlet.stream() == index) outlet.send(out);
    }
    // What a server that is pushed to closes is not to be had again.
    void tidy() {
        for (Outlet& outlet : outlets) {
            outlet.flush();
            if (!outlet.is_open() && way != Way::metacube)
                give_up("the server closed the stream's connection");
        }
        std::erase_if(outlets, [](const Outlet& outlet) { return !outlet.is_open(); });
    }
};

}  // namespace

int main(int argc, char** argv) {
    Options options(argc, argv);
    const std::string pushed = options.text("push"), icecast = options.text("icecast");
    const std::string served = options.text("serve"), password = options.text("password");
    const std::size_t streams = options.count("streams", 1);
    const double rate = options.number("rate", 1e6), key = options.number("key", 1);
    options.finish();

    Feed feed{.way = !pushed.empty()    ? Way::push
                     : !icecast.empty() ? Way::icecast
                                        : Way::metacube,
              .channels = {},
              .outlets = {}};
    const auto pause = static_cast<std::int64_t>(kPacketSize * 8e9 / rate);
    const std::int64_t begin = now_ns();
    for (std::size_t i = 0; i < streams; ++i)
        feed.channels.push_back(
            {Stream(rate, key, static_cast<std::uint32_t>(begin / 1000)),
             begin + pause * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(streams)});

    std::vector<MetacubeServer> server;  // none or one
    if (feed.way == Way::metacube) {
        server.emplace_back(parse_address(served), streams);
    } else {
        const auto address = parse_address(feed.way == Way::push ? pushed : icecast);
        for (std::size_t i = 0; i < streams; ++i)
            feed.outlets.push_back(push(feed.way, address, i, password));
        for (Outlet& outlet : feed.outlets) feed.greet(outlet);
    }

    for (;;) {
        const auto next = std::min_element(feed.channels.begin(), feed.channels.end(),
                                           [](const Channel& a, const Channel& b) { return a.due < b.due; });
        const std::int64_t rest = next->due - now_ns();
        if (rest > 0) {
            const timespec time{.tv_sec = rest / 1'000'000'000, .tv_nsec = rest % 1'000'000'000};
            nanosleep(&time, nullptr);
        }
        for (auto& each : server)
            for (Outlet& outlet : each.accept()) {
                feed.greet(outlet);
                feed.outlets.push_back(outlet);
            }
        feed.emit(static_cast<std::size_t>(next - feed.channels.begin()));
        next->due += pause;
        feed.tidy();
    }
}
