// A world around a DialLimiter: who dials, and connections and a clock that the test moves.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/relay/dial_limiter.hpp"
#include "core/relay/host.hpp"
#include "test/support/fake_log.hpp"

// always last
#include "test/support/cmocka.hpp"

namespace weir::test {

constexpr Duration kTimeout{10000};
constexpr std::string_view kUp = "up.example:80";

inline Address at(std::string_view text) {
    return parse_address(text).value();
}

// One who dials, and what came of it.
struct Asker {
    void on_done(Result<Peer*> result) {
        ++answers;
        done_at = timers->now();
        error = result ? "" : result.error().detail;
        if (!result) code = result.error().code;
        if (then) then(*this);
    }
    TimerQueue* timers = nullptr;
    int number = 0;
    int answers = 0;
    TimePoint done_at{};
    Errc code{};
    std::string error;
    void (*then)(Asker&) = nullptr;
    void* with = nullptr;
    std::unique_ptr<Dial> dial;
};

struct Fixture {
    // An attempt that has begun.
    struct Begun final : Dial {
        Begun(Fixture& f, const Address& to, Duration t, OnDone d, OnSent s)
            : fixture(f), address(to_string(to)), timeout(t), on_done(d), on_sent(s), at(f.timers.now()) {}
        ~Begun() override { std::erase(fixture.under_way, this); }
        Fixture& fixture;
        std::string address;
        Duration timeout;
        OnDone on_done;
        OnSent on_sent;
        TimePoint at;
    };
    struct Start {
        std::string address;
        TimePoint at;
    };

    std::unique_ptr<Dial> connect(const Address& address, Duration timeout, Dial::OnDone on_done,
                                  Dial::OnSent on_sent) {
        auto begun = std::make_unique<Begun>(*this, address, timeout, on_done, on_sent);
        under_way.push_back(begun.get());
        if (!is_looking_up) send(*begun);
        return begun;
    }
    void send(Begun& begun) {
        starts.push_back({begun.address, timers.now()});
        std::exchange(begun.on_sent, {})();
    }
    // The names of all that are under way are found.
    void end_lookups() {
        is_looking_up = false;
        for (Begun* b : std::vector{under_way})
            if (b->on_sent) send(*b);
    }

    Asker& ask(std::string_view address = kUp, Duration timeout = kTimeout) {
        Asker& asker = askers.emplace_back();
        asker.timers = &timers;
        asker.number = static_cast<int>(askers.size()) - 1;
        asker.dial = limiter.dial(at(address), timeout, Dial::OnDone::of<&Asker::on_done>(&asker));
        return asker;
    }
    void ask_for(int count, std::string_view address = kUp, Duration timeout = kTimeout) {
        while (count-- > 0) ask(address, timeout);
    }
    std::size_t count(std::string_view address = kUp) const {
        return static_cast<std::size_t>(std::count_if(under_way.begin(), under_way.end(),
                                                      [&](auto* b) { return b->address == address; }));
    }
    // The oldest to it ends.
    void end(bool connected, std::string_view address = kUp) {
        const auto it =
            std::find_if(under_way.begin(), under_way.end(), [&](auto* b) { return b->address == address; });
        assert_true(it != under_way.end());
        finish(**it, connected);
    }
    void finish(Begun& begun, bool connected, Errc code = Errc::refused) {
        std::erase(under_way, &begun);
        const auto tell = begun.on_done;
        if (connected)
            tell(static_cast<Peer*>(nullptr));
        else
            tell(Error{code, begun.address + ": no"});
    }
    // What is under way ends when its time is over, unless `never`.
    void pass(Duration time) {
        const TimePoint until = timers.now() + time;
        turn();
        while (timers.now() < until) {
            TimePoint next = until;
            if (timers.next_due()) next = std::min(next, *timers.next_due());
            for (const Begun* b : under_way) next = std::min(next, b->at + b->timeout);
            timers.set_now(std::max(next, timers.now()));
            turn();
        }
    }
    // All that happens at one time, in several turns of the loop.
    void turn() {
        for (int i = 0; i < 4; ++i) {
            const auto over = std::find_if(under_way.begin(), under_way.end(),
                                           [&](auto* b) { return b->at + b->timeout <= timers.now(); });
            if (over != under_way.end()) {
                finish(**over, false, Errc::timed_out);
                i = 0;
            }
            timers.run(timers.now());
        }
    }
    // As connections do where a host answers after `latency`.
    void answer_all(Duration time, Duration latency, bool connected = true) {
        const TimePoint until = timers.now() + time;
        while (timers.now() < until) {
            pass(Duration{1});
            while (!under_way.empty() && timers.now() - under_way.front()->at >= latency)
                finish(*under_way.front(), connected);
        }
    }
    std::size_t most_within(Duration window, std::string_view address = kUp) const {
        std::vector<TimePoint> times;
        for (const Start& start : starts)
            if (start.address == address) times.push_back(start.at);
        std::size_t most = 0;
        for (std::size_t i = 0; i < times.size(); ++i) {
            const auto end = std::lower_bound(times.begin(), times.end(), times[i] + window);
            most = std::max(most, static_cast<std::size_t>(end - times.begin()) - i);
        }
        return most;
    }

    TimerQueue timers;
    FakeLog log;
    HostStats stats;
    std::vector<Begun*> under_way;
    std::vector<Start> starts;
    bool is_looking_up = false;  // what begins now waits for end_lookups()
    DialLimiter limiter{timers, log, stats, DialLimiter::Connect::of<&Fixture::connect>(this)};
    std::deque<Asker> askers;
};

}  // namespace weir::test
