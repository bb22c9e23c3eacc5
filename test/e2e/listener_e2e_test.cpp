// Connections that are accepted on loopback, many at once.
#include "core/io/listener.hpp"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/peer.hpp"
#include "core/io/loop.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

// A client's socket; `is_there`: it waits until the kernel has taken it into the queue of the listener.
struct Client {
    explicit Client(std::uint16_t port) : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        assert_int_equal(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    }
    ~Client() { ::close(fd); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    void say(std::string_view text) const {
        assert_int_equal(::send(fd, text.data(), text.size(), MSG_NOSIGNAL), text.size());
    }
    std::string name() const {
        sockaddr_in own{};
        socklen_t length = sizeof own;
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length);
        return "127.0.0.1:" + std::to_string(ntohs(own.sin_port));
    }
    int fd;
};

struct Fixture {
    explicit Fixture(const SocketOptions& options = {}) : loop(std::move(Loop::open(nullptr)).value()) {
        auto opened = Listener::open(*loop, {.host = "127.0.0.1", .port = 0, .kind = Address::Kind::ipv4},
                                     options, 0, Listener::Admit::of<&Fixture::admit>(this),
                                     Listener::OnPeer::of<&Fixture::on_peer>(this));
        assert_true(opened.ok());
        listener = std::move(opened).value();
        const std::string& local = listener->local();
        port = static_cast<std::uint16_t>(std::stoul(local.substr(local.rfind(':') + 1)));
    }
    // At most `at_a_time` are there that were not handed over, and `most` in all.
    Admission admit() {
        ++asked;
        if (loop->connections() >= most) return Admission::no;
        return loop->not_handed_over() >= at_a_time ? Admission::later : Admission::yes;
    }
    void on_peer(Listener&, Peer& peer) {
        peers.push_back(&peer);
        peer.set_handler(std::make_unique<Hearer>(*this));
    }
    void turn() { uv_run(loop->raw(), UV_RUN_NOWAIT); }

    struct Hearer final : Handler {
        explicit Hearer(Fixture& f) : fixture(f) {}
        void on_bytes(Bytes bytes) noexcept override {
            fixture.heard += as_text(bytes);
            fixture.peers_when_heard = fixture.peers.size();
        }
        void on_eof() noexcept override {}
        Fixture& fixture;
    };

    std::unique_ptr<Loop> loop;
    std::unique_ptr<Listener> listener;
    std::uint16_t port = 0;
    std::vector<Peer*> peers;
    std::size_t most = 100'000, at_a_time = 100'000, asked = 0;
    std::string heard;
    std::size_t peers_when_heard = 0;
};

// Our end of `client`'s connection.
int accepted_end(const Client& client) {
    sockaddr_in own{};
    socklen_t length = sizeof own;
    ::getsockname(client.fd, reinterpret_cast<sockaddr*>(&own), &length);
    for (int fd = 0; fd < 1024; ++fd) {
        sockaddr_in other{};
        length = sizeof other;
        if (::getpeername(fd, reinterpret_cast<sockaddr*>(&other), &length) == 0 &&
            other.sin_port == own.sin_port)
            return fd;
    }
    return -1;
}

template <class Value = int>
Value option(int fd, int level, int name) {
    Value value{};
    socklen_t length = sizeof value;
    assert_int_equal(::getsockopt(fd, level, name, &value, &length), 0);
    return value;
}

void a_connection_has_the_options_of_its_port(void**) {
    Fixture f{{.tcp_nodelay = false, .send_buffer = 16384, .pacing = 123456}};
    const Client client{f.port};
    f.turn();
    const int fd = accepted_end(client);
    assert_int_equal(option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
    assert_int_equal(option(fd, SOL_SOCKET, SO_SNDBUF), 2 * 16384);
    assert_int_equal(f.listener->send_buffer(), 16384);
    assert_int_equal(option<std::uint64_t>(fd, SOL_SOCKET, SO_MAX_PACING_RATE), 123456);
    assert_int_equal(option(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
}

void where_nothing_is_said_the_kernel_chooses_but_sends_at_once(void**) {
    Fixture f;
    const Client client{f.port};
    f.turn();
    const int fd = accepted_end(client);
    assert_int_equal(option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
    assert_int_equal(option(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
    assert_true(option<std::uint64_t>(fd, SOL_SOCKET, SO_MAX_PACING_RATE) > std::uint64_t{1} << 31);
}

void a_connection_knows_both_of_its_ends(void**) {
    Fixture f;
    const Client client{f.port};
    f.turn();
    assert_int_equal(f.peers.size(), 1);
    assert_string_equal(f.peers[0]->remote().c_str(), client.name().c_str());
    assert_string_equal(f.peers[0]->remote_address().c_str(), "127.0.0.1");
    assert_string_equal(f.peers[0]->local().c_str(), f.listener->local().c_str());
}

void what_came_with_the_connection_is_read_with_it(void**) {
    Fixture f;
    const Client client{f.port};
    client.say("GET");
    f.turn();
    assert_string_equal(f.heard.c_str(), "GET");
    client.say(" /live");
    f.turn();
    assert_string_equal(f.heard.c_str(), "GET /live");
}

void a_crowd_that_comes_at_once_is_taken_and_lets_others_have_their_turn(void**) {
    constexpr std::size_t kCrowd = 400;
    Fixture f;
    const Client first{f.port};
    f.turn();
    assert_int_equal(f.peers.size(), 1);
    std::vector<std::unique_ptr<Client>> crowd;
    for (std::size_t i = 0; i < kCrowd; ++i) crowd.push_back(std::make_unique<Client>(f.port));
    first.say("I was here before");
    while (f.heard.empty()) f.turn();
    assert_true(f.peers_when_heard < kCrowd);
    for (std::size_t turns = 0; f.peers.size() < kCrowd + 1; ++turns) {
        assert_true(turns < kCrowd);
        f.turn();
    }
    assert_int_equal(f.loop->connections(), kCrowd + 1);
}

std::size_t closed_of(const std::vector<std::unique_ptr<Client>>& crowd) {
    return static_cast<std::size_t>(std::count_if(crowd.begin(), crowd.end(), [](const auto& client) {
        char byte = 0;
        const ssize_t n = ::recv(client->fd, &byte, 1, MSG_DONTWAIT);
        return n == 0 || (n < 0 && errno == ECONNRESET);
    }));
}

// Who was taken and not handed over yet counts as a connection, and goes with the listener.
void what_was_taken_is_closed_with_the_listener(void**) {
    constexpr std::size_t kCrowd = 400;
    Fixture f;
    std::vector<std::unique_ptr<Client>> crowd;
    for (std::size_t i = 0; i < kCrowd; ++i) crowd.push_back(std::make_unique<Client>(f.port));
    f.turn();
    const std::size_t handed_over = f.peers.size();
    assert_in_range(handed_over, 1, kCrowd - 1);
    assert_int_equal(f.loop->connections(), kCrowd);
    f.listener.reset();
    assert_int_equal(f.loop->connections(), handed_over);
    assert_int_equal(closed_of(crowd), kCrowd - handed_over);
}

void who_is_admitted_later_waits_until_those_before_are_handed_over(void**) {
    constexpr std::size_t kCrowd = 30;
    Fixture f;
    f.at_a_time = 4;
    f.most = 20;
    std::vector<std::unique_ptr<Client>> crowd;
    for (std::size_t i = 0; i < kCrowd; ++i) crowd.push_back(std::make_unique<Client>(f.port));
    f.turn();
    assert_int_equal(f.peers.size(), 4);
    assert_int_equal(f.loop->connections(), 4);
    assert_int_equal(f.asked, 5);
    for (int i = 0; i < 30; ++i) f.turn();
    assert_int_equal(f.peers.size(), 20);
    assert_int_equal(closed_of(crowd), kCrowd - 20);
    // In the order in which they came.
    for (std::size_t i = 0; i < 20; ++i)
        assert_string_equal(f.peers[i]->remote().c_str(), crowd[i]->name().c_str());
}

void who_was_to_be_admitted_later_is_closed_with_the_listener(void**) {
    Fixture f;
    f.at_a_time = 1;
    std::vector<std::unique_ptr<Client>> crowd;
    for (int i = 0; i < 3; ++i) crowd.push_back(std::make_unique<Client>(f.port));
    f.turn();
    f.listener.reset();
    assert_int_equal(closed_of(crowd), 2);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_has_the_options_of_its_port),
        cmocka_unit_test(where_nothing_is_said_the_kernel_chooses_but_sends_at_once),
        cmocka_unit_test(a_connection_knows_both_of_its_ends),
        cmocka_unit_test(what_came_with_the_connection_is_read_with_it),
        cmocka_unit_test(a_crowd_that_comes_at_once_is_taken_and_lets_others_have_their_turn),
        cmocka_unit_test(what_was_taken_is_closed_with_the_listener),
        cmocka_unit_test(who_is_admitted_later_waits_until_those_before_are_handed_over),
        cmocka_unit_test(who_was_to_be_admitted_later_is_closed_with_the_listener),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
