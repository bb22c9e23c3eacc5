// The rows R01 to R12 of failover.md section 6, and what decisions.md D3 and D4 add, read as they stand
// there: what sources do and when, which of them weir must contact, which are on air.
#include "test/unit/core/media/selector_world.hpp"

using namespace weir;
using namespace weir::test;

namespace {

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
    {"dumb", "an answer without even a header is given up", "", "A: dumb | B: ok", 40,  //
     "A@0 B@35.001", "B@35.001(closed)", "drop A@35.001(silent)", nullptr},
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
     "B@0", "A@0(closed) C@30(closed)", "drop B@0(better)", nullptr},
    {"rank", "across push slots rank decides; the lower ones are hot standbys (D4)", "",
     "push A: away 20:ok 40:away 60:ok | push B: ok", 80,  //
     "", "B@0(closed) A@20(better) B@40(closed) A@60(better)", "", nullptr},
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
     "", "B@0(closed) A@40(closed)", "", nullptr},
    {"after, push", "after: a better push takes over when it ran beside the worse for so long", "after=10",
     "push A: away 20:ok | push B: ok", 50,  //
     "", "B@0(closed) A@30(better)", "", nullptr},
    {"after, pull", "after: a better pull is dialled beside the worse, and takes over", "after=10",
     "A: ref 30:ok | B: ok", 60,  //
     "A@0 B@0 A@0.2 A@0.6 A@1.4 A@3 A@6.2 A@6.4 A@6.8 A@7.6 A@9.2 A@12.4 A@17.4 A@22.4 A@27.4 A@32.4",
     "B@0(closed) A@42.4(better)", "drop B@42.4(better)", nullptr},
    {"after, standby", "after: a standby takes over from a lost source, which is dialled beside it",
     "after=10", "A: ok 30:close | push B: ok", 60,  //
     "A@0 A@30", "A@0(closed) B@30(closed) A@40(better)", "", nullptr},
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

    // --- hot standby (decisions.md D3)
    {"hot push", "the best of those that stand by takes over in the instant of the loss", "",
     "push A: ok 30.2:away | push B: ok | push C: ok", 40,  //
     "", "A@0(closed) B@30.2(closed)", "", "closed@0 open@0 streaming@0"},
    {"hot push, silence", "or as soon as the one on air counts as silent; back at its next sync point", "",
     "push A: ok 30:silent 50:ok | push B: ok", 60,  //
     "", "A@0(closed) B@35.001(silent) A@50(better)", "starved A@35.001", nullptr},
    {"hot pull",
     "a standby is dialled beside the one on air, stays when a better one is there, and takes over", "",
     "push A: away 10:ok 30.2:away | standby B: ok", 40,  //
     "B@0", "B@0(closed) A@10(better) B@30.2(closed)", "", nullptr},
    {"hot pull behind a pull", "the lost pull is not dialled while the standby serves (S8)", "",
     "A: ok 30.2:close | standby B: ok | C: ok", 40,  //
     "A@0 B@0", "A@0(closed) B@30.2(closed)", "", nullptr},
    {"hot pulls", "both stand by, and the lost one stands by again", "",
     "standby A: ok 30.2:close 50.2:close | standby B: ok 40.2:close", 60,  //
     "A@0 B@0 A@30.2 B@40.2 A@50.2", "A@0(closed) B@30.2(closed) A@40.2(closed) B@50.2(closed)", "", nullptr},
    {"standby away", "a standby that cannot be had is asked again, with pauses of its own", "",
     "A: ok | standby B: ref", 8,  //
     "A@0 B@0 B@0.2 B@0.6 B@1.4 B@3 B@6.2", "A@0(closed)", "", nullptr},
    {"standby flaps", "and one whose stream breaks early, with longer ones", "", "A: ok | standby B: flap",
     40, "A@0 B@0 B@2 B@5 B@10 B@19 B@36", "A@0(closed)", "", nullptr},
    {"standby flaps once", "pauses are short again when it ran well", "",
     "A: ok | standby B: flap 2:ok 20:close", 40,  //
     "A@0 B@0 B@2 B@20", "A@0(closed)", "", nullptr},
    {"standby starves", "a standby whose link lives is kept; it is no candidate", "",
     "push A: ok 40:away | standby B: ok 20:filler 50:ok", 60,  //
     "B@0", "A@0(closed) B@50(closed)", "", nullptr},
    {"standby silent", "one that fell silent is asked anew", "", "push A: ok | standby B: ok 20:mute", 60,  //
     "B@0 B@26.001", "A@0(closed)", "drop B@25.001(silent)", nullptr},
    {"standby without media", "one that never brought any is replaced every 30 s", "",
     "push A: ok | standby B: silent", 70,  //
     "B@0 B@30 B@60", "A@0(closed)", "drop B@30(silent) drop B@60(silent)", nullptr},
    {"standby, walk", "while nothing is on air it is one of the list, and fails with it", "",
     "A: ref | standby B: ref", 2,  //
     "A@0 B@0 A@0.2 B@0.2 A@0.6 B@0.6 A@1.4 B@1.4", "", "", nullptr},
    {"standby, after", "after: a better standby takes over when it ran beside the worse for so long",
     "after=10", "standby A: ok 30.2:close | standby B: ok", 60,  //
     "A@0 B@0 A@30.2", "A@0(closed) B@30.2(closed) A@40.2(better)", "", nullptr},
    {"standby, on-close", "on-close: a better pull waits for the loss, standby or not", "",
     "standby A: ok 30.2:close | standby B: ok 45.2:close", 60,  //
     "A@0 B@0 A@30.2 B@45.2", "A@0(closed) B@30.2(closed) A@45.2(closed)", "", nullptr},
    {"standby, stalled", "a standby that starved on air is let go when another is there, and asked later", "",
     "standby A: ok 30:filler | B: slow", 40,  //
     "A@0 B@35.001 A@37.001", "A@0(closed) B@36.001(silent)", "starved A@35.001 drop A@36.001(silent)",
     nullptr},
    {"new run", "a push that connects anew has half a second for its sync point before a standby takes over",
     "", "push A: ok 30.2:nosync 30.2:again 40.2:ok | push B: ok", 50,  //
     "", "A@0(closed) B@30.7(replaced) A@40.2(better)", "", nullptr},

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

}  // namespace

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(the_rows_hold)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
