#include "cli/stderr_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::cli;
using namespace std::chrono_literals;

// 2026-11-22 08:37:16.123 UTC
static const std::chrono::system_clock::time_point kWhen{std::chrono::milliseconds{1795336636123}};

static std::string read_all(int fd) {
    std::string out;
    char piece[4096];
    for (ssize_t n; (n = read(fd, piece, sizeof piece)) > 0;) out.append(piece, static_cast<std::size_t>(n));
    return out;
}

static std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
}

static void a_line_has_time_level_and_message(void**) {
    assert_string_equal(format_log_line(kWhen, LogLevel::info, "message", Colour::off).c_str(),
                        "2026-11-22T08:37:16.123Z info  message\n");
    assert_string_equal(format_log_line(kWhen, LogLevel::debug, "x", Colour::off).c_str(),
                        "2026-11-22T08:37:16.123Z debug x\n");
    assert_string_equal(format_log_line(kWhen, LogLevel::warning, "x", Colour::off).c_str(),
                        "2026-11-22T08:37:16.123Z warn  x\n");
    assert_string_equal(format_log_line(kWhen, LogLevel::error, "x", Colour::off).c_str(),
                        "2026-11-22T08:37:16.123Z error x\n");
}

static void a_terminal_gets_colour_for_what_stands_out(void**) {
    assert_string_equal(format_log_line(kWhen, LogLevel::error, "x", Colour::on).c_str(),
                        "2026-11-22T08:37:16.123Z \x1b[31merror\x1b[0m x\n");
    assert_string_equal(format_log_line(kWhen, LogLevel::info, "x", Colour::on).c_str(),
                        "2026-11-22T08:37:16.123Z info  x\n");
}

static void a_message_stays_on_its_line(void**) {
    assert_string_equal(format_log_line(kWhen, LogLevel::info, "a\nb\x1b[2J\x7f\tö", Colour::off).c_str(),
                        "2026-11-22T08:37:16.123Z info  a?b?[2J?\tö\n");
}

static void destruction_writes_what_is_queued(void**) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    {
        StderrLog log({.fd = ends[1]});
        for (int i = 0; i < 100; ++i) log.info("line {}", i);
        log.debug("not shown");
    }
    close(ends[1]);
    const auto text = read_all(ends[0]);
    close(ends[0]);
    assert_int_equal(count(text, "\n"), 100);
    assert_int_equal(count(text, "info  line 99\n"), 1);
    assert_int_equal(count(text, "not shown"), 0);
}

static void debug_lines_are_written_when_asked_for(void**) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    { StderrLog({.lowest = LogLevel::debug, .fd = ends[1]}).debug("shown"); }
    close(ends[1]);
    assert_int_equal(count(read_all(ends[0]), "debug shown\n"), 1);
    close(ends[0]);
}

static void a_reader_that_does_not_read_blocks_nobody_and_destruction_is_bounded(void**) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const auto before = std::chrono::steady_clock::now();
    {
        StderrLog log({.fd = ends[1], .queue_lines = 16, .flush_limit = Duration{30}});
        for (int i = 0; i < 5000; ++i) log.info("{:0100}", i);
    }
    // Far above what it takes: it is waiting for ever that must not happen.
    assert_true(std::chrono::steady_clock::now() - before < 10s);
    close(ends[1]);
    close(ends[0]);
}

static void dropped_lines_are_counted_once_there_is_room(void**) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    std::string text;
    std::size_t dropped = 0;
    {
        StderrLog log({.fd = ends[1], .queue_lines = 16});
        for (int i = 0; i < 5000; ++i) log.info("{:0100}", i);
        assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
        // The newest line comes last, whatever was dropped before it.
        while (count(text, "4999\n") == 0) text += read_all(ends[0]);
    }
    close(ends[1]);
    close(ends[0]);
    const std::string words = " log lines dropped, standard error is read too slowly\n";
    for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
        dropped += static_cast<std::size_t>(std::stoul(text.substr(text.rfind(' ', at - 1) + 1)));
    }
    assert_true(dropped > 0);
    assert_int_equal(count(text, "\n") - count(text, words) + dropped, 5000);
}

static void a_reader_that_is_gone_does_not_end_the_process(void**) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    { StderrLog({.fd = ends[1]}).info("into the void"); }
    close(ends[1]);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_level_and_message),
        cmocka_unit_test(a_terminal_gets_colour_for_what_stands_out),
        cmocka_unit_test(a_message_stays_on_its_line),
        cmocka_unit_test(destruction_writes_what_is_queued),
        cmocka_unit_test(debug_lines_are_written_when_asked_for),
        cmocka_unit_test(a_reader_that_does_not_read_blocks_nobody_and_destruction_is_bounded),
        cmocka_unit_test(dropped_lines_are_counted_once_there_is_room),
        cmocka_unit_test(a_reader_that_is_gone_does_not_end_the_process)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
