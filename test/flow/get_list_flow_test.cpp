// How `weir get` takes its stream from one of several servers, whose part the test plays.
#include "cli/get_list.hpp"

#include "core/relay/modules.hpp"
#include "test/flow/pull_bench.hpp"
#include "weir/weir.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::cli;
using namespace weir::test;

namespace {

constexpr Duration kTimeout{60000};

std::vector<std::string> letters(std::string_view hosts, std::string_view scheme = "http") {
    std::vector<std::string> urls;
    for (const char host : hosts) urls.push_back(fmt::format("{}://{}/live", scheme, host));
    return urls;
}
GetList list_of(const std::vector<std::string>& urls) {
    auto list = make_get_list(urls, builtin_modules().protocols);
    assert_true(list.ok());
    return std::move(list).value();
}

struct Bench final : ListPull::Listener, StreamReader::Output {
    explicit Bench(const std::vector<std::string>& urls, Duration timeout = kTimeout)
        : list(host, list_of(urls).sources, timeout, static_cast<ListPull::Listener&>(*this)) {
        ask();
    }

    Result<> on_stream(StreamReader& reader, Bytes bytes) override {
        bytes_came += bytes.size();
        return reader.feed(bytes, *this);
    }
    Result<> on_format(StreamFormatPtr) override { return Ok{}; }
    Result<> on_packet(Bytes, const PacketInfo&) override { return Ok{}; }
    Result<> on_bad_packet(const Error&) override { return Ok{}; }
    void on_done(Result<> why) override {
        assert_false(is_done);
        is_done = true;
        outcome = list.who() + ": " + (why ? "over" : why.error().detail);
    }
    void on_step(const std::string& step) override { steps.push_back(step); }

    void ask() {
        is_done = false;
        list.ask();
        turn();
    }
    void turn() { host.advance(Duration{0}); }
    // The one server that is being connected to.
    void assert_dials(std::string_view letter) {
        turn();
        const std::vector<std::string> wanted{fmt::format("{}:80", letter)};
        if (host.dials() != wanted) print_error("not dialling %s alone\n", std::string(letter).c_str());
        assert_true(host.dials() == wanted);
    }
    void refuse(std::string_view letter) {
        assert_dials(letter);
        host.refuse_dial();
        turn();
    }
    FakePeer& accept(std::string_view letter) {
        assert_dials(letter);
        FakePeer& peer = host.answer_dial();
        turn();
        return peer;
    }
    FakePeer& answer(std::string_view letter, std::string_view text) {
        FakePeer& peer = accept(letter);
        peer.say(text);
        turn();
        return peer;
    }
    // It streams, and its connection breaks.
    void stream_and_break(std::string_view letter) {
        FakePeer& peer = answer(letter, ok("Content-Length: 9999999\r\n") + text_of(stream.header()));
        peer.reset();
        turn();
    }
    void assert_outcome(const char* what) {
        turn();
        assert_true(is_done);
        assert_true(host.dials().empty());
        assert_string_equal(outcome.c_str(), what);
    }
    bool has_step(std::string_view text) const {
        for (const auto& step : steps)
            if (step == text) return true;
        for (const auto& step : steps) print_error("step: %s\n", step.c_str());
        return false;
    }

    FakeHost host;
    VideoStream stream;
    std::vector<std::string> steps;
    std::string outcome;
    bool is_done = false;
    std::size_t bytes_came = 0;
    ListPull list;
};

void a_refusal_leads_to_the_next_at_once(void**) {
    Bench b(letters("abc"));
    b.refuse("a");
    b.refuse("b");
    b.answer("c", ok() + text_of(b.stream.header()));
    assert_true(b.bytes_came > 0);
    assert_true(b.steps == (std::vector<std::string>{"contact http://a/live (the first of the list)",
                                                     "http://a/live: refused: a:80: Connection refused",
                                                     "contact http://b/live (the next of the list)",
                                                     "http://b/live: refused: b:80: Connection refused",
                                                     "contact http://c/live (the next of the list)",
                                                     "http://c/live: answered 200"}));
}

void a_wait_longer_than_the_timeout_leads_to_the_next(void**) {
    Bench b(letters("ab"));
    b.host.advance(kTimeout);
    b.assert_dials("a");
    b.host.advance(Duration{1});
    assert_true(b.has_step("http://a/live: waited longer than 1m"));
    // The connection of the one that accepts and does not answer is closed before the next is opened.
    FakePeer& peer = b.accept("b");
    b.host.advance(kTimeout);
    assert_false(peer.was_told());
    assert_false(b.is_done);
    b.host.advance(Duration{1});
    assert_true(peer.was_told());
    b.assert_outcome("http://b/live: no answer within 1m (the list of 2 servers is exhausted)");
}

void each_connection_and_each_answer_has_the_timeout_for_itself(void**) {
    Bench b(letters("ab"));
    b.host.advance(kTimeout - Duration{1});
    FakePeer& peer = b.accept("a");
    b.host.advance(kTimeout - Duration{1});
    peer.say(ok() + text_of(b.stream.header()));
    assert_true(b.bytes_came > 0);
    // An answer that began may pause for longer than that, but not be silent for half a minute.
    b.host.advance(ListPull::kSilenceLimit - Duration{1});
    peer.say(text_of(b.stream.next()));
    b.host.advance(ListPull::kSilenceLimit - Duration{1});
    assert_false(b.is_done);
}

void status_511_leads_to_the_next_and_any_other_is_the_answer(void**) {
    Bench b(letters("abc"));
    FakePeer& peer = b.answer("a", "HTTP/1.1 511 Elsewhere\r\nContent-Length: 4294967296\r\n\r\n");
    assert_true(peer.was_told());
    assert_true(b.has_step("http://a/live: answered 511"));
    b.answer("b", "HTTP/1.1 500 Broken\r\n\r\n");
    b.assert_outcome("http://b/live: the server answered 500 Broken");
}

void an_exhausted_list_is_reported_by_what_tells_most(void**) {
    Bench b(letters("abc"));
    b.answer("a", "HTTP/1.1 511 Elsewhere\r\n\r\n");
    b.accept("b");
    b.host.advance(kTimeout + Duration{1});
    b.refuse("c");
    b.assert_outcome("http://a/live: the server answered 511 (the list of 3 servers is exhausted)");
    // The next request begins with the first.
    b.ask();
    b.refuse("a");
    b.refuse("b");
    b.refuse("c");
    b.assert_outcome("http://c/live: c:80: Connection refused (the list of 3 servers is exhausted)");
    assert_true(b.has_step("list exhausted: http://c/live: c:80: Connection refused"));
}

void a_single_server_is_reported_as_it_is(void**) {
    Bench b(letters("a"));
    b.refuse("a");
    b.assert_outcome("http://a/live: a:80: Connection refused");
}

void what_is_no_answer_leads_to_the_next(void**) {
    Bench b(letters("abcd"));
    FakePeer& closes = b.accept("a");
    closes.half_close();
    b.turn();
    b.answer("b", "220 mail.example ESMTP\r\n");
    FakePeer& half = b.answer("c", "HTTP/1.1 200 OK\r\nServer:");
    half.reset();
    b.turn();
    b.assert_dials("d");
}

void after_a_break_the_last_one_is_asked_and_later_the_first(void**) {
    Bench b(letters("abc"));
    b.refuse("a");
    b.stream_and_break("b");
    assert_true(b.is_done);
    b.host.advance(kTimeout);
    b.ask();
    assert_true(b.has_step("contact http://b/live (it answered last, and no longer than 1m ago)"));
    b.refuse("b");
    // Behind it, around the end, each once.
    b.refuse("c");
    b.stream_and_break("a");
    b.ask();
    b.refuse("a");
    b.stream_and_break("b");
    b.host.advance(kTimeout + Duration{1});
    b.ask();
    assert_true(b.has_step("contact http://a/live (back to the first of the list, after more than 1m)"));
    b.assert_dials("a");
}

void an_answer_that_falls_silent_is_a_wait(void**) {
    for (const bool has_begun : {false, true}) {
        Bench b(letters("abc"));
        FakePeer& peer = b.answer("a", ok() + (has_begun ? text_of(b.stream.header()) : ""));
        b.host.advance(ListPull::kSilenceLimit);
        assert_true(peer.was_told());
        b.assert_outcome("http://a/live: nothing came for 30 s");
        assert_true(b.list.fell_silent());
        b.ask();
        b.refuse("b");
        b.refuse("c");
        // The silent one is the last choice, not excluded.
        b.stream_and_break("a");
        assert_false(b.list.fell_silent());
    }
}

void a_description_and_its_stream_are_two_requests_to_one_server(void**) {
    Bench b(letters("ab", "mmsh"));
    b.answer("a", ok(kCougar) + test::framed_header(b.stream.header())).half_close();
    FakePeer& play = b.answer("a", ok(kCougar) + test::framed_header(b.stream.header()));
    assert_true(is_play(play));
    assert_true(b.bytes_came > 0);
    assert_true(b.has_step("contact mmsh://a/live (it answered last; for its stream)"));
}

void a_server_that_describes_and_then_refuses_to_stream_is_passed_over(void**) {
    const auto described = [](Bench& b) {
        b.answer("a", ok(kCougar) + test::framed_header(b.stream.header())).half_close();
        b.turn();
    };
    {
        Bench b(letters("ab", "mmsh"));
        described(b);
        b.refuse("a");
        b.assert_dials("b");
    }
    {
        Bench b(letters("ab", "mmsh"));
        described(b);
        b.answer("a", "HTTP/1.0 511 Elsewhere\r\n\r\n");
        b.assert_dials("b");
    }
    {
        Bench b(letters("ab", "mmsh"));
        described(b);
        FakePeer& play = b.accept("a");
        b.host.advance(kTimeout);
        assert_false(play.was_told());
        b.host.advance(Duration{1});
        assert_true(play.was_told());
        b.assert_dials("b");
    }
    {
        // An answer is one, here too.
        Bench b(letters("ab", "mmsh"));
        described(b);
        b.answer("a", "HTTP/1.0 503 Busy\r\n\r\n");
        b.assert_outcome("mmsh://a/live: the server answered 503 Busy");
    }
}

void a_redirect_to_nowhere_leads_to_the_next(void**) {
    Bench b(letters("ab"));
    b.answer("a", "HTTP/1.1 302 There\r\nLocation: http://x/live\r\n\r\n");
    b.refuse("x");
    b.assert_dials("b");
}

void a_stream_that_ends_by_itself_is_over(void**) {
    Bench b(letters("ab", "mmsh"));
    b.answer("a", ok(kCougar) + test::framed_header(b.stream.header()) + framed_packet(b.stream.next()) +
                      stream_end(0));
    b.assert_outcome("mmsh://a/live: over");
    b.ask();
    b.assert_dials("a");
}

void a_list_has_each_server_once_and_not_too_many(void**) {
    auto list = list_of({"http://A/x", "mmsh://a:80/y", "http://a:81/x", "mms://[::1]/", "http://[0::1]/z"});
    assert_int_equal(list.sources.size(), 3);
    assert_string_equal(list.sources[1].url.c_str(), "http://a:81/x");
    assert_int_equal(list.notes.size(), 2);
    assert_string_equal(list.notes[0].c_str(), "mmsh://a/y is left out: a:80 is in the list already");
    std::vector<std::string> many;
    for (int i = 0; i < 70; ++i) many.push_back(fmt::format("http://me:secret@h:{}/x", i + 1));
    list = list_of(many);
    assert_int_equal(list.sources.size(), Follower::kMaxEndpoints);
    assert_int_equal(list.notes.size(), 70 - Follower::kMaxEndpoints);
    assert_string_equal(list.notes[0].c_str(), "http://h:65/x is left out: a list has 64 servers at most");
    list = list_of({"msbd://a/x", "msbd://a:7007/y", "http://a/x", "msbd://[::1]:9/"});
    assert_int_equal(list.sources.size(), 3);
    assert_string_equal(list.notes[0].c_str(), "msbd://a:7007/y is left out: a:7007 is in the list already");
    for (const char* bad :
         {"http://", "ftp://h/x", "http://h:99999/", "h", "msbd://", "msbd://me@h/x", "msbd://h/a b"})
        assert_false(make_get_list({"http://a/", bad}, builtin_modules().protocols).ok());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_leads_to_the_next_at_once),
        cmocka_unit_test(a_wait_longer_than_the_timeout_leads_to_the_next),
        cmocka_unit_test(each_connection_and_each_answer_has_the_timeout_for_itself),
        cmocka_unit_test(status_511_leads_to_the_next_and_any_other_is_the_answer),
        cmocka_unit_test(an_exhausted_list_is_reported_by_what_tells_most),
        cmocka_unit_test(a_single_server_is_reported_as_it_is),
        cmocka_unit_test(what_is_no_answer_leads_to_the_next),
        cmocka_unit_test(after_a_break_the_last_one_is_asked_and_later_the_first),
        cmocka_unit_test(an_answer_that_falls_silent_is_a_wait),
        cmocka_unit_test(a_description_and_its_stream_are_two_requests_to_one_server),
        cmocka_unit_test(a_server_that_describes_and_then_refuses_to_stream_is_passed_over),
        cmocka_unit_test(a_redirect_to_nowhere_leads_to_the_next),
        cmocka_unit_test(a_stream_that_ends_by_itself_is_over),
        cmocka_unit_test(a_list_has_each_server_once_and_not_too_many),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
