#include "core/media/client_log.hpp"

#include "test/support/cmocka.hpp"
#include "test/support/fake_log.hpp"

using namespace weir;
using Event = ClientLog::Event;

namespace {

struct Fixture {
    int listed(Event event, int times) {
        int out = 0;
        for (int i = 0; i < times; ++i) out += clients.lists(event) ? 1 : 0;
        return out;
    }
    void pass(Duration time) { timers.run(timers.now() + time); }

    const std::string channel = "live";
    TimerQueue timers;
    test::FakeLog log;
    ClientLog clients{channel, timers, log};
};

void few_clients_have_a_line_each(void**) {
    Fixture f;
    for (int i = 0; i < 100; ++i) {
        assert_int_equal(f.listed(Event::came, ClientLog::kLines / 2), ClientLog::kLines / 2);
        assert_int_equal(f.listed(Event::left, ClientLog::kLines / 2), ClientLog::kLines / 2);
        f.pass(ClientLog::kSpan);
    }
    assert_true(f.log.lines.empty());
}

void the_rest_of_a_crowd_is_one_line(void**) {
    Fixture f;
    assert_int_equal(f.listed(Event::came, 10000), ClientLog::kLines);
    assert_int_equal(f.listed(Event::left, 3), 0);
    f.pass(ClientLog::kSpan - Duration{1});
    assert_true(f.log.lines.empty());
    f.pass(Duration{1});
    assert_int_equal(f.log.lines.size(), 1);
    assert_string_equal(f.log.lines[0].c_str(),
                        "info: channel live: 9980 more clients came and 3 left in the same second");
    // Then it begins anew, and nothing is told twice.
    assert_int_equal(f.listed(Event::left, ClientLog::kLines + 1), ClientLog::kLines);
    f.pass(ClientLog::kSpan);
    assert_int_equal(f.log.lines.size(), 2);
    assert_true(f.log.has(": 0 more clients came and 1 left in"));
    f.pass(ClientLog::kSpan);
    assert_int_equal(f.log.lines.size(), 2);
}

void what_was_not_told_yet_is_told_at_the_end(void**) {
    test::FakeLog log;
    TimerQueue timers;
    const std::string channel = "live";
    {
        ClientLog clients{channel, timers, log};
        for (int i = 0; i < ClientLog::kLines + 5; ++i) (void)clients.lists(Event::left);
    }
    assert_int_equal(log.lines.size(), 1);
    assert_true(log.has("0 more clients came and 5 left"));
}

void nobody_is_woken_while_nobody_comes(void**) {
    Fixture f;
    assert_false(f.timers.next_due().has_value());
    assert_true(f.clients.lists(Event::came));
    f.pass(ClientLog::kSpan);
    assert_false(f.timers.next_due().has_value());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(few_clients_have_a_line_each),
        cmocka_unit_test(the_rest_of_a_crowd_is_one_line),
        cmocka_unit_test(what_was_not_told_yet_is_told_at_the_end),
        cmocka_unit_test(nobody_is_woken_while_nobody_comes),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
