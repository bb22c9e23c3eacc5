// Name lookups shared, limited and remembered: with a name service and a clock that the test moves.
#include "core/io/resolver.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/io/socket_name.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

using Names = std::vector<std::string>;

// Keeps what it was asked; the test answers by Resolver::finish.
class FakeLookup final : public Resolver::Lookup {
  public:
    FakeLookup(Names& started, bool& works) : started_(started), works_(works) {}
    Result<> start(Resolver&, const std::string& name) override {
        if (!works_) return Error{Errc::system, "no memory"};
        started_.push_back(name);
        return Ok{};
    }

  private:
    Names& started_;
    bool& works_;
};

struct Asker {
    Asker() : query(Resolver::Query::OnAnswer::of<&Asker::on_answer>(this)) {}
    void on_answer(Result<SocketAddresses> result) {
        ++answers;
        text.clear();
        if (!result) text = "error: " + result.error().detail;
        if (result) {
            for (const auto& one : result.value()) text += name_of(one.get()) + " ";
        }
        if (drops) return drops->reset();
        if (asks_again) std::exchange(asks_again, nullptr)->ask(query, address);
    }

    Resolver::Query query;
    int answers = 0;
    std::string text;
    std::unique_ptr<Asker>* drops = nullptr;
    Resolver* asks_again = nullptr;
    Address address{.host = "a.example", .port = 80, .kind = Address::Kind::name};
};

struct Fixture {
    TimerQueue timers;
    Names started;
    bool works = true;
    Resolver resolver{timers, std::make_unique<FakeLookup>(started, works)};
    Duration time{0};

    void ask(Asker& asker, std::string host, std::uint16_t port = 80) {
        asker.address = {.host = std::move(host), .port = port, .kind = Address::Kind::name};
        resolver.ask(asker.query, asker.address);
    }
    void pass(Duration duration) {
        time += duration;
        timers.run(TimePoint{time});
        timers.run(TimePoint{time});  // answers come in the turn after
    }
    void turn() { pass(Duration{0}); }
    void find(const std::string& name, std::initializer_list<const char*> hosts) {
        SocketAddresses found;
        for (std::string host : hosts) {
            const auto kind = host.find(':') == std::string::npos ? Address::Kind::ipv4 : Address::Kind::ipv6;
            found.push_back(literal_addresses({.host = host, .port = 0, .kind = kind}).value().front());
        }
        resolver.finish(name, std::move(found));
        turn();
    }
    void fail(const std::string& name) {
        resolver.finish(name, Error{Errc::system, "no such name"});
        turn();
    }
    // Asked and found, with nobody waiting.
    void know(const std::string& name, const char* host) {
        Asker asker;
        ask(asker, name);
        find(name, {host});
        started.clear();
    }
};

bool is(const Names& names, std::initializer_list<const char*> expected) {
    return std::equal(names.begin(), names.end(), expected.begin(), expected.end());
}

void a_literal_is_never_looked_up(void**) {
    Fixture f;
    Asker v4, v6, loopback;
    f.resolver.ask(v4.query, {.host = "192.0.2.1", .port = 8080, .kind = Address::Kind::ipv4});
    f.resolver.ask(v6.query, {.host = "2001:db8::1", .port = 81, .kind = Address::Kind::ipv6});
    f.resolver.ask(loopback.query, {.host = "fe80::1%lo", .port = 1, .kind = Address::Kind::ipv6});
    assert_int_equal(v4.answers, 0);  // never before ask() has returned
    f.turn();
    assert_true(v4.text == "192.0.2.1:8080 ");
    assert_true(v6.text == "[2001:db8::1]:81 ");
    assert_true(loopback.text == "[fe80::1]:1 ");
    assert_true(f.started.empty());
    assert_int_equal(f.resolver.names(), 0);
}

void a_literal_of_no_interface_is_an_error(void**) {
    Fixture f;
    Asker a;
    f.resolver.ask(a.query, {.host = "fe80::1%nosuch0", .port = 1, .kind = Address::Kind::ipv6});
    f.turn();
    assert_true(a.text.starts_with("error: "));
}

void all_addresses_come_in_the_order_of_the_name_service_with_the_askers_port(void**) {
    Fixture f;
    Asker a, b;
    f.ask(a, "a.example", 80);
    f.ask(b, "a.example", 8080);
    f.find("a.example", {"2001:db8::2", "192.0.2.9", "192.0.2.1"});
    assert_true(a.text == "[2001:db8::2]:80 192.0.2.9:80 192.0.2.1:80 ");
    assert_true(b.text == "[2001:db8::2]:8080 192.0.2.9:8080 192.0.2.1:8080 ");
}

void those_who_wait_for_one_name_share_one_lookup(void**) {
    Fixture f;
    Asker a, b, c;
    f.ask(a, "a.example");
    f.ask(b, "a.example");
    f.turn();
    f.ask(c, "a.example");
    assert_true(is(f.started, {"a.example"}));
    f.find("a.example", {"192.0.2.1"});
    assert_int_equal(a.answers + b.answers + c.answers, 3);
    assert_true(is(f.started, {"a.example"}));
}

void a_third_name_waits_until_one_of_two_ends(void**) {
    Fixture f;
    Asker a, b, c, d;
    f.ask(a, "a.example");
    f.ask(b, "b.example");
    f.ask(c, "c.example");
    f.ask(d, "d.example");
    assert_true(is(f.started, {"a.example", "b.example"}));
    f.fail("b.example");
    assert_true(is(f.started, {"a.example", "b.example", "c.example"}));
    assert_true(b.text == "error: no such name");
    f.find("c.example", {"192.0.2.3"});
    assert_true(c.text == "192.0.2.3:80 ");
    assert_true(is(f.started, {"a.example", "b.example", "c.example", "d.example"}));
    assert_int_equal(a.answers + d.answers, 0);
}

void what_was_found_serves_for_30_seconds(void**) {
    Fixture f;
    f.know("a.example", "192.0.2.1");
    Asker a;
    f.pass(Resolver::kFresh - Duration{1});
    f.ask(a, "a.example");
    assert_int_equal(a.answers, 0);
    f.turn();
    assert_int_equal(a.answers, 1);
    assert_true(f.started.empty());
    f.pass(Duration{1});
    f.ask(a, "a.example");
    f.turn();
    assert_int_equal(a.answers, 1);
    assert_true(is(f.started, {"a.example"}));
    f.find("a.example", {"192.0.2.2"});
    assert_true(a.text == "192.0.2.2:80 ");
}

void a_lookup_that_fails_leaves_the_last_good_addresses(void**) {
    Fixture f;
    f.know("a.example", "192.0.2.1");
    f.pass(Resolver::kFresh);
    Asker a;
    f.ask(a, "a.example");
    f.fail("a.example");
    assert_true(a.text == "192.0.2.1:80 ");
    f.started.clear();
    // For a while nobody asks the name service again.
    f.pass(Resolver::kRetry - Duration{1});
    f.ask(a, "a.example");
    f.turn();
    assert_int_equal(a.answers, 2);
    assert_true(f.started.empty());
    f.pass(Duration{1});
    f.ask(a, "a.example");
    assert_true(is(f.started, {"a.example"}));
    f.find("a.example", {});  // no address is a failure, too
    assert_true(a.text == "192.0.2.1:80 ");
}

void a_name_that_was_never_known_fails_and_is_looked_up_again(void**) {
    Fixture f;
    Asker a;
    f.ask(a, "a.example");
    f.fail("a.example");
    assert_true(a.text == "error: no such name");
    assert_int_equal(f.resolver.names(), 0);
    f.ask(a, "a.example");
    f.find("a.example", {});
    assert_true(a.text == "error: the name has no address");
    f.works = false;
    f.ask(a, "a.example");
    assert_int_equal(a.answers, 2);
    f.turn();
    assert_true(a.text == "error: no memory");
    assert_int_equal(f.resolver.names(), 0);
}

void a_lookup_that_cannot_be_started_leaves_the_last_good_addresses(void**) {
    Fixture f;
    f.know("a.example", "192.0.2.1");
    f.pass(Resolver::kFresh);
    f.works = false;
    Asker a;
    f.ask(a, "a.example");
    f.turn();
    assert_true(a.text == "192.0.2.1:80 ");
}

void a_name_service_that_does_not_answer_costs_two_seconds_once(void**) {
    Fixture f;
    f.know("a.example", "192.0.2.1");
    f.pass(Resolver::kFresh);
    Asker a;
    f.ask(a, "a.example");
    f.pass(Resolver::kSlow - Duration{1});
    assert_int_equal(a.answers, 0);
    f.pass(Duration{1});
    assert_true(a.text == "192.0.2.1:80 ");
    for (int i = 0; i < 30; ++i) {
        f.pass(Duration{1000});
        f.ask(a, "a.example");
        f.turn();
        assert_int_equal(a.answers, 2 + i);
    }
    assert_true(is(f.started, {"a.example"}));  // the one that still runs
    f.find("a.example", {"192.0.2.2"});
    f.ask(a, "a.example");
    f.turn();
    assert_true(a.text == "192.0.2.2:80 ");
}

void a_known_name_behind_two_that_hang_is_answered_from_memory(void**) {
    Fixture f;
    f.know("a.example", "192.0.2.1");
    f.pass(Resolver::kFresh);
    Asker hangs, hangs_too, a, unknown;
    f.ask(hangs, "x.example");
    f.ask(hangs_too, "y.example");
    f.ask(unknown, "z.example");
    f.ask(a, "a.example");
    f.pass(Resolver::kSlow);
    assert_true(a.text == "192.0.2.1:80 ");
    assert_int_equal(hangs.answers + hangs_too.answers + unknown.answers, 0);
    assert_true(is(f.started, {"x.example", "y.example"}));
    // Nobody waits for it any more: its turn goes to the next.
    f.fail("x.example");
    assert_true(is(f.started, {"x.example", "y.example", "z.example"}));
    f.fail("y.example");
    f.fail("z.example");
    assert_int_equal(f.started.size(), 3);
    assert_int_equal(f.resolver.names(), 1);
}

void who_leaves_is_forgotten_and_what_is_found_is_kept(void**) {
    Fixture f;
    Asker stays;
    {
        Asker leaves;
        f.ask(leaves, "a.example");
        f.ask(stays, "b.example");
        Asker queued;
        f.ask(queued, "c.example");
    }
    f.find("a.example", {"192.0.2.1"});
    assert_true(is(f.started, {"a.example", "b.example"}));  // nobody wants the third now
    f.ask(stays, "a.example");                               // instead of b.example
    f.turn();
    assert_true(stays.text == "192.0.2.1:80 ");
    f.find("b.example", {"192.0.2.2"});
    assert_int_equal(stays.answers, 1);
    assert_int_equal(f.resolver.names(), 2);
}

void who_leaves_between_answer_and_turn_is_not_called(void**) {
    Fixture f;
    f.know("a.example", "192.0.2.1");
    auto a = std::make_unique<Asker>();
    f.ask(*a, "a.example");
    a.reset();
    Asker b;
    f.ask(b, "a.example");
    b.query.withdraw();
    f.turn();
    assert_int_equal(b.answers, 0);
}

void an_asker_may_destroy_itself_and_others_in_its_answer(void**) {
    Fixture f;
    auto self = std::make_unique<Asker>();
    auto other = std::make_unique<Asker>();
    Asker first;
    first.drops = &other;
    f.ask(first, "a.example");
    f.ask(*other, "a.example");
    f.ask(*self, "a.example");
    self->drops = &self;
    f.find("a.example", {"192.0.2.1"});
    assert_null(self.get());
    assert_null(other.get());
}

void who_asks_again_in_its_answer_gets_another(void**) {
    Fixture f;
    Asker a;
    f.ask(a, "a.example");
    a.asks_again = &f.resolver;
    f.find("a.example", {"192.0.2.1"});
    f.turn();
    assert_int_equal(a.answers, 2);
    assert_int_equal(f.started.size(), 1);
}

void names_are_bounded_and_the_one_not_asked_for_longest_goes(void**) {
    Fixture f;
    f.know("first.example", "192.0.2.1");
    f.know("second.example", "192.0.2.2");
    for (std::size_t i = 2; i < Resolver::kMaxNames; ++i) f.know("n" + std::to_string(i), "192.0.2.3");
    Asker a;
    f.ask(a, "first.example");
    f.turn();
    assert_int_equal(f.resolver.names(), Resolver::kMaxNames);
    f.know("one.more", "192.0.2.4");
    assert_int_equal(f.resolver.names(), Resolver::kMaxNames);
    f.ask(a, "first.example");
    f.turn();
    assert_int_equal(a.answers, 2);
    assert_true(f.started.empty());
    f.ask(a, "second.example");
    assert_true(is(f.started, {"second.example"}));
}

void an_answer_to_no_question_is_ignored(void**) {
    Fixture f;
    f.find("a.example", {"192.0.2.1"});
    assert_int_equal(f.resolver.names(), 0);
    f.know("a.example", "192.0.2.1");
    f.find("a.example", {"192.0.2.2"});
    Asker a;
    f.ask(a, "a.example");
    f.turn();
    assert_true(a.text == "192.0.2.1:80 ");
}

void a_resolver_may_go_while_others_wait(void**) {
    TimerQueue timers;
    Names started;
    bool works = true;
    Asker waits, answered;
    auto resolver = std::make_unique<Resolver>(timers, std::make_unique<FakeLookup>(started, works));
    resolver->ask(waits.query, {.host = "a.example", .port = 1, .kind = Address::Kind::name});
    resolver->ask(answered.query, {.host = "192.0.2.1", .port = 1, .kind = Address::Kind::ipv4});
    resolver.reset();
    timers.run(TimePoint{Duration{60000}});
    assert_int_equal(waits.answers + answered.answers, 0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_literal_is_never_looked_up),
        cmocka_unit_test(a_literal_of_no_interface_is_an_error),
        cmocka_unit_test(all_addresses_come_in_the_order_of_the_name_service_with_the_askers_port),
        cmocka_unit_test(those_who_wait_for_one_name_share_one_lookup),
        cmocka_unit_test(a_third_name_waits_until_one_of_two_ends),
        cmocka_unit_test(what_was_found_serves_for_30_seconds),
        cmocka_unit_test(a_lookup_that_fails_leaves_the_last_good_addresses),
        cmocka_unit_test(a_name_that_was_never_known_fails_and_is_looked_up_again),
        cmocka_unit_test(a_lookup_that_cannot_be_started_leaves_the_last_good_addresses),
        cmocka_unit_test(a_name_service_that_does_not_answer_costs_two_seconds_once),
        cmocka_unit_test(a_known_name_behind_two_that_hang_is_answered_from_memory),
        cmocka_unit_test(who_leaves_is_forgotten_and_what_is_found_is_kept),
        cmocka_unit_test(who_leaves_between_answer_and_turn_is_not_called),
        cmocka_unit_test(an_asker_may_destroy_itself_and_others_in_its_answer),
        cmocka_unit_test(who_asks_again_in_its_answer_gets_another),
        cmocka_unit_test(names_are_bounded_and_the_one_not_asked_for_longest_goes),
        cmocka_unit_test(an_answer_to_no_question_is_ignored),
        cmocka_unit_test(a_resolver_may_go_while_others_wait),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
