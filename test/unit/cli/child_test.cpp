// Programs that a command runs.
#include "cli/child.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::cli;

static int exit_code_of(const std::vector<std::string>& words) {
    const auto end = run_child(words, ChildOutput::dropped);
    assert_true(end.ok());
    assert_false(end.value().interrupted);
    return end.value().exit_code;
}

static void the_exit_code_comes_back(void**) {
    assert_int_equal(exit_code_of({"true"}), 0);
    assert_int_equal(exit_code_of({"/bin/sh", "-c", "exit 7"}), 7);
    assert_int_equal(exit_code_of({"sh", "-c", "kill -KILL $$"}), -1);
}

static void a_program_that_is_not_there_is_not_found(void**) {
    for (const char* name : {"weir-no-such-program", "/nonexistent/ffmpeg"}) {
        const auto end = run_child({name}, ChildOutput::shown);
        assert_false(end.ok());
        assert_true(end.error().code == Errc::not_found);
    }
    const auto end = run_child({"/"}, ChildOutput::shown);
    assert_false(end.ok());
    assert_true(end.error().code == Errc::system);
}

static void words_reach_it_as_they_are_and_it_has_nothing_to_read(void**) {
    std::string name = "/tmp/weir-child-XXXXXX";
    const int fd = ::mkstemp(name.data());
    assert_true(fd >= 0);
    ::close(fd);
    assert_int_equal(exit_code_of({"sh", "-c", "cat >>\"$1\" && printf '%s|' \"$@\" >>\"$1\"", "sh", name,
                                   "a b", "$HOME", ""}),
                     0);
    std::ifstream file(name);
    const std::string written{std::istreambuf_iterator<char>(file), {}};
    ::unlink(name.c_str());
    assert_string_equal(written.c_str(), (name + "|a b|$HOME||").c_str());
}

static void a_signal_that_would_end_us_ends_it(void**) {
    for (const char* number : {"INT", "TERM"}) {
        // Its parent is this process; it then waits to be ended itself.
        const auto end = run_child({"sh", "-c", std::string("kill -") + number + " $PPID; exec sleep 60"},
                                   ChildOutput::dropped);
        assert_true(end.ok());
        assert_true(end.value().interrupted);
        assert_int_equal(end.value().exit_code, -1);
    }
    struct sigaction now {};
    assert_int_equal(::sigaction(SIGTERM, nullptr, &now), 0);
    assert_true(now.sa_handler == SIG_DFL);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_exit_code_comes_back),
        cmocka_unit_test(a_program_that_is_not_there_is_not_found),
        cmocka_unit_test(words_reach_it_as_they_are_and_it_has_nothing_to_read),
        cmocka_unit_test(a_signal_that_would_end_us_ends_it),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
