#include "cli/status_table.hpp"

#include <cstring>
#include <string>

#include "protocols/admin/status_json.hpp"
#include "test/unit/protocols/admin/admin_samples.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::cli;

static std::string table(std::string_view json) {
    const auto made = status_table(json);
    assert_true(made.ok());
    return made.value();
}

static void a_channel_has_a_row_for_each_source_and_each_server_it_is_pushed_to(void**) {
    auto status = test::sample_status();
    status.channels.pop_back();
    assert_string_equal(
        table(to_json(status)).c_str(),
        "edge \"1\": weir 0.1.0, up 1 min, 3 of 100 connections\n"
        "\n"
        "CHANNEL  STATE       CLIENTS  BIT RATE   SOURCE                 STATE     NOTE\n"
        "news     restarting  3 + 48   64 kbit/s  push:                  idle\n"
        "                                         http://h/x             waiting   h:80: Connection refused\n"
        "                                         push:backup            starving  push:backup from "
        "192.0.2.1:4711\n"
        "                                         mmsh://h/\"x (standby)  standby   mmsh://h/x\n"
        "                                         test: (fill)           on air    test signal\n"
        "                                         to http://edge/\"x      waiting   edge:80: Connection "
        "refused\n"
        "                                         to http://b/x          sending\n");
}

static void a_channel_that_was_never_on_air_has_no_bit_rate(void**) {
    const std::string shown = table(to_json(test::sample_status()));
    assert_non_null(std::strstr(shown.c_str(), "\na\\b\"c?d??  closed      0        -\n"));
}

static void an_uptime_is_told_in_the_units_that_matter(void**) {
    const struct {
        std::int64_t milliseconds;
        const char* text;
    } cases[] = {{0, "up 0 s"},
                 {59999, "up 59 s"},
                 {60000, "up 1 min"},
                 {3599999, "up 59 min"},
                 {3600000, "up 1 h 0 min"},
                 {12000000, "up 3 h 20 min"},
                 {86400000, "up 1 d 0 h"},
                 {3567600000, "up 41 d 7 h"}};
    for (const auto& one : cases) {
        admin::Status status;
        status.server.uptime = Duration{one.milliseconds};
        assert_non_null(std::strstr(table(to_json(status)).c_str(), one.text));
    }
}

static void a_weir_that_stops_says_so(void**) {
    admin::Status status;
    status.server.stopping = true;
    assert_non_null(std::strstr(table(to_json(status)).c_str(), ", stopping, "));
}

static void what_is_no_status_is_refused_with_how_it_begins(void**) {
    for (const char* text : {"", "{", "<html>", "[]", "null", "{\"server\":{}}", "{\"channels\":[]}", "\xff"})
        assert_false(status_table(text).ok());
    assert_string_equal(status_table("<html>\x1b[2J").error().detail.c_str(),
                        "what answers there is not weir: \"<html>?[2J\"");
}

static void what_is_missing_or_odd_is_a_dash(void**) {
    for (const char* text :
         {R"({"server":1,"channels":2})", R"({"server":{"name":1,"uptime_ms":-1},"channels":{}})",
          R"({"server":[],"channels":[1,null,"x",[],{}]})",
          R"({"server":{},"channels":[{"name":"","clients":[],"format":3,"sources":[1,{"fill":"x"}]}]})"})
        assert_true(table(text).starts_with("-: weir -, up -, - of - connections\n"));
    // Nothing that was sent moves a terminal's cursor.
    const std::string shown = table(
        R"({"server":{"name":"\u001b[2J"},"channels":[{"sources":[{"source":"a\nb","error":"\u009b"}]}]})");
    assert_true(shown.starts_with("?[2J: weir"));
    assert_non_null(std::strstr(shown.c_str(), "a?b"));
}

static void deep_nesting_is_not_followed(void**) {
    const std::string deep =
        R"({"server":{"name":)" + std::string(100000, '[') + std::string(100000, ']') + R"(},"channels":[]})";
    assert_true(table(deep).starts_with("-: weir"));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_channel_has_a_row_for_each_source_and_each_server_it_is_pushed_to),
        cmocka_unit_test(a_channel_that_was_never_on_air_has_no_bit_rate),
        cmocka_unit_test(an_uptime_is_told_in_the_units_that_matter),
        cmocka_unit_test(a_weir_that_stops_says_so),
        cmocka_unit_test(what_is_no_status_is_refused_with_how_it_begins),
        cmocka_unit_test(what_is_missing_or_odd_is_a_dash),
        cmocka_unit_test(deep_nesting_is_not_followed)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
