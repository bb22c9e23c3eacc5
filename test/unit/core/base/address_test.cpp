#include "core/base/address.hpp"

#include <string>

#include "test/support/cmocka.hpp"

using namespace weir;

static void expect(const std::string& text, const std::string& host, std::uint16_t port, Address::Kind kind) {
    const auto parsed = parse_address(text);
    assert_true(parsed.ok());
    assert_string_equal(parsed.value().host.c_str(), host.c_str());
    assert_int_equal(parsed.value().port, port);
    assert_int_equal(parsed.value().kind, kind);
    assert_true(parse_address(to_string(parsed.value())).value() == parsed.value());
}

static void expect_error(const std::string& text, const char* detail) {
    const auto parsed = parse_address(text);
    assert_false(parsed.ok());
    assert_string_equal(parsed.error().detail.c_str(), detail);
}

static void ipv4_ipv6_and_names_are_taken(void**) {
    expect("127.0.0.1:8080", "127.0.0.1", 8080, Address::Kind::ipv4);
    expect("0.0.0.0:0", "0.0.0.0", 0, Address::Kind::ipv4);
    expect("[::]:8080", "::", 8080, Address::Kind::ipv6);
    expect("[fe80::1%eth0]:1", "fe80::1%eth0", 1, Address::Kind::ipv6);
    expect("[::ffff:1.2.3.4]:1", "::ffff:1.2.3.4", 1, Address::Kind::ipv6);
    expect("relay.example:8080", "relay.example", 8080, Address::Kind::name);
    expect("localhost:1", "localhost", 1, Address::Kind::name);
    expect("4.example:1", "4.example", 1, Address::Kind::name);
    assert_true(parse_address("[::1]:1").value().is_literal());
    assert_false(parse_address("localhost:1").value().is_literal());
}

static void one_address_has_one_text(void**) {
    expect("[0:0::0]:8080", "::", 8080, Address::Kind::ipv6);
    expect("[FE80::A]:8080", "fe80::a", 8080, Address::Kind::ipv6);
    expect("[1:0:0:2:0:0:0:3]:1", "1:0:0:2::3", 1, Address::Kind::ipv6);
    expect("[0:0:1:0:0:2:0:0]:1", "::1:0:0:2:0:0", 1, Address::Kind::ipv6);
    expect("[1:2:3:4:5:6:7:0]:1", "1:2:3:4:5:6:7:0", 1, Address::Kind::ipv6);
    expect("[1:2:3:4:5:6:7::]:1", "1:2:3:4:5:6:7:0", 1, Address::Kind::ipv6);
    expect("[1::]:1", "1::", 1, Address::Kind::ipv6);
    expect("[0001:02:3:4:5:6:1.2.3.4]:1", "1:2:3:4:5:6:102:304", 1, Address::Kind::ipv6);
    expect("[::ffff:102:304]:1", "::ffff:1.2.3.4", 1, Address::Kind::ipv6);
    expect("Relay.Example:8080", "relay.example", 8080, Address::Kind::name);
    expect("localhost:0080", "localhost", 80, Address::Kind::name);
}

static void a_port_goes_up_to_65535(void**) {
    expect("h:65535", "h", 65535, Address::Kind::name);
    expect_error("h:65536", "\"65536\" is not a port, expected a number from 0 to 65535");
    expect_error("h:99999999999", "\"99999999999\" is not a port, expected a number from 0 to 65535");
    expect_error("h:", "\"\" is not a port, expected a number from 0 to 65535");
    expect_error("h:80x", "\"80x\" is not a port, expected a number from 0 to 65535");
    expect_error("h:-1", "\"-1\" is not a port, expected a number from 0 to 65535");
    expect_error("h: 80", "\" 80\" is not a port, expected a number from 0 to 65535");
}

static void a_missing_port_is_named(void**) {
    for (const char* text : {"", "8080", "localhost", "[::1]", "127.0.0.1"}) {
        const auto wanted =
            '"' + std::string(text) + "\" has no port, expected host:port such as \"[::]:8080\"";
        expect_error(text, wanted.c_str());
    }
}

static void a_missing_host_is_named(void**) {
    const char* detail =
        "no host, write \"[::]\" for every address of this machine or \"127.0.0.1\" for local clients only";
    expect_error(":8080", detail);
    expect_error("*:8080", detail);
}

static void ipv6_wants_brackets_and_both_of_them(void**) {
    expect_error("::1:8080",
                 "\"::1\" has a ':' of its own, an IPv6 address is written in brackets as in \"[::1]:8080\"");
    expect_error(
        "http://h:80",
        "\"http://h\" has a ':' of its own, an IPv6 address is written in brackets as in \"[::1]:8080\"");
    expect_error("[::1:8080", "\"[::1:8080\" has one bracket only, expected host:port such as \"[::]:8080\"");
    expect_error("::1]:8080", "\"::1]:8080\" has one bracket only, expected host:port such as \"[::]:8080\"");
}

static void broken_literals_are_refused(void**) {
    for (const char* host : {"[]",
                             "[",
                             "[1.2.3.4]",
                             "[::g]",
                             "[1:2:3:4:5:6:7]",
                             "[1:2:3:4:5:6:7:8:9]",
                             "[1:2:3:4:5:6:7:8::]",
                             "[1::2::3]",
                             "[:::]",
                             "[:1]",
                             "[1:]",
                             "[::1:]",
                             "[12345::]",
                             "[-1::]",
                             "[1.2.3.4::]",
                             "[::1.2.3.4:1]",
                             "[::1.2.3]",
                             "[1:2:3:4:5:6:7:1.2.3.4]",
                             "[::01.2.3.4]",
                             "1..2.3",
                             "1.2.3.0004",
                             "[::1%]",
                             "[::1%eth 0]",
                             "[::1%sixteen_letters_]",
                             "1.2.3",
                             "1.2.3.256",
                             "1.2.3.4.5",
                             "01.2.3.4",
                             "1234",
                             "."}) {
        assert_false(parse_address(std::string(host) + ":80").ok());
    }
    assert_true(parse_address("[::1%fifteen_letters]:80").ok());
    expect_error("1.2.3.256:80", "\"1.2.3.256\" is not an IPv4 address, expected one such as \"127.0.0.1\"");
    expect_error("[::g]:80", "\"[::g]\" is not an IPv6 address in brackets, expected one such as \"[::1]\"");
}

static void names_keep_their_rules(void**) {
    for (const char* host : {"a b", "-a", "a-", "a..b", ".a", "a/b", "\xc3\xa4", "a\"b"}) {
        assert_false(parse_address(std::string(host) + ":80").ok());
    }
    expect_error("a b:80",
                 "\"a b\" is not a host name, expected letters, digits, '-' and '.' as in \"relay.example\"");
    assert_true(parse_address(std::string(63, 'a') + ":80").ok());
    assert_false(parse_address(std::string(64, 'a') + ":80").ok());

    std::string longest;
    while (longest.size() < 252) longest += "a.";
    longest += 'b';
    assert_int_equal(longest.size(), 253);
    assert_true(parse_address(longest + ":80").ok());
    assert_false(parse_address("a" + longest + ":80").ok());
}

static void a_nul_byte_does_not_end_the_host_early(void**) {
    using namespace std::string_view_literals;
    assert_false(parse_address("1.2.3.4\0x:80"sv).ok());
    assert_false(parse_address("[::1\0x]:80"sv).ok());
    assert_false(parse_address("1.2.3.4\0:80"sv).ok());
    assert_false(parse_address("[::1\0]:80"sv).ok());
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(ipv4_ipv6_and_names_are_taken),
                                cmocka_unit_test(one_address_has_one_text),
                                cmocka_unit_test(a_port_goes_up_to_65535),
                                cmocka_unit_test(a_missing_port_is_named),
                                cmocka_unit_test(a_missing_host_is_named),
                                cmocka_unit_test(ipv6_wants_brackets_and_both_of_them),
                                cmocka_unit_test(broken_literals_are_refused),
                                cmocka_unit_test(names_keep_their_rules),
                                cmocka_unit_test(a_nul_byte_does_not_end_the_host_early)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
