// What a client that plays costs of memory, counted by the allocator: of the relay, not of the kernel.
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

#include "test/e2e/loopback.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::test;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
constexpr bool kMemoryCounts = false;
#else
constexpr bool kMemoryCounts = true;
#endif

constexpr std::size_t kFirst = 100;
constexpr std::size_t kClients = 1500;
constexpr std::size_t kClientBytes = 600;

std::size_t bytes_in_use() {
#ifdef __GLIBC__
    const auto info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
#else
    return 0;
#endif
}

// Plays and throws away; what it keeps is not allocated.
struct Idler {
    explicit Idler(std::uint16_t port) : fd(connect_to(port)) {}
    ~Idler() { ::close(fd); }
    Idler(const Idler&) = delete;
    Idler& operator=(const Idler&) = delete;
    void step() {
        static constexpr std::string_view kRequest =
            "GET /live HTTP/1.1\r\nHost: relay.example\r\nUser-Agent: VLC/3.0.18 LibVLC/3.0.18\r\n"
            "Accept: */*\r\nRange: bytes=0-\r\nIcy-MetaData: 1\r\n\r\n";
        if (!asked)
            asked = ::send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
                    static_cast<ssize_t>(kRequest.size());
        static char buffer[65536];
        for (ssize_t n = 0; n >= 0;) {
            n = ::recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
            if (n == 0) break;
            if (n > 0) bytes += static_cast<std::size_t>(n);
        }
    }
    int fd;
    bool asked = false;
    std::size_t bytes = 0;
};

void a_client_that_plays_costs_no_more_than_600_bytes(void**) {
    Turns turns;
    {
        Config config = config_with_push();
        config.channels[0].burst = Milliseconds{0};
        Relay relay{config};
        assert_string_equal(relay.attach(&turns.loop).c_str(), "");
        const auto publisher = relay.publish("live");
        TestTone tone;
        assert_string_equal(publisher->begin(tone.header()).c_str(), "");
        // One packet for all: a log that grows would be counted, too.
        assert_string_equal(publisher->append(tone.packet(0)).c_str(), "");
        publisher->flush();
        // The packet came, so all that a client needs is there.
        const std::size_t least = tone.header().size() + tone.packet(0).size();
        std::vector<std::unique_ptr<Idler>> clients;
        clients.reserve(kFirst + kClients);
        std::vector<std::unique_ptr<Idler>> crowd;
        crowd.reserve(kClients);
        const auto come = [&](std::size_t count) {
            for (std::size_t i = 0; i < count; ++i) crowd.push_back(std::make_unique<Idler>(port_of(relay)));
            assert_true(turns.until(
                [&] {
                    return std::all_of(crowd.begin(), crowd.end(),
                                       [&](auto& c) { return c->bytes >= least; });
                },
                crowd));
            for (auto& one : crowd) clients.push_back(std::move(one));
            crowd.clear();
        };
        come(kFirst);
        const std::size_t before = bytes_in_use();
        come(kClients);
        // Without what is the test's own: an Idler in its smallest piece of memory.
        const std::size_t all = bytes_in_use() - before - kClients * 32;
        std::printf("%zu bytes a client\n", all / kClients);
        if (kMemoryCounts) assert_true(all / kClients <= kClientBytes);
        clients.clear();
        relay.stop();
        uv_run(&turns.loop, UV_RUN_DEFAULT);
    }
    uv_run(&turns.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&turns.loop), 0);
}

}  // namespace

int main() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    const CMUnitTest tests[] = {cmocka_unit_test(a_client_that_plays_costs_no_more_than_600_bytes)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
