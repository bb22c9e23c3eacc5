// Memory that only grows, shared by reference.
#include "core/base/block.hpp"

#include <utility>

#include "test/support/cmocka.hpp"

using namespace weir;

static void a_new_block_has_room_and_nothing_published(void**) {
    const BlockRef block = Block::make(1000);
    assert_int_equal(block->capacity(), 1000);
    assert_int_equal(block->published(), 0);
    for (std::size_t i = 0; i < block->capacity(); ++i) block->data()[i] = static_cast<std::uint8_t>(i);
    block->publish(1000);
    assert_int_equal(block->published(), 1000);
    assert_int_equal(std::as_const(*block).data()[999], 999 % 256);
}

static void a_block_of_no_size_is_one(void**) {
    const BlockRef block = Block::make(0);
    assert_int_equal(block->capacity(), 0);
}

// The sanitizer sees a block that is freed twice, too early or never.
static void the_last_reference_frees_it(void**) {
    BlockRef first = Block::make(8);
    Block* raw = &*first;
    BlockRef second = first;
    BlockRef third{std::move(first)};
    assert_false(static_cast<bool>(first));
    assert_ptr_equal(&*second, raw);
    second = {};
    third->data()[7] = 1;
    BlockRef fourth = Block::make(8);
    fourth = third;
    BlockRef& itself = fourth;
    fourth = itself;
    third = {};
    fourth->data()[0] = 1;
    assert_ptr_equal(&*fourth, raw);
    assert_true(static_cast<bool>(fourth));
}

static void an_empty_reference_is_none(void**) {
    BlockRef none;
    assert_false(static_cast<bool>(none));
    BlockRef copy = none;
    copy = std::move(none);
    assert_false(static_cast<bool>(copy));
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(a_new_block_has_room_and_nothing_published),
                                cmocka_unit_test(a_block_of_no_size_is_one),
                                cmocka_unit_test(the_last_reference_frees_it),
                                cmocka_unit_test(an_empty_reference_is_none)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
