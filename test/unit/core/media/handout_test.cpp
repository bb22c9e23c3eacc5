// Rows F13 to F18b of the rules for following a list of servers: how lists are handed out (KB 318350: S2, S6,
// S7). What is left to chance is drawn from a seeded generator, so the figures are the same in each run.
#include "core/media/handout.hpp"

#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

struct Seeded {
    std::mt19937 engine{20030618};
    std::uint32_t draw() { return static_cast<std::uint32_t>(engine()); }
    Callback<std::uint32_t()> callback() { return Callback<std::uint32_t()>::of<&Seeded::draw>(this); }
};

// A list as text: a member's letter for each place.
std::string hand_out(std::string_view members, const HandoutPolicy& policy, Seeded& random) {
    std::string list;
    for (const std::size_t place : weir::hand_out(members.size(), policy, random.callback()))
        list += members[place];
    return list;
}

using Counts = std::map<std::string, int>;
Counts hand_out_often(int times, std::string_view members, const HandoutPolicy& policy) {
    Seeded random;
    Counts counts;
    for (int i = 0; i < times; ++i) ++counts[hand_out(members, policy, random)];
    return counts;
}

// The sum over all lists of (found - expected)^2 / expected.
double chi_square(const Counts& counts, int times, int lists) {
    const double expected = static_cast<double>(times) / lists;
    double sum = static_cast<double>(lists - static_cast<int>(counts.size())) * expected;
    for (const auto& [list, count] : counts) sum += (count - expected) * (count - expected) / expected;
    return sum;
}

constexpr HandoutPolicy kNothingRandom{.count = HandoutPolicy::kAll, .randomize_all = false};

}  // namespace

// F13 S6 S7: every hand-out draws an order anew. 5 sigma of 6000 draws with chance 1/6 are 144.
static void six_orders_of_three_members_are_equally_frequent(void**) {
    const auto counts = hand_out_often(6000, "ABC", {.count = 3});
    assert_int_equal(counts.size(), 6);
    for (const auto& [list, count] : counts) assert_in_range(count, 1000 - 144, 1000 + 144);
}

// F14 S7: with the option for all false, every hand-out has the same order.
static void without_chance_there_is_one_order_that_of_the_configuration(void**) {
    const auto counts = hand_out_often(100, "CAB", kNothingRandom);
    assert_int_equal(counts.size(), 1);
    assert_int_equal(counts.at("CAB"), 100);
}

// F15 S6: the option of one service covers that service.
static void one_service_alone_can_be_randomized(void**) {
    HandoutPolicy m = kNothingRandom;
    m.randomize = true;
    assert_int_equal(hand_out_often(100, "ABC", m).size(), 6);
    assert_int_equal(hand_out_often(100, "ABC", kNothingRandom).size(), 1);
}

// F16 S6: every service of every list, each drawn by itself.
static void two_services_with_the_same_members_get_independent_orders(void**) {
    Seeded random;
    Counts pairs;
    constexpr int kTimes = 7200;
    for (int i = 0; i < kTimes; ++i) {
        const auto first = hand_out("ABC", {.count = 3}, random);
        ++pairs[first + hand_out("ABC", {.count = 3}, random)];
    }
    assert_int_equal(pairs.size(), 36);
    assert_true(chi_square(pairs, kTimes, 36) < 74.9);  // 35 degrees of freedom: once in 10 000
}

// F17 S2b: how many computers a list holds is set by Handout, default 2.
static void a_list_holds_two_of_five_members_each_in_two_lists_of_five(void**) {
    Counts members;
    constexpr int kTimes = 10000;
    const auto lists = hand_out_often(kTimes, "ABCDE", {});
    assert_int_equal(lists.size(), 20);
    for (const auto& [list, count] : lists) {
        assert_int_equal(list.size(), 2);
        assert_true(list[0] != list[1]);
        for (const char member : list) members[std::string(1, member)] += count;
    }
    // 5 sigma of 10000 draws with chance 2/5 are 245.
    for (const auto& [member, count] : members) assert_in_range(count, 4000 - 245, 4000 + 245);
    assert_true(chi_square(lists, kTimes, 20) < 50.8);  // 19 degrees of freedom: once in 10 000
}

// F17 S3: who is first takes the load, so each is first equally often.
static void each_member_is_first_equally_often(void**) {
    Counts first;
    for (const auto& [list, count] : hand_out_often(10000, "ABCDE", {})) first[list.substr(0, 1)] += count;
    assert_int_equal(first.size(), 5);
    assert_true(chi_square(first, 10000, 5) < 23.6);  // 4 degrees of freedom: once in 10 000
}

// F18 S2b: there are fewer members than the list may hold.
static void a_list_holds_all_members_where_there_are_no_more(void**) {
    assert_int_equal(hand_out_often(10, "A", {.count = 2}).at("A"), 10);
    assert_int_equal(hand_out_often(10, "", {}).at(""), 10);
    assert_int_equal(hand_out_often(100, "ABC", {.count = HandoutPolicy::kAll}).size(), 6);
}

// F18b S2a: entries come from the service's own group.
static void a_list_holds_only_its_services_members(void**) {
    std::set<char> m, h;
    for (const auto& [list, count] : hand_out_often(100, "12", {})) m.insert(list.begin(), list.end());
    for (const auto& [list, count] : hand_out_often(100, "3", {})) h.insert(list.begin(), list.end());
    assert_true(m == (std::set<char>{'1', '2'}));
    assert_true(h == std::set<char>{'3'});
}

static void without_chance_a_short_list_holds_the_first_members(void**) {
    HandoutPolicy policy = kNothingRandom;
    policy.count = 2;
    assert_int_equal(hand_out_often(10, "CABD", policy).at("CA"), 10);
    policy.count = 0;
    assert_int_equal(hand_out_often(10, "CABD", policy).at("C"), 10);
}

// 2^32 is one more than a multiple of three and of five: the last value would favour the first member.
static void a_value_that_would_favour_somebody_is_drawn_again(void**) {
    struct Script {
        std::vector<std::uint32_t> values;
        std::size_t at = 0;
        std::uint32_t draw() { return values.at(at++); }
    };
    Script script{.values = {0xFFFFFFFF, 0xFFFFFFFF, 2}};
    const auto random = Callback<std::uint32_t()>::of<&Script::draw>(&script);
    assert_true(weir::hand_out(3, {.count = 1}, random) == std::vector<std::size_t>{2});
    assert_int_equal(script.at, 3);
    // The last fair value, and one of a power of two, where all are fair.
    script = {.values = {0xFFFFFFFE}};
    assert_true(weir::hand_out(3, {.count = 1}, random) == std::vector<std::size_t>{2});
    script = {.values = {0xFFFFFFFF}};
    assert_true(weir::hand_out(4, {.count = 1}, random) == std::vector<std::size_t>{3});
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(six_orders_of_three_members_are_equally_frequent),
        cmocka_unit_test(without_chance_there_is_one_order_that_of_the_configuration),
        cmocka_unit_test(one_service_alone_can_be_randomized),
        cmocka_unit_test(two_services_with_the_same_members_get_independent_orders),
        cmocka_unit_test(a_list_holds_two_of_five_members_each_in_two_lists_of_five),
        cmocka_unit_test(each_member_is_first_equally_often),
        cmocka_unit_test(a_list_holds_all_members_where_there_are_no_more),
        cmocka_unit_test(a_list_holds_only_its_services_members),
        cmocka_unit_test(without_chance_a_short_list_holds_the_first_members),
        cmocka_unit_test(a_value_that_would_favour_somebody_is_drawn_again),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
