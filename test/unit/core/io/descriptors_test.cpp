// The limit of open files, and the room in the kernel's table for them. These change this very process, so
// the order counts.
#include "core/io/descriptors.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

// How many descriptors the kernel's table has room for (proc(5): FDSize); 0: there is no such file.
std::size_t table_size() {
    std::ifstream status{"/proc/self/status"};
    for (std::string word; status >> word;) {
        std::size_t size = 0;
        if (word == "FDSize:" && status >> size) return size;
    }
    return 0;
}

void the_limit_is_raised_and_never_lowered(void**) {
    const std::size_t before = descriptor_limit();
    raise_descriptor_limit(1);
    assert_int_equal(descriptor_limit(), before);
    raise_descriptor_limit(before + 1);
    assert_true(descriptor_limit() == before || descriptor_limit() == before + 1);
}

void the_table_is_made_as_large_as_wanted_and_as_the_limit_lets(void**) {
    if (table_size() == 0) return skip();
    const std::size_t before = table_size();
    reserve_descriptors(0);
    assert_int_equal(table_size(), before);
    reserve_descriptors(700);
    assert_true(table_size() >= 700);
    const std::size_t limit = descriptor_limit();
    reserve_descriptors(limit + 1000);
    assert_true(table_size() >= std::min<std::size_t>(limit, 1 << 20));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_limit_is_raised_and_never_lowered),
        cmocka_unit_test(the_table_is_made_as_large_as_wanted_and_as_the_limit_lets),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
