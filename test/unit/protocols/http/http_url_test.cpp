// URLs as they stand in weir.toml and on the command line.
#include <string>

#include "protocols/http/url.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;
using http::parse_url;
using http::Url;

namespace {

void check(std::string_view text, std::string_view scheme, std::string_view host, int port,
           std::string_view path) {
    const auto url = parse_url(text);
    assert_true(url.ok());
    assert_true(url.value().scheme == scheme);
    assert_true(url.value().host == host);
    assert_int_equal(url.value().port, port);
    assert_true(url.value().path == path);
}

void schemes_hosts_ports_and_paths_are_read(void**) {
    check("http://host/live", "http", "host", 80, "/live");
    check("HTTP://Host.example:8080/a/b.asf?x=1", "http", "Host.example", 8080, "/a/b.asf?x=1");
    check("mmsh://10.0.0.1:65535", "mmsh", "10.0.0.1", 65535, "/");
    check("mms://host:1/x", "mmsh", "host", 1, "/x");
    check("http://[2001:db8::1]:81/", "http", "2001:db8::1", 81, "/");
    check("http://[::1]", "http", "::1", 80, "/");
    check("http://host?q=1", "http", "host", 80, "/?q=1");
    check("http://host/a#part", "http", "host", 80, "/a");
    check("http://host/a%20b:c@d", "http", "host", 80, "/a%20b:c@d");
}

void the_host_header_names_the_port_unless_it_is_80(void**) {
    assert_true(parse_url("http://host:80/").value().host_header() == "host");
    assert_true(parse_url("mmsh://host:8080/").value().host_header() == "host:8080");
    assert_true(parse_url("http://[::1]/").value().host_header() == "[::1]");
    assert_true(parse_url("http://[::1]:81/").value().host_header() == "[::1]:81");
}

void what_is_no_url_is_refused_with_a_sentence(void**) {
    for (const char* text : {"",
                             "host",
                             "/live",
                             "https://host/",
                             "http:/host",
                             "http://",
                             "http:///x",
                             "http://:80/",
                             "http://host:/",
                             "http://host:0/",
                             "http://host:65536/",
                             "http://host:99999999999/",
                             "http://host:8a/",
                             "http://host:-1/",
                             "http://a b/",
                             "http://host/a b",
                             "http://host/%",
                             "http://host/100%x?y",
                             "http://host/%00",
                             "http://host/\r\nX: y",
                             "http://user:pw@/",
                             "http://us%3Aer:pw@host/",
                             "http://user:100%@host/",
                             "http://user:%0A@host/",
                             "http://[::1/",
                             "http://[::1]80/",
                             "http://[host]/",
                             "http://[]/",
                             "http://ho$t/",
                             "http://host/\xC3\xA4",
                             "http://a:b:c/"}) {
        const auto url = parse_url(text);
        assert_false(url.ok());
        assert_false(url.error().detail.empty());
    }
}

void a_user_and_a_password_may_stand_before_the_host(void**) {
    const auto with = [](std::string_view text, std::string_view user, std::string_view password) {
        const auto url = parse_url(text);
        assert_true(url.ok());
        assert_true(url.value().host == "host");
        assert_true(url.value().credentials.user == user);
        assert_true(url.value().credentials.password == password);
    };
    with("http://user:pw@host/", "user", "pw");
    with("mmsh://user@host:8080", "user", "");
    with("http://:token@host/", "", "token");
    with("http://u%40home:a%3Ab%2Fc%25@host/live", "u@home", "a:b/c%");
    with("http://user:a:b@c@host/", "user", "a:b@c");
    with("http://m%C3%BCller:%e2%82%ac@host/", "m\xC3\xBCller", "\xE2\x82\xAC");
    with("http://@host/", "", "");
    assert_true(parse_url("http://host/a:b@c").value().credentials.empty());
    assert_true(parse_url("http://user:pw@[::1]:81/").value().host == "::1");
}

void what_is_printed_of_a_url_has_no_credentials(void**) {
    const Url url = parse_url("mms://user:secret@host:8080/live?a=b").value();
    assert_true(url.text() == "mmsh://host:8080/live?a=b");
    assert_true(parse_url("http://user:secret@[::1]").value().text() == "http://[::1]/");
    for (const char* text :
         {"https://user:secret@host/", "http://user:secret@/", "http://user:secret@host:0/",
          "user:secret@host", "http:/user:secret@host/", "http:///user:secret@host/",
          "http://user:sec ret@host/", "http://user:/secret@host/", "http://user:x?secret@host/",
          "http://user:x#secret@host/", "http://user:x//secret@host/", "http://user:secret%@host/",
          "http://user:secret\n@host/", "http://u ser/secret@host/"}) {
        const auto refused = parse_url(text);
        assert_false(refused.ok());
        assert_true(refused.error().detail.find("secret") == std::string::npos);
        assert_true(refused.error().detail.find("***@") != std::string::npos);
    }
}

void the_authority_always_has_the_port(void**) {
    assert_true(parse_url("http://user:pw@host/").value().authority() == "host:80");
    assert_true(parse_url("http://[fe80::1]/").value().authority() == "[fe80::1]:80");
    assert_true(parse_url("mmsh://10.0.0.1:8080/").value().authority() == "10.0.0.1:8080");
}

void credentials_are_hidden_in_any_text(void**) {
    const auto hidden = [](std::string_view text, std::string_view expected) {
        assert_true(http::hide_credentials(text) == expected);
    };
    hidden("", "");
    hidden("push:news", "push:news");
    hidden("file:/srv/me@home.asf", "file:/srv/me@home.asf");
    hidden("http://host/live", "http://host/live");
    hidden("http://host:8080/live@2", "http://host:8080/live@2");
    hidden("http://[::1]:81/a@b", "http://[::1]:81/a@b");
    hidden("http://user:pw@host/live@2", "http://***@host/live@2");
    hidden("http://user:p@w@host/", "http://***@host/");
    hidden("http://user@host", "http://***@host");
    hidden("rtsp://a:b@h/x, mms://c:d@e:1/y", "rtsp://***@h/x, mms://***@e:1/y");
    hidden("http://a:b/c@h/", "http://***@h/");
    hidden("a:b@h/", "***@h/");
    hidden("//", "//");
    hidden("http://***@host/", "http://***@host/");
}

void a_url_may_be_as_long_as_the_limit(void**) {
    const std::string base = "http://host/";
    assert_true(parse_url(base + std::string(Url::kMaxLength - base.size(), 'a')).ok());
    assert_false(parse_url(base + std::string(Url::kMaxLength - base.size() + 1, 'a')).ok());
}

void every_prefix_is_read_or_refused(void**) {
    const std::string text = "mmsh://[fe80::1]:8080/live?a=b";
    for (std::size_t n = 0; n < text.size(); ++n) {
        const auto url = parse_url(std::string_view{text}.substr(0, n));
        if (url.ok()) assert_true(url.value().path.front() == '/');
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(schemes_hosts_ports_and_paths_are_read),
        cmocka_unit_test(the_host_header_names_the_port_unless_it_is_80),
        cmocka_unit_test(what_is_no_url_is_refused_with_a_sentence),
        cmocka_unit_test(a_user_and_a_password_may_stand_before_the_host),
        cmocka_unit_test(what_is_printed_of_a_url_has_no_credentials),
        cmocka_unit_test(the_authority_always_has_the_port),
        cmocka_unit_test(credentials_are_hidden_in_any_text),
        cmocka_unit_test(a_url_may_be_as_long_as_the_limit),
        cmocka_unit_test(every_prefix_is_read_or_refused),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
