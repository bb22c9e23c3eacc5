#include "core/relay/connection_limit.hpp"

#include <limits>

#include "test/support/cmocka.hpp"  // last: it defines macros with common names

using namespace weir;

namespace {

// Two ports with the admin port, three sources and ten servers downstream: 32 + 16 + 16 + 16 + 2 * 2 + 3 + 10
// descriptors are not for clients.
constexpr std::size_t kLinks = 10, kKept = 87 + kLinks;

Config config_with(std::size_t max_connections) {
    Config config;
    config.server.max_connections = max_connections;
    config.server.max_links = kLinks;
    config.listen.resize(1);
    config.channels.resize(2);
    config.channels[0].sources = {"push:", "http://a/live"};
    config.channels[1].sources = {"http://b/live"};
    return config;
}

void with_files_enough_the_configuration_holds(void**) {
    const Config config = config_with(1000);
    assert_int_equal(descriptors_wanted(config), 1000 + kKept);
    assert_int_equal(connections_in_force(config, descriptors_wanted(config)), 1000);
    assert_int_equal(connections_in_force(config, std::numeric_limits<std::size_t>::max()), 1000);
}

void with_fewer_files_clients_get_what_is_left_of_them(void**) {
    const Config config = config_with(1000);
    assert_int_equal(connections_in_force(config, 1000 + kKept - 1), 999);
    assert_int_equal(connections_in_force(config, 256), 256 - kKept);
}

void each_source_has_one_of_its_own(void**) {
    Config config = config_with(1000);
    config.channels[1].sources.push_back("http://c/live");
    assert_int_equal(connections_in_force(config, 256), 256 - kKept - 1);
}

void each_server_that_is_pushed_to_has_one_too(void**) {
    Config config = config_with(1000);
    config.channels[0].push_to = {"http://d/live", "http://e/live"};
    assert_int_equal(connections_in_force(config, 256), 256 - kKept - 2);
    assert_int_equal(connections_with_sources(config, 300, kLinks), 300 + kLinks + 5 + 16);
}

void sources_and_newcomers_come_in_beyond_what_clients_may_have(void**) {
    const Config config = config_with(1000);
    assert_int_equal(connections_with_sources(config, 300, kLinks), 300 + kLinks + 3 + 16);
    // And files are there for all of them.
    assert_true(connections_with_sources(config, 1000, kLinks) + kAdminConnections + kLeavingConnections <
                descriptors_wanted(config));
}

void servers_downstream_take_a_sixteenth_of_the_files_at_most(void**) {
    Config config = config_with(1000);
    config.server.max_links = 10'000;
    assert_int_equal(links_in_force(config, 512), 32);
    assert_int_equal(connections_in_force(config, 512), 512 - (kKept - kLinks) - 32);
    // All of their own where there are files for it.
    assert_int_equal(links_in_force(config, descriptors_wanted(config)), 10'000);
    assert_int_equal(links_in_force(config, descriptors_wanted(config) - 1), 9'999);
}

// However few files there are, they are never all taken by those who come.
void what_comes_in_leaves_files_for_what_goes_out(void**) {
    for (const std::size_t max_links : {std::size_t{0}, std::size_t{256}, std::size_t{100'000}}) {
        for (const std::size_t files :
             {std::size_t{128}, std::size_t{256}, std::size_t{1024}, std::size_t{20'000}}) {
            Config config = config_with(1000);
            config.server.max_links = max_links;
            const std::size_t most = connections_with_sources(config, connections_in_force(config, files),
                                                              links_in_force(config, files));
            assert_true(most + kAdminConnections + kLeavingConnections < files);
        }
    }
}

void with_hardly_any_files_a_quarter_is_for_clients(void**) {
    const Config config = config_with(1000);
    assert_int_equal(connections_in_force(config, 88), 22);
    assert_int_equal(connections_in_force(config, 3), 1);
    assert_int_equal(connections_in_force(config, 0), 1);
}

void a_small_limit_of_the_configuration_is_never_widened(void**) {
    assert_int_equal(connections_in_force(config_with(7), 1024), 7);
    assert_int_equal(connections_in_force(config_with(7), 8), 2);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(with_files_enough_the_configuration_holds),
        cmocka_unit_test(with_fewer_files_clients_get_what_is_left_of_them),
        cmocka_unit_test(each_source_has_one_of_its_own),
        cmocka_unit_test(each_server_that_is_pushed_to_has_one_too),
        cmocka_unit_test(sources_and_newcomers_come_in_beyond_what_clients_may_have),
        cmocka_unit_test(servers_downstream_take_a_sixteenth_of_the_files_at_most),
        cmocka_unit_test(what_comes_in_leaves_files_for_what_goes_out),
        cmocka_unit_test(with_hardly_any_files_a_quarter_is_for_clients),
        cmocka_unit_test(a_small_limit_of_the_configuration_is_never_widened),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
