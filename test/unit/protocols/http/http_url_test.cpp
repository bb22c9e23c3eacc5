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
                             "http://host/\r\nX: y",
                             "http://user:pw@host/",
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
        cmocka_unit_test(a_url_may_be_as_long_as_the_limit),
        cmocka_unit_test(every_prefix_is_read_or_refused),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
