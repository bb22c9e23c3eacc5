// Names of places in a stream, as they go over links.
#include "core/media/stream_place.hpp"

#include <string>

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

constexpr std::string_view kRun = "0123456789abcdef00000000ffffffff";
const RunId kId{{0x01234567, 0x89abcdef, 0, 0xffffffff}};

void a_run_is_32_digits(void**) {
    assert_string_equal(to_string(kId).c_str(), std::string(kRun).c_str());
    assert_true(parse_run_id(kRun) == kId);
    assert_true(parse_run_id("0123456789ABCDEF00000000FFFFFFFF") == kId);
    for (std::size_t n = 0; n < kRun.size(); ++n) {
        assert_false(parse_run_id(kRun.substr(0, n)).has_value());
        for (const char odd : {'g', ' ', '-', '+', '\0', 'x'}) {
            std::string broken{kRun};
            broken[n] = odd;
            assert_false(parse_run_id(broken).has_value());
        }
    }
    assert_false(parse_run_id(std::string(kRun) + "0").has_value());
}

void a_place_is_a_run_and_a_number(void**) {
    for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{17}, ~std::uint64_t{0}}) {
        const StreamPlace place{.run = kId, .number = number};
        assert_true(parse_stream_place(to_string(place)) == place);
    }
    assert_string_equal(to_string(StreamPlace{kId, 17}).c_str(), (std::string(kRun) + ":17").c_str());
    for (const std::string_view tail :
         {"", ":", ":-1", ":+1", ": 1", ":1 ", ":0x1", "17", ":18446744073709551616"})
        assert_false(parse_stream_place(std::string(kRun) + std::string(tail)).has_value());
    assert_false(parse_stream_place("").has_value());
    assert_false(parse_stream_place(":17").has_value());
}

void a_provenance_is_a_place_and_the_way(void**) {
    for (const std::vector<RelayId>& via :
         {std::vector<RelayId>{}, {0}, {1, ~RelayId{0}}, std::vector<RelayId>(kMaxVia, 7)}) {
        const Provenance provenance{.place = {kId, 17}, .via = via};
        assert_true(parse_provenance(to_string(provenance)) == provenance);
        assert_true(to_string(provenance).size() <= kMaxProvenance);
        assert_true(parse_via(to_string(std::span{via})) == via);
    }
    const std::string place = to_string(StreamPlace{kId, 17});
    for (const std::string_view tail : {" ", "  0123456789abcdef", " 0123456789abcdef ", " 0123456789abcde",
                                        " 0123456789abcdefg", " 0123456789abcdef,0123456789abcdef"})
        assert_false(parse_provenance(place + std::string(tail)).has_value());
    const std::vector<RelayId> longest(kMaxVia, 7);
    const std::string long_way = to_string(std::span{longest});
    assert_true(parse_via(long_way).has_value());
    assert_false(parse_via(long_way + " 0123456789abcdef").has_value());
    assert_true((Provenance{{}, {1, 2}}).went_through(2));
    assert_false((Provenance{{}, {1, 2}}).went_through(3));
    assert_false((Provenance{{}, {1, 2}}).has_name());
    assert_false(draw_run_id() == draw_run_id());
    assert_false(draw_relay_id() == draw_relay_id());
}

void half_a_number_means_the_nearest(void**) {
    assert_int_equal(whole_number(5, 0), 5);
    assert_int_equal(whole_number(5, 7), 5);
    assert_int_equal(whole_number(0xFFFFFFFF, 3), 0xFFFFFFFF);
    constexpr std::uint64_t kWrap = std::uint64_t{7} << 32;
    assert_int_equal(whole_number(2, kWrap - 3), kWrap + 2);
    assert_int_equal(whole_number(0xFFFFFFFE, kWrap + 1), kWrap - 2);
    assert_int_equal(whole_number(0, kWrap), kWrap);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_32_digits),
        cmocka_unit_test(a_place_is_a_run_and_a_number),
        cmocka_unit_test(a_provenance_is_a_place_and_the_way),
        cmocka_unit_test(half_a_number_means_the_nearest),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
