// The rows R01 to R12 of failover.md section 6, and what decisions.md D3 and D4 add, read as they stand
// there: what sources do and when, which of them weir must contact, which are on air. The world around the
// Selector is simulated in whole milliseconds; a dial and its answer take no time unless the source says
// otherwise.
#include "core/media/selector.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <new>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

// always last
#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    std::abort();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace {

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

std::string time_text(TimePoint at) {
    const auto ms = (at - kStart).count();
    std::string text = std::to_string(ms / 1000);
    if (ms % 1000 == 0) return text;
    std::string rest = std::to_string(1000 + ms % 1000).substr(1);
    rest.erase(rest.find_last_not_of('0') + 1);
    return text + "." + rest;
}

Duration seconds(std::string_view text) {
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
    std::deque<Change> plan;
    Doing doing = Doing::away;
    bool connected = false;  // weir has, or is making, a connection
    bool has_header = false;
    bool was_dialled = false;       // and not dropped or lost since
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

    void run(TimePoint until) {
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
    std::vector<Kind> kinds() const {
        std::vector<Kind> kinds;
        for (const auto& origin : origins_) kinds.push_back(origin.kind);
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

    TimePoint next() const {
        TimePoint at = selector_.due();
        for (const auto& o : origins_) {
            at = std::min({at, o.answers_at, o.packet_at, o.breaks_at});
            if (!o.plan.empty()) at = std::min(at, o.plan.front().at);
        }
        return at;
    }

    // One thing at a time: packets come before the changes of the same instant, timers last.
    void turn() {
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

    void change(std::size_t i) {
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
    void streams(Origin& o) {
        const bool brings = o.doing == Doing::ok || o.doing == Doing::slow || o.doing == Doing::nosync ||
                            o.doing == Doing::flap || o.doing == Doing::filler;
        o.packet_at = brings ? now_ : kNever;
    }

    void header(std::size_t i) {
        Origin& o = origins_[i];
        o.connected = o.has_header = true;
        o.answers_at = kNever;
        streams(o);
        o.breaks_at = o.doing == Doing::flap ? now_ + Duration{1000} : kNever;
        told([&] { return selector_.ready(i, now_); });
    }

    void answer(std::size_t i) {
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

    void packet(std::size_t i) {
        Origin& o = origins_[i];
        o.packet_at = now_ + kEvery;
        const Packet what = o.doing == Doing::filler   ? Packet::filler
                            : o.doing == Doing::nosync ? Packet::media
                                                       : Packet::sync;
        packet_from_ = i;
        packet_ = what;
        told([&] { return selector_.packet(i, what, now_); });
        packet_from_ = origins_.size();
    }

    void forget(Origin& o) {
        o.connected = o.has_header = o.was_dialled = false;
        o.answers_at = o.packet_at = o.breaks_at = kNever;
    }

    void gone(std::size_t i, Cause cause) {
        forget(origins_[i]);
        told([&] { return selector_.lost(i, cause, now_); });
    }

    template <class Event>
    void told(Event event) {
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

    void measure() {
        if (now_ < measured_from) {
            streamed_at = now_;
            return;
        }
        longest_gap = std::max(longest_gap, now_ - std::max(streamed_at, measured_from));
        if (selector_.phase() == Selector::Phase::streaming) streamed_at = now_;
    }

    static void say(std::string& where, const std::string& what) {
        where += (where.empty() ? "" : " ") + what;
    }
    void account(std::string& where, std::size_t i, std::string_view word, const std::string& behind = {}) {
        if (quiet) return;
        std::string text;
        if (!word.empty()) text = std::string{word} + " ";
        text += static_cast<char>('A' + i);
        say(where, text + "@" + time_text(now_) + behind);
    }

    void obey(const Selector::Action& action) {
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
                assert_true(packet_from_ == i && packet_ == Packet::sync);
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
    void check_drop(std::size_t i) {
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

[[noreturn]] void unknown(const std::string& word) {
    print_error("what is '%s'?\n", word.c_str());
    std::abort();
}

// "A: ok 30:close | push B: away 12:ok": what each source does, from the start or from that second on.
std::vector<Origin> origins_of(std::string_view text) {
    std::vector<Origin> origins;
    std::istringstream in{std::string{text}};
    for (std::string word; in >> word;) {
        if (origins.empty() || word == "|") origins.emplace_back();
        Origin& o = origins.back();
        if (word == "push") o.kind = Kind::push;
        if (word == "local") o.kind = Kind::local;
        if (word == "fill") o.kind = Kind::fill;
        if (word == "|" || word == "push" || word == "local" || word == "fill" || word.back() == ':')
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

SelectorPolicy policy_of(std::string_view text) {
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

struct Row {
    const char* id;
    const char* shows;  // the sentence
    const char* policy;
    const char* world;
    int until;  // seconds
    const char* contacts;
    const char* air;
    const char* rest;
    const char* phases;  // null: not the point here
};

constexpr Row kRows[] = {
    // --- failover.md section 6
    {"R01", "loss by close: the same source at the same instant (K1, K4)", "", "A: ok 30:close", 40,  //
     "A@0 A@30", "A@0(closed) A@30(closed)", "", "open@0 streaming@0 restarting@30 streaming@30"},
    {"R02", "exhausted: pauses of 0.2 s, doubled; streaming again soon after A's return (K1)", "",
     "A: ok 30:ref 33:ok", 40,  //
     "A@0 A@30 A@30.2 A@30.6 A@31.4 A@33", "A@0(closed) A@33(closed)", "",
     "open@0 streaming@0 restarting@30 streaming@33"},
    {"R03", "loss by silence: the next first, and the silent one closed before (K3, K8)", "",
     "A: ok 30:silent | B: ok", 40,  //
     "A@0 B@35.001", "A@0(closed) B@35.001(silent)", "drop A@35.001(silent)", nullptr},
    {"R03b", "list of one: the same source at once, on a fresh connection (K8)", "", "A: ok 30:mute", 40,  //
     "A@0 A@35.001", "A@0(closed) A@35.001(silent)", "drop A@35.001(silent)", nullptr},
    {"R03c", "the silent one is the last choice, not excluded (K8)", "", "A: ok 30:mute | B: ref",
     40,  //
     "A@0 B@35.001 A@35.001", "A@0(closed) A@35.001(silent)", "drop A@35.001(silent)", nullptr},
    {"R03d", "a fresh connection with a header and no media is kept, and replaced every 30 s only (K8)", "",
     "A: ok 30:silent 100:ok", 110,  //
     "A@0 A@35.001 A@65.001 A@95.001", "A@0(closed) A@100(silent)",
     "drop A@35.001(silent) drop A@65.001(silent) drop A@95.001(silent)",
     "open@0 streaming@0 restarting@35.001 streaming@100"},
    {"R03e", "a link that brings fillers is alive: others beside it, and it stays until one is on air (K8)",
     "", "A: ok 30:filler | B: slow", 40,  //
     "A@0 B@35.001", "A@0(closed) B@36.001(silent)", "starved A@35.001 drop A@36.001(silent)",
     "open@0 streaming@0 restarting@35.001 streaming@36.001"},
    {"R04", "A closes and refuses: one switch (S8, K7)", "", "A: ok 30:ref | B: ok", 40,  //
     "A@0 A@30 B@30", "A@0(closed) B@30(closed)", "", nullptr},
    {"R05", "fail-back only at a loss, and then the last one comes first (S8)", "",
     "A: ok 30:ref 40:ok | B: ok 200:close", 220,  //
     "A@0 A@30 B@30 B@200", "A@0(closed) B@30(closed) B@200(closed)", "", nullptr},
    {"R08", "while the source is away the channel restarts, and goes on with it (K11)", "",
     "push A: ok 30:away 90:ok",
     100,  //
     "", "A@0(closed) A@90(closed)", "", "closed@0 open@0 streaming@0 restarting@30 streaming@90"},
    {"R09", "another push of the slot takes over at its first sync point (K7)", "", "push A: ok 30.2:again",
     40,  //
     "", "A@0(closed) A@30.2(replaced)", "", "closed@0 open@0 streaming@0 restarting@30.2 streaming@30.2"},
    {"R11", "a stream shorter than min_uptime is a failed attempt: pauses grow 1, 2, 4 … 30 s", "", "A: flap",
     300, "A@0 A@2 A@5 A@10 A@19 A@36 A@67 A@98 A@129 A@160 A@191 A@222 A@253 A@284",
     "A@0(closed) A@2(closed) A@5(closed) A@10(closed) A@19(closed) A@36(closed) A@67(closed) A@98(closed) "
     "A@129(closed) A@160(closed) A@191(closed) A@222(closed) A@253(closed) A@284(closed)",
     "", nullptr},
    {"R12", "both flap: each once a walk, then a pause", "", "A: flap | B: flap", 12,  //
     "A@0 B@1 A@3 B@4 A@7 B@8", "A@0(closed) B@1(closed) A@3(closed) B@4(closed) A@7(closed) B@8(closed)", "",
     nullptr},

    // --- failover.md sections 3 and 4
    {"start", "a request starts with the first; refused or unanswered, the next (S3, S4)", "",
     "A: hang | B: 404 | C: ok", 20,  //
     "A@0 B@10.001 C@10.001", "C@10.001(closed)", "", "open@0 streaming@10.001"},
    {"cyclic", "next(i) is the first after it, cyclically, that was not tried (U3)", "",
     "A: ref 30:ok | B: ok 30:ref | C: ref", 40,  //
     "A@0 B@0 B@30 C@30 A@30", "B@0(closed) A@30(closed)", "", nullptr},
    {"all ref", "exhausted: a new walk from the first, though the last one was another (last = none)", "",
     "A: ref | B: ok 30:ref 30.1:ok", 40,  //
     "A@0 B@0 B@30 A@30 A@30.2 B@30.2", "B@0(closed) B@30.2(closed)", "", nullptr},
    {"silence of three", "silent: the next ones in their order, it itself last", "",
     "A: ref | B: ok 30:mute | C: ref", 40,  //
     "A@0 B@0 C@35.001 A@35.001 B@35.001", "B@0(closed) B@35.001(silent)", "drop B@35.001(silent)", nullptr},
    {"uptime", "a stream that ran for min_uptime makes pauses short again, once it has run so long", "",
     "A: ref 1.4:ok 7:ref 7.8:ok", 20,  //
     "A@0 A@0.2 A@0.6 A@1.4 A@7 A@7.2 A@7.6 A@8.4", "A@1.4(closed) A@8.4(closed)", "", nullptr},
    {"caps", "unreachable: 0.2 s doubled to 5 s", "", "A: ref", 23,  //
     "A@0 A@0.2 A@0.6 A@1.4 A@3 A@6.2 A@11.2 A@16.2 A@21.2", "", "", "open@0"},
    {"404", "any error: an answer that refuses moves on, and pauses start at 1 s", "", "A: 404 | B: 404",
     8,  //
     "A@0 B@0 A@1 B@1 A@3 B@3 A@7 B@7", "", "", nullptr},
    {"article",
     "an answer that refuses stays with its source while T has not passed, and then the first (S8, S9)",
     "article", "A: ref | B: 404 | C: ok", 32,  //
     "A@0 B@0 B@1 B@3 B@7 B@15 A@31 B@31", "", "", nullptr},
    {"article moves", "but nobody there moves on (S4)", "article", "A: ref | B: hang | C: ok", 20,  //
     "A@0 B@0 C@10.001", "C@10.001(closed)", "", nullptr},
    {"never media",
     "a source that never sent media since it was opened is kept, and replaced every 30 s only", "",
     "A: silent 70:ok", 80,  //
     "A@0 A@30 A@60", "A@70(closed)", "drop A@30(silent) drop A@60(silent)", "open@0 streaming@70"},
    {"never media, others",
     "it is dropped for one that was not tried; later it is kept, and others dialled beside", "",
     "A: silent 33:ok | B: ref", 40,  //
     "A@0 B@5.001 A@5.201 B@10.202 B@10.602 B@11.402 B@13.002 B@16.202 B@21.202 B@26.202 B@31.202",
     "A@33(closed)", "drop A@5.001(silent)", "open@0 streaming@33"},
    {"fillers of three", "while a starving link lives, the others are walked with growing pauses beside it",
     "", "A: ok 30:filler 38:ok | B: ref | C: ref", 45,  //
     "A@0 B@35.001 C@35.001 B@35.201 C@35.201 B@35.601 C@35.601 B@36.401 C@36.401", "A@0(closed)",
     "starved A@35.001 recovered A@38", "open@0 streaming@0 restarting@35.001 streaming@38"},
    {"fillers end", "a link whose fillers stop is silent: a fresh connection, at once", "",
     "A: ok 30:filler 50:silent | B: ref", 57,  //
     "A@0 B@35.001 B@35.201 B@35.601 B@36.401 B@38.001 B@41.201 B@46.201 B@51.201 A@55.001", "A@0(closed)",
     "starved A@35.001 drop A@55.001(silent)", nullptr},
    {"recovered", "media on the link on air ends its starving, and the dial beside it", "",
     "A: ok 30:filler 36:nosync | B: hang", 40,  //
     "A@0 B@35.001", "A@0(closed)", "starved A@35.001 recovered A@36 drop B@36(better)", nullptr},
    {"short silence", "a stream that fell silent before min_uptime is a failed attempt", "",
     "A: ok 2:silent | B: ref", 12,  //
     "A@0 B@7.001 A@7.201", "A@0(closed)", "drop A@7.001(silent)", nullptr},
    {"dumb", "an answer without even a header is given up", "", "A: dumb | B: ok", 30,  //
     "A@0 B@25.001", "B@25.001(closed)", "drop A@25.001(silent)", nullptr},
    {"new header", "another run on the same connection: on air again from its sync point", "",
     "A: ok 30.2:again",
     40,  //
     "A@0", "A@0(closed) A@30.2(replaced)", "", nullptr},
    {"new header, lost", "and its loss begins a new walk, as the run before it was long", "",
     "A: ref 10:ok | B: ok 30.2:again 31:ref", 40,  //
     "A@0 B@0 A@31", "B@0(closed) B@30.2(replaced) A@31(closed)", "", nullptr},
    {"at the limit", "exactly the limit is within it (U4)", "", "A: ok 30:mute | push B: away 35:silent",
     40,  //
     "A@0 A@35.001", "A@0(closed) A@35.001(silent)", "drop A@35.001(silent)", nullptr},
    {"idle speaks", "a link without media that brought fillers and stopped is dead", "",
     "A: silent 10:filler 11:mute", 20,  //
     "A@0 A@16.201", "", "drop A@16.001(silent)", "open@0"},
    {"idle once", "what streamed since is no idle link: others first again", "",
     "A: silent 5.1:ok 30:silent 30:close | B: ref", 36,  //
     "A@0 B@5.001 A@5.201 A@30 B@35.001 A@35.201", "A@5.201(closed)",
     "drop A@5.001(silent) drop A@35.001(silent)", nullptr},
    {"fillers close", "a starving link that closes is asked again in the walk that goes on", "",
     "A: ok 30:filler 35.1:ref | B: ref", 36,  //
     "A@0 B@35.001 A@35.1 A@35.5 B@35.5", "A@0(closed)", "starved A@35.001", nullptr},
    {"short silence alone", "it is a failed attempt: a pause as after a refusal", "", "A: ok 2:mute", 10,  //
     "A@0 A@8.001", "A@0(closed) A@8.001(silent)", "drop A@7.001(silent)", nullptr},
    {"no sync point, standby", "a standby without a sync point is waited for from the loss on", "",
     "push A: ok 31.3:away | push B: nosync | C: ok", 50,  //
     "C@0 C@41.301", "A@0(closed) C@41.301(closed)", "drop C@0(better)", nullptr},
    {"let go", "who was let go for a better one was not tried in vain", "",
     "push A: away 0.5:ok 2:away | B: slow",
     10,  //
     "B@0 B@2", "A@0.5(closed) B@3(closed)", "drop B@0.5(better)", nullptr},
    {"no sync point",
     "media without a sync point is waited for as long as an answer, then others are dialled", "",
     "A: nosync | B: ok", 20,  //
     "A@0 B@10.001", "B@10.001(closed)", "drop A@10.001(better)", nullptr},

    // --- decisions.md D3 and D4, failback
    {"standby", "the redial happens only when no other candidate is live (D3)", "",
     "push A: ok 30:away | B: ok | push C: ok", 40,  //
     "B@0", "A@0(closed) C@30.5(closed)", "drop B@0(better)", nullptr},
    {"rank", "across push slots rank decides; the lower ones are hot standbys (D4)", "",
     "push A: away 20:ok 40:away 60:ok | push B: ok", 80,  //
     "", "B@0(closed) A@20(better) B@40.5(closed) A@60(better)", "", nullptr},
    {"push over pull", "a push that is better takes over at once, and the pull is let go (D4)", "",
     "push A: away 20:ok 40:away | B: ok", 50,  //
     "B@0 B@40", "B@0(closed) A@20(better) B@40(closed)", "drop B@20(better)", nullptr},
    {"pull over push", "on-close: a better pull is dialled only after the loss of the worse (D4)", "",
     "A: ref 10:ok | push B: away 1:ok 40:away", 50,  //
     "A@0 A@0.2 A@0.6 A@40", "B@1(closed) A@40(closed)", "", nullptr},
    {"takeover", "a push that takes over from the one on air is waited for, and no pull dialled", "",
     "push A: ok 30.2:again | B: ok", 40,  //
     "B@0", "A@0(closed) A@30.2(replaced)", "drop B@0(better)", nullptr},
    {"silent newcomer", "a push that has brought nothing yet is no candidate", "",
     "push A: away 29:silent | B: ok 30:close", 40,  //
     "B@0 B@30", "B@0(closed) B@30(closed)", "", nullptr},
    {"never", "never: a better push waits for the loss", "never", "push A: away 20:ok | push B: ok 40:away",
     50,  //
     "", "B@0(closed) A@40.5(closed)", "", nullptr},
    {"after, push", "after: a better push takes over when it ran beside the worse for so long", "after=10",
     "push A: away 20:ok | push B: ok", 50,  //
     "", "B@0(closed) A@30(better)", "", nullptr},
    {"after, pull", "after: a better pull is dialled beside the worse, and takes over", "after=10",
     "A: ref 30:ok | B: ok", 60,  //
     "A@0 B@0 A@0.2 A@0.6 A@1.4 A@3 A@6.2 A@6.4 A@6.8 A@7.6 A@9.2 A@12.4 A@17.4 A@22.4 A@27.4 A@32.4",
     "B@0(closed) A@42.4(better)", "drop B@42.4(better)", nullptr},
    {"after, standby", "after: a standby takes over from a lost source, which is dialled beside it",
     "after=10", "A: ok 30:close | push B: ok", 60,  //
     "A@0 A@30.5", "A@0(closed) B@30.5(closed) A@40.5(better)", "", nullptr},
    {"after, silent", "after: a better pull that starved is let go, and asked again after a pause",
     "after=10", "A: ok 30:filler 34:ok 34:filler | B: ok", 60,  //
     "A@0 B@39.001 A@40.001", "A@0(closed) B@39.001(silent)", "starved A@39.001 drop A@39.001(silent)",
     nullptr},
    {"push stalls", "a push is not dropped for stalling: its encoder may come back", "",
     "push A: ok 30:silent 50:ok | B: slow", 60,  //
     "B@0 B@35.001", "A@0(closed) B@36.001(silent) A@50(better)",
     "drop B@0(better) starved A@35.001 drop B@50(better)", nullptr},
    {"push stalls alone", "SIGSTOP for 20 s: it goes on where it was", "", "push A: ok 30:silent 50:ok",
     60,  //
     "", "A@0(closed)", "starved A@35.001 recovered A@50",
     "closed@0 open@0 streaming@0 restarting@35.001 streaming@50"},
    {"dead push", "whether a silent push is dead is its connection's affair", "", "push A: ok 30:silent",
     200,  //
     "", "A@0(closed)", "starved A@35.001", nullptr},
    {"silent local", "weir's own sources are never dropped", "", "local A: ok 30:silent", 200,  //
     "", "A@0(closed)", "starved A@35.001", nullptr},
    {"fill", "fill bridges: dialling goes on, and any source replaces it at its sync point (D4)", "never",
     "A: ok 30:ref 32:ok | fill B: ok", 40,  //
     "A@0 A@30 A@30.2 A@30.6 A@31.4 A@33", "A@0(closed) B@30.5(closed) A@33(better)", "",
     "open@0 streaming@0 restarting@30 streaming@33"},
    {"fill beside fillers", "a fill takes over from a starving link without closing it", "",
     "A: ok 30:filler 40:ok | fill B: ok", 50,  //
     "A@0", "A@0(closed) B@35.5(silent) A@40(better)", "starved A@35.001",
     "open@0 streaming@0 restarting@35.001 streaming@40"},
    {"fill stops", "a fill's end changes nothing about the walk", "", "A: ref | fill B: ok 8:silent", 15,  //
     "A@0 A@0.2 A@0.6 A@1.4 A@3 A@6.2 A@11.2", "B@0(closed)", "starved B@13.001", "open@0 restarting@0"},
    {"short push", "a push lost early does not shorten the pauses of the walk that goes on", "",
     "push A: away 4:ok 5:away | B: ref", 12,  //
     "B@0 B@0.2 B@0.6 B@1.4 B@3 B@6.2 B@11.2", "A@4(closed)", "", nullptr},

    // --- the end of clients
    {"hold", "clients are kept for `hold` without a source, and then the channel begins anew", "hold=10",
     "push A: ok 30:away 60:ok", 70,  //
     "", "A@0(closed) A@60(closed)", "end A@40",
     "closed@0 open@0 streaming@0 restarting@30 closed@40 open@60 streaming@60"},
    {"hold, starving", "a starving source is none, and begins anew", "hold=10", "push A: ok 30:silent 50:ok",
     60,  //
     "", "A@0(closed) A@50(silent)", "starved A@35.001 end A@45.001",
     "closed@0 open@0 streaming@0 restarting@35.001 open@45.001 streaming@50"},
    {"hold, before", "before anything was on air there is nothing to end", "hold=10", "push A: away 20:ok",
     30,  //
     "", "A@20(closed)", "", "closed@0 open@20 streaming@20"},
    {"hold, back", "who comes back in time finds clients held", "hold=10", "push A: ok 30:away 39.9:ok",
     70,  //
     "", "A@0(closed) A@39.9(closed)", "", nullptr},
    {"hold, fill", "while a fill is on air nobody is ended", "hold=10",
     "push A: ok 30:away | fill B: ok 80:away",
     100,  //
     "", "A@0(closed) B@30.5(closed)", "end B@90", nullptr},
    {"on_end", "a source's own end is the clients' end, after end_grace (D4)", "end", "push A: ok 30:end",
     60,  //
     "", "A@0(closed)", "end A@40", "closed@0 open@0 streaming@0 restarting@30 closed@40"},
    {"on_end, back", "unless a source comes before", "end", "push A: ok 30:end 30:away 39:ok", 60,  //
     "", "A@0(closed) A@39(ended)", "", nullptr},
    {"on_end, broken", "a broken connection is no end", "end", "push A: ok 30:away", 60,  //
     "", "A@0(closed)", "", nullptr},
    {"on_end, hold", "by default a clean end is a loss like any other", "", "A: ok 30:end", 60,  //
     "A@0 A@30", "A@0(closed) A@30(ended)", "", nullptr},
};

void the_rows_hold(void**) {
    bool is_right = true;
    for (const auto& row : kRows) {
        World world{origins_of(row.world), policy_of(row.policy)};
        world.run(kStart + Duration{row.until * 1000});
        const auto compare = [&](const char* what, const std::string& found, const char* expected) {
            if (!expected || found == expected) return;
            print_error("%s: %s\n  world: %s\n  %s are     %s\n  should be %s\n", row.id, row.shows,
                        row.world, what, found.c_str(), expected);
            is_right = false;
        };
        compare("contacts", world.contacts, row.contacts);
        compare("on air", world.air, row.air);
        compare("the rest", world.rest, row.rest);
        compare("phases", world.phases, row.phases);
    }
    assert_true(is_right);
}

// R10: the actions of an hour without a source, and nothing allocated for them.
void an_hour_without_a_source_costs_a_bounded_number_of_dials_and_no_memory(void**) {
    for (const char* text :
         {"A: ok 30:ref", "A: ok 30:404 | B: 404", "A: ok 30:filler | B: hang | C: flap"}) {
        World world{origins_of(text), {}, 7};
        world.quiet = true;
        world.run(kStart + Duration{3'630'000});
        assert_true(world.dials > 100);
        assert_true(world.dials < 1460);
        assert_int_equal(world.allocated, 0);
    }
}

// R11 with pauses drawn at random.
void a_flapping_source_is_contacted_less_than_25_times_in_5_minutes(void**) {
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
        World world{origins_of("A: flap"), {}, seed * 2654435761U};
        world.quiet = true;
        world.run(kStart + Duration{300'000});
        assert_in_range(world.dials, 12, 24);
    }
}

void pauses_are_drawn_from_half_to_the_whole(void**) {
    Duration least{10'000}, most{0};
    for (std::uint32_t seed = 1; seed <= 500; ++seed) {
        World world{origins_of("A: ref"), {}, seed * 2654435761U};
        world.run(kStart + Duration{50});
        const Duration pause = world.selector().due() - kStart;
        least = std::min(least, pause);
        most = std::max(most, pause);
    }
    assert_in_range(least.count(), 100, 105);
    assert_in_range(most.count(), 195, 200);
}

void pauses_of_nothing_still_let_the_loop_turn(void**) {
    SelectorPolicy policy;
    policy.backoff_max = Duration{0};
    World world{origins_of("A: ref"), policy};
    world.run(kStart + Duration{100});
    assert_int_equal(world.dials, 101);
}

void a_tick_that_comes_too_early_changes_nothing(void**) {
    Selector selector{{Kind::pull}, {}, {}};
    assert_int_equal(selector.start(kStart).size(), 1);
    selector.ready(0, kStart);
    selector.packet(0, Packet::sync, kStart);
    const TimePoint due = selector.due();
    assert_true(due == kStart + Duration{5001});
    assert_true(selector.tick(due - Duration{1}).empty());
    assert_true(selector.due() == due);
    assert_true(selector.on_air() == 0);
    // The loss, and no dial: the stream had not run for min_uptime.
    assert_int_equal(selector.tick(due).size(), 1);
    assert_false(selector.on_air().has_value());
}

void in_one_answer_a_link_is_let_go_before_the_next_is_dialled_and_after_another_is_on_air(void**) {
    Selector selector{{Kind::pull, Kind::pull}, {}, {}};
    selector.start(kStart);
    selector.ready(0, kStart);
    selector.packet(0, Packet::sync, kStart);
    selector.packet(0, Packet::sync, kStart + Duration{6000});
    auto now = kStart + Duration{11'001};
    auto actions = selector.tick(now);
    assert_int_equal(actions.size(), 2);
    assert_true((actions[0] == Selector::Action{Act::drop, 0, Cause::silent}));
    assert_true((actions[1] == Selector::Action{.kind = Act::dial, .source = 1}));

    selector.ready(1, now);
    selector.packet(1, Packet::sync, now);
    selector.packet(1, Packet::filler, now += Duration{5001});
    selector.tick(now);  // B starves on a link that lives, and A is dialled beside it
    assert_true(selector.state(1) == State::starving);
    selector.ready(0, now);
    actions = selector.packet(0, Packet::sync, now);
    assert_int_equal(actions.size(), 2);
    assert_true((actions[0] == Selector::Action{Act::on_air, 0, Cause::silent}));
    assert_true((actions[1] == Selector::Action{Act::drop, 1, Cause::silent}));
}

// Late events of a connection that was let go, and of a source that never began.
void events_of_a_source_that_is_not_connected_change_nothing(void**) {
    Selector selector{{Kind::pull, Kind::push}, {}, {}};
    assert_int_equal(selector.start(kStart).size(), 1);
    assert_int_equal(selector.packet(1, Packet::sync, kStart).size(), 0);
    assert_int_equal(selector.lost(1, Cause::closed, kStart).size(), 0);
    assert_int_equal(selector.packet(0, Packet::sync, kStart).size(), 0);
    assert_true(selector.state(0) == State::dialling);
    assert_true(selector.lost(0, Cause::unreachable, kStart).empty());
    assert_true(selector.state(0) == State::failed);
    assert_true(selector.ready(0, kStart).empty());
    assert_true(selector.state(0) == State::failed);
    assert_true(selector.lost(0, Cause::unreachable, kStart).empty());
    assert_true(selector.state(0) == State::failed);
}

void a_channel_without_a_list_grows_by_pushes(void**) {
    Selector selector{{}, {}, {}};
    assert_true(selector.start(kStart).empty());
    assert_true(selector.phase() == Selector::Phase::closed);
    assert_true(selector.due() == kNever);
    selector.grow(2);
    selector.grow(1);
    assert_int_equal(selector.size(), 2);
    assert_true(selector.ready(1, kStart).empty());
    assert_int_equal(selector.packet(1, Packet::sync, kStart).size(), 1);
    assert_true(selector.on_air() == 1);
    selector.ready(0, kStart);
    assert_int_equal(selector.packet(0, Packet::sync, kStart).size(), 1);
    assert_true(selector.on_air() == 0);
}

// Any list, any policy, sources that do anything. What must hold at each event the world asserts by itself:
// never two connections of one source, on air only by the source's own sync packet, no link that brings
// fillers closed while it is the only one, no timer in the past, no packet without a connection.
class Dice {
  public:
    explicit Dice(std::uint32_t seed) : state_(seed * 2654435761U | 1) {}
    std::uint32_t below(std::uint32_t n) {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::uint32_t>(state_ >> 33) % n;
    }

  private:
    std::uint64_t state_;
};

constexpr Doing kPullDoings[] = {Doing::ok,    Doing::ref,  Doing::status, Doing::silent, Doing::filler,
                                 Doing::hang,  Doing::dumb, Doing::flap,   Doing::slow,   Doing::nosync,
                                 Doing::close, Doing::end,  Doing::again};
constexpr Doing kPushDoings[] = {Doing::ok,     Doing::away,  Doing::silent, Doing::filler,
                                 Doing::nosync, Doing::close, Doing::end,    Doing::again};

SelectorPolicy any_policy(Dice& dice) {
    SelectorPolicy policy;
    if (dice.below(2)) policy.failover_on = SelectorPolicy::FailoverOn::article;
    policy.failback = static_cast<SelectorPolicy::Failback>(dice.below(3));
    policy.failback_after = Duration{dice.below(20'000)};
    if (dice.below(2)) policy.hold = Duration{dice.below(30'000)};
    policy.end_with_source = dice.below(2) == 0;
    if (dice.below(4) == 0) policy.stall_timeout = Duration{1000 + dice.below(60'000)};
    if (dice.below(4) == 0)
        policy.backoff_max = policy.refused_backoff_max = Duration{dice.below(3000) + 100};
    return policy;
}

constexpr Duration kUnrest{120'000};

std::vector<Origin> any_origins(Dice& dice) {
    std::vector<Origin> origins(1 + dice.below(5));
    for (auto& o : origins) {
        constexpr Kind kKinds[] = {Kind::pull, Kind::pull, Kind::pull, Kind::push, Kind::local, Kind::fill};
        o.kind = kKinds[dice.below(std::size(kKinds))];
        for (Duration at{dice.below(3) * 1000}; at < kUnrest; at += Duration{1 + dice.below(20'000)}) {
            const auto what = o.kind == Kind::pull ? kPullDoings[dice.below(std::size(kPullDoings))]
                                                   : kPushDoings[dice.below(std::size(kPushDoings))];
            o.plan.push_back({kStart + at, what});
        }
    }
    return origins;
}

void whatever_sources_do_the_invariants_hold(void**) {
    for (std::uint32_t seed = 1; seed <= 6000; ++seed) {
        Dice dice{seed};
        auto origins = any_origins(dice);
        const auto policy = any_policy(dice);
        // In the end one pull accepts and streams, whatever the others go on doing.
        const auto good = dice.below(static_cast<std::uint32_t>(origins.size()));
        origins[good].kind = Kind::pull;
        origins[good].plan.push_back({kStart + kUnrest, Doing::ok});
        const std::size_t sources = origins.size();
        World world{std::move(origins), policy, seed};
        world.quiet = true;
        world.measured_from = kStart + kUnrest;
        world.run(kStart + kUnrest + Duration{600'000});
        assert_true(world.most_actions <= 3 * sources + 4);
        assert_int_equal(world.allocated, 0);
        // With the article's rule a source whose answers refuse is asked for ever.
        if (policy.failover_on == SelectorPolicy::FailoverOn::article) continue;
        // One walk past all the others, each as slow as it can be, a stream of theirs that starves, a pause.
        const Duration each = 2 * policy.connect_timeout + 2 * policy.stall_timeout + Duration{2000};
        const Duration most = each * (sources + 1) + policy.refused_backoff_max;
        if (world.longest_gap > most) print_error("seed %u\n", seed);
        assert_true(world.longest_gap <= most);
    }
}

// The same without a world: events in any order, also those that no connection would bring.
void no_order_of_events_breaks_it(void**) {
    for (std::uint32_t seed = 1; seed <= 3000; ++seed) {
        Dice dice{seed};
        std::vector<Kind> kinds(1 + dice.below(5));
        for (auto& kind : kinds) kind = static_cast<Kind>(dice.below(4));
        std::vector<bool> dialled(kinds.size());
        Selector selector{kinds, any_policy(dice), {}};
        auto now = kStart;
        for (int n = 0; n < 500; ++n) {
            const std::size_t i = dice.below(static_cast<std::uint32_t>(kinds.size()));
            const auto event = dice.below(7);
            Selector::Actions actions;
            if (event == 0) actions = selector.start(now);
            if (event == 1) actions = selector.ready(i, now);
            if (event == 2) actions = selector.packet(i, Packet::sync, now);
            if (event == 3) actions = selector.packet(i, dice.below(2) ? Packet::media : Packet::filler, now);
            if (event == 4)
                dialled[i] = false, actions = selector.lost(i, static_cast<Cause>(dice.below(4)), now);
            if (event == 5) now += Duration{dice.below(3000)};
            if (event == 6) {
                if (selector.due() < kNever && dice.below(2)) now = std::max(now, selector.due());
                actions = selector.tick(now);
                assert_true(selector.due() > now);
            }
            assert_true(actions.size() <= 3 * kinds.size() + 4);
            for (const auto& action : actions) {
                assert_true(action.source < kinds.size());
                if (action.kind == Act::on_air) assert_true(event == 2 && action.source == i);
                if (action.kind == Act::drop) dialled[action.source] = false;
                if (action.kind != Act::dial) continue;
                assert_true(kinds[action.source] == Kind::pull);
                assert_false(dialled[action.source]);
                dialled[action.source] = true;
            }
            const auto on_air = selector.on_air();
            if (on_air) {
                const auto state = selector.state(*on_air);
                assert_true(state == State::live || state == State::starving);
            }
        }
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_rows_hold),
        cmocka_unit_test(an_hour_without_a_source_costs_a_bounded_number_of_dials_and_no_memory),
        cmocka_unit_test(a_flapping_source_is_contacted_less_than_25_times_in_5_minutes),
        cmocka_unit_test(pauses_are_drawn_from_half_to_the_whole),
        cmocka_unit_test(pauses_of_nothing_still_let_the_loop_turn),
        cmocka_unit_test(a_tick_that_comes_too_early_changes_nothing),
        cmocka_unit_test(
            in_one_answer_a_link_is_let_go_before_the_next_is_dialled_and_after_another_is_on_air),
        cmocka_unit_test(events_of_a_source_that_is_not_connected_change_nothing),
        cmocka_unit_test(a_channel_without_a_list_grows_by_pushes),
        cmocka_unit_test(whatever_sources_do_the_invariants_hold),
        cmocka_unit_test(no_order_of_events_breaks_it),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
