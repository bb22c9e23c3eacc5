// A list whose links lie in its elements.
#include "core/base/intrusive_list.hpp"

#include <memory>
#include <string>

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

struct Item : ListNode<Item> {
    explicit Item(char c) : name(c) {}
    char name;
};

std::string drain(List<Item>& list) {
    std::string out;
    while (Item* item = list.pop_front()) out += item->name;
    return out;
}

}  // namespace

static void elements_come_out_in_the_order_they_went_in(void**) {
    List<Item> list;
    Item a{'a'}, b{'b'}, c{'c'};
    assert_true(list.empty());
    assert_null(list.front());
    assert_null(list.pop_front());
    for (Item* item : {&a, &b, &c}) list.push_back(*item);
    assert_ptr_equal(list.front(), &a);
    assert_true(b.is_linked());
    assert_string_equal(drain(list).c_str(), "abc");
    assert_false(b.is_linked());
    assert_true(list.empty());
}

static void pushing_again_moves_to_the_end_or_to_another_list(void**) {
    List<Item> list, other;
    Item a{'a'}, b{'b'}, c{'c'};
    for (Item* item : {&a, &b, &c}) list.push_back(*item);
    list.push_back(a);
    other.push_back(b);
    assert_string_equal(drain(list).c_str(), "ca");
    assert_string_equal(drain(other).c_str(), "b");
}

static void an_element_takes_itself_out(void**) {
    List<Item> list;
    Item a{'a'}, c{'c'}, d{'d'};
    {
        Item b{'b'};
        for (Item* item : {&a, &b, &c, &d}) list.push_back(*item);
    }
    d.unlink();
    d.unlink();
    assert_string_equal(drain(list).c_str(), "ac");
}

static void a_list_that_goes_lets_its_elements_be(void**) {
    Item a{'a'}, b{'b'};
    {
        List<Item> list;
        list.push_back(a);
        list.push_back(b);
    }
    assert_false(a.is_linked());
    assert_false(b.is_linked());
    List<Item> next;
    next.push_back(b);
    assert_string_equal(drain(next).c_str(), "b");
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(elements_come_out_in_the_order_they_went_in),
                                cmocka_unit_test(pushing_again_moves_to_the_end_or_to_another_list),
                                cmocka_unit_test(an_element_takes_itself_out),
                                cmocka_unit_test(a_list_that_goes_lets_its_elements_be)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
