// Logins as servers ask for them: the vectors of RFC 2617, 7616 and 7617, and what no server should send.
#include <initializer_list>
#include <string>
#include <string_view>

#include "protocols/http/auth.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;
using http::Authenticator;
using http::Credentials;
using http::Response;

namespace {

constexpr std::string_view kNonce2617 = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
const Credentials kMufasa{.user = "Mufasa", .password = "Circle Of Life"};

Response unauthorized(std::initializer_list<std::string_view> lines) {
    Response response;
    response.status = 401;
    response.headers.push_back({"Server", "Cougar/9.0"});
    for (std::string_view line : lines) response.headers.push_back({"WWW-Authenticate", std::string(line)});
    return response;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// The Authorization for GET /dir/index.html after one 401.
std::string answer(std::initializer_list<std::string_view> lines, const Credentials& credentials = kMufasa,
                   std::string_view cnonce = "0a4f113b") {
    Authenticator client{credentials, std::string(cnonce)};
    assert_true(client.challenge(unauthorized(lines)).ok());
    const auto value = client.authorization("GET", "/dir/index.html");
    assert_true(value.has_value());
    return *value;
}

std::string refusal(std::initializer_list<std::string_view> lines, const Credentials& credentials = kMufasa) {
    Authenticator client{credentials, "0a4f113b"};
    const auto challenged = client.challenge(unauthorized(lines));
    assert_false(challenged.ok());
    assert_true(challenged.error().code == Errc::refused);
    assert_false(client.authorization("GET", "/").has_value());
    assert_false(has(challenged.error().detail, "Circle"));
    return challenged.error().detail;
}

void basic_is_user_and_password_in_base64(void**) {
    const Credentials aladdin{.user = "Aladdin", .password = "open sesame"};
    assert_true(http::basic_authorization(aladdin) == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert_true(http::basic_authorization({.user = "test", .password = "123\xC2\xA3"}) ==
                "Basic dGVzdDoxMjPCow==");
    assert_true(http::basic_authorization({.user = "", .password = ""}) == "Basic Og==");
    assert_true(answer({"Basic realm=\"WallyWorld\""}, aladdin) == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert_true(answer({"basic"}, aladdin) == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

void digest_answers_the_example_of_rfc_2617(void**) {
    assert_true(answer({"Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
                        "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
                        "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""}) ==
                "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
                "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, "
                "nc=00000001, cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\", "
                "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"");
}

void digest_answers_the_examples_of_rfc_7616(void**) {
    constexpr std::string_view kCnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    constexpr std::string_view kMd5 =
        "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=MD5, "
        "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
        "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
    constexpr std::string_view kSha256 =
        "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, "
        "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
        "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
    const Credentials mufasa{.user = "Mufasa", .password = "Circle of Life"};
    const auto md5 = answer({kMd5, kSha256}, mufasa, kCnonce);
    assert_true(has(md5, "algorithm=MD5"));
    assert_true(has(md5, "response=\"8ca523f5e9506fed4657c9700eebdbec\""));
    const auto sha256 = answer({kSha256, kMd5}, mufasa, kCnonce);
    assert_true(has(sha256, "algorithm=SHA-256"));
    assert_true(has(sha256, "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\""));
}

void without_qop_digest_is_as_in_rfc_2069(void**) {
    const auto value = answer({"Digest realm=\"testrealm@host.com\", "
                               "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\""},
                              {.user = "Mufasa", .password = "CircleOfLife"});
    assert_true(has(value, "response=\"1949323746fe6a43ef61f9606e7febea\""));
    for (const char* absent : {"nc=", "cnonce=", "qop=", "opaque=", "algorithm="})
        assert_false(has(value, absent));
}

void a_session_hashes_the_nonces_with_the_credentials(void**) {
    const auto value =
        answer({"Digest realm=\"testrealm@host.com\", qop=auth, algorithm=MD5-sess, "
                "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\""});
    assert_true(has(value, "algorithm=MD5-sess"));
    assert_true(has(value, "response=\"8e3825c57e897f5a0dec6c2d4e5059d0\""));
}

void each_request_counts_the_nonces_use(void**) {
    Authenticator client{kMufasa, "0a4f113b"};
    assert_true(client
                    .challenge(unauthorized({"Digest realm=\"testrealm@host.com\", qop=\"auth\", nonce=\"" +
                                             std::string(kNonce2617) + "\""}))
                    .ok());
    assert_true(has(*client.authorization("GET", "/dir/index.html"), "nc=00000001"));
    const auto second = *client.authorization("GET", "/dir/index.html");
    assert_true(has(second, "nc=00000002"));
    assert_true(has(second, "response=\"15b6bb427e3fecd23a43cb702ce447d5\""));
}

void nothing_is_sent_before_a_server_asks(void**) {
    Authenticator client{kMufasa, "0a4f113b"};
    assert_false(client.authorization("GET", "/").has_value());
}

void digest_is_preferred_on_whatever_lines_it_comes(void**) {
    constexpr std::string_view kDigest = "Digest realm=\"r, with \\\"commas\\\"\", nonce=\"n\"";
    assert_true(answer({"Basic realm=\"r\"", kDigest}).starts_with("Digest "));
    assert_true(answer({kDigest, "Basic realm=\"r\""}).starts_with("Digest "));
    for (const char* line : {
             "Basic realm=\"Digest nonce=x\", Digest realm=\"r\", nonce=\"n\"",
             "Digest realm=\"r\", nonce=\"n\", Basic realm=\"b\"",
             "NTLM, Negotiate, Digest realm=\"r\",nonce=\"n\", Basic",
             "NTLM TlRMTVNTUAACAAAA+/==, Digest realm=\"r\",nonce=\"n\"",
             ", ,\tdigest REALM = \"r\" ,, Nonce=n,",
             "Digest realm=r, nonce=n, qop=auth",
         })
        assert_true(answer({line}).starts_with("Digest username=\"Mufasa\", realm=\"r\", nonce=\"n\""));
    assert_true(has(answer({kDigest}), "realm=\"r, with \\\"commas\\\"\""));
}

void basic_is_taken_where_the_digest_cannot_be_answered(void**) {
    for (const char* digest :
         {"Digest realm=\"r\"", "Digest nonce=\"n\"", "Digest realm=\"r\", nonce=\"\"",
          "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256",
          "Digest realm=\"r\", nonce=\"n\", algorithm=-sess",
          "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"", "Digest realm=\"r\", nonce=\"not closed"})
        assert_true(answer({digest, "Basic realm=\"r\""}).starts_with("Basic "));
}

void what_weir_does_not_speak_is_named(void**) {
    assert_true(has(refusal({"NTLM, Negotiate"}), "NTLM, Negotiate"));
    assert_true(has(refusal({"NTLM TlRMTVNTUAACAAAA+/=="}), "but NTLM"));
    assert_true(has(refusal({"Digest realm=\"r\", nonce=\"n\", algorithm=\"MD6\""}), "algorithm \"MD6\""));
    assert_true(
        has(refusal({"Digest realm=\"r\", nonce=\"n\", qop=\"auth-int, x\""}), "qop \"auth-int, x\""));
    assert_true(has(refusal({"Digest realm=\"r\""}), "Digest without a nonce"));
    assert_true(has(refusal({"Digest"}), "Digest without a realm"));
    assert_true(has(refusal({"Digest realm=\"r\", nonce=\"n"}), "a quote that is not closed"));
    assert_true(has(refusal({"Digest realm=\"r\\"}), "a quote that is not closed"));
    assert_true(has(refusal({"realm=\"r\""}), "a parameter before any scheme"));
    assert_true(has(refusal({"\"Digest\""}), "\"\"Digest\"\""));
    assert_true(has(refusal({"Digest realm=\"r\x01\""}), "a control character"));
    assert_true(has(refusal({"Digest realm=\"r\", nonce=n\x01"}), "a control character"));
    assert_true(has(refusal({}), "does not say of what kind"));
    assert_true(has(refusal({"", " , "}), "does not say of what kind"));
}

void a_server_cannot_make_requests_or_errors_huge(void**) {
    const std::string most(Authenticator::kMaxParameter, 'n');
    const auto value = answer({"Digest realm=\"r\", nonce=\"" + most + "\", opaque=\"" + most + "\""});
    assert_true(has(value, "nonce=\"" + most + "\""));
    for (const char* name : {"realm", "nonce", "opaque"}) {
        assert_true(
            has(refusal({"Digest " + std::string(name) + "=\"" + most + "n\", realm=\"r\", nonce=\"n\""}),
                "1025 bytes, 1024 at most"));
    }
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "Scheme" + std::to_string(i) + ", ";
    assert_true(refusal({many}).size() < 400);
    assert_true(refusal({std::string(8000, 'x')}).size() < 400);
    assert_true(answer({many + "Basic"}).starts_with("Basic "));
}

void without_credentials_the_error_says_where_to_write_them(void**) {
    assert_true(has(refusal({"Basic realm=\"r\""}, {}), "http://user:password@host/"));
}

void credentials_that_were_refused_are_not_sent_again(void**) {
    for (const char* line : {"Basic realm=\"r\"", "Digest realm=\"r\", nonce=\"n\""}) {
        Authenticator client{kMufasa, "0a4f113b"};
        assert_true(client.challenge(unauthorized({line})).ok());
        assert_true(client.authorization("GET", "/").has_value());
        const auto again = client.challenge(unauthorized({line}));
        assert_false(again.ok());
        assert_true(again.error().code == Errc::refused);
        assert_true(has(again.error().detail, "does not accept"));
        assert_false(client.authorization("GET", "/").has_value());
        assert_false(client.challenge(unauthorized({line})).ok());
    }
}

void a_challenge_that_was_not_answered_yet_may_be_repeated(void**) {
    Authenticator client{kMufasa, "0a4f113b"};
    assert_true(client.challenge(unauthorized({"Digest realm=\"r\", nonce=\"1\""})).ok());
    assert_true(client.challenge(unauthorized({"Digest realm=\"r\", nonce=\"2\""})).ok());
    assert_true(has(*client.authorization("GET", "/"), "nonce=\"2\""));
}

void a_stale_nonce_is_replaced_and_counted_anew(void**) {
    Authenticator client{kMufasa, "0a4f113b"};
    assert_true(client.challenge(unauthorized({"Digest realm=\"r\", nonce=\"1\", qop=\"auth\""})).ok());
    assert_true(client.authorization("GET", "/").has_value());
    assert_true(client.authorization("GET", "/").has_value());
    assert_true(
        client.challenge(unauthorized({"Digest realm=\"r\", nonce=\"2\", qop=\"auth\", stale=TRUE"})).ok());
    const auto value = client.authorization("GET", "/");
    assert_true(has(*value, "nonce=\"2\"") && has(*value, "nc=00000001"));
    assert_false(client.challenge(unauthorized({"Digest realm=\"r\", nonce=\"3\", stale=false"})).ok());
}

void a_server_that_finds_every_nonce_stale_is_given_up(void**) {
    Authenticator client{kMufasa, "0a4f113b"};
    const auto stale = unauthorized({"Digest realm=\"r\", nonce=\"1\", stale=true"});
    int answered = 0;
    while (client.challenge(stale).ok()) {
        assert_true(client.authorization("GET", "/").has_value());
        ++answered;
    }
    assert_int_equal(answered, Authenticator::kMaxStale + 1);
    // One whose nonces expire after use is fine for ever.
    Authenticator other{kMufasa, "0a4f113b"};
    for (int i = 0; i < 100; ++i) {
        assert_true(other.challenge(stale).ok());
        assert_true(other.authorization("GET", "/").has_value());
        assert_true(other.authorization("GET", "/").has_value());
    }
}

void quotes_in_names_and_targets_are_escaped(void**) {
    Authenticator client{{.user = "a\"b\\", .password = "x"}, "0a4f113b"};
    assert_true(client.challenge(unauthorized({"Digest realm=\"r\", nonce=\"n\""})).ok());
    const auto value = client.authorization("GET", "/a\"b");
    assert_true(has(*value, "username=\"a\\\"b\\\\\"") && has(*value, "uri=\"/a\\\"b\""));
}

void every_prefix_of_a_challenge_is_read_or_refused(void**) {
    const std::string text =
        "NTLM abc==, Digest realm=\"a\\\"b\", nonce=\"n\", qop=\"auth\", stale=true, Basic";
    for (std::size_t n = 0; n <= text.size(); ++n) {
        Authenticator client{kMufasa, "0a4f113b"};
        const auto challenged = client.challenge(unauthorized({std::string_view{text}.substr(0, n)}));
        assert_true(challenged.ok() == client.authorization("GET", "/").has_value());
    }
}

void fresh_nonces_differ(void**) {
    const auto one = http::fresh_cnonce();
    assert_int_equal(one.size(), 32);
    assert_true(one != http::fresh_cnonce());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(basic_is_user_and_password_in_base64),
        cmocka_unit_test(digest_answers_the_example_of_rfc_2617),
        cmocka_unit_test(digest_answers_the_examples_of_rfc_7616),
        cmocka_unit_test(without_qop_digest_is_as_in_rfc_2069),
        cmocka_unit_test(a_session_hashes_the_nonces_with_the_credentials),
        cmocka_unit_test(each_request_counts_the_nonces_use),
        cmocka_unit_test(nothing_is_sent_before_a_server_asks),
        cmocka_unit_test(digest_is_preferred_on_whatever_lines_it_comes),
        cmocka_unit_test(basic_is_taken_where_the_digest_cannot_be_answered),
        cmocka_unit_test(what_weir_does_not_speak_is_named),
        cmocka_unit_test(a_server_cannot_make_requests_or_errors_huge),
        cmocka_unit_test(without_credentials_the_error_says_where_to_write_them),
        cmocka_unit_test(credentials_that_were_refused_are_not_sent_again),
        cmocka_unit_test(a_challenge_that_was_not_answered_yet_may_be_repeated),
        cmocka_unit_test(a_stale_nonce_is_replaced_and_counted_anew),
        cmocka_unit_test(a_server_that_finds_every_nonce_stale_is_given_up),
        cmocka_unit_test(quotes_in_names_and_targets_are_escaped),
        cmocka_unit_test(every_prefix_of_a_challenge_is_read_or_refused),
        cmocka_unit_test(fresh_nonces_differ),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
