// Many clients that come at random times, some of which stop reading: the others get every byte in order, and
// the relay's memory stays bounded. The relay is the weir program as a child process.
//
// Memory says something only without sanitizers; built with them, the bytes are checked and the memory is
// not. WEIR_SCALE_ROUNDS=10 makes the crowd come and go so often: round 10 takes at most 2 % more memory than
// round 2.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <random>

#include "test/e2e/child_relay.hpp"
#include "test/e2e/crowd.hpp"
#include "test/e2e/verdict.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryCounts = false;
#else
constexpr bool kMemoryCounts = true;
#endif

constexpr std::size_t kLogBytes = std::size_t{1} << 20;
// What a relay's send buffer may hold of a client that does not read, before the client lags: tcp_wmem's
// usual maximum.
constexpr std::size_t kKernelBytes = std::size_t{4} << 20;
// Three framings of the log: as it stands (the log itself), in chunks, in WMSP; and the channel's log.
constexpr std::size_t kLogsInUse = 4;
constexpr std::size_t kClientBytes = 1024;
constexpr NumberedStreamShape kShape{
    .packet_size = 4000, .packet_ms = 4, .packets_per_sync = 250};  // 8 Mbit/s
constexpr auto kDeadline = 240s;  // for a round; only a relay that hangs needs so long

struct Plan {
    std::size_t clients;
    std::size_t stoppers;
    Clock::duration join_span;
    bool close_slow;
};

std::string config_text(const Plan& plan) {
    return "[[listen]]\naddress = \"127.0.0.1:0\"\n[[channel]]\nname = \"live\"\nsources = "
           "[\"push:\"]\nburst = \"1s\"\n"
           "log_size = \"1MiB\"\nlog_time = \"1m\"\nkeepalive = \"10s\"\nslow_client = \"" +
           std::string(plan.close_slow ? "close" : "skip") + "\"\n";
}

class Scale {
  public:
    explicit Scale(const Plan& plan)
        : plan_(plan), relay_(WEIR_PROGRAM, config_text(plan)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        assert_int_not_equal(relay_.port(), 0);
        rss_start_ = relay_.resident_kib();
        push_ = std::make_unique<CrowdPush>(stream_, relay_.port());
    }
    ~Scale() {
        members_.clear();
        ::close(epoll_);
    }

    // The crowd comes, some stop, all that was to lag has lagged, and those that stopped read on.
    void play_round() {
        deadline_ = Clock::now() + kDeadline;
        rss_peak_ = 0;
        make_members();
        run_until([this] { return everybody_has_media() && all_have_lagged(); });
        for (auto& m : members_) {
            if (m.stops) m.client->resume_reading();
        }
        if (plan_.close_slow) {
            run_until(
                [this] { return all_of_stoppers([](const Member& m) { return m.client->is_over(); }); });
        } else {
            const std::uint64_t goal = push_->next() + 2 * kShape.packets_per_sync;
            run_until(
                [&] { return all_of_stoppers([&](const Member& m) { return m.client->last() >= goal; }); });
        }
        check_members();
    }
    void leave() { members_.clear(); }

    // A signal: everybody who is left gets the end in its own form, and the program exits with 0.
    void end() {
        deadline_ = Clock::now() + kDeadline;
        relay_.terminate();
        run_until([this] { return relay_.has_exited(); });
        run_until([this] {
            return std::all_of(members_.begin(), members_.end(),
                               [](const Member& m) { return m.client->is_over(); });
        });
        for (const auto& m : members_) {
            if (!(plan_.close_slow && m.stops) && !m.client->was_ended_well())
                give_up(m, "its end did not come");
        }
        if (!relay_.has_exited_well()) fail_with("weir did not end well:\n" + relay_.log_tail());
    }

    std::size_t rss_start() const noexcept { return rss_start_; }
    std::size_t rss_peak() const noexcept { return rss_peak_; }

  private:
    struct Member {
        std::unique_ptr<CrowdClient> client;
        Clock::time_point joins_at;
        bool stops = false;
        Clock::duration stops_after{};
        std::uint64_t stopped_at = 0;  // the number of the packet that was pushed next
        bool has_stopped = false;
    };

    void make_members() {
        members_.clear();
        std::uniform_int_distribution<Clock::rep> join{0, plan_.join_span.count()};
        std::uniform_int_distribution<Clock::rep> stop{0, plan_.join_span.count() / 4};
        constexpr Form kForms[] = {Form::wmsp, Form::close_delimited, Form::wmsp, Form::chunked};
        const std::size_t stride = plan_.clients / plan_.stoppers - 1;  // odd: stoppers of every form
        for (std::size_t i = 0; i < plan_.clients; ++i) {
            Member m;
            m.client = std::make_unique<CrowdClient>(kForms[i % 4], stream_, header_);
            m.joins_at = Clock::now() + Clock::duration{join(random_)};
            m.stops = i % stride == 0 && i / stride < plan_.stoppers;
            m.stops_after = Clock::duration{stop(random_)};
            members_.push_back(std::move(m));
        }
    }

    template <class Condition>
    void run_until(Condition&& condition) {
        auto rss_due = Clock::now();
        while (!condition()) {
            const auto now = Clock::now();
            if (now > deadline_) fail_with("the deadline has passed; weir's log ends:\n" + relay_.log_tail());
            if (now >= rss_due) {
                rss_peak_ = std::max(rss_peak_, relay_.resident_kib());
                rss_due = now + 100ms;
            }
            step(now);
        }
    }

    void step(Clock::time_point now) {
        for (auto& m : members_) {
            if (!m.client->has_joined() && now >= m.joins_at) m.client->join(epoll_, relay_.port());
            if (m.stops && !m.has_stopped && m.client->has_media() && now >= m.joins_at + m.stops_after) {
                m.client->stop_reading();
                m.has_stopped = true;
                m.stopped_at = push_->next();
            }
        }
        push_->pump(now, push_limit());
        epoll_event events[256];
        const int n = ::epoll_wait(epoll_, events, 256, 2);
        for (int i = 0; i < n; ++i) {
            auto& client = *static_cast<CrowdClient*>(events[i].data.ptr);
            client.on_events(events[i].events);
            if (!client.wrong().empty()) break;
        }
        for (const auto& m : members_) {
            if (!m.client->wrong().empty()) give_up(m, m.client->wrong());
        }
    }

    // A test machine may be too slow for the pace. The encoder then waits for those who read, so that none of
    // them lags for want of a processor; it never waits for those who stopped.
    std::uint64_t push_limit() const {
        std::uint64_t slowest = push_->next();
        for (const auto& m : members_) {
            if (m.client->is_reading() && m.client->has_media() && !m.has_stopped)
                slowest = std::min(slowest, m.client->last());
        }
        return slowest + kLogBytes / kShape.packet_size / 2;
    }

    template <class Condition>
    bool all_of_stoppers(Condition&& condition) const {
        return std::all_of(members_.begin(), members_.end(),
                           [&](const Member& m) { return !m.stops || condition(m); });
    }
    bool everybody_has_media() const {
        return std::all_of(members_.begin(), members_.end(),
                           [](const Member& m) { return m.client->has_media(); });
    }
    bool all_have_lagged() const {
        constexpr std::uint64_t kEnough = (kLogBytes + kKernelBytes) / kShape.packet_size;
        return all_of_stoppers(
            [&](const Member& m) { return m.has_stopped && push_->next() > m.stopped_at + kEnough; });
    }

    void check_members() {
        std::uint64_t packets = 0;
        std::uint64_t skips = 0;
        std::uint64_t fillers = 0;
        for (const auto& m : members_) {
            packets += m.client->packets();
            skips += m.client->skips();
            fillers += m.client->fillers();
            if (!m.stops && m.client->is_over()) give_up(m, "it was closed");
            if (m.stops && !plan_.close_slow && m.client->skips() != 1)
                give_up(m, "it skipped " + std::to_string(m.client->skips()) + " times, expected once");
            if (m.stops && plan_.close_slow && !m.client->was_cut_off()) give_up(m, "it was not closed");
        }
        std::printf(
            "%zu clients, %zu of them stopped: %.2f GB in %llu packets, %llu skips, %llu fillers; the push "
            "waited %.1f s; "
            "memory %zu KiB at the start, %zu KiB at most\n",
            plan_.clients, plan_.stoppers, static_cast<double>(packets) * kShape.packet_size / 1e9,
            static_cast<unsigned long long>(packets), static_cast<unsigned long long>(skips),
            static_cast<unsigned long long>(fillers),
            std::chrono::duration<double>(push_->held_back()).count(), rss_start_, rss_peak_);
    }

    void give_up(const Member& m, const std::string& why) const {
        static constexpr const char* kNames[] = {"wmsp", "close-delimited", "chunked"};
        fail_with("client " + std::to_string(&m - members_.data()) + " (" +
                  kNames[static_cast<int>(m.client->form())] + (m.stops ? ", stops" : "") + "), " +
                  std::to_string(m.client->packets()) + " packets, last " + std::to_string(m.client->last()) +
                  ": " + why);
    }

    Plan plan_;
    ChildRelay relay_;
    int epoll_;
    NumberedStream stream_{kShape};
    const std::vector<std::uint8_t> header_ = stream_.served_header();
    std::unique_ptr<CrowdPush> push_;
    std::vector<Member> members_;
    std::mt19937 random_{4711};
    Clock::time_point deadline_{};
    std::size_t rss_start_ = 0;
    std::size_t rss_peak_ = 0;
};

void five_hundred_clients_get_the_same_bytes_and_memory_stays_bounded(void**) {
    const Plan plan = kMemoryCounts
                          ? Plan{.clients = 500, .stoppers = 50, .join_span = 20s, .close_slow = false}
                          : Plan{.clients = 200, .stoppers = 20, .join_span = 8s, .close_slow = false};
    Scale scale{plan};
    scale.play_round();
    if (kMemoryCounts) {
        const std::size_t bound =
            scale.rss_start() + (kLogsInUse * kLogBytes + plan.clients * kClientBytes) / 1024;
        std::printf("memory: %zu KiB at most, the bound is %zu KiB\n", scale.rss_peak(), bound);
        assert_true(scale.rss_peak() <= bound);
    } else {
        std::printf("memory is not checked under sanitizers\n");
    }
    scale.end();
}

void a_client_that_lags_is_closed_where_the_channel_says_so(void**) {
    Scale scale{{.clients = 40, .stoppers = 10, .join_span = 3s, .close_slow = true}};
    scale.play_round();
    scale.end();
}

void a_crowd_that_comes_and_goes_leaves_no_memory_behind(void**) {
    const char* wanted = std::getenv("WEIR_SCALE_ROUNDS");
    const int rounds = wanted ? std::atoi(wanted) : 0;
    if (rounds < 3) {
        std::printf("skipped: WEIR_SCALE_ROUNDS says how many rounds, 3 or more\n");
        skip();
    }
    Scale scale{{.clients = 500, .stoppers = 50, .join_span = 5s, .close_slow = false}};
    std::size_t second = 0;
    for (int round = 1; round <= rounds; ++round) {
        scale.play_round();
        if (round == 2) second = scale.rss_peak();
        if (round < rounds) scale.leave();
    }
    std::printf("memory: %zu KiB in round 2, %zu KiB in round %d\n", second, scale.rss_peak(), rounds);
    if (kMemoryCounts) assert_true(scale.rss_peak() <= second + second / 50);
    scale.end();
}

void allow_many_descriptors() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main() {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    allow_many_descriptors();
    const CMUnitTest tests[] = {
        cmocka_unit_test(five_hundred_clients_get_the_same_bytes_and_memory_stays_bounded),
        cmocka_unit_test(a_client_that_lags_is_closed_where_the_channel_says_so),
        cmocka_unit_test(a_crowd_that_comes_and_goes_leaves_no_memory_behind),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
