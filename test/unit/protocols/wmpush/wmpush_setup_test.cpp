// What a pushing encoder asks, and how it is answered.
#include "protocols/wmpush/setup.hpp"

#include "protocols/http/wire.hpp"
#include "protocols/wmpush/reply.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::wmpush;

namespace {

http::Request request(std::string_view headers, std::string_view method = "POST") {
    const std::string text = std::string(method) + " /live HTTP/1.1\r\n" + std::string(headers) + "\r\n";
    http::RequestReader reader;
    Bytes in = as_bytes(text);
    assert_true(reader.next(in) == http::RequestReader::Event::head);
    return reader.request();
}

std::string push_id(std::string_view headers) {
    const auto found = push_id_of(request(headers));
    return found ? found.value() : "error: " + found.error().detail;
}

std::string error_of(std::string_view body) {
    const auto parsed = parse_directives(body);
    return parsed ? std::string{} : parsed.error().detail;
}

}  // namespace

static void the_content_type_tells_the_two_requests(void**) {
    assert_true(kind_of(request("Content-Type: application/x-wms-pushsetup\r\n")) == Kind::setup);
    assert_true(kind_of(request("Content-Type: Application/X-WMS-PushSetup ; charset=UTF-8\r\n")) ==
                Kind::setup);
    assert_true(kind_of(request("Content-Type: application/x-wms-pushstart;a=b\r\n")) == Kind::start);
    assert_true(kind_of(request("Content-Type: application/x-wms-pushstarter\r\n")) == Kind::none);
    assert_true(kind_of(request("")) == Kind::none);
    assert_true(kind_of(request("Content-Type: application/x-wms-pushstart\r\n", "PUT")) == Kind::none);
}

static void the_push_id_is_found_among_other_cookies(void**) {
    assert_string_equal(push_id("Cookie: push-id=4124758405\r\n").c_str(), "4124758405");
    assert_string_equal(push_id("Cookie: a=2; push-id=123; b=3\r\n").c_str(), "123");
    assert_string_equal(push_id("Cookie: a=2;Push-Id = 123 ;b\r\n").c_str(), "123");
    assert_string_equal(push_id("Cookie: b\r\nCookie: push-id=5\r\nCookie: push-id=6\r\n").c_str(), "5");
    for (const char* none :
         {"", "Cookie: \r\n", "Cookie: push-id=0\r\n", "Cookie: xpush-id=7\r\n", "Cookie: ;;\r\n"})
        assert_string_equal(push_id(none).c_str(), "");
}

static void a_push_id_is_bounded_and_visible(void**) {
    const std::string longest(255, 'x');
    assert_string_equal(push_id("Cookie: push-id=" + longest + "\r\n").c_str(), longest.c_str());
    assert_true(push_id("Cookie: push-id=" + longest + "x\r\n").starts_with("error: a push-id of 256"));
    assert_true(push_id("Cookie: push-id=a\tb\r\n").starts_with("error: a push-id with a character"));
    assert_true(push_id("Cookie: push-id=\xC3\xA4\r\n").starts_with("error: a push-id with a character"));
    assert_true(push_id("Cookie: push-id=1; a=" + std::string(4090, 'x') + "\r\n")
                    .starts_with("error: cookies of 41"));
}

static void any_version_of_the_encoder_is_one(void**) {
    for (const char* agent :
         {"WMEncoder/9.0", "WMEncoder/12.0.10011.16384", "WMEncoder/9.0.0.3287 WMP/10", "wmencoder/10.0"})
        assert_true(is_encoder(agent));
    for (const char* agent :
         {"", "WMEncoder", "WMEncoder/", "WMEncoder/x", "NSPlayer/9.0", "Lavf/59.27.100", "xWMEncoder/9.0"})
        assert_false(is_encoder(agent));
}

static void a_path_names_a_channel_with_and_without_suffix(void**) {
    struct Case {
        const char *path, *with_suffix, *name, *query;
    };
    for (const Case& c :
         {Case{"/live", "live", "live", ""}, Case{"//live", "live", "live", ""}, Case{"//", "", "", ""},
          Case{"/a/b.asf", "a/b.asf", "a/b", ""}, Case{"*", "*", "*", ""}, Case{"", "", "", ""},
          Case{"/live?source=a", "live", "live", "source=a"}, Case{"//a.asf??b", "a.asf", "a", "?b"},
          Case{"/live?", "live", "live", ""}, Case{"?a.asf", "", "", "a.asf"}}) {
        const auto names = names_in(c.path);
        assert_true(names.with_suffix == c.with_suffix);
        assert_true(names.name == c.name);
        assert_true(names.query == c.query);
    }
}

static void directives_are_read_in_any_order(void**) {
    struct Case {
        std::string_view body;
        const char* path;
        bool auto_destroy;
    };
    const Case cases[] = {{"", nullptr, false},
                          {"AutoDestroy: 1\r\n", nullptr, true},
                          {"AutoDestroy:0\r\n", nullptr, false},
                          {"autodestroy:  1 ", nullptr, true},
                          {"Template-URL: \"/pub\"\r\nAutoDestroy: 1\r\n", "/pub", true},
                          {"AutoDestroy: 1\nTemplate-URL:\"/a%20b/..c\"\n", "/a b/..c", true},
                          {"Something: else\r\n\r\nTemplate-URL: \"/pub\"", "/pub", false}};
    for (const Case& c : cases) {
        const auto parsed = parse_directives(c.body);
        assert_true(parsed.ok());
        assert_int_equal(parsed.value().auto_destroy, c.auto_destroy);
        assert_int_equal(parsed.value().template_url.has_value(), c.path != nullptr);
        if (c.path) assert_string_equal(parsed.value().template_url->c_str(), c.path);
    }
    assert_int_equal(std::string_view{"AutoDestroy: 1\r\n"}.size(), 16);
    assert_int_equal(std::string_view{"Template-URL: \"/pub\"\r\nAutoDestroy: 1\r\n"}.size(), 38);
}

static void a_bad_directive_is_named(void**) {
    for (const char* body : {"AutoDestroy: 2", "AutoDestroy:", "AutoDestroy: 01"})
        assert_true(error_of(body).find("expected 0 or 1") != std::string::npos);
    for (const char* body :
         {"Template-URL: /pub", "Template-URL: \"/pub", "Template-URL: \"", "Template-URL:"})
        assert_true(error_of(body).find("is not in quotes") != std::string::npos);
    for (const char* body : {"Template-URL: \"pub\"", "Template-URL: \"\"", "Template-URL: \"http://a/b\""})
        assert_true(error_of(body).find("is no path") != std::string::npos);
    for (const char* body :
         {"Template-URL: \"/..\"", "Template-URL: \"/a/%2e%2E/b\"", "Template-URL: \"/a\\..\\b\""})
        assert_true(error_of(body).find("'..'") != std::string::npos);
    for (const char* body : {"Template-URL: \"/a%00b\"", "Template-URL: \"/a%0\""})
        assert_true(error_of(body).find("a broken %-escape") != std::string::npos);
    for (const char* body : {"Template-URL: \"/a%0Ab\"", "Template-URL: \"/a\"b\""})
        assert_true(error_of(body).find("a character that no path has") != std::string::npos);
    assert_true(error_of("nonsense").find("without a colon") != std::string::npos);
    assert_true(error_of(std::string(4097, '\n')).find("more than 4096 bytes") != std::string::npos);
}

static void dates_are_those_of_http(void**) {
    assert_string_equal(http_date(1167673516).c_str(), "Mon, 01 Jan 2007 17:45:16 GMT");
    assert_string_equal(http_date(0).c_str(), "Thu, 01 Jan 1970 00:00:00 GMT");
}

static void a_refusal_says_why_and_what_becomes_of_the_connection(void**) {
    const ReplyContext context{.http_1_0 = false, .keep_open = false, .push_id = "7", .date = 0};
    assert_string_equal(
        refused(context, 409, "no", 5).c_str(),
        "HTTP/1.1 409 Conflict\r\nServer: Cougar/9.01.01.3841\r\nContent-Type: text/plain; "
        "charset=utf-8\r\nContent-Length: 3\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nPragma: "
        "no-cache, timeout=60000\r\nCache-Control: no-cache\r\nSet-Cookie: "
        "push-id=7\r\nSupported: com.microsoft.wm.srvppair, com.microsoft.wm.sswitch, "
        "com.microsoft.wm.predstrm, com.microsoft.wm.fastcache, "
        "com.microsoft.wm.startupprofile\r\nRetry-After: 5\r\nConnection: close\r\n\r\nno\n");
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(the_content_type_tells_the_two_requests),
                                cmocka_unit_test(the_push_id_is_found_among_other_cookies),
                                cmocka_unit_test(a_push_id_is_bounded_and_visible),
                                cmocka_unit_test(any_version_of_the_encoder_is_one),
                                cmocka_unit_test(a_path_names_a_channel_with_and_without_suffix),
                                cmocka_unit_test(directives_are_read_in_any_order),
                                cmocka_unit_test(a_bad_directive_is_named),
                                cmocka_unit_test(dates_are_those_of_http),
                                cmocka_unit_test(a_refusal_says_why_and_what_becomes_of_the_connection)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
