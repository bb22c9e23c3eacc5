// The admin port of a whole relay, and `weir status` against it.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "cli/status.hpp"
#include "test/e2e/loopback.hpp"
#include "test/e2e/verdict.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::test;

namespace {

Config config_with_admin() {
    Config config = config_with_push();
    config.channels.push_back(config.channels.front());
    config.channels.back().name = "demo";
    config.channels.back().sources = {"test:"};
    config.admin.address = "127.0.0.1:0";
    return config;
}

std::uint16_t port_in(const std::string& address) {
    return static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
}

// A relay on the test's loop.
struct Fixture {
    explicit Fixture(Config config = config_with_admin())
        : relay(std::make_unique<Relay>(std::move(config))) {
        if (const std::string error = relay->attach(&turns.loop); !error.empty()) fail_with(error);
        port = port_of(*relay);
        admin_port = port_in(relay->admin_address());
    }
    std::string ask(std::uint16_t at, const std::string& target) {
        Socket socket{at};
        socket.write("GET " + target + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        assert_true(turns.until([&] { return socket.is_over(); }, socket));
        return std::string(socket.text());
    }
    void close() {
        relay->stop();
        uv_run(&turns.loop, UV_RUN_DEFAULT);
        assert_true(relay->is_stopped());
        relay.reset();
        uv_run(&turns.loop, UV_RUN_DEFAULT);
        assert_int_equal(uv_loop_close(&turns.loop), 0);
    }

    Turns turns;
    std::unique_ptr<Relay> relay;
    std::uint16_t port = 0;
    std::uint16_t admin_port = 0;
};

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

void the_admin_port_tells_of_real_players_and_is_no_endpoint(void**) {
    Fixture f;
    assert_int_equal(f.relay->endpoints().size(), 1);
    assert_true(f.admin_port != 0 && f.admin_port != f.port);
    Socket player{f.port};
    player.write("GET /demo HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(f.turns.until([&] { return player.got().size() > 5000; }, player));
    const std::string status = f.ask(f.admin_port, "/api/v1/status");
    assert_true(status.starts_with("HTTP/1.1 200 OK\r\n"));
    assert_true(has(status, "\"http\": {\n      \"now\": 1,\n      \"total\": 1,\n"));
    const std::string metrics = f.ask(f.admin_port, "/metrics");
    assert_true(has(metrics, "\nweir_channel_clients{channel=\"demo\",protocol=\"http\"} 1\n"));
    assert_true(has(metrics, "\nweir_channel_state{channel=\"live\",state=\"closed\"} 1\n"));
    assert_true(f.ask(f.admin_port, "/demo").starts_with("HTTP/1.1 404 "));
    assert_true(f.ask(f.port, "/metrics").starts_with("HTTP/1.1 404 "));
    for (const auto port : {f.port, f.admin_port}) {
        assert_true(f.ask(port, "/health").starts_with("HTTP/1.1 204 "));
        assert_true(f.ask(port, "/health?channel=demo").starts_with("HTTP/1.1 204 "));
        assert_true(f.ask(port, "/health?channel=live").starts_with("HTTP/1.1 503 "));
        assert_true(f.ask(port, "/health?channel=news").starts_with("HTTP/1.1 404 "));
    }
    f.close();
}

void without_admin_in_the_configuration_there_is_no_such_port(void**) {
    Relay relay{config_with_push()};
    assert_string_equal(relay.admin_address().c_str(), "");
    assert_string_equal(relay.start().c_str(), "");
    assert_string_equal(relay.admin_address().c_str(), "");
}

void a_full_relay_can_still_be_asked(void**) {
    Config config = config_with_admin();
    config.server.max_connections = 1;
    Fixture f{config};
    Socket player{f.port};
    player.write("GET /demo HTTP/1.0\r\n\r\n");
    assert_true(f.turns.until([&] { return !player.got().empty(); }, player));
    Socket refused{f.port};
    refused.write("GET /demo HTTP/1.0\r\n\r\n");
    assert_true(f.turns.until([&] { return refused.is_over(); }, refused, player));
    assert_true(has(f.ask(f.admin_port, "/metrics"), "\nweir_connections_refused_total 1\n"));
    f.close();
}

// What `weir status` prints, and its exit code.
struct Run {
    int code = -1;
    std::string out;
    std::string err;
};

// A file that stands for one of the process's streams for a while.
class Redirected {
  public:
    Redirected(std::FILE* stream, int fd)
        : stream_(stream), fd_(fd), saved_(::dup(fd)), file_(std::tmpfile()) {
        std::fflush(stream_);
        ::dup2(::fileno(file_), fd_);
    }
    std::string end() {
        std::fflush(stream_);
        ::dup2(saved_, fd_);
        ::close(saved_);
        std::rewind(file_);
        std::string text;
        for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) text += static_cast<char>(c);
        std::fclose(file_);
        return text;
    }

  private:
    std::FILE* stream_;
    int fd_;
    int saved_;
    std::FILE* file_;
};

Run weir_status(const std::string& config_text, bool json = false) {
    const char* folder = std::getenv("TMPDIR");
    const std::string path =
        std::string(folder ? folder : "/tmp") + "/weir-status-" + std::to_string(::getpid()) + ".toml";
    std::ofstream{path} << config_text;
    Redirected out{stdout, STDOUT_FILENO};
    Redirected err{stderr, STDERR_FILENO};
    Run run;
    run.code = cli::status_command({.config_file = path, .json = json});
    run.err = err.end();
    run.out = out.end();
    std::remove(path.c_str());
    for (auto at = run.err.find(path); at != std::string::npos; at = run.err.find(path))
        run.err.replace(at, path.size(), "FILE");
    return run;
}

std::string config_text(const std::string& admin_section) {
    return admin_section +
           "[[listen]]\naddress = \"127.0.0.1:0\"\n[[channel]]\nname = \"demo\"\nsources = [\"test:\"]\n";
}
std::string config_text(std::uint16_t port, const std::string& host = "127.0.0.1") {
    return config_text("[admin]\naddress = \"" + host + ":" + std::to_string(port) + "\"\n");
}

// A relay that runs in a thread of its own, since the command has the test's.
class Running {
  public:
    explicit Running(Config config) : relay_(std::move(config)) {
        if (const std::string error = relay_.start(); !error.empty()) fail_with(error);
        port_ = port_of(relay_);
        admin_port_ = port_in(relay_.admin_address());
        thread_ = std::thread{[this] { relay_.run(); }};
    }
    ~Running() {
        relay_.stop();
        thread_.join();
    }
    std::uint16_t port() const noexcept { return port_; }
    std::uint16_t admin_port() const noexcept { return admin_port_; }

  private:
    Relay relay_;
    std::uint16_t port_ = 0;
    std::uint16_t admin_port_ = 0;
    std::thread thread_;
};

void status_prints_a_table_or_the_json(void**) {
    Running relay{config_with_admin()};
    const Run table = weir_status(config_text(relay.admin_port()));
    assert_string_equal(table.err.c_str(), "");
    assert_int_equal(table.code, cli::kExitOk);
    assert_true(table.out.starts_with("weir: weir "));
    assert_true(has(table.out, "\nlive     closed     0        -           push:   idle\n"));
    assert_true(has(table.out, "\ndemo     streaming  0        261 kbit/s  test:   on air  test signal\n"));
    const Run json = weir_status(config_text(relay.admin_port()), true);
    assert_int_equal(json.code, cli::kExitOk);
    assert_true(json.out.starts_with("{\n \"server\": {\n"));
    assert_true(json.out.ends_with("\n}\n"));
}

void a_wildcard_address_is_asked_on_loopback(void**) {
    Running relay{config_with_admin()};
    assert_int_equal(weir_status(config_text(relay.admin_port(), "0.0.0.0")).code, cli::kExitOk);
}

void nobody_there_is_one_sentence_and_exit_1(void**) {
    std::uint16_t free_port = 0;
    {
        Running relay{config_with_admin()};
        free_port = relay.admin_port();
    }
    const Run run = weir_status(config_text(free_port));
    assert_int_equal(run.code, cli::kExitFailed);
    assert_string_equal(run.out.c_str(), "");
    assert_string_equal(run.err.c_str(), ("weir status: weir is not running, or not with FILE: 127.0.0.1:" +
                                          std::to_string(free_port) + ": Connection refused\n")
                                             .c_str());
}

void what_is_no_admin_port_is_told_by_its_answer(void**) {
    Running relay{config_with_admin()};
    const Run run = weir_status(config_text(relay.port()));
    assert_int_equal(run.code, cli::kExitFailed);
    assert_string_equal(run.err.c_str(), ("weir status: http://127.0.0.1:" + std::to_string(relay.port()) +
                                          "/api/v1/status: the server answered 404 Not Found\n")
                                             .c_str());
}

void a_configuration_that_names_no_port_is_exit_2(void**) {
    const Run none = weir_status(config_text(""));
    assert_int_equal(none.code, cli::kExitUsage);
    assert_true(none.err.starts_with("weir status: FILE has no admin port to ask at; add this"));
    assert_true(has(none.err, "[admin]\naddress = \"127.0.0.1:8081\"\n"));
    const Run picked = weir_status(config_text(0));
    assert_int_equal(picked.code, cli::kExitUsage);
    assert_true(has(picked.err, "lets the system pick a port"));
    const Run wrong = weir_status(config_text("[admin]\naddress = \"x\"\n"));
    assert_int_equal(wrong.code, cli::kExitUsage);
    assert_true(wrong.err.starts_with("FILE:2:11: admin.address: "));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(the_admin_port_tells_of_real_players_and_is_no_endpoint),
                                cmocka_unit_test(without_admin_in_the_configuration_there_is_no_such_port),
                                cmocka_unit_test(a_full_relay_can_still_be_asked),
                                cmocka_unit_test(status_prints_a_table_or_the_json),
                                cmocka_unit_test(a_wildcard_address_is_asked_on_loopback),
                                cmocka_unit_test(nobody_there_is_one_sentence_and_exit_1),
                                cmocka_unit_test(what_is_no_admin_port_is_told_by_its_answer),
                                cmocka_unit_test(a_configuration_that_names_no_port_is_exit_2)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
