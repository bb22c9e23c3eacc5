// The turns of a loop: timers that are due at once take turns with sockets.
#include "core/io/loop.hpp"

#include <uv.h>

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

// Starts itself anew without delay, some times; counts how often the loop looked for events meanwhile.
struct Restless {
    explicit Restless(Loop& l) : loop(l), timer(l.timers(), Callback<void()>::of<&Restless::on_due>(this)) {
        uv_check_init(loop.raw(), &check);
        check.data = this;
        uv_check_start(&check, [](uv_check_t* c) { ++static_cast<Restless*>(c->data)->polls; });
        timer.start(Duration{0});
    }
    void on_due() {
        if (polls == polls_before) ++without_poll;
        polls_before = polls;
        if (++fired < 100) return timer.start(Duration{0});
        uv_close(reinterpret_cast<uv_handle_t*>(&check), nullptr);
        loop.stop();
    }

    Loop& loop;
    Timer timer;
    uv_check_t check{};
    int fired = 0;
    int polls = 0;
    int polls_before = -1;
    int without_poll = 0;
};

}  // namespace

static void what_is_due_at_once_again_and_again_lets_sockets_have_their_turn(void**) {
    auto loop = Loop::open(nullptr);
    assert_true(loop.ok());
    {
        Restless restless{*loop.value()};
        loop.value()->run();
        assert_int_equal(restless.fired, 100);
        assert_int_equal(restless.without_poll, 0);
    }
}

static void so_it_does_in_an_embedders_loop_that_never_waits(void**) {
    uv_loop_t outer;
    assert_int_equal(uv_loop_init(&outer), 0);
    {
        auto loop = Loop::open(&outer);
        assert_true(loop.ok());
        Restless restless{*loop.value()};
        while (restless.fired < 100) {
            const int before = restless.fired;
            const bool is_alive = uv_run(&outer, UV_RUN_NOWAIT) != 0;
            assert_true(is_alive || restless.fired == 100);
            assert_in_range(restless.fired - before, 0, 1);
        }
        assert_int_equal(restless.without_poll, 0);
    }
    uv_run(&outer, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&outer), 0);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_due_at_once_again_and_again_lets_sockets_have_their_turn),
        cmocka_unit_test(so_it_does_in_an_embedders_loop_that_never_waits)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
