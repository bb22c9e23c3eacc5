// Any event at any time, also for connections that are long gone or never were: what must hold of a
// Follower's actions, whatever happens.
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/media/follower.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

struct Chaos {
    explicit Chaos(std::uint32_t seed) : random(seed) {}

    std::mt19937 random;
    Follower follower;
    TimePoint now{};
    Follower::Connection newest = 0;
    Follower::Connection open = 0;
    std::string peer;  // its other end
    // Of the request that runs, or ran last:
    std::set<std::string> tried;
    std::size_t places = 0;  // of its list
    int contacts = 0, graces = 0, outcomes = 0;
    // Of all:
    int requests = 0, delivered = 0, reported = 0, late = 0;

    int pick(int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); }

    void hear(const Follower::Actions& actions) {
        for (const auto& action : actions) carry_out(action);
        assert_true(contacts <= static_cast<int>(places) + 1);
        if (follower.due() != TimePoint::max()) {
            assert_false(follower.is_ready());
            assert_true(open != 0);
        }
        if (!follower.last()) return;
        // It stands on the list, or on that of the request that runs.
        bool is_listed = !follower.is_ready();
        for (const auto& one : follower.endpoints()) is_listed |= Follower::is_same(one, *follower.last());
        assert_true(is_listed);
    }

    void carry_out(const Follower::Action& action) {
        using Kind = Follower::Action::Kind;
        switch (action.kind) {
            case Kind::open: {
                assert_true(open == 0 && action.connection > newest);
                newest = open = action.connection;
                peer = to_string(action.endpoint);
                ++contacts;
                // Each endpoint once; once more only where its idle connection was closed, and that once.
                const bool is_again = action.why == Follower::Action::Why::again;
                const bool is_new = tried.insert(peer).second;
                assert_true(is_new != is_again);
                graces += is_again ? 1 : 0;
                assert_true(graces <= 1);
                break;
            }
            case Kind::send:
                assert_true(action.connection == open && open != 0);
                if (action.why == Follower::Action::Why::idle) tried.insert(peer);
                break;
            case Kind::close:
                assert_true(action.connection == open && open != 0);
                open = 0;
                break;
            case Kind::deliver:
                assert_int_equal(action.connection, open);
                assert_int_not_equal(action.status, Follower::kTryAnother);
                assert_int_equal(++outcomes, 1);
                ++delivered;
                break;
            case Kind::report:
                assert_true(follower.is_ready());
                // After an answer only that it broke off.
                assert_true(++outcomes == 1 ||
                            (outcomes == 2 && action.failure == Follower::Failure::cut_short));
                ++reported;
                break;
        }
    }

    std::vector<Address> some_list() {
        std::vector<Address> list;
        for (int n = pick(7); n > 0; --n)
            list.push_back({.host = std::string(1, static_cast<char>('a' + pick(6)))});
        return list;
    }
    Follower::Connection some_connection() {
        if (pick(8) != 0) return open;
        return static_cast<Follower::Connection>(pick(static_cast<int>(newest) + 3));
    }

    void request() {
        const bool is_ready = follower.is_ready();
        if (is_ready) {
            ++requests;
            places = follower.endpoints().size();
            tried.clear();
            contacts = graces = outcomes = 0;
        }
        const auto actions =
            follower.request(now, pick(2) ? Follower::Repeat::always : Follower::Repeat::until_written,
                             pick(2) ? Follower::Start::by_rule : Follower::Start::after_last);
        assert_int_equal(actions.size(), is_ready ? 1 : 0);
        hear(actions);
    }

    void step() {
        static constexpr Duration kSteps[] = {Duration{0},     Duration{1},     Duration{59'999},
                                              Duration{60000}, Duration{60001}, Duration{1'000'000'000}};
        static constexpr int kStatus[] = {200, 511, 500, 302, 0, -11, 1404};
        if (pick(4) == 0) now += kSteps[pick(6)];
        if (pick(2) == 0) hear(follower.tick(now));
        late += now >= follower.due() ? 1 : 0;
        const auto connection = some_connection();
        switch (pick(14)) {
            case 0:
            case 1:
            case 2:
                return request();
            case 3:
            case 4:
                return hear(follower.connected(connection, now));
            case 5: {
                const auto actions = follower.refused(connection, now);
                const bool closes = !actions.empty() && actions[0].kind == Follower::Action::Kind::close;
                if (connection == open && !closes) open = 0;  // it never was one
                return hear(actions);
            }
            case 6:
                return follower.written(connection);
            case 7:
                return hear(follower.bytes(connection, now));
            case 8:
            case 9:
                return hear(follower.header(connection, kStatus[pick(7)], now));
            case 10: {
                const auto actions = follower.peer_closed(connection, now);
                if (connection == open) open = 0;
                return hear(actions);
            }
            case 11: {
                const auto how = pick(2) ? Follower::Connect::kept : Follower::Connect::closed;
                const bool was_ready = follower.is_ready();
                const auto actions = follower.complete(connection, how, now);
                if (how == Follower::Connect::closed && !was_ready && follower.is_ready()) open = 0;
                return hear(actions);
            }
            case 12:
                return hear(follower.stalled(connection, now));
            default:
                if (pick(3) == 0) return hear(follower.stop(now));
                if (pick(3) == 0) hear(follower.list(some_list(), Duration{pick(2) ? 60000 : 10000}, now));
        }
    }
};

void whatever_happens_requests_stay_bounded(void**) {
    int requests = 0, delivered = 0, reported = 0, late = 0;
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
        Chaos chaos(seed);
        for (int i = 0; i < 2000; ++i) chaos.step();
        requests += chaos.requests;
        delivered += chaos.delivered;
        reported += chaos.reported;
        late += chaos.late;
    }
    // It was about something.
    assert_true(requests > 10000 && delivered > 1000 && reported > 1000 && late > 1000);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(whatever_happens_requests_stay_bounded)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
