// The log in one framing: same numbers, framed once, from where its first client starts.
#include "core/media/rendition.hpp"

#include <algorithm>
#include <string>

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

const Numbering names{1};
constexpr LogLimits kLimits{std::size_t{1} << 20, Duration{10'000}};

// "<seq:count:packet>"
std::size_t encode(Bytes packet, const FrameNumbers& numbers, MutableBytes out) noexcept {
    const std::string text = "<" + std::to_string(numbers.number) + ":" + std::to_string(numbers.count) +
                             ":" + std::string(as_text(packet)) + ">";
    std::copy(text.begin(), text.end(), out.begin());
    return text.size();
}
constexpr Framing kFramed{.name = "framed", .overhead = 44, .encode = encode};
constexpr Framing kPlain{.name = "plain"};

void add(BlockLog& log, std::string_view text, int ms = 0, bool sync = false) {
    const MutableBytes room = log.reserve(text.size());
    std::copy(text.begin(), text.end(), room.begin());
    log.commit(text.size(), sync, TimePoint{Duration{ms}});
    log.publish();
}

std::string all_of(const BlockLog& log) {
    std::string out;
    for (Seq s = log.first(); s < log.end(); ++s) out += as_text(log.packet(s).bytes);
    return out;
}

}  // namespace

static void each_packet_is_framed_once_with_its_numbers(void**) {
    BlockLog source{kLimits, 64, 10};
    add(source, "a");
    Rendition rendition{source, names, kFramed, 64, 10, 0};
    assert_string_equal(all_of(rendition.log()).c_str(), "<10:0:a>");
    add(source, "b", 5, true);
    assert_string_equal(all_of(rendition.log()).c_str(), "<10:0:a>");
    rendition.update();
    rendition.update();
    assert_string_equal(all_of(rendition.log()).c_str(), "<10:0:a><11:1:b>");
    assert_true(rendition.log().packet(11).sync);
    assert_false(rendition.log().packet(10).sync);
    assert_int_equal(rendition.log().packet(11).arrival.time_since_epoch().count(), 5);
}

static void it_begins_where_its_first_client_starts(void**) {
    BlockLog source{kLimits, 64};
    for (const char* text : {"a", "b", "c", "d"}) add(source, text);
    const Rendition rendition{source, names, kFramed, 64, 2, 0};
    assert_int_equal(rendition.log().first(), 2);
    assert_string_equal(all_of(rendition.log()).c_str(), "<2:0:c><3:1:d>");
    const Rendition later{source, names, kFramed, 64, 4, 0};
    assert_int_equal(later.log().end(), 4);
}

static void it_begins_with_what_is_held_where_the_start_was_dropped(void**) {
    BlockLog source{{4, Duration{10'000}}, 4};
    for (const char* text : {"aaaa", "bbbb", "cccc"}) add(source, text);
    source.trim(TimePoint{});
    const Rendition rendition{source, names, kFramed, 64, 0, 0};
    assert_string_equal(all_of(rendition.log()).c_str(), "<2:0:cccc>");
}

static void without_an_encoding_the_log_itself_is_read(void**) {
    BlockLog source{kLimits, 64};
    add(source, "a");
    Rendition rendition{source, names, kPlain, 64, 0, 0};
    assert_ptr_equal(&rendition.log(), &source);
    rendition.update();
    rendition.clear(1);
    rendition.trim();
    assert_string_equal(all_of(rendition.log()).c_str(), "a");
}

static void it_holds_what_the_log_holds_and_goes_on_after_a_clear(void**) {
    BlockLog source{{2, Duration{10'000}}, 1};
    Rendition rendition{source, names, kFramed, 8, 0, 0};
    for (const char* text : {"a", "b", "c", "d"}) add(source, text);
    rendition.update();
    rendition.trim();
    assert_int_equal(rendition.log().first(), 0);
    source.trim(TimePoint{});
    rendition.trim();
    assert_int_equal(source.first(), 2);
    assert_int_equal(rendition.log().first(), 2);
    assert_string_equal(all_of(rendition.log()).c_str(), "<2:2:c><3:3:d>");
    // All of it too old, as in an outage.
    source.trim(TimePoint{Duration{20'000}});
    rendition.trim();
    assert_int_equal(rendition.log().first(), 4);
    add(source, "e");
    rendition.update();
    source.clear();
    rendition.clear(1);
    assert_int_equal(rendition.log().end(), 5);
    add(source, "f");
    rendition.update();
    assert_string_equal(all_of(rendition.log()).c_str(), "<5:5:f>");
}

static void a_filler_repeats_the_numbers_of_the_last_packet(void**) {
    BlockLog source{kLimits, 64, 7};
    Rendition rendition{source, names, kFramed, 64, 7, 0};
    assert_int_equal(rendition.filler_number(), 0);
    assert_true(rendition.filler().empty());
    add(source, "a");
    add(source, "b");
    rendition.update();
    rendition.set_filler(as_bytes("fill"));
    assert_int_equal(rendition.filler_number(), 1);
    assert_string_equal(std::string(as_text(rendition.filler())).c_str(), "<8:1:fill>");
    rendition.set_filler(as_bytes("f"));
    assert_int_equal(rendition.filler_number(), 2);
    assert_string_equal(std::string(as_text(rendition.filler())).c_str(), "<8:1:f>");
    assert_int_equal(rendition.log().end(), 9);  // in no log, not counted
    add(source, "c");
    rendition.update();
    assert_string_equal(all_of(rendition.log()).c_str(), "<7:0:a><8:1:b><9:2:c>");
}

static void a_filler_before_any_packet_has_the_numbers_before_the_first(void**) {
    BlockLog source{kLimits, 64, 7};
    Rendition rendition{source, names, kFramed, 64, 7, 0};
    rendition.set_filler(as_bytes("f"));
    assert_string_equal(std::string(as_text(rendition.filler())).c_str(), "<6:18446744073709551615:f>");
    Rendition plain{source, names, kPlain, 64, 7, 0};
    plain.set_filler(as_bytes("f"));
    assert_string_equal(std::string(as_text(plain.filler())).c_str(), "f");
}

// It would go out behind packets that are newer than the time it repeats.
static void a_filler_is_no_more_once_a_packet_followed_it(void**) {
    BlockLog source{kLimits, 64};
    Rendition rendition{source, names, kFramed, 64, 0, 0};
    Rendition plain{source, names, kPlain, 64, 0, 0};
    add(source, "a");
    rendition.update();
    rendition.set_filler(as_bytes("f"));
    plain.set_filler(as_bytes("f"));
    add(source, "b");
    rendition.update();
    plain.update();
    assert_true(rendition.filler().empty());
    assert_true(plain.filler().empty());
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(each_packet_is_framed_once_with_its_numbers),
                                cmocka_unit_test(it_begins_where_its_first_client_starts),
                                cmocka_unit_test(it_begins_with_what_is_held_where_the_start_was_dropped),
                                cmocka_unit_test(without_an_encoding_the_log_itself_is_read),
                                cmocka_unit_test(it_holds_what_the_log_holds_and_goes_on_after_a_clear),
                                cmocka_unit_test(a_filler_repeats_the_numbers_of_the_last_packet),
                                cmocka_unit_test(a_filler_before_any_packet_has_the_numbers_before_the_first),
                                cmocka_unit_test(a_filler_is_no_more_once_a_packet_followed_it)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
