// What a pull tells of its way, for those who walk a list of servers: each connection that it makes, each
// answer that it takes as one; and how long it waits for either.
#include "core/relay/modules.hpp"
#include "core/relay/protocol.hpp"
#include "test/flow/pull_bench.hpp"
#include "weir/weir.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::test;

namespace {

// Writes down what it is told, a word each.
struct Steps final : PullListener {
    explicit Steps(std::string_view url, PullRequest request = {}) {
        const Protocol* protocol = find_puller(builtin_modules().protocols, url);
        pull = protocol->pull(host, url, request, *this);
    }

    void on_connected() override { say("connected"); }
    void on_answered(int status) override { say(std::to_string(status)); }
    Result<> on_stream(StreamReader&, Bytes) override {
        if (!told.ends_with("stream")) say("stream");
        return Ok{};
    }
    void on_done(Result<> result) override {
        say("done");
        why = result ? "" : result.error().detail;
    }
    void say(std::string_view what) {
        if (!told.empty()) told += ' ';
        told += what;
    }

    // The next server is connected to, and says this.
    FakePeer& server(std::string_view answer) {
        host.advance(Duration{0});
        FakePeer& peer = host.answer_dial();
        peer.say(answer);
        host.advance(Duration{0});
        return peer;
    }
    void assert_told(const char* what) const { assert_string_equal(told.c_str(), what); }

    FakeHost host;
    std::string told, why;
    std::unique_ptr<Pull> pull;
};

constexpr const char* kHttp = "http://up.example/live";
constexpr const char* kMmsh = "mmsh://up.example/live";

void a_plain_pull_tells_of_its_connection_and_its_answer(void**) {
    Steps steps(kHttp);
    steps.host.advance(Duration{0});
    FakePeer& peer = steps.host.answer_dial();
    steps.assert_told("connected");
    VideoStream stream;
    peer.say(ok());
    steps.assert_told("connected 200");
    peer.say(text_of(stream.header()) + text_of(stream.next()));
    steps.assert_told("connected 200 stream");
}

void an_answer_that_refuses_is_one(void**) {
    for (const int status : {302, 404, 500, 511}) {
        Steps steps(kHttp);
        steps.server("HTTP/1.1 " + std::to_string(status) + " Odd\r\n\r\n");
        steps.assert_told(("connected " + std::to_string(status) + " done").c_str());
    }
    for (const std::string_view odd : {"302 There\r\nLocation: ftp://other.example/", "401 No"}) {
        Steps steps(kHttp);
        steps.server("HTTP/1.1 " + std::string(odd) + "\r\n\r\n");
        steps.assert_told(("connected " + std::string(odd.substr(0, 3)) + " done").c_str());
    }
    Steps steps(kMmsh);
    steps.server("HTTP/1.0 511 Elsewhere\r\n\r\n");
    steps.assert_told("connected 511 done");
}

void what_only_asks_for_another_request_is_no_answer(void**) {
    Steps steps("http://me:secret@up.example/live");
    steps.server("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n");
    steps.server("HTTP/1.1 302 There\r\nLocation: http://other.example/live\r\n\r\n");
    steps.assert_told("connected connected");
    steps.server(ok());
    steps.assert_told("connected connected connected 200");
}

void nothing_is_an_answer_before_its_head_is_complete(void**) {
    Steps steps(kHttp);
    FakePeer& peer = steps.server("HTTP/1.1 200 OK\r\nServer: x\r\n");
    steps.assert_told("connected");
    peer.half_close();
    steps.host.advance(Duration{0});
    steps.assert_told("connected done");
}

void describe_and_play_are_two_of_each(void**) {
    Steps steps(kMmsh);
    VideoStream stream;
    FakePeer& describe = steps.server(ok(kCougar) + test::framed_header(stream.header()));
    describe.half_close();
    steps.host.advance(Duration{0});
    steps.assert_told("connected 200");
    steps.server(ok(kCougar) + test::framed_header(stream.header()));
    steps.assert_told("connected 200 connected 200 stream");
}

void who_takes_an_answer_over_does_not_tell_of_it_again(void**) {
    Steps steps(kHttp);
    VideoStream stream;
    steps.server(ok(kCougar) + test::framed_header(stream.header()) + framed_packet(stream.next()));
    steps.assert_told("connected 200 stream");
}

void each_connection_and_each_answer_may_take_as_long_as_was_asked_for(void**) {
    for (const char* url : {kHttp, kMmsh}) {
        Steps steps(url, {.timeout = Duration{2500}});
        steps.host.advance(Duration{0});
        assert_int_equal(steps.host.dial_timeout().count(), 2500);
        steps.host.answer_dial();
        steps.host.advance(Duration{2499});
        steps.assert_told("connected");
        steps.host.advance(Duration{1});
        steps.assert_told("connected done");
        assert_string_equal(steps.why.c_str(), "no answer within 2500 ms");
    }
    // The second request has as long again.
    Steps steps(kMmsh, {.timeout = Duration{2000}});
    VideoStream stream;
    steps.server(ok(kCougar) + test::framed_header(stream.header())).half_close();
    steps.host.advance(Duration{0});
    steps.server("");
    steps.host.advance(Duration{1999});
    steps.assert_told("connected 200 connected");
    steps.host.advance(Duration{1});
    steps.assert_told("connected 200 connected done");
    assert_string_equal(steps.why.c_str(), "no answer within 2 s");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_pull_tells_of_its_connection_and_its_answer),
        cmocka_unit_test(an_answer_that_refuses_is_one),
        cmocka_unit_test(what_only_asks_for_another_request_is_no_answer),
        cmocka_unit_test(nothing_is_an_answer_before_its_head_is_complete),
        cmocka_unit_test(describe_and_play_are_two_of_each),
        cmocka_unit_test(who_takes_an_answer_over_does_not_tell_of_it_again),
        cmocka_unit_test(each_connection_and_each_answer_may_take_as_long_as_was_asked_for),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
