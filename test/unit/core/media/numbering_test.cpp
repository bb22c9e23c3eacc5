// What packets are called towards other relays, and which packet a name means.
#include "core/media/numbering.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

constexpr RelayId kSelf = 1, kUp = 2, kFar = 3;
const std::vector<RelayId> kNone, kViaUp{kUp}, kViaFar{kFar, kUp};
const RunId kRun{{1, 2, 3, 4}}, kOther{{5, 6, 7, 8}};

void add_own(Numbering& names, Seq from, Seq to) {
    for (Seq seq = from; seq < to; ++seq) names.add(seq, nullptr, kNone);
}
void add_as(Numbering& names, Seq from, Seq to, StreamPlace first, const std::vector<RelayId>& via = kViaUp) {
    for (Seq seq = from; seq < to; ++seq) {
        const StreamPlace place{.run = first.run, .number = first.number + (seq - from)};
        names.add(seq, &place, via);
    }
}

void what_is_its_own_has_one_name_for_good(void**) {
    Numbering names{kSelf}, others{kSelf};
    assert_false(names.last().run == others.last().run);
    const RunId run = names.last().run;
    add_own(names, 0, 5);
    names.begin_header();
    add_own(names, 5, 8);
    assert_int_equal(names.stretches(), 1);
    for (Seq seq = 0; seq < 9; ++seq) assert_true(names.of(seq).place(seq) == (StreamPlace{run, seq}));
    assert_true(names.last().via == std::vector<RelayId>{kSelf});
}

void what_passes_keeps_its_upstreams_name(void**) {
    Numbering names{kSelf};
    add_as(names, 0, 4, {kRun, 1000});
    assert_int_equal(names.stretches(), 1);
    assert_true(names.of(3).place(3) == (StreamPlace{kRun, 1003}));
    assert_true(names.last().via == (std::vector<RelayId>{kSelf, kUp}));
    // A gap, another run, another way: each begins a stretch.
    add_as(names, 4, 6, {kRun, 1010});
    add_as(names, 6, 8, {kOther, 1012});
    add_as(names, 8, 9, {kOther, 1014}, kViaFar);
    assert_int_equal(names.stretches(), 4);
    assert_true(names.of(3).place(3) == (StreamPlace{kRun, 1003}));
    assert_true(names.of(4).place(4) == (StreamPlace{kRun, 1010}));
    assert_true(names.of(7).place(7) == (StreamPlace{kOther, 1013}));
    assert_true(names.of(100).provenance(100) == (Provenance{{kOther, 1014 + 92}, {kSelf, kFar, kUp}}));
}

void what_is_changed_gets_a_name_of_its_own_and_keeps_it(void**) {
    Numbering names{kSelf};
    add_as(names, 0, 3, {kRun, 1000});
    add_own(names, 3, 5);
    const auto own = names.last();
    assert_true(own.is_own && own.run != kRun);
    assert_int_equal(own.number(3), 1003);  // numbers go on
    // Within one header it does not take another's name again, whose numbers might go back.
    add_as(names, 5, 7, {kRun, 1});
    assert_true(names.last().run == own.run);
    assert_int_equal(names.of(6).number(6), 1006);
    assert_true(names.last().via ==
                (std::vector<RelayId>{kSelf, kUp}));  // but it is told where it comes from
    names.begin_header();
    add_as(names, 7, 8, {kRun, 3});
    assert_true(names.last().place(7) == (StreamPlace{kRun, 3}));
}

void a_name_is_found_while_its_packet_is_held(void**) {
    Numbering names{kSelf};
    add_as(names, 0, 4, {kRun, 1000});
    add_as(names, 4, 8, {kOther, 1004});
    add_as(names, 8, 10, {kOther, 1020});
    const auto find = [&](const RunId& run, std::uint64_t number, Seq first = 0) {
        return names.find({run, number}, first, 10);
    };
    for (Seq seq = 0; seq < 11; ++seq) {
        const StreamPlace place = names.of(seq).place(seq);
        assert_true(find(place.run, place.number) == seq);
    }
    assert_true(find(kRun, 1004) ==
                Seq{4});  // what would have come next in the first run did, under another name
    assert_true(find(kOther, 1008) == Seq{8});
    for (const std::uint64_t number : {0U, 999U, 1005U, 1022U}) assert_false(find(kRun, number).has_value());
    for (const std::uint64_t number : {1003U, 1009U, 1019U, 1023U})
        assert_false(find(kOther, number).has_value());
    assert_false(find(kRun, ~std::uint64_t{0}).has_value());
    assert_false(find({}, 0).has_value());
    // Dropped from the log.
    assert_false(find(kRun, 1002, 3).has_value());
    assert_true(find(kRun, 1003, 3) == Seq{3});
}

void stretches_go_with_their_packets(void**) {
    Numbering names{kSelf};
    for (Seq seq = 0; seq < 100; ++seq) add_as(names, seq, seq + 1, {kRun, seq * 10});
    assert_int_equal(names.stretches(), 100);
    names.trim(50);
    assert_int_equal(names.stretches(), 50);
    assert_true(names.of(50).place(50) == (StreamPlace{kRun, 500}));
    names.trim(1000);
    assert_int_equal(names.stretches(), 1);
    assert_true(names.of(99).place(99) == (StreamPlace{kRun, 990}));
}

void a_long_way_is_told_by_its_nearest_part(void**) {
    Numbering names{kSelf};
    const std::vector<RelayId> via(1000, kUp);
    const StreamPlace place{kRun, 0};
    names.add(0, &place, via);
    assert_int_equal(names.last().via.size(), kMaxVia);
    const StreamPlace next{kRun, 1};
    names.add(1, &next, via);
    assert_int_equal(names.stretches(), 1);
    assert_true(to_string(names.last().provenance(~Seq{0})).size() <= kMaxProvenance);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_its_own_has_one_name_for_good),
        cmocka_unit_test(what_passes_keeps_its_upstreams_name),
        cmocka_unit_test(what_is_changed_gets_a_name_of_its_own_and_keeps_it),
        cmocka_unit_test(a_name_is_found_while_its_packet_is_held),
        cmocka_unit_test(stretches_go_with_their_packets),
        cmocka_unit_test(a_long_way_is_told_by_its_nearest_part),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
