// Dialling on loopback with the system's name service.
#include "core/io/dialer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <memory>
#include <optional>
#include <string>

#include "core/io/loop.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

// Listens on 127.0.0.1; the kernel accepts.
struct Port {
    explicit Port(bool listens = true) {
        fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof name;
        ::bind(fd, reinterpret_cast<sockaddr*>(&name), length);
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length);
        if (listens) ::listen(fd, 16);
        number = ntohs(name.sin_port);
    }
    ~Port() { ::close(fd); }
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    int fd = -1;
    std::uint16_t number = 0;
};

struct Caller {
    explicit Caller(Loop& l) : loop(l) {}
    void dial(std::string host, std::uint16_t port, Address::Kind kind) {
        dialer = Dialer::start(loop, {.host = std::move(host), .port = port, .kind = kind}, Duration{20000},
                               Dialer::OnDone::of<&Caller::on_done>(this));
    }
    void on_done(Result<Peer*> result) {
        ++calls;
        if (result) remote = std::string(result.value()->remote());
        if (!result) error = result.error();
        dialer.reset();
        loop.stop();
    }
    Loop& loop;
    std::unique_ptr<Dialer> dialer;
    int calls = 0;
    std::string remote;
    std::optional<Error> error;
};

void localhost_dials(void**) {
    auto loop = Loop::open(nullptr).value();
    const Port port;
    Caller caller{*loop};
    for (int i = 1; i <= 2; ++i) {  // looked up, then remembered
        caller.dial("localhost", port.number, Address::Kind::name);
        assert_int_equal(caller.calls, i - 1);
        loop->run();
        assert_int_equal(caller.calls, i);
        assert_true(caller.remote == "127.0.0.1:" + std::to_string(port.number));
    }
}

void a_literal_dials(void**) {
    auto loop = Loop::open(nullptr).value();
    const Port port;
    Caller caller{*loop};
    caller.dial("127.0.0.1", port.number, Address::Kind::ipv4);
    assert_int_equal(caller.calls, 0);
    loop->run();
    assert_true(caller.remote == "127.0.0.1:" + std::to_string(port.number));
}

void where_nobody_listens_the_error_names_the_address(void**) {
    auto loop = Loop::open(nullptr).value();
    const Port port{false};
    Caller caller{*loop};
    caller.dial("localhost", port.number, Address::Kind::name);
    loop->run();
    assert_true(caller.error.has_value());
    assert_true(caller.error->code == Errc::refused);
    assert_true(caller.error->detail.starts_with("localhost:" + std::to_string(port.number) + ": "));
}

void a_loop_may_end_while_a_name_is_looked_up(void**) {
    auto loop = Loop::open(nullptr).value();
    {
        Caller caller{*loop};
        caller.dial("localhost", 1, Address::Kind::name);
    }
    loop.reset();
}

void an_embedders_loop_finishes_the_lookup_of_a_loop_that_ended(void**) {
    uv_loop_t outer;
    uv_loop_init(&outer);
    auto loop = Loop::open(&outer).value();
    {
        Caller caller{*loop};
        caller.dial("localhost", 1, Address::Kind::name);
    }
    loop.reset();
    uv_run(&outer, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&outer), 0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(localhost_dials),
        cmocka_unit_test(a_literal_dials),
        cmocka_unit_test(where_nobody_listens_the_error_names_the_address),
        cmocka_unit_test(a_loop_may_end_while_a_name_is_looked_up),
        cmocka_unit_test(an_embedders_loop_finishes_the_lookup_of_a_loop_that_ended),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
