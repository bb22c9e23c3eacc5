// Which of a channel's sources is pulled and when: losses, silence, pauses, pushes beside pulls.
#include "test/flow/pull_bench.hpp"

using namespace weir;
using namespace weir::test;

namespace {

using State = SourceStatus::State;

const Sources kOne{"http://up.example/live"};
const Sources kTwo{"http://a.example/live", "mmsh://b.example/live"};
constexpr std::string_view kA = "a.example:80", kB = "b.example:80";
constexpr std::string_view kNotFound = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view kBusy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";

// How long until weir dials again.
Duration pause_of(PullBench& b) {
    const TimePoint from = b.host.now();
    b.turn();
    while (b.host.dials().empty() && b.host.now() - from < Duration{60000}) b.host.advance(Duration{1});
    assert_false(b.host.dials().empty());
    return b.host.now() - from;
}
// Half of `full` to all of it.
void assert_pause(PullBench& b, std::int64_t full) {
    const auto pause = pause_of(b).count();
    if (pause * 2 < full || pause > full) print_error("a pause of %jd ms, not of %jd\n", pause, full);
    assert_true(pause * 2 >= full && pause <= full);
}
// A stream that runs so long, a packet a second.
FakePeer& run_for(PullBench& b, Duration time, std::string_view address = "up.example:80") {
    FakePeer& up = b.answers(ok() + b.header() + b.next(), address);
    for (Duration gone{0}; gone < time; gone += Duration{1000}) {
        b.host.advance(std::min(Duration{1000}, time - gone));
        up.say(b.next());
    }
    return up;
}

// An encoder that pushes to the channel.
struct Push {
    explicit Push(PullBench& b) : bench(b), peer(b.host.connect()) {
        peer.say("POST /live HTTP/1.1\r\nHost: weir\r\nTransfer-Encoding: chunked\r\n\r\n");
        peer.say(in_chunk(text_of(stream.header())));
        send();
    }
    void send() {
        peer.say(in_chunk(text_of(stream.next(true))));
        bench.turn();
    }
    void end() {
        peer.say("0\r\n\r\n");
        bench.turn();
    }
    PullBench& bench;
    VideoStream stream;
    FakePeer& peer;
};

void nobody_who_answers_is_asked_ever_more_slowly(void**) {
    PullBench b{kOne};
    for (const std::int64_t full : {200, 400, 800, 1600, 3200, 5000, 5000, 5000}) {
        b.host.refuse_dial();
        assert_pause(b, full);
    }
    // A stream of five seconds and more forgets them all: it is dialled anew at once, then from the start.
    b.close(run_for(b, Duration{5000}));
    assert_int_equal(pause_of(b).count(), 0);
    b.host.refuse_dial();
    assert_pause(b, 200);
}

void refusals_are_asked_again_yet_more_slowly(void**) {
    PullBench b{kOne};
    for (const std::int64_t full : {1000, 2000, 4000, 8000, 16000, 30000, 30000}) {
        b.answers(kNotFound);
        b.turn();
        assert_int_equal(b.status().state, State::waiting);
        assert_string_equal(b.status().error.c_str(), "the server answered 404 Not Found");
        assert_pause(b, full);
    }
}

void a_server_that_is_busy_is_asked_as_often_as_one_that_is_not_there(void**) {
    PullBench b{kOne};
    for (const std::int64_t full : {200, 400, 800, 1600, 3200, 5000, 5000}) {
        b.answers(kBusy);
        assert_pause(b, full);
    }
    assert_string_equal(b.status().error.c_str(), "the server answered 503 Service Unavailable");
}

void streams_that_break_at_once_count_as_refusals(void**) {
    PullBench b{kOne};
    for (const std::int64_t full : {1000, 2000, 4000}) {
        b.close(run_for(b, Duration{4999}));
        assert_pause(b, full);
    }
}

void pauses_are_not_all_the_same(void**) {
    std::vector<std::int64_t> pauses;
    PullBench b{kOne};
    b.host.randomize();
    for (int i = 0; i < 20; ++i) {
        b.host.refuse_dial();
        pauses.push_back(pause_of(b).count());
        b.close(run_for(b, Duration{5000}));
        pause_of(b);
    }
    std::sort(pauses.begin(), pauses.end());
    assert_true(std::unique(pauses.begin(), pauses.end()) - pauses.begin() > 5);
    assert_true(pauses.front() >= 100 && pauses.back() <= 200);
}

void the_log_tells_the_first_failure_and_the_recovery(void**) {
    PullBench b{kOne};
    for (int i = 0; i < 10; ++i) {
        b.host.refuse_dial();
        pause_of(b);
    }
    assert_int_equal(b.host.lines().count("warning: "), 1);
    assert_true(b.host.lines().has(
        "warning: channel live: http://up.example/live: up.example:80: Connection refused"));
    FakePeer& up = b.answers(ok() + b.header());
    assert_false(b.host.lines().has("on air"));
    up.say(b.next());
    assert_int_equal(b.host.lines().count("info: channel live: pull from http://up.example/live is on air"),
                     1);
    assert_true(b.status().error.empty());
    b.close(up);
    assert_int_equal(b.host.lines().count("warning: "), 2);
    assert_int_equal(b.host.lines().count("lost pull from http://up.example/live after 1 packets"), 1);
}

void no_answer_in_ten_seconds_is_a_failure(void**) {
    PullBench b{kOne};
    FakePeer& up = b.answers("HTTP/1.1 200 OK\r\n");
    // A head that drips in makes it no longer.
    for (int i = 0; i < 9; ++i) {
        b.host.advance(Duration{1000});
        up.say("X: y\r\n");
    }
    assert_false(up.was_told());
    b.host.advance(Duration{1000});
    b.assert_failed(up, "no answer within 10 s");
    assert_pause(b, 200);
}

void nothing_for_five_seconds_after_media_is_a_loss(void**) {
    PullBench b{kOne};
    FakePeer& up = run_for(b, Duration{2000});
    b.host.advance(Duration{4999});
    assert_false(up.was_told());
    up.say(b.next());
    b.host.advance(Duration{5000});
    assert_false(up.was_told());
    b.host.advance(Duration{1});
    b.assert_failed(up, "it fell silent");
    // The only source there is gets a fresh connection at once, and again if it brings nothing.
    assert_true(b.is_dialling("up.example:80"));
    b.assert_logged();
}

// The bytes of a link that came in the very moment in which it was given up.
void bytes_behind_the_loss_do_no_harm(void**) {
    PullBench b{kOne};
    FakePeer& up = run_for(b, Duration{6000});
    const std::string late = text_of(b.stream.next());
    b.host.timers().run(b.host.now() + Duration{5001});
    assert_false(b.host.live().has_source());
    up.say(late);
    assert_false(b.host.live().has_source());
    up.half_close();
    b.turn();
    assert_true(up.was_told());
    b.assert_logged();
    assert_int_equal(b.host.lines().count("warning: "), 1);
    assert_true(b.is_dialling("up.example:80"));
}

void fillers_keep_a_link_and_what_is_no_packet_does_not(void**) {
    PullBench b{kOne};
    FakePeer& up = run_for(b, Duration{2000});
    Buffer filler(64);
    filler.resize(b.stream.format()->make_filler(b.sent.back(), filler));
    for (int i = 0; i < 20; ++i) {
        b.host.advance(Duration{4000});
        up.say(text_of(filler));
        assert_false(up.was_told());
    }
    assert_int_equal(b.count(), 3);

    // The same by bytes that mean nothing.
    PullBench c{kOne};
    FakePeer& idle = c.answers(ok() + c.framed_header() + c.next_framed());
    c.host.advance(Duration{4000});
    idle.say(c.next_framed());
    c.host.advance(Duration{4000});
    idle.say(c.next_framed());
    for (int i = 0; i < 4; ++i) {
        c.host.advance(Duration{1000});
        idle.say("$T");
        idle.say(std::string_view{"\0\0", 2});
        assert_false(idle.was_told());
    }
    c.host.advance(Duration{1001});
    c.assert_failed(idle, "it fell silent");
}

void the_first_packet_may_be_thirty_seconds_late(void**) {
    PullBench b{kOne};
    b.host.advance(Duration{9000});
    FakePeer& up = b.answers(ok() + b.header());
    b.host.advance(Duration{20999});  // thirty seconds are counted from the attempt
    assert_int_equal(b.host.live().state(), Channel::State::open);
    assert_false(up.was_told());
    up.say(b.next());
    b.assert_logged();
    // From then on it is five.
    b.host.advance(Duration{5001});
    b.turn();
    assert_true(up.was_told());
    assert_pause(b, 1000);

    // A fresh link takes its place, and again: it is probably a relay whose own source is away.
    for (int round = 0; round < 3; ++round) {
        FakePeer& again = b.answers(ok() + b.header());
        for (int i = 0; i < 29; ++i) {
            b.host.advance(Duration{1000});
            again.say(b.header().substr(0, 1));  // of a packet that is never whole
        }
        assert_false(again.was_told());
        b.host.advance(Duration{1000});
        b.turn();
        assert_true(again.was_told());
        assert_string_equal(b.status().error.c_str(), "it fell silent");
        assert_true(b.is_dialling("up.example:80"));
    }
}

void the_next_candidate_is_dialled_at_once_and_after_the_last_there_is_a_pause(void**) {
    PullBench b{kTwo};
    assert_true(b.is_dialling(kA));
    assert_int_equal(b.status(0).state, State::dialling);
    assert_int_equal(b.status(1).state, State::idle);
    b.host.refuse_dial();
    b.turn();
    assert_true(b.is_dialling(kB));
    assert_int_equal(b.status(0).state, State::waiting);
    assert_int_equal(b.status(1).state, State::dialling);
    b.host.refuse_dial();
    assert_pause(b, 200);
    assert_true(b.is_dialling(kA));
    b.answers(kNotFound, kA);
    b.turn();
    b.close(b.answers(ok(kCougar) + b.framed_header(), kB));
    FakePeer& up = b.answers(ok(kCougar) + b.framed_header() + b.next_framed(), kB);
    assert_true(b.is_on_air(1));
    assert_true(b.status(1).error.empty());
    // One at a time.
    b.host.advance(Duration{4000});
    up.say(b.next_framed());
    b.host.advance(Duration{4000});
    up.say(b.next_framed());
    assert_true(b.host.dials().empty());
    // A source that ran is dialled first and at once, then the others, and then the best again.
    b.close(up);
    assert_true(b.is_dialling(kB));
    b.host.refuse_dial();
    b.turn();
    assert_true(b.is_dialling(kA));
    b.host.refuse_dial();
    assert_pause(b, 200);
    assert_true(b.is_dialling(kA));
    b.host.refuse_dial();
    b.turn();
    assert_true(b.is_dialling(kB));
    assert_int_equal(b.host.lines().count("warning: channel live: http://a.example/live"), 1);
}

void a_source_that_fell_silent_is_the_last_to_be_dialled_again(void**) {
    PullBench b{kTwo};
    FakePeer& up = run_for(b, Duration{8000}, kA);
    b.host.advance(Duration{5001});
    b.turn();
    assert_true(up.was_told());
    assert_true(b.is_dialling(kB));
    b.host.refuse_dial();
    b.turn();
    assert_true(b.is_dialling(kA));
    b.host.refuse_dial();
    assert_pause(b, 200);
}

void a_push_of_better_rank_makes_weir_let_the_pull_go_until_it_ends(void**) {
    PullBench b{Sources{"push:", "http://up.example/live"}};
    FakePeer& up = run_for(b, Duration{2000});
    const std::uint64_t before = b.count();
    Push push{b};
    assert_true(up.was_told());
    assert_int_equal(b.status(0).state, State::on_air);
    assert_int_equal(b.status(1).state, State::idle);
    assert_true(b.status(1).error.empty());
    assert_int_equal(b.count(), before + 1);
    assert_int_equal(b.host.lines().count("info: channel live: http://up.example/live is let go"), 1);
    assert_int_equal(b.host.lines().count("warning: "), 0);
    for (int i = 0; i < 60; ++i) {
        b.host.advance(Duration{1000});
        push.send();
        assert_true(b.host.dials().empty());
    }
    push.end();
    assert_true(b.is_dialling("up.example:80"));
    FakePeer& again = b.answers(ok() + b.header() + b.next(5));  // a sync point is among them
    assert_false(again.was_told());
    assert_true(b.is_on_air(1));
}

void a_push_of_better_rank_ends_an_attempt_and_a_pause_too(void**) {
    PullBench b{Sources{"push:", "http://up.example/live"}};
    FakePeer& up = b.connected();
    Push push{b};
    assert_true(up.was_told());
    push.end();
    assert_true(b.is_dialling("up.example:80"));
    {
        Push second{b};
        assert_true(b.host.dials().empty());
        second.end();
    }
    assert_true(b.is_dialling("up.example:80"));
    b.host.refuse_dial();
    Push third{b};
    b.host.advance(Duration{3000});
    assert_true(b.host.dials().empty());
    assert_int_equal(b.status(1).state, State::idle);
    third.end();
    assert_true(b.is_dialling("up.example:80"));
}

void a_better_pull_is_asked_only_when_the_worse_push_is_lost(void**) {
    PullBench b{Sources{"http://up.example/live", "push:"}};
    b.host.refuse_dial();
    Push push{b};
    assert_true(b.is_on_air(1));
    assert_int_equal(b.status(0).state, State::idle);
    for (int i = 0; i < 60; ++i) {
        b.host.advance(Duration{1000});
        push.send();
        assert_true(b.host.dials().empty());
    }
    push.end();
    assert_true(b.is_dialling("up.example:80"));
}

void with_failback_after_a_better_pull_takes_over_when_it_has_run_so_long(void**) {
    ChannelConfig config;
    config.name = "live";
    config.sources = {"http://up.example/live", "push:"};
    config.failback = {.when = Failback::When::after, .beside = Milliseconds{3000}};
    PullBench b{config};
    b.host.refuse_dial();
    Push push{b};
    assert_true(b.is_on_air(1));
    assert_pause(b, 200);
    FakePeer& up = b.answers(ok() + b.header() + b.next());
    for (int i = 0; i < 29; ++i) {
        b.host.advance(Duration{100});
        push.send();
        up.say(b.next());
        assert_true(b.is_on_air(1));
        assert_int_equal(b.status(0).state, State::standby);
    }
    b.host.advance(Duration{100});
    push.send();
    up.say(b.next(5));  // a sync point is among them
    assert_true(b.is_on_air(0));
    assert_int_equal(b.status(1).state, State::standby);
    assert_false(push.peer.is_closing());
    assert_true(b.host.lines().has("switched from push"));
    // And back: what is lost is bridged at once, and dialled beside what bridges it.
    b.close(up);
    push.send();
    assert_true(b.is_on_air(1));
    assert_true(b.host.lines().has("back on air with push"));
    assert_pause(b, 1000);
}

void with_randomize_pulls_change_places_among_themselves(void**) {
    ChannelConfig config;
    config.name = "live";
    config.sources = {"push:"};
    for (const char* host : {"a", "b", "c", "d", "e", "f"})
        config.sources.push_back("http://" + std::string(host) + ".example/live");
    config.sources.push_back("test:");
    config.randomize = true;
    PullBench b{config};
    const auto found = b.host.sources(b.host.live());
    std::vector<SourceConfig> order;
    for (std::size_t i = 0; i < found.size(); ++i) {
        assert_int_equal(found[i].rank, i);
        order.push_back(found[i].source);
    }
    assert_string_equal(order.front().url.c_str(), "push:");
    assert_string_equal(order.back().url.c_str(), "test:");
    assert_true(found.back().fill);
    assert_true(order != config.sources);
    assert_true(std::is_permutation(order.begin(), order.end(), config.sources.begin()));
    // The first of them is the first to be dialled.
    assert_true(b.is_dialling(order[1].url.substr(7, 9) + ":80"));
}

void a_pull_that_is_to_stand_by_is_told_as_one_wherever_chance_puts_it(void**) {
    ChannelConfig config;
    config.name = "live";
    config.sources = {"push:"};
    for (const char* host : {"a", "b", "c", "d"})
        config.sources.push_back("http://" + std::string(host) + ".example/live");
    config.sources[2].standby = true;
    for (const bool randomize : {false, true}) {
        config.randomize = randomize;
        PullBench b{config};
        std::size_t found = 0;
        for (const SourceStatus& source : b.host.sources(b.host.live())) {
            assert_int_equal(source.standby, source.source == "http://b.example/live");
            assert_int_equal(source.slot.has_value(), source.source == "push:");
            found += source.standby;
        }
        assert_int_equal(found, 1);
    }
}

void the_test_signal_behind_a_pull_only_bridges_it(void**) {
    PullBench b{Sources{"http://up.example/live", "test:"}};
    b.host.advance(Duration{500});
    assert_true(b.is_on_air(1));
    assert_int_equal(b.host.live().state(), Channel::State::restarting);
    assert_true(b.is_dialling("up.example:80"));
    b.answers(ok() + b.header() + b.next());
    assert_true(b.is_on_air(0));
    // Listed first it is a source like others, and leaves nothing to be wanted.
    PullBench c{Sources{"test:", "http://up.example/live"}};
    c.host.advance(Duration{60000});
    assert_true(c.is_on_air(0));
    assert_true(c.host.dials().empty());
}

void stop_ends_pulls_in_every_phase(void**) {
    for (int phase = 0; phase < 8; ++phase) {
        PullBench b{phase < 4 ? kOne : Sources{"mmsh://up.example/live"}};
        FakePeer* up = nullptr;
        if (phase == 1) b.host.refuse_dial();
        if (phase > 1 && phase != 7) up = &b.connected();
        if (phase == 2) up->say(ok());
        if (phase == 3) up->say(ok() + b.header() + b.next());
        if (phase == 5) up->say(ok(kCougar) + b.framed_header());  // to be settled
        if (phase == 6) up->say("HTTP/1.1 302 a\r\nLocation: /b\r\n\r\n");
        if (phase == 7) b.close(b.answers(ok(kCougar) + b.framed_header()));  // Play is dialled
        const auto warnings = b.host.lines().count("warning: ");
        b.host.stop();
        b.turn();
        assert_true(b.host.dials().empty());
        if (up) assert_true(up->was_told());
        b.host.advance(Duration{60000});
        assert_true(b.host.dials().empty());
        assert_int_equal(b.host.lines().count("warning: "), warnings);
        assert_false(b.host.live().has_source());
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(nobody_who_answers_is_asked_ever_more_slowly),
        cmocka_unit_test(refusals_are_asked_again_yet_more_slowly),
        cmocka_unit_test(a_server_that_is_busy_is_asked_as_often_as_one_that_is_not_there),
        cmocka_unit_test(streams_that_break_at_once_count_as_refusals),
        cmocka_unit_test(pauses_are_not_all_the_same),
        cmocka_unit_test(the_log_tells_the_first_failure_and_the_recovery),
        cmocka_unit_test(no_answer_in_ten_seconds_is_a_failure),
        cmocka_unit_test(nothing_for_five_seconds_after_media_is_a_loss),
        cmocka_unit_test(bytes_behind_the_loss_do_no_harm),
        cmocka_unit_test(fillers_keep_a_link_and_what_is_no_packet_does_not),
        cmocka_unit_test(the_first_packet_may_be_thirty_seconds_late),
        cmocka_unit_test(the_next_candidate_is_dialled_at_once_and_after_the_last_there_is_a_pause),
        cmocka_unit_test(a_source_that_fell_silent_is_the_last_to_be_dialled_again),
        cmocka_unit_test(a_push_of_better_rank_makes_weir_let_the_pull_go_until_it_ends),
        cmocka_unit_test(a_push_of_better_rank_ends_an_attempt_and_a_pause_too),
        cmocka_unit_test(a_better_pull_is_asked_only_when_the_worse_push_is_lost),
        cmocka_unit_test(with_failback_after_a_better_pull_takes_over_when_it_has_run_so_long),
        cmocka_unit_test(with_randomize_pulls_change_places_among_themselves),
        cmocka_unit_test(a_pull_that_is_to_stand_by_is_told_as_one_wherever_chance_puts_it),
        cmocka_unit_test(the_test_signal_behind_a_pull_only_bridges_it),
        cmocka_unit_test(stop_ends_pulls_in_every_phase),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
