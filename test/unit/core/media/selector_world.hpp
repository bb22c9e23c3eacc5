// A world around a Selector, simulated in whole milliseconds: what sources do and when, told in a line of
// text; a dial and its answer take no time unless the source says otherwise. It writes down which sources are
// contacted and which are on air, and asserts what must hold at each event, whatever sources do.
#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/media/selector.hpp"

// always last
#include "test/support/cmocka.hpp"

namespace weir::test {

// Counted where a test replaces operator new.
inline std::size_t allocations = 0;

using Kind = Selector::Kind;
using State = Selector::State;
using Cause = Selector::Cause;
using Act = Selector::Action::Kind;
using Packet = Selector::Packet;

constexpr TimePoint kStart{Duration{1'000'000}};
constexpr TimePoint kNever = TimePoint::max();
// A source that streams brings a packet so often, each a sync point unless it has none.
constexpr Duration kEvery{500};

// What a source does from some time on.
enum class Doing {
    away,    // push, local, fill: not connected; pull: as ref
    ok,      // accepts, answers and streams
    ref,     // refuses connections; a stream breaks
    status,  // answers with a 404; a stream breaks
    silent,  // a header, and then no media; a stream stops
    filler,  // a header, then fillers only
    hang,    // accepts and never answers
    dumb,    // answers, and then not even a header comes
    flap,    // streams for a second, then breaks
    slow,    // as ok, but the answer takes a second
    nosync,  // streams, without a sync point
    // Things that happen once, and change nothing about what it does.
    close,  // the connection breaks
    end,    // it says that its stream is over
    mute,   // the connection there is brings no more; another one would
    again,  // another connection of the same push, or a new header in the same pull
};
constexpr std::array<std::string_view, 15> kDoings{"away",   "ok",    "ref",  "404",  "silent",
                                                   "filler", "hang",  "dumb", "flap", "slow",
                                                   "nosync", "close", "end",  "mute", "again"};

struct Change {
    TimePoint at;
    Doing what;
};

inline std::string time_text(TimePoint at) {
    const auto ms = (at - kStart).count();
    std::string text = std::to_string(ms / 1000);
    if (ms % 1000 == 0) return text;
    std::string rest = std::to_string(1000 + ms % 1000).substr(1);
    rest.erase(rest.find_last_not_of('0') + 1);
    return text + "." + rest;
}

inline Duration seconds(std::string_view text) {
    return Duration{static_cast<Duration::rep>(std::strtod(std::string{text}.c_str(), nullptr) * 1000 + 0.5)};
}

constexpr std::string_view cause_text(Cause cause) {
    switch (cause) {
        case Cause::closed:
            return "closed";
        case Cause::ended:
            return "ended";
        case Cause::unreachable:
            return "unreachable";
        case Cause::refused:
            return "refused";
        case Cause::silent:
            return "silent";
        case Cause::replaced:
            return "replaced";
        case Cause::better:
            return "better";
        case Cause::unwanted:
            return "unwanted";
    }
    return "?";
}

constexpr std::string_view phase_text(Selector::Phase phase) {
    switch (phase) {
        case Selector::Phase::closed:
            return "closed";
        case Selector::Phase::open:
            return "open";
        case Selector::Phase::streaming:
            return "streaming";
        case Selector::Phase::restarting:
            return "restarting";
    }
    return "?";
}

// One source of the world: its plan, and its connection if it has one.
struct Origin {
    Kind kind = Kind::pull;
    bool standby = false;
    std::deque<Change> plan;
    Doing doing = Doing::away;
    bool connected = false;  // weir has, or is making, a connection
    bool has_header = false;
    bool was_dialled = false;       // and not dropped or lost since
    bool holds = false;             // a sync point of its run came
    TimePoint answers_at = kNever;  // of a dial: what it comes to
    TimePoint packet_at = kNever;   // the next packet
    TimePoint breaks_at = kNever;
};

class World {
  public:
    World(std::vector<Origin> origins, const SelectorPolicy& policy, std::uint32_t seed = 0)
        : origins_(std::move(origins)),
          seed_(seed),
          selector_(kinds(), policy, Callback<std::uint32_t()>::of<&World::random>(this)) {}

    inline void run(TimePoint until) {
        told([&] { return selector_.start(now_); });
        for (TimePoint at = next(); at <= until; at = next()) {
            assert_true(at >= now_);
            now_ = at;
            turn();
        }
        now_ = until;
        measure();
    }

    std::string contacts, air, rest, phases;
    std::size_t dials = 0, most_actions = 0, allocated = 0;
    bool quiet = false;                // keeps no account in words
    TimePoint measured_from = kNever;  // since when it counts that nothing streams
    TimePoint streamed_at = kStart;
    Duration longest_gap{0};
    const Selector& selector() const { return selector_; }
    const std::vector<Origin>& origins() const { return origins_; }

  private:
    inline std::vector<Selector::Entry> kinds() const {
        std::vector<Selector::Entry> kinds;
        for (const auto& origin : origins_) kinds.emplace_back(origin.kind, origin.standby);
        return kinds;
    }

    // Seed 0: always the longest pause, so that rows can name instants.
    std::uint32_t random() {
        if (seed_ == 0) return 0xffffffffU;
        seed_ ^= seed_ << 13;
        seed_ ^= seed_ >> 17;
        seed_ ^= seed_ << 5;
        return seed_;
    }

    inline TimePoint next() const {
        TimePoint at = selector_.due();
        for (const auto& o : origins_) {
            at = std::min({at, o.answers_at, o.packet_at, o.breaks_at});
            if (!o.plan.empty()) at = std::min(at, o.plan.front().at);
        }
        return at;
    }

    // One thing at a time: packets come before the changes of the same instant, timers last.
    inline void turn() {
        for (std::size_t i = 0; i < origins_.size(); ++i) {
            Origin& o = origins_[i];
            if (o.packet_at <= now_) return packet(i);
        }
        for (std::size_t i = 0; i < origins_.size(); ++i) {
            Origin& o = origins_[i];
            if (o.breaks_at <= now_) return gone(i, Cause::closed);
            if (!o.plan.empty() && o.plan.front().at <= now_) return change(i);
            if (o.answers_at <= now_) return answer(i);
        }
        if (selector_.due() <= now_) {
            told([&] { return selector_.tick(now_); });
            assert_true(selector_.due() > now_);
        }
    }

    inline void change(std::size_t i) {
        Origin& o = origins_[i];
        const Doing what = o.plan.front().what;
        o.plan.pop_front();
        if (what == Doing::close || what == Doing::end)
            return o.connected ? gone(i, what == Doing::end ? Cause::ended : Cause::closed) : void();
        if (what == Doing::mute) return void(o.packet_at = kNever);
        if (what == Doing::again) {
            if (!o.has_header && o.kind == Kind::pull) return;
            return header(i);
        }
        o.doing = what;
        const bool breaks = what == Doing::ref || what == Doing::status || what == Doing::away;
        if (breaks && o.connected && o.answers_at == kNever) return gone(i, Cause::closed);
        if (o.kind != Kind::pull && !breaks && !o.connected) return header(i);
        if (o.has_header) streams(o);
    }

    // The packets of a connection that has its header, by what the source does now.
    inline void streams(Origin& o) {
        const bool brings = o.doing == Doing::ok || o.doing == Doing::slow || o.doing == Doing::nosync ||
                            o.doing == Doing::flap || o.doing == Doing::filler;
        o.packet_at = brings ? now_ : kNever;
    }

    inline void header(std::size_t i) {
        Origin& o = origins_[i];
        o.connected = o.has_header = true;
        o.holds = false;
        o.answers_at = kNever;
        streams(o);
        o.breaks_at = o.doing == Doing::flap ? now_ + Duration{1000} : kNever;
        told([&] { return selector_.ready(i, now_); });
    }

    inline void answer(std::size_t i) {
        Origin& o = origins_[i];
        o.answers_at = kNever;
        switch (o.doing) {
            case Doing::away:
            case Doing::ref:
            case Doing::hang:
                return gone(i, Cause::unreachable);
            case Doing::status:
                return gone(i, Cause::refused);
            case Doing::dumb:
                return;
            default:
                return header(i);
        }
    }

    inline void packet(std::size_t i) {
        Origin& o = origins_[i];
        o.packet_at = now_ + kEvery;
        const Packet what = o.doing == Doing::filler   ? Packet::filler
                            : o.doing == Doing::nosync ? Packet::media
                                                       : Packet::sync;
        packet_from_ = i;
        packet_ = what;
        if (what == Packet::sync) o.holds = true;
        told([&] { return selector_.packet(i, what, now_); });
        packet_from_ = origins_.size();
    }

    inline void forget(Origin& o) {
        o.connected = o.has_header = o.was_dialled = o.holds = false;
        o.answers_at = o.packet_at = o.breaks_at = kNever;
    }

    inline void gone(std::size_t i, Cause cause) {
        forget(origins_[i]);
        told([&] { return selector_.lost(i, cause, now_); });
    }

    template <class Event>
    inline void told(Event event) {
        const std::size_t before = allocations;
        const auto actions = event();
        allocated += allocations - before;
        most_actions = std::max(most_actions, actions.size());
        for (const auto& action : actions) obey(action);
        measure();
        if (quiet) return;
        const auto phase = phase_text(selector_.phase());
        if (phase == last_phase_) return;
        last_phase_ = phase;
        say(phases, std::string{phase} + "@" + time_text(now_));
    }

    inline void measure() {
        if (now_ < measured_from) {
            streamed_at = now_;
            return;
        }
        longest_gap = std::max(longest_gap, now_ - std::max(streamed_at, measured_from));
        if (selector_.phase() == Selector::Phase::streaming) streamed_at = now_;
    }

    inline static void say(std::string& where, const std::string& what) {
        where += (where.empty() ? "" : " ") + what;
    }
    inline void account(std::string& where, std::size_t i, std::string_view word,
                        const std::string& behind = {}) {
        if (quiet) return;
        std::string text;
        if (!word.empty()) text = std::string{word} + " ";
        text += static_cast<char>('A' + i);
        say(where, text + "@" + time_text(now_) + behind);
    }

    inline void obey(const Selector::Action& action) {
        const std::size_t i = action.source;
        assert_true(i < origins_.size());
        Origin& o = origins_[i];
        const std::string why = "(" + std::string{cause_text(action.cause)} + ")";
        switch (action.kind) {
            case Act::dial:
                assert_true(o.kind == Kind::pull);
                assert_false(o.connected);  // K9: one connection, the old one closed before
                ++dials;
                o.connected = true;
                o.answers_at = now_;
                if (o.doing == Doing::hang) o.answers_at += Duration{10001};
                if (o.doing == Doing::slow) o.answers_at += Duration{1000};
                return account(contacts, i, "");
            case Act::drop:
                assert_true(o.connected);
                assert_true(o.kind == Kind::pull || o.kind == Kind::push);
                check_drop(i);
                forget(o);
                return account(rest, i, "drop", why);
            case Act::on_air:
                assert_true(o.holds);
                o.holds = o.kind != Kind::fill;  // which holds only the packet at hand
                return account(air, i, "", why);
            case Act::starved:
                return account(rest, i, "starved");
            case Act::recovered:
                assert_true(packet_from_ == i && packet_ != Packet::filler);
                return account(rest, i, "recovered");
            case Act::end_clients:
                return account(rest, i, "end", "");
        }
    }

    // Of links that bring fillers, the only one that is left is never closed for starving.
    inline void check_drop(std::size_t i) {
        const Origin& o = origins_[i];
        if (o.doing != Doing::filler || o.packet_at == kNever) return;
        bool other = false;
        for (std::size_t n = 0; n < origins_.size(); ++n) other |= n != i && selector_.on_air() == n;
        assert_true(other);
    }

    std::vector<Origin> origins_;
    std::uint32_t seed_;
    TimePoint now_ = kStart;
    std::size_t packet_from_ = ~std::size_t{0};
    Packet packet_ = Packet::filler;
    std::string_view last_phase_;
    Selector selector_;
};

[[noreturn]] inline void unknown(const std::string& word) {
    print_error("what is '%s'?\n", word.c_str());
    std::abort();
}

// "A: ok 30:close | push B: away 12:ok": what each source does, from the start or from that second on.
inline std::vector<Origin> origins_of(std::string_view text) {
    std::vector<Origin> origins;
    std::istringstream in{std::string{text}};
    for (std::string word; in >> word;) {
        if (origins.empty() || word == "|") origins.emplace_back();
        Origin& o = origins.back();
        if (word == "push") o.kind = Kind::push;
        if (word == "local") o.kind = Kind::local;
        if (word == "fill") o.kind = Kind::fill;
        if (word == "standby") o.standby = true;
        if (word == "|" || word == "standby" || word == "push" || word == "local" || word == "fill" ||
            word.back() == ':')
            continue;
        const auto colon = word.find(':');
        const auto at = colon == std::string::npos ? Duration{0} : seconds(word.substr(0, colon));
        const auto name = colon == std::string::npos ? word : word.substr(colon + 1);
        const auto found = std::find(kDoings.begin(), kDoings.end(), name);
        if (found == kDoings.end()) unknown(word);
        const auto what = static_cast<Doing>(found - kDoings.begin());
        if (at == Duration{0} && o.kind == Kind::pull)
            o.doing = what;
        else
            o.plan.push_back({kStart + at, what});
    }
    return origins;
}

inline SelectorPolicy policy_of(std::string_view text) {
    SelectorPolicy policy;
    std::istringstream in{std::string{text}};
    for (std::string word; in >> word;) {
        const auto equals = word.find('=');
        const auto name = word.substr(0, equals);
        const auto value = equals == std::string::npos ? Duration{0} : seconds(word.substr(equals + 1));
        if (name == "article")
            policy.failover_on = SelectorPolicy::FailoverOn::article;
        else if (name == "never")
            policy.failback = SelectorPolicy::Failback::never;
        else if (name == "after")
            policy.failback = SelectorPolicy::Failback::after, policy.failback_after = value;
        else if (name == "hold")
            policy.hold = value;
        else if (name == "end")
            policy.end_with_source = true;
        else
            unknown(word);
    }
    return policy;
}

}  // namespace weir::test
