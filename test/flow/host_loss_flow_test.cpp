// R15: a thousand channels lose one host in the same millisecond. What the host sees of it, and the channels
// that lost it, and those that have nothing to do with it.
#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "test/flow/pull_bench.hpp"

using namespace weir;
using namespace weir::test;

namespace {

constexpr std::string_view kUp = "up.example:80";
constexpr Duration kStep{10}, kPacketEvery{200}, kConnectTimeout{10000};
// From the first to the last start of a thousand.
constexpr Duration kThousand{9445};
// Until a start is answered, and its first packet is there.
constexpr Duration kAnswer{2 * kStep};

// A channel, and what the test plays for it.
struct Line {
    enum class Kind { alone, backed, other };
    Kind kind = Kind::alone;
    Channel* channel = nullptr;
    VideoStream stream{64, 1};
    FakePeer* peer = nullptr;    // brings its stream
    FakePeer* client = nullptr;  // plays it
    std::string from;            // whose stream it is
    TimePoint back{};            // streams again, since the loss
};

ChannelConfig config_of(std::string name, std::vector<SourceConfig> sources) {
    return {.name = std::move(name),
            .title = {},
            .sources = std::move(sources),
            .log_size = 256 << 10,
            .log_time = Milliseconds{3000},
            .connect_timeout = kConnectTimeout,
            .origin = {}};
}

class Crowd {
  public:
    // alone: their one source is on the host; backed: so is their first, and twenty of them each have a
    // second one on one other host; others: each on a host of its own.
    Crowd(std::size_t alone, std::size_t backed, std::size_t others) : host(configs(alone, backed, others)) {
        host.randomize();
        for (std::size_t i = 0; i < alone + backed + others; ++i) {
            Line& line = lines.emplace_back();
            line.kind = i < alone            ? Line::Kind::alone
                        : i < alone + backed ? Line::Kind::backed
                                             : Line::Kind::other;
            line.channel = host.channels()[i];
            by_path["/" + line.channel->name()] = &line;
        }
    }

    // All stream, for so long that a loss counts as one.
    void settle() {
        run(kThousand + kAnswer);
        for (Line& line : lines) assert_true(line.peer != nullptr);
        for (std::size_t i = 0; i < lines.size(); i += 50)
            lines[i].client = &host.ask("GET /" + lines[i].channel->name() +
                                        " HTTP/1.0\r\nUser-Agent: xine/1.2.13\r\n\r\n");
        run(Duration{6000});
        for (const Line& line : lines) assert_int_equal(line.channel->state(), Channel::State::streaming);
    }

    // The host's connections break, all in one turn of the loop.
    void lose() {
        lost_at = host.now();
        begun_before = host.dials_begun().size();
        host.lines().lines.clear();
        for (Line& line : lines) {
            line.back = {};
            if (!line.from.starts_with("up.")) continue;
            std::exchange(line.peer, nullptr)->reset();
        }
        host.end_turn();
    }

    void run(Duration time) {
        for (const TimePoint until = host.now() + time; host.now() < until;) step();
    }

    std::vector<TimePoint> begun(std::string_view address = kUp) const {
        std::vector<TimePoint> out;
        for (std::size_t i = begun_before; i < host.dials_begun().size(); ++i)
            if (host.dials_begun()[i].address == address) out.push_back(host.dials_begun()[i].at);
        return out;
    }
    static std::size_t most_within(const std::vector<TimePoint>& times, Duration window) {
        std::size_t most = 0;
        for (auto it = times.begin(); it != times.end(); ++it) {
            const auto end = std::lower_bound(it, times.end(), *it + window);
            most = std::max(most, static_cast<std::size_t>(end - it));
        }
        return most;
    }
    void assert_limit_was_kept() const {
        assert_true(most_in_flight <= 20);
        assert_true(most_within(begun(), Duration{100}) <= 20);
        assert_true(most_within(begun(), Duration{1005}) <= 100);
    }

    // How long after the loss the last of them streamed again.
    Duration back_after(Line::Kind kind) const {
        Duration most{0};
        for (const Line& line : lines) {
            if (line.kind != kind) continue;
            assert_true(line.back != TimePoint{});
            most = std::max(most, line.back - lost_at);
        }
        return most;
    }
    std::size_t count_back(Line::Kind kind) const {
        return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [&](const Line& line) {
            return line.kind == kind && line.back != TimePoint{};
        }));
    }
    // Since the loss, those for debugging apart.
    std::size_t lines_of_log() {
        const FakeLog& log = host.lines();
        return log.lines.size() - log.count("debug: ");
    }
    // Whoever has nothing to do with the host had every packet, at once, and so had its clients.
    void assert_others_noticed_nothing() const {
        assert_int_equal(late_clients, 0);
        for (const Line& line : lines) {
            if (line.client) assert_false(line.client->is_closing());
            if (line.kind != Line::Kind::other) continue;
            const ChannelStats& stats = line.channel->stats();
            assert_int_equal(stats.losses + stats.gaps + stats.fillers + stats.packets_dropped, 0);
            assert_int_equal(line.channel->log().end(), line.stream.count());
        }
    }

    enum class Up { answers, refuses, is_silent } up = Up::answers;
    FakeHost host;
    std::deque<Line> lines;
    TimePoint lost_at{};
    std::size_t begun_before = 0;
    std::size_t most_in_flight = 0;

  private:
    static std::vector<ChannelConfig> configs(std::size_t alone, std::size_t backed, std::size_t others) {
        std::vector<ChannelConfig> out;
        const auto add = [&](char kind, std::size_t n, auto... hosts) {
            const std::string name = kind + std::to_string(n);
            out.push_back(config_of(name, {("http://" + std::string(hosts) + ".example/" + name)...}));
        };
        for (std::size_t i = 0; i < alone; ++i) add('a', i, "up");
        for (std::size_t i = 0; i < backed; ++i) add('b', i, "up", "second" + std::to_string(i / 20));
        for (std::size_t i = 0; i < others; ++i) add('o', i, "other" + std::to_string(i));
        return out;
    }

    void step() {
        host.advance(kStep);
        serve();
        if (host.now() >= next_packets) {
            next_packets = host.now() + kPacketEvery;
            bring_packets();
        }
        for (Line& line : lines) {
            if (line.back == TimePoint{} && line.channel->has_source()) line.back = host.now();
        }
    }

    void serve() {
        const auto dials = host.dials();
        most_in_flight =
            std::max(most_in_flight, static_cast<std::size_t>(std::count(dials.begin(), dials.end(), kUp)));
        for (const std::string& address : dials) {
            if (address != kUp || up == Up::answers)
                answer(address);
            else if (up == Up::refuses)
                host.refuse_dial_to(address);
        }
    }

    void answer(const std::string& address) {
        FakePeer& peer = *host.answer_dial_to(address);
        const std::string& asked = peer.sent();
        Line& line = *by_path.at(asked.substr(4, asked.find(' ', 4) - 4));
        line.peer = &peer;
        line.from = address;
        peer.say(ok() + text_of(line.stream.header()) + text_of(line.stream.next()));
        peer.take_sent();
    }

    void bring_packets() {
        for (Line& line : lines) {
            // What its client has not by the next time is late.
            if (line.kind == Line::Kind::other && line.client && line.client->take_sent().empty())
                ++late_clients;
            if (!line.peer) continue;
            const Seq before = line.channel->log().end();
            line.peer->say(line.stream.next());
            assert_int_equal(line.channel->log().end(), before + 1);
        }
    }

    std::map<std::string, Line*> by_path;
    TimePoint next_packets{};
    std::size_t late_clients = 0;
};

void a_host_that_is_there_again_has_all_back_in_ten_seconds(void**) {
    Crowd crowd{500, 500, 500};
    crowd.settle();
    assert_int_equal(crowd.begun().size(), 1000);
    crowd.assert_limit_was_kept();  // when weir started, too
    crowd.lose();
    crowd.run(Duration{1000} - kStep);
    // Twenty in each 100 ms, from the first millisecond on, and each has its stream at once.
    assert_int_equal(crowd.begun().size(), 100);
    assert_int_equal(crowd.host.stats().dials_waiting, 900);
    crowd.run(kThousand - Duration{1000} + kStep + kAnswer);
    assert_int_equal(crowd.begun().size(), 1000);
    assert_int_equal(Crowd::most_within(crowd.begun(), Duration{100}), 20);
    assert_int_equal(Crowd::most_within(crowd.begun(), Duration{1005}), 100);
    crowd.assert_limit_was_kept();
    assert_true(crowd.back_after(Line::Kind::alone) <= kThousand + kAnswer);
    assert_true(crowd.back_after(Line::Kind::backed) <= kThousand + kAnswer);
    crowd.assert_others_noticed_nothing();
    const HostStats& stats = crowd.host.stats();
    assert_int_equal(stats.dials_missed, 0);
    assert_int_equal(stats.dials_waiting, 0);
    assert_int_equal(stats.dials_waiting_most, 980);
    // One loss and one recovery each; that many wait was said when weir started, less than a minute ago.
    const FakeLog& log = crowd.host.lines();
    assert_int_equal(log.count("clients are held"), 1000);
    assert_int_equal(log.count("back on air with pull from http://up.example/"), 1000);
    assert_int_equal(crowd.lines_of_log(), 2000);
}

void a_host_that_refuses_costs_those_with_another_source_no_more_than_their_turn(void**) {
    Crowd crowd{500, 500, 500};
    crowd.settle();
    crowd.up = Crowd::Up::refuses;
    crowd.lose();
    crowd.run(kConnectTimeout + kAnswer);
    assert_int_equal(crowd.count_back(Line::Kind::backed), 500);
    assert_true(crowd.back_after(Line::Kind::backed) <= kThousand + 2 * kAnswer);
    assert_int_equal(crowd.count_back(Line::Kind::alone), 0);
    assert_int_equal(crowd.host.stats().dials_missed, 0);
    crowd.run(Duration{20000});
    crowd.assert_limit_was_kept();
    assert_int_equal(crowd.count_back(Line::Kind::alone), 0);
    // It is there again: the longest pause, and five hundred in a row.
    crowd.up = Crowd::Up::answers;
    const Duration away = crowd.host.now() - crowd.lost_at;
    crowd.run(Duration{5000} + kThousand / 2 + kAnswer);
    assert_true(crowd.back_after(Line::Kind::alone) <= away + Duration{5000} + kThousand / 2 + kAnswer);
    crowd.assert_limit_was_kept();
    crowd.assert_others_noticed_nothing();
    const FakeLog& log = crowd.host.lines();
    assert_int_equal(log.count("up.example:80: Connection refused"), 1000);
    assert_int_equal(log.count("back on air with pull from http://second"), 500);
    assert_int_equal(log.count("back on air with pull from http://up.example/"), 500);
    assert_int_equal(log.count("clients are held"), 1000);
    assert_int_equal(crowd.lines_of_log(), 3000);
}

void a_host_that_never_answers_costs_those_with_another_source_one_connect_timeout(void**) {
    Crowd crowd{500, 500, 500};
    crowd.settle();
    crowd.up = Crowd::Up::is_silent;
    crowd.lose();
    crowd.run(kConnectTimeout - kStep);
    assert_int_equal(crowd.begun().size(), 20);
    assert_int_equal(crowd.count_back(Line::Kind::backed), 0);
    crowd.run(kStep + kAnswer);
    assert_int_equal(crowd.count_back(Line::Kind::backed), 500);
    assert_int_equal(crowd.host.stats().dials_missed, 980);
    crowd.run(Duration{25000});
    crowd.assert_limit_was_kept();
    assert_true(crowd.begun().size() <= 80);
    // It is there again: who waits gets his turn, who is under way an answer, and the others come after a
    // pause.
    crowd.up = Crowd::Up::answers;
    const Duration away = crowd.host.now() - crowd.lost_at;
    crowd.run(Duration{5000} + kThousand / 2 + kAnswer);
    assert_true(crowd.back_after(Line::Kind::alone) <= away + Duration{5000} + kThousand / 2 + kAnswer);
    crowd.assert_limit_was_kept();
    crowd.assert_others_noticed_nothing();
    const FakeLog& log = crowd.host.lines();
    assert_int_equal(log.count("up.example:80: no answer in time"), 20);
    assert_int_equal(log.count("up.example:80: no turn to connect in 10000 ms: "), 980);
    assert_int_equal(log.count("back on air with pull from http://second"), 500);
    assert_int_equal(crowd.lines_of_log(), 3000);
}

// Two hundred are not so many that the limit spreads them: their pauses do.
void later_attempts_are_spread_by_their_pauses(void**) {
    Crowd crowd{200, 0, 10};
    crowd.settle();
    crowd.up = Crowd::Up::refuses;
    crowd.lose();
    crowd.run(Duration{1800});
    assert_in_range(Crowd::most_within(crowd.begun(), Duration{100}), 20, 20);
    crowd.run(Duration{30000});
    const std::size_t before = crowd.begun().size();
    const TimePoint from = crowd.host.now();
    crowd.run(Duration{60000});
    auto times = crowd.begun();
    times.erase(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(before));
    // Each pauses from 2.5 to 5 s: 53 a second.
    assert_in_range(times.size(), 60 * 45, 60 * 61);
    std::vector<std::size_t> each(120);
    for (const TimePoint at : times)
        ++each[std::min<std::size_t>(119, static_cast<std::size_t>((at - from) / Duration{500}))];
    const auto [least, most] = std::minmax_element(each.begin(), each.end());
    print_message("in half a second %zu to %zu attempts of 200 channels\n", *least, *most);
    assert_in_range(*least, 10, 27);
    assert_in_range(*most, 27, 45);
    crowd.assert_limit_was_kept();
    crowd.assert_others_noticed_nothing();
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_host_that_is_there_again_has_all_back_in_ten_seconds),
        cmocka_unit_test(a_host_that_refuses_costs_those_with_another_source_no_more_than_their_turn),
        cmocka_unit_test(a_host_that_never_answers_costs_those_with_another_source_one_connect_timeout),
        cmocka_unit_test(later_attempts_are_spread_by_their_pauses)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
