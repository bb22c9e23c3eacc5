// Blocks, borders, limits, and readers that are dropped under; last a run of chance against a simple model.
#include "core/media/block_log.hpp"

#include <algorithm>
#include <deque>
#include <random>
#include <string>

#include "test/support/bytes.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

constexpr LogLimits kLarge{std::size_t{1} << 30, Duration{1'000'000}};
constexpr TimePoint at(int ms) {
    return TimePoint{Duration{ms}};
}

Seq append(BlockLog& log, std::string_view text, TimePoint now = {}, bool sync = false) {
    const MutableBytes room = log.reserve(text.size());
    std::copy(text.begin(), text.end(), room.begin());
    return log.commit(text.size(), sync, now);
}

Seq add(BlockLog& log, std::string_view text, TimePoint now = {}, bool sync = false) {
    const Seq seq = append(log, text, now, sync);
    log.publish();
    return seq;
}

// All that a reader at `cursor` gets, moving it on.
std::string drain(const BlockLog& log, Cursor& cursor) {
    std::string out;
    std::array<Bytes, 3> views;
    while (const std::size_t n = log.read(cursor, 1000, views)) {
        std::size_t bytes = 0;
        for (const Bytes& view : std::span{views}.first(n)) {
            out += as_text(view);
            bytes += view.size();
        }
        log.advance(cursor, bytes);
    }
    return out;
}

std::string text_of(const BlockLog& log, Seq seq) {
    return std::string(as_text(log.packet(seq).bytes));
}

void assert_text(const std::string& found, std::string_view expected) {
    assert_string_equal(found.c_str(), std::string(expected).c_str());
}

}  // namespace

static void an_empty_log_has_nothing_to_read(void**) {
    BlockLog log{kLarge, 16, 7};
    assert_int_equal(log.first(), 7);
    assert_int_equal(log.end(), 7);
    Cursor cursor = log.cursor_at_end();
    assert_true(log.settle(cursor));
    assert_true(log.is_at_end(cursor));
    assert_text(drain(log, cursor), "");
    assert_false(log.newest_sync().has_value());
    log.publish();
    log.trim(at(1'000'000'000));
    log.clear();
    assert_true(log.settle(cursor));
    add(log, "first");
    assert_true(log.settle(cursor));
    assert_text(drain(log, cursor), "first");
    assert_text(text_of(log, 7), "first");
}

static void packets_are_seen_once_they_are_published(void**) {
    BlockLog log{kLarge, 16};
    Cursor cursor = log.cursor_at_end();
    assert_int_equal(append(log, "one"), 0);
    assert_int_equal(append(log, "two"), 1);
    assert_int_equal(log.end(), 0);
    assert_true(log.is_at_end(cursor));
    assert_true(log.cursor_at_end() == cursor);
    assert_text(drain(log, cursor), "");
    log.publish();
    assert_int_equal(log.end(), 2);
    assert_false(log.is_at_end(cursor));
    assert_text(drain(log, cursor), "onetwo");
    assert_true(log.is_at_end(cursor));
}

static void packets_that_wait_in_later_blocks_do_not_count_before_they_are_published(void**) {
    BlockLog log{kLarge, 8};
    add(log, "12345678");
    Cursor cursor = log.cursor_at(0);
    assert_text(drain(log, cursor), "12345678");
    append(log, "abcdefgh");
    append(log, "ABCDEFGH");
    append(log, "x");
    assert_true(log.is_at_end(cursor));
    assert_text(drain(log, cursor), "");
    log.publish();
    assert_false(log.is_at_end(cursor));
    assert_text(drain(log, cursor), "abcdefghABCDEFGHx");
}

static void a_packet_is_never_split_between_blocks(void**) {
    BlockLog log{kLarge, 8};
    add(log, "12345");
    add(log, "abcd");  // three bytes are left
    add(log, "wxyz");  // fills its block to the last byte
    add(log, "!");
    for (Seq s = 0; s < 4; ++s)
        assert_int_equal(log.packet(s).bytes.size(), std::string_view{"5441"}[s] - '0');
    Cursor cursor = log.cursor_at(0);
    assert_int_equal(cursor.block, 0);
    assert_int_equal(log.cursor_at(1).block, 1);
    assert_int_equal(log.cursor_at(2).block, 1);
    assert_int_equal(log.cursor_at(3).block, 2);
    std::array<Bytes, 2> views;
    assert_int_equal(log.read(cursor, 100, views), 2);  // no more than there is room for
    assert_text(std::string(as_text(views[1])), "abcdwxyz");
    assert_text(drain(log, cursor), "12345abcdwxyz!");
}

static void a_packet_longer_than_a_block_gets_one_of_its_own(void**) {
    BlockLog log{kLarge, 8};
    add(log, "1");
    add(log, "a packet of 23 bytes...");
    add(log, "2");
    assert_int_equal(log.cursor_at(1).block, 1);
    assert_int_equal(log.cursor_at(2).block, 2);
    Cursor cursor = log.cursor_at(0);
    assert_text(drain(log, cursor), "1a packet of 23 bytes...2");
}

static void room_that_was_reserved_and_not_used_leaves_no_trace(void**) {
    BlockLog log{kLarge, 8};
    (void)log.reserve(8);
    (void)log.reserve(20);
    add(log, "123");
    (void)log.reserve(8);
    (void)log.reserve(9);
    Cursor cursor = log.cursor_at(0);
    assert_text(drain(log, cursor), "123");
    assert_true(log.is_at_end(cursor));
    assert_true(log.is_at_end(log.cursor_at_end()));
    const MutableBytes room = log.reserve(6);
    std::fill(room.begin(), room.end(), 'x');
    log.commit(2, false, at(0));
    log.publish();
    assert_text(drain(log, cursor), "xx");
    assert_int_equal(log.bytes(), 5);
}

static void the_oldest_blocks_go_when_there_are_too_many_bytes(void**) {
    BlockLog log{{16, Duration{1'000'000}}, 8};
    for (const char* text : {"1111", "2222", "3333", "4444"}) add(log, text);
    log.trim(at(0));
    assert_int_equal(log.first(), 0);  // 16 bytes are allowed
    add(log, "5");
    log.trim(at(0));
    assert_int_equal(log.first(), 2);
    assert_int_equal(log.bytes(), 9);
    assert_text(text_of(log, 2), "3333");
    assert_true(log.cursor_at(0) == log.cursor_at(2));  // before the first: the first
    add(log, "a packet longer than the limit");
    log.trim(at(0));
    assert_int_equal(log.first(), 5);  // the newest block stays, whatever it holds
    assert_int_equal(log.end(), 6);
}

static void packets_that_came_too_long_ago_go_in_whole_blocks(void**) {
    BlockLog log{{std::size_t{1} << 20, Duration{1000}}, 8};
    add(log, "1111", at(0));
    add(log, "2222", at(500));
    add(log, "3333", at(900));
    log.trim(at(1500));
    assert_int_equal(log.first(), 0);  // the block's newest packet is 1000 ms old, not more
    log.trim(at(1501));
    assert_int_equal(log.first(), 2);
    log.trim(at(1900));
    assert_int_equal(log.first(), 2);
    log.trim(at(1901));  // the last one, too: an outage is not answered with what was before it
    assert_int_equal(log.first(), 3);
    assert_int_equal(log.end(), 3);
    assert_int_equal(log.bytes(), 0);
    assert_int_equal(add(log, "4", at(2000)), 3);
}

static void what_is_not_published_is_not_dropped(void**) {
    BlockLog log{{4, Duration{1000}}, 4};
    append(log, "1111", at(0));
    append(log, "2222", at(0));
    append(log, "3333", at(0));
    log.trim(at(5000));
    log.publish();
    assert_int_equal(log.first(), 0);
    assert_int_equal(log.end(), 3);
    Cursor cursor = log.cursor_at(0);
    assert_text(drain(log, cursor), "111122223333");
}

static void a_reader_in_a_dropped_block_has_lagged(void**) {
    BlockLog log{{8, Duration{1'000'000}}, 8};
    add(log, "12345678");
    Cursor begin = log.cursor_at(0);
    Cursor inside{0, 7};
    Cursor end{0, 8};
    add(log, "abcdefgh");
    log.trim(at(0));
    assert_int_equal(log.first(), 1);
    assert_false(log.settle(begin));
    assert_false(log.settle(inside));
    assert_true(log.settle(end));  // it had read all of it
    assert_text(drain(log, end), "abcdefgh");
}

static void a_reader_at_the_very_end_of_what_is_cleared_has_not_lagged(void**) {
    BlockLog log{kLarge, 8};
    add(log, "12345678");
    add(log, "abc");
    Cursor first = log.cursor_at(0);
    Cursor border{0, 8};
    Cursor end = log.cursor_at_end();
    log.clear();
    assert_int_equal(log.first(), 2);
    assert_int_equal(log.bytes(), 0);
    assert_false(log.settle(first));
    assert_false(log.settle(border));  // "abc" was dropped before it was read
    assert_true(log.settle(end));
    assert_true(log.is_at_end(end));
    assert_int_equal(add(log, "new"), 2);
    assert_true(log.settle(end));
    assert_text(drain(log, end), "new");
}

static void a_reader_that_had_read_all_has_not_lagged_though_room_was_reserved_behind_it(void**) {
    BlockLog log{kLarge, 8};
    add(log, "12345678");
    Cursor end = log.cursor_at(0);
    drain(log, end);
    (void)log.reserve(8);  // opens a block, and nothing comes of it
    log.clear();
    assert_true(log.settle(end));
    add(log, "new");
    assert_text(drain(log, end), "new");
}

static void a_reader_two_dropped_blocks_behind_has_lagged_wherever_it_stood(void**) {
    BlockLog log{{4, Duration{1'000'000}}, 4};
    add(log, "1111");
    Cursor end = log.cursor_at_end();
    add(log, "2222");
    add(log, "3333");
    log.trim(at(0));
    assert_int_equal(log.first(), 2);
    assert_false(log.settle(end));
}

static void the_index_grows_with_small_packets(void**) {
    BlockLog log{kLarge, 64 * 1024, 1'000'003};
    for (int i = 0; i < 5000; ++i) add(log, std::to_string(i), at(i), i % 100 == 7);
    assert_int_equal(log.first(), 1'000'003);
    assert_int_equal(log.end(), 1'005'003);
    for (int i = 0; i < 5000; i += 37) {
        assert_text(text_of(log, 1'000'003 + static_cast<Seq>(i)), std::to_string(i));
        assert_int_equal(log.packet(1'000'003 + static_cast<Seq>(i)).arrival.time_since_epoch().count(), i);
    }
    assert_int_equal(*log.newest_sync(), 1'000'003 + 4907);
}

static void a_newcomer_starts_at_the_newest_sync_point_that_is_old_enough(void**) {
    BlockLog log{kLarge, 64};
    for (int i = 0; i < 20; ++i) add(log, "p", at(100 * i), i == 3 || i == 8 || i == 13);
    const TimePoint now = at(1900);
    assert_int_equal(*log.start_for(Duration{0}, now), 13);    // no burst: the newest
    assert_int_equal(*log.start_for(Duration{600}, now), 13);  // just so old
    assert_int_equal(*log.start_for(Duration{601}, now), 8);
    assert_int_equal(*log.start_for(Duration{1100}, now), 8);
    assert_int_equal(*log.start_for(Duration{1101}, now), 3);
    assert_int_equal(*log.start_for(Duration{99999}, now), 3);  // none is: the oldest held
    assert_int_equal(*log.start_for(Duration{99999}, now, 4), 8);
    assert_int_equal(*log.start_for(Duration{0}, now, 13), 13);
    assert_false(log.start_for(Duration{0}, now, 14).has_value());
    assert_false(log.start_for(Duration{0}, now, 20).has_value());
    assert_false(log.start_for(Duration{0}, now, 1000).has_value());
    assert_int_equal(*log.newest_sync(), 13);
}

static void a_sync_point_counts_once_it_is_published_and_while_it_is_held(void**) {
    BlockLog log{{4, Duration{1'000'000}}, 4};
    append(log, "1111", at(0), true);
    assert_false(log.newest_sync().has_value());
    log.publish();
    assert_int_equal(*log.newest_sync(), 0);
    add(log, "2222", at(0), false);
    log.trim(at(0));
    assert_int_equal(log.first(), 1);
    assert_false(log.newest_sync().has_value());
}

static void any_byte_tells_its_packet(void**) {
    BlockLog log{kLarge, 8};
    const std::string_view texts[] = {"123", "45678", "abcdef", "x", "y", "long packet, longer"};
    for (const auto text : texts) add(log, text);
    Cursor cursor = log.cursor_at(0);
    for (Seq s = 0; s < std::size(texts); ++s) {
        for (std::size_t i = 0; i < texts[s].size(); ++i) {
            assert_false(log.is_at_end(cursor));
            const auto place = log.locate(cursor);
            assert_int_equal(place.seq, s);
            assert_int_equal(place.end - place.begin, texts[s].size());
            // At the end of a block the cursor still names that block, the packet is in the next.
            if (place.block == cursor.block)
                assert_int_equal(cursor.offset, place.begin + i);
            else
                assert_int_equal(i, 0);
            log.advance(cursor, 1);
        }
    }
    assert_true(log.is_at_end(cursor));
}

static void a_block_outlives_its_place_in_the_log_while_somebody_holds_it(void**) {
    BlockLog log{kLarge, 8};
    add(log, "12345678");
    const BlockRef held = log.block_of(log.cursor_at(0));
    log.clear();
    assert_memory_equal(held->data(), "12345678", 8);
}

// The model: all packets that were ever published, and what of them is held. Each reader gets the bytes it
// has not got, without a gap, until it has lagged.
static void readers_of_any_kind_get_every_byte_once_until_they_lag(void**) {
    std::mt19937 random{20};
    const auto roll = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
    struct Reader {
        Cursor cursor;
        std::uint64_t position;  // bytes since the beginning
    };
    std::size_t lagged = 0;
    std::size_t reads = 0;
    for (int round = 0; round < 60; ++round) {
        BlockLog log{{200 + roll(600), Duration{static_cast<Duration::rep>(20 + roll(200))}},
                     16 + roll(100),
                     roll(1000)};
        std::string all;                   // every byte committed
        std::deque<std::uint64_t> begins;  // where each packet begins in it
        std::uint64_t published = 0;
        const Seq base = log.end();
        std::vector<Reader> readers;
        TimePoint now{};
        for (int step = 0; step < 600; ++step) {
            now += Duration{static_cast<Duration::rep>(roll(3))};
            switch (roll(12)) {
                case 0:
                case 1:
                case 2:
                case 3: {
                    std::string text(1 + roll(40), '\0');
                    for (char& c : text) c = static_cast<char>(random());
                    begins.push_back(all.size());
                    append(log, text, now, roll(5) == 0);
                    all += text;
                    break;
                }
                case 4:
                    (void)log.reserve(1 + roll(60));
                    break;
                case 5:
                case 6:
                    log.publish();
                    published = all.size();
                    assert_int_equal(log.end() - base, begins.size());
                    break;
                case 7:
                    log.trim(now);
                    break;
                case 8:
                    if (roll(20) == 0 && published == all.size()) log.clear();
                    break;
                case 9:
                    if (readers.size() < 8) {
                        const Seq seq =
                            log.first() + roll(static_cast<std::size_t>(log.end() - log.first()) + 1);
                        const auto n = static_cast<std::size_t>(seq - base);
                        readers.push_back({log.cursor_at(seq), n < begins.size() ? begins[n] : all.size()});
                    }
                    break;
                default:
                    if (readers.empty()) break;
                    Reader& reader = readers[roll(readers.size())];
                    const std::uint64_t held_from = log.first() - base < begins.size()
                                                        ? begins[static_cast<std::size_t>(log.first() - base)]
                                                        : all.size();
                    if (!log.settle(reader.cursor)) {
                        assert_true(reader.position < held_from);
                        std::swap(reader, readers.back());
                        readers.pop_back();
                        ++lagged;
                        break;
                    }
                    assert_true(reader.position >= held_from);
                    assert_int_equal(log.is_at_end(reader.cursor), reader.position == published);
                    if (reader.position < published) {
                        const auto place = log.locate(reader.cursor);
                        const auto n = static_cast<std::size_t>(place.seq - base);
                        assert_true(begins[n] <= reader.position);
                        assert_int_equal(place.end - place.begin, log.packet(place.seq).bytes.size());
                        assert_true(reader.position < begins[n] + (place.end - place.begin));
                    }
                    std::array<Bytes, 4> views;
                    const std::size_t limit = 1 + roll(120);
                    const std::size_t n = log.read(reader.cursor, limit, std::span{views}.first(1 + roll(4)));
                    assert_int_equal(n == 0, reader.position == published);
                    std::string got;
                    for (const Bytes& view : std::span{views}.first(n)) got += as_text(view);
                    assert_true(got.size() <= limit);
                    const std::size_t take = got.empty() ? 0 : 1 + roll(got.size());
                    assert_true(all.compare(static_cast<std::size_t>(reader.position), take, got, 0, take) ==
                                0);
                    log.advance(reader.cursor, take);
                    reader.position += take;
                    ++reads;
                    break;
            }
        }
        for (Seq s = log.first(); s < log.end(); ++s) {
            const auto bytes = log.packet(s).bytes;
            assert_true(all.compare(static_cast<std::size_t>(begins[static_cast<std::size_t>(s - base)]),
                                    bytes.size(), as_text(bytes)) == 0);
        }
    }
    assert_true(lagged > 100);
    assert_true(reads > 1000);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_log_has_nothing_to_read),
        cmocka_unit_test(packets_are_seen_once_they_are_published),
        cmocka_unit_test(packets_that_wait_in_later_blocks_do_not_count_before_they_are_published),
        cmocka_unit_test(a_packet_is_never_split_between_blocks),
        cmocka_unit_test(a_packet_longer_than_a_block_gets_one_of_its_own),
        cmocka_unit_test(room_that_was_reserved_and_not_used_leaves_no_trace),
        cmocka_unit_test(the_oldest_blocks_go_when_there_are_too_many_bytes),
        cmocka_unit_test(packets_that_came_too_long_ago_go_in_whole_blocks),
        cmocka_unit_test(what_is_not_published_is_not_dropped),
        cmocka_unit_test(a_reader_in_a_dropped_block_has_lagged),
        cmocka_unit_test(a_reader_at_the_very_end_of_what_is_cleared_has_not_lagged),
        cmocka_unit_test(a_reader_that_had_read_all_has_not_lagged_though_room_was_reserved_behind_it),
        cmocka_unit_test(a_reader_two_dropped_blocks_behind_has_lagged_wherever_it_stood),
        cmocka_unit_test(the_index_grows_with_small_packets),
        cmocka_unit_test(a_newcomer_starts_at_the_newest_sync_point_that_is_old_enough),
        cmocka_unit_test(a_sync_point_counts_once_it_is_published_and_while_it_is_held),
        cmocka_unit_test(any_byte_tells_its_packet),
        cmocka_unit_test(a_block_outlives_its_place_in_the_log_while_somebody_holds_it),
        cmocka_unit_test(readers_of_any_kind_get_every_byte_once_until_they_lag)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
