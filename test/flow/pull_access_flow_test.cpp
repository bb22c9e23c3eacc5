// Pulls: redirects, credentials, and who may never see them.
#include "test/flow/pull_bench.hpp"

using namespace weir;
using namespace weir::test;

namespace {

constexpr std::string_view kSecret = "s3cr3t";
// Base64 of "user:s3cr3t".
constexpr std::string_view kBasic = "Authorization: Basic dXNlcjpzM2NyM3Q=\r\n";
const std::string kWithPassword = "http://user:s3cr3t@up.example/live";

std::string redirect(std::string_view to, int status = 302) {
    return "HTTP/1.1 " + std::to_string(status) + " Found\r\nLocation: " + std::string(to) +
           "\r\nContent-Length: 5\r\n\r\nmoved";
}
std::string challenge(std::string_view scheme) {
    return "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: " + std::string(scheme) +
           "\r\nContent-Length: 0\r\n\r\n";
}
constexpr std::string_view kAskBasic = "Basic realm=\"weir\"";
constexpr std::string_view kAskDigest = "Digest realm=\"weir\", nonce=\"abc\", qop=\"auth\", algorithm=MD5";

// Nothing that is printed or told has the password, or what it is sent as.
void assert_no_secret(PullBench& b) {
    for (const std::string_view secret : {kSecret, kBasic.substr(15, 20)}) {
        assert_false(b.host.lines().has(secret));
        const SourceStatus status = b.status();
        for (const std::string& text : {status.source, status.who, status.error})
            assert_false(has(text, secret));
    }
}
std::string target(const FakePeer& peer) {
    return peer.sent().substr(0, peer.sent().find(" HTTP/"));
}

void redirects_are_followed_wherever_they_lead(void**) {
    struct Case {
        std::string location, address, request, host;
    };
    const Case cases[] = {
        {"http://other.example:81/x?y=z", "other.example:81", "GET /x?y=z", "other.example:81"},
        {"HTTP://OTHER.example", "other.example:80", "GET /", "OTHER.example"},
        {"mmsh://other.example/x", "other.example:80", "GET /x", "other.example"},
        {"//other.example/x", "other.example:80", "GET /x", "other.example"},
        {"/x/y", "up.example:8080", "GET /x/y", "up.example:8080"},
        {"y.asf", "up.example:8080", "GET /a/y.asf", "up.example:8080"},
        {"y:z", "", "", ""},
        {"./y?u=a:b", "up.example:8080", "GET /a/./y?u=a:b", "up.example:8080"},
        {"?k=v", "up.example:8080", "GET /a/live?k=v", "up.example:8080"},
        {"http://[::1]:81/x#part", "[::1]:81", "GET /x", "[::1]:81"},
    };
    for (const Case& c : cases) {
        PullBench b{Sources{"http://up.example:8080/a/live?q=1/2"}};
        FakePeer& first = b.answers(redirect(c.location), "up.example:8080");
        b.turn();
        assert_true(first.was_told());
        if (c.address.empty()) {
            b.assert_failed(first, "redirected to 'y:z': a URL begins with http://, mmsh:// or mms://");
            continue;
        }
        FakePeer& second = b.connected(c.address);
        assert_string_equal(target(second).c_str(), c.request.c_str());
        assert_true(has(second.sent(), "\r\nHost: " + c.host + "\r\n"));
        second.say(ok() + b.header() + b.next());
        b.assert_logged();
        // For people it is the source that they configured.
        assert_string_equal(b.status().who.c_str(), "pull from http://up.example:8080/a/live?q=1/2");
    }
}

void every_kind_of_redirect_is_one_and_others_are_answers(void**) {
    for (int status : {300, 301, 302, 303, 307, 308}) {
        PullBench b{Sources{"http://up.example/live"}};
        b.answers(redirect("/x", status));
        assert_true(target(b.connected()) == "GET /x");
    }
    for (int status : {304, 305}) {
        PullBench b{Sources{"http://up.example/live"}};
        FakePeer& up = b.answers(redirect("/x", status));
        b.assert_failed(up, "the server answered " + std::to_string(status) + " Found");
    }
    PullBench b{Sources{"http://up.example/live"}};
    b.assert_failed(b.answers("HTTP/1.1 302 Found\r\n\r\n"), "the server answered 302 Found");
}

void a_description_may_be_redirected_and_play_follows_it(void**) {
    PullBench b{Sources{"mmsh://up.example/live"}};
    b.answers(redirect("mmsh://other.example/x"));
    FakePeer& describe = b.connected("other.example:80");
    assert_true(target(describe) == "GET /x");
    assert_true(has(describe.sent(), "User-Agent: NSServer/4.1.0.3930"));
    describe.say(ok(kCougar) + b.framed_header());
    b.close(describe);
    FakePeer& play = b.answers(redirect("/y"), "other.example:80");
    assert_true(is_play(play) && target(play) == "GET /x");
    FakePeer& again = b.connected("other.example:80");
    assert_true(is_play(again) && target(again) == "GET /y");
    again.say(ok(kCougar) + b.framed_header() + b.next_framed());
    b.assert_logged();
}

void a_redirect_that_comes_back_to_itself_ends_after_five(void**) {
    PullBench b{Sources{"http://up.example/live"}};
    for (int i = 0; i < 5; ++i) b.answers(redirect("/live"));
    FakePeer& last = b.answers(redirect("/live"));
    b.assert_failed(last, "more than 5 redirects, the last to http://up.example/live");
    assert_int_equal(b.status().state, SourceStatus::State::waiting);
}

void https_is_refused_clearly(void**) {
    PullBench b{Sources{"http://up.example/live"}};
    FakePeer& up = b.answers(redirect("https://me:s3cr3t@up.example/live"));
    b.assert_failed(up, "redirected to 'https://***@up.example/live': a URL begins with http://, mmsh:// or");
    assert_no_secret(b);
}

void basic_credentials_are_sent_once_they_are_asked_for(void**) {
    PullBench b{Sources{kWithPassword}};
    FakePeer& first = b.connected();
    assert_false(has(first.sent(), "Authorization"));
    assert_false(has(first.sent(), kSecret));
    first.say(challenge(kAskBasic));
    FakePeer& second = b.connected();
    assert_true(first.was_told());
    assert_true(has(second.sent(), kBasic));
    second.say(ok() + b.header() + b.next());
    b.assert_logged();
    assert_string_equal(b.status().who.c_str(), "pull from http://up.example/live");
    assert_no_secret(b);
}

void digest_credentials_never_cross_the_wire(void**) {
    PullBench b{Sources{kWithPassword}};
    b.answers(challenge(kAskDigest));
    FakePeer& second = b.connected();
    assert_true(has(second.sent(),
                    "Authorization: Digest username=\"user\", realm=\"weir\", nonce=\"abc\", "
                    "uri=\"/live\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\""));
    assert_false(has(second.sent(), kSecret));
    second.say(ok() + b.header() + b.next());
    b.assert_logged();
    assert_no_secret(b);
}

void describe_and_play_are_both_authorised(void**) {
    for (const std::string_view scheme : {kAskBasic, kAskDigest}) {
        PullBench b{Sources{"mmsh://user:s3cr3t@up.example/live"}};
        const std::string_view proof = scheme == kAskBasic ? "Authorization: Basic" : "Authorization: Digest";
        b.answers(challenge(scheme));
        FakePeer& describe = b.connected();
        assert_true(has(describe.sent(), proof) && !is_play(describe));
        describe.say(ok(kCougar) + b.framed_header());
        b.close(describe);
        b.answers(challenge(scheme));
        FakePeer& play = b.connected();
        assert_true(has(play.sent(), proof) && is_play(play));
        play.say(ok(kCougar) + b.framed_header() + b.next_framed());
        b.assert_logged();
        assert_no_secret(b);
    }
}

void a_second_401_ends_it(void**) {
    for (const std::string_view scheme : {kAskBasic, kAskDigest}) {
        PullBench b{Sources{kWithPassword}};
        b.answers(challenge(scheme));
        FakePeer& second = b.answers(challenge(scheme));
        b.assert_failed(second, "the server does not accept the user name and password");
        assert_int_equal(b.status().state, SourceStatus::State::waiting);
        assert_no_secret(b);
    }
}

void without_credentials_a_401_says_what_is_missing(void**) {
    PullBench b{Sources{"http://up.example/live"}};
    FakePeer& up = b.answers(challenge(kAskBasic));
    b.assert_failed(up, "the server wants a user name and password, write http://user:password@host/");
}

void credentials_never_go_to_another_server(void**) {
    for (const std::string_view elsewhere : {"http://other.example/x", "http://up.example:81/x",
                                             "http://up.example.evil/x", "//other.example/x"}) {
        // Neither before they were asked for, nor after.
        for (const bool is_late : {false, true}) {
            PullBench b{Sources{kWithPassword}};
            if (is_late) b.answers(challenge(kAskBasic));
            b.answers(redirect(elsewhere));
            b.turn();
            const std::string address = b.host.dials().at(0);
            FakePeer& other = b.connected(address);
            assert_false(has(other.sent(), "Authorization"));
            other.say(challenge(kAskBasic));
            b.assert_failed(other, "/x: the server wants a user name and password");
            assert_no_secret(b);
        }
    }
}

void on_the_same_server_and_back_on_it_they_go_along(void**) {
    PullBench b{Sources{kWithPassword}};
    b.answers(challenge(kAskBasic));
    b.answers(redirect("http://UP.example/x"));
    FakePeer& same = b.connected();
    assert_true(target(same) == "GET /x" && has(same.sent(), kBasic));
    same.say(redirect("http://other.example/y"));
    FakePeer& other = b.answers(redirect("http://up.example/z"), "other.example:80");
    assert_false(has(other.sent(), "Authorization"));
    FakePeer& back = b.connected();
    assert_false(has(back.sent(), "Authorization"));
    back.say(challenge(kAskBasic));
    FakePeer& last = b.connected();
    assert_true(target(last) == "GET /z" && has(last.sent(), kBasic));
    last.say(ok() + b.header() + b.next());
    b.assert_logged();
    assert_no_secret(b);
}

void a_redirect_that_brings_credentials_is_believed_for_that_server(void**) {
    PullBench b{Sources{"http://up.example/live"}};
    b.answers(redirect("http://user:s3cr3t@other.example/x"));
    b.answers(challenge(kAskBasic), "other.example:80");
    FakePeer& up = b.connected("other.example:80");
    assert_true(has(up.sent(), kBasic));
    up.say("HTTP/1.1 404 Not Found\r\n\r\n");
    b.assert_failed(up, "the server answered 404 Not Found");
    assert_no_secret(b);
}

void failures_of_every_kind_do_not_show_the_password(void**) {
    for (const std::string_view answer :
         {"HTTP/1.1 404 Not Found\r\n\r\n", "garbage\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n<p>",
          "HTTP/1.1 302 a\r\nLocation: http://u:s3cr3t@/\r\n\r\n"}) {
        PullBench b{Sources{kWithPassword}};
        FakePeer& up = b.answers(answer);
        b.close(up);
        assert_false(b.status().error.empty());
        b.host.advance(Duration{40000});
        b.host.refuse_dial();
        b.host.advance(Duration{40000});
        b.connected();
        b.host.advance(Duration{16000});
        assert_no_secret(b);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(redirects_are_followed_wherever_they_lead),
        cmocka_unit_test(every_kind_of_redirect_is_one_and_others_are_answers),
        cmocka_unit_test(a_description_may_be_redirected_and_play_follows_it),
        cmocka_unit_test(a_redirect_that_comes_back_to_itself_ends_after_five),
        cmocka_unit_test(https_is_refused_clearly),
        cmocka_unit_test(basic_credentials_are_sent_once_they_are_asked_for),
        cmocka_unit_test(digest_credentials_never_cross_the_wire),
        cmocka_unit_test(describe_and_play_are_both_authorised),
        cmocka_unit_test(a_second_401_ends_it),
        cmocka_unit_test(without_credentials_a_401_says_what_is_missing),
        cmocka_unit_test(credentials_never_go_to_another_server),
        cmocka_unit_test(on_the_same_server_and_back_on_it_they_go_along),
        cmocka_unit_test(a_redirect_that_brings_credentials_is_believed_for_that_server),
        cmocka_unit_test(failures_of_every_kind_do_not_show_the_password),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
