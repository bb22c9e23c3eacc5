// Headers that follow one another: which may, what is told of those that may not, and which stream is which
// (asf.md 8).
#include <initializer_list>
#include <string>

#include "core/asf/container.hpp"
#include "test/support/bytes.hpp"
#include "test/unit/core/asf/vectors.hpp"

// always last
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::asf;
using namespace weir::asf::vectors;

namespace {

StreamFormatPtr format_of(Bytes b) {
    auto format = container().parse_header(b, ReaderLimits{});
    if (!format) print_error("%s\n", format.error().detail.c_str());
    assert_true(format.ok());
    return std::move(format).value();
}

void difference(Bytes old, Bytes newer, std::string_view part) {
    const auto text = format_of(old)->difference(*format_of(newer));
    const bool says = part.empty() ? text.empty() : text.find(part) != std::string::npos;
    if (!says) print_error("'%s' does not say '%s'\n", text.c_str(), std::string{part}.c_str());
    assert_true(says);
}
void difference(Bytes newer, std::string_view part) {
    difference(kHeaderBlob, newer, part);
}

void headers_that_differ_in_what_clients_do_not_need_are_compatible(void**) {
    difference(kHeaderBlob, "");
    difference(patched(kFilePropertiesAt + 24, 9, 1), "");
    difference(patched(kFilePropertiesAt + 48, 9, 8), "");
    difference(patched(kFilePropertiesAt + 100, 9, 4), "");
    difference(patched(kFilePropertiesAt + 80, 11000, 8), "");
    difference(blob_for(40), "");
    difference(blob_with(object(kContentDescription.bytes.data(), Buffer(10))), "");
    difference(blob_with_extension(extended(1, 0, 0, 0, {})), "");
}

void the_field_that_makes_headers_incompatible_is_named(void**) {
    difference(blob_for(65), "packet size: 65 instead of at most 64");
    difference(patched(kFilePropertiesAt + 80, 11001, 8), "preroll");
    difference(patched(kVideoStreamAt + 72, 0x8002, 2), "stream 2: encrypted");
    difference(patched(kVideoStreamAt + 56, 1, 8), "stream 2: time offset");
    difference(patched(kVideoStreamAt + 40, 1, 1), "stream 2: error-correction type");
    difference(patched(kVideoStreamAt + 24, 1, 1), "stream 2: type");
    difference(patched(kVideoStreamAt + 78 + 27, '1', 1), "stream 2: codec 1P43 16x16 instead of MP43 16x16");
    difference(patched(kVideoStreamAt + 78 + 40, 1, 1),
               "stream 2: codec data: from byte 40 of 51: 01 00 00 00 00 00 00 00 instead of 00 00 00 00");
    difference(blob_with_extension(extended(2, 4, 0, 0, {})), "stream 2: the no-clean-points flag");
    difference(blob_with_extension(extended(2, 0, 0, 1, Buffer(22))), "stream 2: payload extensions");
    difference(blob_with(exclusion(2, {1, 2})), "mutual exclusion");
    difference(blob_with(object(kContentEncryption.bytes.data(), Buffer(10))), "content encryption");
}

// Stream Properties; `look` makes streams of one kind differ.
Buffer stream(Bytes properties, std::uint8_t number, std::uint8_t look) {
    Buffer out = test::copy(properties);
    out[72] = number;
    out.back() = look;
    return out;
}
Buffer sound(std::uint8_t number, std::uint8_t look = 0) {
    return stream(Bytes{kHeaderBlob}.subspan(kAudioStreamAt, kVideoStreamAt - kAudioStreamAt), number, look);
}
Buffer picture(std::uint8_t number, std::uint8_t look = 0) {
    return stream(Bytes{kHeaderBlob}.subspan(kVideoStreamAt, kDataObjectAt - kVideoStreamAt), number, look);
}

// kHeaderBlob with these objects in place of its streams.
Buffer header(std::initializer_list<Buffer> objects) {
    Buffer out = blob();
    const Buffer tail(out.begin() + kDataObjectAt, out.end());
    out.resize(kAudioStreamAt);
    for (const auto& o : objects) out.insert(out.end(), o.begin(), o.end());
    store_u64le(out.data() + 16, out.size());
    out.insert(out.end(), tail.begin(), tail.end());
    return out;
}

struct Pair {
    unsigned number;  // in the newer header
    unsigned served;
};

// The newer one may follow, and these of its streams have other numbers than before.
void follows(Bytes old, Bytes newer, std::initializer_list<Pair> renumbered) {
    difference(old, newer, "");
    const auto served = format_of(old);
    const auto map = served->map_from(*format_of(newer));
    assert_int_equal(map.is_identity(), renumbered.size() == 0);
    for (const auto& [number, to] : renumbered) assert_int_equal(map[number], to);
    // One-to-one, and only what the newer header names becomes a served stream.
    std::array<int, kMaxStreams> times{};
    for (std::size_t n = 0; n < kMaxStreams; ++n) ++times[map[n]];
    for (const int n : times) assert_int_equal(n, 1);
    for (const auto& s : served->streams()) {
        std::size_t from = 0;
        for (const auto& t : format_of(newer)->streams()) from += map[t.number] == s.number;
        assert_int_equal(from, 1);
    }
    // The other way about it is undone.
    const auto back = format_of(newer)->map_from(*served);
    for (const auto& s : served->streams()) assert_int_equal(map[back[s.number]], s.number);
}

void streams_that_keep_their_numbers_keep_them(void**) {
    follows(kHeaderBlob, kHeaderBlob, {});
    follows(header({picture(2), sound(1)}), header({sound(1), picture(2)}), {});
    follows(header({sound(127), picture(3)}), header({sound(127), picture(3)}), {});
}

void streams_that_have_other_numbers_and_are_else_the_same_are_told_apart(void**) {
    // VLC draws its numbers anew whenever it starts.
    follows(header({sound(1), picture(2)}), header({picture(1), sound(2)}), {{1, 2}, {2, 1}});
    follows(header({sound(1), picture(2), sound(3, 7)}), header({picture(1), sound(2, 7), sound(3)}),
            {{1, 2}, {2, 3}, {3, 1}});
    follows(header({sound(1), picture(2), sound(3, 7)}), header({sound(2), sound(1, 7), picture(3)}),
            {{1, 3}, {2, 1}, {3, 2}});
    follows(header({sound(1), picture(2)}), header({sound(1), picture(3)}), {{3, 2}});
    follows(header({sound(1), picture(2)}), header({sound(90), picture(127)}), {{90, 1}, {127, 2}});
    follows(header({sound(1), picture(2)}), header({sound(2), picture(3)}), {{2, 1}, {3, 2}});
    follows(header({sound(2), picture(3)}), header({picture(1), sound(2)}), {{1, 3}});
}

void a_number_that_the_new_header_does_not_name_is_never_a_served_one(void**) {
    const auto served = format_of(header({sound(1), picture(2), picture(3, 1)}));
    const auto map = served->map_from(*format_of(header({picture(1), picture(5, 1), sound(6)})));
    for (const unsigned unnamed : {0U, 2U, 3U, 4U, 127U}) {
        assert_false(map[unnamed] >= 1 && map[unnamed] <= 3);
        assert_int_equal(map[unnamed] == 0, unnamed == 0);
    }
}

void streams_that_are_alike_are_told_apart_by_their_numbers_alone(void**) {
    const auto two_languages = header({sound(1), sound(2), picture(3)});
    follows(two_languages, header({picture(3), sound(2), sound(1)}), {});
    follows(two_languages, header({sound(1), sound(2), picture(7)}), {{7, 3}});
    follows(header({sound(3), sound(4), picture(1), picture(2, 9)}),
            header({sound(3), sound(4), picture(2), picture(1, 9)}), {{1, 2}, {2, 1}});
    difference(two_languages, header({picture(1), sound(2), sound(3)}), "stream 1: type");
    difference(two_languages, header({sound(1), picture(2), sound(3)}), "stream 2: type");
    difference(two_languages, header({sound(1), sound(4), picture(3)}),
               "stream numbers: 1 3 4 instead of 1 2 3");
    difference(header({sound(2), sound(3)}), header({sound(1), sound(3)}),
               "stream numbers: 1 3 instead of 2 3");
    difference(header({sound(1), sound(2), sound(3)}), header({sound(1), sound(3), sound(4)}),
               "stream numbers: 1 3 4 instead of 1 2 3");
    // As many streams, but not as many of each.
    difference(header({sound(1), sound(2), picture(3)}), header({sound(1), picture(2), picture(3)}),
               "stream 2: type");
}

void without_a_stream_for_each_the_numbers_are_told_as_ever(void**) {
    difference(header({sound(1), picture(2)}), header({sound(1), picture(3, 1)}),
               "stream numbers: 1 3 instead of 1 2");
    difference(header({sound(1), picture(2)}), header({sound(1), picture(2), sound(3, 1)}),
               "stream numbers: 1 2 3 instead of 1 2");
    difference(header({sound(1), picture(2), sound(3, 1)}), header({sound(1), picture(2)}),
               "stream numbers: 1 2 instead of 1 2 3");
    difference(header({sound(1), picture(2), sound(3, 1)}), header({sound(1), sound(3, 1)}),
               "stream numbers: 1 3 instead of 1 2 3");
    difference(header({sound(1), picture(2)}), header({picture(1, 1), sound(2)}), "stream 1: type");
    difference(header({sound(1), picture(2)}), header({sound(1), picture(2, 1)}),
               "stream 2: codec data: from byte 50 of 51: 01 instead of 00");
}

void flags_and_extensions_belong_to_the_stream_that_has_the_number(void**) {
    const auto with = [](const Buffer& properties, bool is_swapped) {
        Buffer out = blob_with_extension(properties);
        if (is_swapped) {
            out[kAudioStreamAt + properties.size() + 72] = 2;
            out[kVideoStreamAt + properties.size() + 72] = 1;
        }
        return out;
    };
    struct Properties {
        std::uint32_t flags;
        std::uint16_t extensions;
        std::size_t tail;
    };
    for (const Properties& p : {Properties{4, 0, 0}, Properties{0, 1, 22}}) {
        const auto of = [&](std::uint16_t number, bool is_swapped) {
            return with(extended(number, p.flags, 0, p.extensions, Buffer(p.tail)), is_swapped);
        };
        follows(of(2, false), of(1, true), {{1, 2}, {2, 1}});
        difference(of(2, false), of(2, true), "stream 1: type");
    }
}

void exclusions_are_compared_with_the_numbers_that_are_served(void**) {
    const auto old = header({sound(1), picture(2), picture(3, 1), exclusion(2, {2, 3})});
    follows(old, header({picture(1), picture(2, 1), sound(3), exclusion(2, {2, 1})}),
            {{1, 2}, {2, 3}, {3, 1}});
    difference(old, header({picture(1), picture(2, 1), sound(3), exclusion(2, {2, 3})}), "mutual exclusion");
    difference(old, header({picture(1), picture(2, 1), sound(3)}), "mutual exclusion");
    follows(header({sound(1), picture(2), exclusion(2, {1, 2})}),
            header({picture(1), sound(2), exclusion(2, {1, 2})}), {{1, 2}, {2, 1}});
    const auto two = header(
        {sound(1), sound(2, 1), picture(3), picture(4, 1), exclusion(2, {1, 2}), exclusion(2, {3, 4})});
    follows(two,
            header({picture(1), picture(2, 1), sound(3), sound(4, 1), exclusion(2, {1, 2}),
                    exclusion(2, {3, 4})}),
            {{1, 3}, {2, 4}, {3, 1}, {4, 2}});
    // No stream has such a number: it stays what it is.
    follows(header({sound(1), picture(2), exclusion(2, {1, 500})}),
            header({sound(2), picture(1), exclusion(2, {500, 2})}), {{1, 2}, {2, 1}});
}

void protected_content_keeps_its_numbers(void**) {
    const auto keys = object(kAdvancedContentEncryption.bytes.data(), Buffer(10));
    follows(header({sound(1), picture(2), keys}), header({sound(1), picture(2), keys}), {});
    difference(header({sound(1), picture(2), keys}), header({picture(1), sound(2), keys}), "stream 1: type");
    difference(header({sound(1), picture(2)}), header({picture(1), sound(2), keys}), "stream 1: type");
    difference(header({sound(1), picture(2), keys}), header({picture(1), sound(2)}), "stream 1: type");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(headers_that_differ_in_what_clients_do_not_need_are_compatible),
        cmocka_unit_test(the_field_that_makes_headers_incompatible_is_named),
        cmocka_unit_test(streams_that_keep_their_numbers_keep_them),
        cmocka_unit_test(streams_that_have_other_numbers_and_are_else_the_same_are_told_apart),
        cmocka_unit_test(a_number_that_the_new_header_does_not_name_is_never_a_served_one),
        cmocka_unit_test(streams_that_are_alike_are_told_apart_by_their_numbers_alone),
        cmocka_unit_test(without_a_stream_for_each_the_numbers_are_told_as_ever),
        cmocka_unit_test(flags_and_extensions_belong_to_the_stream_that_has_the_number),
        cmocka_unit_test(exclusions_are_compared_with_the_numbers_that_are_served),
        cmocka_unit_test(protected_content_keeps_its_numbers),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
