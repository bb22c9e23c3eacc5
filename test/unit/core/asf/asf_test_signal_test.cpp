// The test signal: valid, the same everywhere, endless.
#include "core/asf/test_signal.hpp"

#include <algorithm>
#include <cstdlib>

#include "core/asf/container.hpp"
#include "core/asf/packet.hpp"
#include "test/support/bytes.hpp"
#include "test/unit/core/asf/vectors.hpp"

// always last
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::asf;
using vectors::Buffer;

namespace {

Payload payload_of(Bytes packet) {
    const auto parsed = parse_packet(packet, packet.size());
    assert_true(parsed.ok());
    return Payloads{packet, parsed.value()}.next().value();
}

int peak(Bytes sound) {
    int most = 0;
    for (std::size_t i = 0; i < sound.size(); i += 2)
        most = std::max(most, std::abs(static_cast<std::int16_t>(load_u16le(sound.data() + i))));
    return most;
}

void every_packet_is_whole_in_form_and_a_place_to_start(void**) {
    const auto signal = container().open_test_signal();
    const auto format = signal->format();
    for (std::uint64_t n = 0; n < 100; ++n) {
        const auto packet = signal->packet(n);
        assert_int_equal(packet.size(), format->max_packet());
        const auto info = format->inspect(packet);
        assert_true(info.ok() && info.value().media && info.value().sync);
        assert_int_equal(info.value().send_time, n * 50);
        Buffer out(packet.size());
        assert_true(format->fit(packet, *format, out).ok());
        assert_true(test::same(out, packet));
    }
    assert_int_equal(signal->packet_duration().count(), 50);
}

void the_sound_beeps_once_a_second(void**) {
    const auto signal = container().open_test_signal();
    for (std::uint64_t n = 0; n < 60; ++n) {
        const auto payload = payload_of(signal->packet(n));
        assert_int_equal(payload.data.size(), 1600);
        assert_int_equal(payload.object_size, 1600);
        assert_int_equal(peak(payload.data), n % 20 < 2 ? 9000 : 2500);
    }
}

void packet_n_depends_on_n_alone(void**) {
    const auto a = container().open_test_signal(), b = container().open_test_signal();
    const auto later = test::copy(a->packet(777));
    for (std::uint64_t n = 0; n < 777; ++n) b->packet(n);
    assert_true(test::same(later, b->packet(777)));
}

void times_go_on_past_the_wrap_of_their_clock(void**) {
    const auto signal = container().open_test_signal();
    const std::uint64_t n = (1ULL << 32) / 50 + 1;
    const auto packet = signal->packet(n);
    const auto send_time = signal->format()->inspect(packet).value().send_time;
    assert_int_equal(send_time, static_cast<std::uint32_t>(n * 50));
    assert_int_equal(load_u32le(packet.data() + payload_of(packet).presentation_time_at), send_time + 1500);
}

void its_header_is_served_as_it_is(void**) {
    const auto format = container().open_test_signal()->format();
    const auto again = container().parse_header(format->header(), {});
    assert_true(again.ok());
    assert_true(test::same(again.value()->header(), format->header()));
    assert_true(format->difference(*again.value()).empty());
    assert_true(format->bit_rate() > 256'000);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_packet_is_whole_in_form_and_a_place_to_start),
        cmocka_unit_test(the_sound_beeps_once_a_second),
        cmocka_unit_test(packet_n_depends_on_n_alone),
        cmocka_unit_test(times_go_on_past_the_wrap_of_their_clock),
        cmocka_unit_test(its_header_is_served_as_it_is),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
