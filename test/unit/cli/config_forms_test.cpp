#include "cli/config_forms.hpp"

#include <string>

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::cli;
using namespace std::chrono_literals;
using When = Failback::When;

static void expect_failback(const char* text, When when, Milliseconds beside) {
    ChannelConfig channel;
    channel.failback = {.when = When::after, .beside = 1234ms};
    assert_true(take_failback(text, channel).ok());
    assert_int_equal(channel.failback.when, when);
    assert_true(channel.failback.beside == beside);
}
static void expect_bad_failback(const char* text, const char* problem) {
    ChannelConfig channel;
    const auto taken = take_failback(text, channel);
    assert_false(taken.ok());
    assert_string_equal(taken.error().detail.c_str(), problem);
    assert_int_equal(channel.failback.when, When::on_close);
}

static void failback_is_on_close_or_never_or_after_a_time(void**) {
    expect_failback("on-close", When::on_close, 0ms);
    expect_failback("never", When::never, 0ms);
    expect_failback("after 30s", When::after, 30s);
    expect_failback("after 0s", When::after, 0s);
    expect_failback("after 24h", When::after, 24h);
}

static void a_failback_out_of_range_names_the_range(void**) {
    for (const char* text : {"after 86400001ms", "after 25h", "after 99999999999999999999s"}) {
        expect_bad_failback(
            text,
            ('"' + std::string(text) + "\" is out of range, expected \"after 0s\" to \"after 24h\"").c_str());
    }
}

static void what_is_no_failback_is_told_what_is(void**) {
    const char* const kExpected = "\"x\" is unknown, expected \"on-close\", \"never\" or \"after 30s\"";
    expect_bad_failback("x", kExpected);
    expect_bad_failback("", "\"\" is unknown, expected \"on-close\", \"never\" or \"after 30s\"");
    expect_bad_failback("after 30",
                        "\"30\" is not a duration, expected a whole number with ms, s, m or h such "
                        "as \"3s\"");
    expect_bad_failback("after ",
                        "\"\" is not a duration, expected a whole number with ms, s, m or h such as "
                        "\"3s\"");
}

static void a_near_miss_is_told_what_was_probably_meant(void**) {
    expect_bad_failback("on_close", "\"on_close\" is unknown, did you mean \"on-close\"?");
    expect_bad_failback("Never", "\"Never\" is unknown, did you mean \"never\"?");
    expect_bad_failback("10m", "\"10m\" is unknown, did you mean \"after 10m\"?");
    for (const char* text : {"after10m", "after-10m", "after: 10m", "after_10m", "after  10m"}) {
        expect_bad_failback(text,
                            ('"' + std::string(text) + "\" is unknown, did you mean \"after 10m\"?").c_str());
    }
}

static void what_failback_shows_is_what_it_takes(void**) {
    for (const char* text : {"on-close", "never", "after 0s", "after 1500ms", "after 24h"}) {
        ChannelConfig channel;
        assert_true(take_failback(text, channel).ok());
        assert_string_equal(show_failback(channel).c_str(), text);
    }
}

static void hold_is_forever_or_a_duration(void**) {
    for (const char* text : {"forever", "1s", "90m", "8760h"}) {
        ChannelConfig channel;
        channel.hold = 1234ms;
        assert_true(take_hold(text, channel).ok());
        assert_string_equal(show_hold(channel).c_str(), text);
    }
    ChannelConfig channel;
    channel.hold = 1234ms;
    assert_true(take_hold("forever", channel).ok());
    assert_true(channel.hold == 0ms);
    assert_true(take_hold("90m", channel).ok());
    assert_true(channel.hold == 90min);
}

static void what_is_no_hold_is_told_what_is(void**) {
    const struct {
        const char *text, *problem;
    } cases[] = {
        {"0s", "\"0s\" is out of range, expected 1s to 8760h or \"forever\""},
        {"999ms", "\"999ms\" is out of range, expected 1s to 8760h or \"forever\""},
        {"8761h", "\"8761h\" is out of range, expected 1s to 8760h or \"forever\""},
        {"99999999999999999999h",
         "\"99999999999999999999h\" is out of range, expected 1s to 8760h or \"forever\""},
        {"for ever", "\"for ever\" is unknown, did you mean \"forever\"?"},
        {"365d",
         "\"365d\" is not a duration, expected a whole number with ms, s, m or h such as \"3s\" or "
         "\"forever\""},
        {"",
         "\"\" is not a duration, expected a whole number with ms, s, m or h such as \"3s\" or \"forever\""},
    };
    for (const auto& one : cases) {
        ChannelConfig channel;
        channel.hold = 1234ms;
        const auto taken = take_hold(one.text, channel);
        assert_false(taken.ok());
        assert_string_equal(taken.error().detail.c_str(), one.problem);
        assert_true(channel.hold == 1234ms);
    }
}

static void send_buffer_and_pacing_are_a_size_or_their_word(void**) {
    const struct {
        const char *send_buffer, *pacing;
        std::size_t bytes_held, bytes_paced;
    } good[] = {{"auto", "off", 0, 0},
                {"4KiB", "16KiB", 4096, 16384},
                {"64MiB", "1GiB", std::size_t{64} << 20, std::size_t{1} << 30}};
    for (const auto& one : good) {
        ListenConfig listen{.send_buffer = 1, .pacing = 1, .origin = {}};
        assert_true(take_send_buffer(one.send_buffer, listen).ok());
        assert_true(take_pacing(one.pacing, listen).ok());
        assert_int_equal(listen.send_buffer, one.bytes_held);
        assert_int_equal(listen.pacing, one.bytes_paced);
        assert_string_equal(show_send_buffer(listen).c_str(), one.send_buffer);
        assert_string_equal(show_pacing(listen).c_str(), one.pacing);
    }
}

static void what_is_neither_is_told_what_is(void**) {
    const struct {
        const char *text, *problem;
    } cases[] = {
        {"0", "\"0\" is out of range, expected 16KiB to 1GiB (a second) or \"off\""},
        {"16383", "\"16383\" is out of range, expected 16KiB to 1GiB (a second) or \"off\""},
        {"2GiB", "\"2GiB\" is out of range, expected 16KiB to 1GiB (a second) or \"off\""},
        {"Off", "\"Off\" is unknown, did you mean \"off\"?"},
        {"1MB",
         "\"1MB\" is not a size, expected a whole number of bytes or one with KiB, MiB or GiB such as "
         "\"64KiB\" or \"off\""},
    };
    for (const auto& one : cases) {
        ListenConfig listen{.pacing = 1, .origin = {}};
        const auto taken = take_pacing(one.text, listen);
        assert_false(taken.ok());
        assert_string_equal(taken.error().detail.c_str(), one.problem);
        assert_int_equal(listen.pacing, 1);
    }
    ListenConfig listen;
    assert_string_equal(take_send_buffer("Auto", listen).error().detail.c_str(),
                        "\"Auto\" is unknown, did you mean \"auto\"?");
    assert_string_equal(take_send_buffer("4095", listen).error().detail.c_str(),
                        "\"4095\" is out of range, expected 4KiB to 64MiB or \"auto\"");
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(failback_is_on_close_or_never_or_after_a_time),
                                cmocka_unit_test(a_failback_out_of_range_names_the_range),
                                cmocka_unit_test(what_is_no_failback_is_told_what_is),
                                cmocka_unit_test(a_near_miss_is_told_what_was_probably_meant),
                                cmocka_unit_test(what_failback_shows_is_what_it_takes),
                                cmocka_unit_test(hold_is_forever_or_a_duration),
                                cmocka_unit_test(what_is_no_hold_is_told_what_is),
                                cmocka_unit_test(send_buffer_and_pacing_are_a_size_or_their_word),
                                cmocka_unit_test(what_is_neither_is_told_what_is)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
