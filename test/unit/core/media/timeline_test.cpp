// How runs, whose times begin anew, become one stream (asf.md 7.1, 11 item 10).
#include "core/media/timeline.hpp"

#include <map>
#include <vector>

#include "test/unit/core/media/timeline_packets.hpp"

// always last
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::test;

namespace {

void the_first_run_keeps_its_times_and_numbers(void**) {
    for (const bool announced : {false, true}) {
        Timeline timeline;
        if (announced) timeline.begin_run(Duration{0});
        for (const std::uint32_t t : {0x7FFFFF00U, 0x7FFFFF28U, 0x7FFFFF50U}) {
            const auto p = picture(t);
            assert_true(timeline.next(p.info, p.units).is_none());
        }
    }
}

void run_after_run_continues_the_one_before(void**) {
    Timeline timeline;
    std::uint32_t send_time = 5000, number = 125;
    for (int run = 0; run < 5; ++run) {
        // Each its own length, each from another time on.
        const std::uint32_t first = run == 0 ? 5000 : static_cast<std::uint32_t>(run - 1) * 4000;
        for (std::uint32_t n = 0; n < 7U + static_cast<unsigned>(run); ++n) {
            const auto p = served(timeline, picture(first + n * 40));
            assert_int_equal(p.info.send_time, send_time);
            assert_int_equal(p.info.presentation_first, send_time + kPreroll);
            assert_int_equal(p.units[0].number, number);
            send_time += 40;
            ++number;
        }
        ++number;
        timeline.begin_run(Duration{0});
    }
}

void times_of_a_run_that_begin_an_hour_later_do_not_jump(void**) {
    // Encoders that go by a clock: the first packet tells how long nothing came.
    for (const std::uint32_t pause : {2'000U, 20'000U, 3'600'000U, 0x7FFFFFFFU, 0x80000000U, 0xF0000000U}) {
        Timeline timeline;
        const auto last = play(timeline, 1000, 10);
        timeline.begin_run(Duration{0});
        const auto p = served(timeline, picture(1360 + pause));
        assert_int_equal(p.info.send_time, last + 40);
        assert_int_equal(p.info.presentation_first, last + 40 + kPreroll);
    }
}

void times_wrap_between_runs_and_inside_them(void**) {
    struct Case {
        std::uint32_t old_first, new_first;
    };
    for (const auto& [old_first, new_first] :
         {Case{0xFFFFFF00, 0}, Case{0xFFFFFF00, 0xFFFFFF00}, Case{0xFFFFFF00, 0xFFFFFFFF - 120},
          Case{0U - 400, 4096}, Case{0U - 1200, 0}, Case{0, 0U - 80}, Case{5000, 0x80000000}}) {
        Timeline timeline;
        play(timeline, old_first, 10);
        timeline.begin_run(Duration{0});
        for (std::uint32_t n = 0; n < 10; ++n) {
            const auto p = served(timeline, picture(new_first + n * 40));
            assert_int_equal(p.info.send_time, old_first + (10 + n) * 40);
            assert_int_equal(p.units[0].presentation, old_first + (10 + n) * 40 + kPreroll);
        }
    }
}

void presentation_times_keep_the_served_headers_preroll(void**) {
    for (const std::uint32_t preroll : {0U, 400U, 1000U, 3100U, 9000U}) {
        Timeline timeline;
        const auto last = play(timeline, 70'000, 10);
        timeline.begin_run(Duration{kPreroll} - Duration{preroll});
        for (std::uint32_t n = 0; n < 3; ++n) {
            const auto p = served(timeline, picture(n * 40, preroll));
            assert_int_equal(p.info.send_time, last + 40 * (n + 1));
            assert_int_equal(p.info.presentation_first, last + 40 * (n + 1) + kPreroll);
        }
        // A jump inside the run does not lose it, and the next run has its own.
        auto p = served(timeline, picture(900'000, preroll));
        assert_int_equal(p.info.presentation_first, p.info.send_time + kPreroll);
        timeline.begin_run(Duration{0});
        p = served(timeline, picture(0));
        assert_int_equal(p.info.send_time, last + 5 * 40);
        assert_int_equal(p.info.presentation_first, last + 5 * 40 + kPreroll);
    }
}

void a_first_run_under_another_runs_header_has_its_preroll_too(void**) {
    Timeline timeline;
    timeline.begin_run(Duration{-500});
    const auto p = served(timeline, picture(100));
    assert_int_equal(p.info.send_time, 100);
    assert_int_equal(p.info.presentation_first, 100 + kPreroll - 500);
    assert_int_equal(p.units[0].number, 2);
}

void neither_send_times_nor_any_streams_presentation_times_go_back_at_a_join(void**) {
    struct Case {
        std::vector<Packet> old_run;
        Packet first;
        std::uint32_t send_time;  // as served
    };
    const Case cases[] = {
        // The send times' end is the later one: 100 + 500.
        {{packet(100, {object(kPicture, 300, 0)}, 500)}, packet(0, {object(kPicture, 200, 0)}), 600},
        // The pictures' end: 1140 + 40, of a picture that follows its send time at once.
        {{packet(0, {object(kPicture, 1100, 0)}), packet(40, {object(kPicture, 1140, 1)})},
         packet(0, {object(kPicture, 0, 0)}),
         1180},
        // The other stream's end, which lies further ahead: 1500 + 100.
        {{packet(0, {object(kPicture, 1000, 0), object(kSound, 1400, 0)}),
          packet(40, {object(kSound, 1500, 1), object(kPicture, 1040, 1)})},
         packet(0, {object(kPicture, 1000, 0)}),
         600},
        // The new run's first packet begins with the rest of an earlier sound.
        {{packet(0, {object(kPicture, 1000, 0)}), packet(40, {object(kPicture, 1040, 1)})},
         packet(0, {rest_of(object(kSound, 800, 0)), object(kPicture, 1000, 0)}),
         280},
        // Pictures that do not come in the order in which they are seen: 1120 + 120.
        {{packet(0, {object(kPicture, 1000, 0)}), packet(40, {object(kPicture, 1120, 1)}),
          packet(80, {object(kPicture, 1040, 2)})},
         packet(0, {object(kPicture, 1000, 0)}),
         240},
        // Of a stream that had one object nobody knows how long it lasts: the packet's duration.
        {{packet(0, {object(kPicture, 1000, 0)}, 70)}, packet(0, {object(kPicture, 900, 0)}), 170},
    };
    for (const auto& c : cases) {
        Timeline timeline;
        for (const auto& p : c.old_run) served(timeline, p);
        timeline.begin_run(Duration{0});
        assert_int_equal(served(timeline, c.first).info.send_time, c.send_time);
    }
}

void durations_beyond_reason_open_no_gap(void**) {
    // Of an object: titles, and a hole between pictures. What is shown in between is not known to last.
    for (const std::uint32_t step : {1001U, 4000U, 60'000U, 0x40000000U}) {
        Timeline timeline;
        served(timeline, packet(0, {object(3, 1000, 0), object(kPicture, 1000, 0)}));
        served(timeline, packet(20, {object(kPicture, 1020, 1)}));
        served(timeline, packet(4000, {object(3, 1000 + step, 1), object(kPicture, 1020 + step, 2)}));
        timeline.begin_run(Duration{0});
        const auto p = served(timeline, packet(0, {object(3, 1000 + step, 0)}));
        assert_int_equal(p.info.send_time, 4040);
    }
    // The longest that counts.
    Timeline slow;
    served(slow, packet(0, {object(kPicture, 5000, 0)}));
    served(slow, packet(1000, {object(kPicture, 6000, 1)}));
    slow.begin_run(Duration{0});
    assert_int_equal(served(slow, packet(0, {object(kPicture, 5000, 0)})).info.send_time, 2000);
    Timeline single;
    served(single, packet(0, {object(kPicture, 1000, 0)}, 4000));
    single.begin_run(Duration{0});
    assert_int_equal(served(single, packet(0, {object(kPicture, 0, 0)})).info.send_time, 4000);
    // Of a packet: 65 s, the field's limit.
    Timeline packets;
    served(packets, packet(0, {}, 0xFFFF));
    packets.begin_run(Duration{0});
    assert_int_equal(served(packets, packet(0, {})).info.send_time, Timeline::kMaxStepForward);
}

void a_packet_without_presentation_times_continues_by_its_send_time(void**) {
    Timeline timeline;
    const auto last = play(timeline, 1000, 5);
    timeline.begin_run(Duration{0});
    auto p = served(timeline, packet(90'000, {}));
    assert_int_equal(p.info.send_time, last + 40);
    // What comes with a time later is looked after all the same: it must not lie before 1160 + 1000 + 40.
    p = served(timeline, packet(90'040, {object(kPicture, 90'500, 7)}));
    assert_int_equal(p.units[0].presentation, 2200);
    assert_int_equal(p.info.send_time, 1740);
    Timeline untimed;
    served(untimed, packet(500, {}, 30));
    untimed.begin_run(Duration{0});
    assert_int_equal(served(untimed, packet(7, {}, 30)).info.send_time, 530);
}

void packets_that_state_no_duration_continue_by_their_steps(void**) {
    // As ffmpeg does where a packet holds a part of one picture.
    Timeline timeline;
    for (const std::uint32_t t : {0U, 100U, 120U, 120U, 200U}) served(timeline, packet(t, {}, 0));
    timeline.begin_run(Duration{0});
    assert_int_equal(served(timeline, packet(0, {}, 0)).info.send_time, 220);
    Timeline pictures;
    for (const std::uint32_t t : {0U, 50U, 100U}) served(pictures, picture(t, kPreroll, 0));
    pictures.begin_run(Duration{0});
    const auto p = served(pictures, picture(0, kPreroll, 0));
    assert_int_equal(p.info.send_time, 150);
    assert_int_equal(p.info.presentation_first, 1150);
    Timeline single;
    for (std::uint32_t n = 0; n < 3; ++n) {
        assert_int_equal(served(single, picture(7, kPreroll, 0)).info.send_time,
                         7 + n * Timeline::kUnknownDuration);
        single.begin_run(Duration{0});
    }
}

void presentation_times_beyond_belief_do_not_move_a_run(void**) {
    // Of the old run.
    Timeline timeline;
    served(timeline, picture(0));
    served(timeline, packet(40, {object(kPicture, 0x40000000, 1), object(kSound, 1100, 0)}));
    timeline.begin_run(Duration{0});
    // 1100 + 40 of the sound that can be believed.
    assert_int_equal(served(timeline, picture(0)).info.send_time, 140);
    // The next run no longer knows of it.
    timeline.begin_run(Duration{0});
    assert_int_equal(served(timeline, picture(0)).info.send_time, 180);
    // Nor does the same run, once it has said better: 1500 + 40.
    served(timeline, packet(40, {object(kPicture, 0x40000000, 2)}));
    served(timeline, packet(80, {object(kPicture, 1460, 3)}));
    served(timeline, packet(120, {object(kPicture, 1500, 4)}));
    timeline.begin_run(Duration{0});
    assert_int_equal(served(timeline, picture(0)).info.send_time, 720);
    // Of the new run, in its first packet and in a later one.
    timeline.begin_run(Duration{0});
    auto p = served(timeline, packet(200'000, {object(kPicture, 5, 0), object(kSound, 201'000, 0)}));
    assert_int_equal(p.info.send_time, 760);
    p = served(timeline, packet(200'040, {object(kPicture, 201'040, 1), object(kSound, 9, 1)}));
    assert_int_equal(p.info.send_time, 800);
    // In all, one join goes ahead by no more than the limit.
    Timeline limit;
    served(limit, packet(0, {object(kPicture, 50'000, 0), object(kSound, 50'000, 0)}));
    limit.begin_run(Duration{0});
    p = served(limit, packet(0, {object(kPicture, 0, 0)}));
    assert_int_equal(p.info.send_time, 50'040);
    p = served(limit, packet(40, {object(kSound, 0U - 10'001, 0)}));
    assert_int_equal(p.info.send_time, 50'080);
    p = served(limit, packet(40, {object(kSound, 0U - 10'000, 0)}));
    assert_int_equal(p.info.send_time, 60'080);
}

// Old run: pictures until 1200 + 40, sounds until 1300 + 50.
Timeline after_pictures_and_sounds() {
    Timeline timeline;
    served(timeline, packet(120, {object(kPicture, 1160, 0), object(kSound, 1250, 0)}));
    served(timeline, packet(160, {object(kPicture, 1200, 1), object(kSound, 1300, 1)}));
    timeline.begin_run(Duration{0});
    return timeline;
}

void sounds_of_the_new_run_that_are_earlier_than_its_first_picture_do_not_go_back(void**) {
    Timeline timeline = after_pictures_and_sounds();
    // Joined by the picture: 1350 - 1000.
    auto p = served(timeline, packet(0, {object(kPicture, 1000, 0)}));
    assert_int_equal(p.info.send_time, 350);
    assert_int_equal(p.units[0].presentation, 1350);
    // 900 would be 1250, before the last sound ended: all goes 100 later, the send times too.
    p = served(timeline, packet(10, {object(kSound, 900, 0)}));
    assert_int_equal(p.units[0].presentation, 1350);
    assert_int_equal(p.info.send_time, 460);
    p = served(timeline, packet(20, {object(kSound, 950, 1), object(kPicture, 1040, 1)}));
    assert_int_equal(p.units[0].presentation, 1400);
    assert_int_equal(p.units[1].presentation, 1490);
    assert_int_equal(p.info.send_time, 470);
    // Once more, by what is earliest in the packet.
    p = served(timeline,
               packet(30, {object(kSound, 890, 2), object(kSound, 880, 3), object(kSound, 885, 4)}));
    assert_int_equal(p.units[1].presentation, 1350);
    assert_int_equal(p.info.send_time, 500);
}

void the_guard_knows_each_stream_by_its_served_number(void**) {
    Timeline timeline;
    served(timeline, packet(60'000, {object(kSound, 60'500, 0), object(kPicture, 61'000, 0)}));
    timeline.begin_run(Duration{0}, swapped());
    const auto first = served(timeline, packet(0, {object(kSound, 1000, 0)}));
    assert_int_equal(first.units[0].presentation, 61'040);
    // A sound that is behind the last one, though before the last picture.
    auto p = served(timeline, packet(40, {object(kPicture, 600, 0)}));
    assert_int_equal(p.units[0].stream, kSound);
    assert_int_equal(p.units[0].presentation, 60'640);
    // A picture that is not.
    p = served(timeline, packet(80, {object(kSound, 900, 0)}));
    assert_int_equal(p.units[0].presentation, 61'040);
}

void the_guard_leaves_alone_what_does_not_go_back(void**) {
    // Each stream has its own end: a picture before the last sound's end, but not before the last picture's.
    Timeline timeline = after_pictures_and_sounds();
    served(timeline, packet(0, {object(kSound, 1000, 0)}));
    auto p = served(timeline, packet(10, {object(kPicture, 900, 0)}));
    assert_int_equal(p.units[0].presentation, 1250);
    assert_int_equal(p.info.send_time, 360);
    // The rest of an object that nobody has the beginning of.
    p = served(timeline, packet(20, {rest_of(object(kPicture, 800, 1))}));
    assert_int_equal(p.info.send_time, 370);
    // A stream that the old run did not have.
    p = served(timeline, packet(30, {object(3, 10, 0)}));
    assert_int_equal(p.info.send_time, 380);
}

void the_guard_ends_ten_seconds_after_the_join(void**) {
    for (const std::uint32_t t : {10'000U, 10'001U}) {
        Timeline timeline = after_pictures_and_sounds();
        served(timeline, packet(0, {object(kPicture, 1000, 0)}));
        served(timeline, packet(4000, {object(kPicture, 5000, 1)}));
        served(timeline, packet(8000, {object(kPicture, 9000, 2)}));
        // 1340, of what must not lie before 1350.
        const auto p = served(timeline, packet(t, {object(kSound, 990, 0)}));
        assert_int_equal(p.info.send_time, t + 350 + (t == 10'000 ? 10 : 0));
    }
}

void a_stream_that_was_silent_for_weeks_does_not_fool_the_guard(void**) {
    // 28 days: in 32 bits the last title would lie ahead.
    for (const std::uint32_t packets : {300'000U, 605'000U, 1'100'000U}) {
        Timeline timeline;
        constexpr std::uint32_t kStep = 4000;
        served(timeline, packet(0, {object(3, kPreroll, 0), object(kPicture, kPreroll, 0)}, kStep));
        for (std::uint32_t n = 1; n < packets; ++n)
            served(timeline, packet(n * kStep, {object(kPicture, n * kStep + kPreroll, n)}, kStep));
        timeline.begin_run(Duration{0});
        auto p = served(timeline, packet(0, {object(kPicture, kPreroll, 0)}, kStep));
        assert_int_equal(p.info.send_time, packets * kStep);
        p = served(timeline, packet(40, {object(3, kPreroll, 0)}, kStep));
        assert_int_equal(p.info.send_time, packets * kStep + 40);
    }
}

void jumps_inside_a_run_leave_no_gap(void**) {
    for (const std::uint32_t jump :
         {0U - 1001, 0U - 400, 5001U, 60'000U, 3'600'000U, 0x80000000U, 0x7FFFFFFFU}) {
        Timeline timeline;
        const std::uint32_t last = 2360;
        play(timeline, 2000, 10);
        if (jump == 0U - 400) {
            // Less than a second back is jitter: only the send time waits.
            const auto p = served(timeline, picture(last + jump));
            assert_int_equal(p.info.send_time, last);
            assert_int_equal(p.info.presentation_first, last + jump + kPreroll);
            assert_int_equal(p.units[0].number, (last + jump) / 40);
            continue;
        }
        auto p = served(timeline, picture(last + jump));
        assert_int_equal(p.info.send_time, last + 40);
        assert_int_equal(p.info.presentation_first, last + 40 + kPreroll);
        // Not the number that went before either.
        assert_int_equal(p.units[0].number, last / 40 + 2);
        p = served(timeline, picture(last + jump + 40));
        assert_int_equal(p.info.send_time, last + 80);
        assert_int_equal(p.units[0].number, last / 40 + 2 + (last + jump + 40) / 40 - (last + jump) / 40);
    }
}

// VLC's send times go back now and then, by less than a tenth of a second.
void in_small_steps_back_the_send_time_waits_and_nothing_else_moves(void**) {
    Timeline timeline;
    std::uint32_t at = 10'000, latest = at;
    served(timeline, picture(at));
    for (const std::int32_t step : {-1000, 5000, -1, 0, 1, -999, 40, 4999}) {
        at += static_cast<std::uint32_t>(step);
        latest = std::max(latest, at);
        const auto p = picture(at);
        const Move& move = timeline.next(p.info, p.units);
        assert_int_equal(move.send, latest - at);
        assert_int_equal(move.presentation, 0);
        assert_false(move.moves_numbers);
    }
}

void small_steps_back_that_add_up_are_a_discontinuity(void**) {
    Timeline timeline;
    served(timeline, picture(10'000));
    for (const std::uint32_t at : {9600U, 9200U}) {
        const auto p = served(timeline, picture(at));
        assert_int_equal(p.info.send_time, 10'000);
        assert_int_equal(p.info.presentation_first, at + kPreroll);
    }
    const auto p = served(timeline, picture(8800));
    assert_true(p.info.send_time >= 10'000);
    assert_true(p.info.presentation_first > 10'000 + kPreroll);
}

void a_join_after_a_step_back_does_not_go_behind_what_was_sent_before(void**) {
    Timeline timeline;
    served(timeline, packet(5000, {}));
    served(timeline, packet(4100, {}));
    timeline.begin_run(Duration{0});
    assert_int_equal(served(timeline, packet(0, {})).info.send_time, 5000);
}

void streams_that_cannot_be_are_passed_over(void**) {
    Timeline timeline;
    served(timeline, packet(0, {object(kMaxStreams, 900, 0), object(0xFFFFFFFF, 900, 0)}));
    timeline.begin_run(Duration{0});
    assert_int_equal(served(timeline, packet(0, {object(kMaxStreams, 900, 0)})).info.send_time, 40);
    timeline.begin_run(Duration{0});
    assert_int_equal(served(timeline, packet(0, {object(127, 900, 0)})).info.send_time, 80);
}

void after_a_reset_the_next_packet_is_the_first_of_all(void**) {
    Timeline timeline;
    play(timeline, 5000, 10);
    timeline.begin_run(Duration{500});
    play(timeline, 0, 10);
    timeline.begin_run(Duration{0});
    timeline.reset();
    auto p = picture(70);
    assert_true(timeline.next(p.info, p.units).is_none());
    p = picture(110);
    assert_true(timeline.next(p.info, p.units).is_none());
    timeline.begin_run(Duration{0});
    assert_int_equal(served(timeline, picture(0)).info.send_time, 150);
}

// A source of pictures and sounds, interleaved as it likes; times from anywhere.
class Encoder {
  public:
    explicit Encoder(std::uint32_t& seed) : seed_(seed) {
        send_time_ = draw(4) == 0 ? 0U - draw(3000) : draw(2) == 0 ? 0 : draw(0xFFFFFFFF);
        preroll = 500 + draw(4000);
        sound_ahead_ = draw(700);
        is_swapped = draw(2) == 0;
        picture_ = send_time_ + preroll;
        sound_ = picture_ - sound_ahead_;
    }
    Packet next() {
        std::vector<Unit> units;
        if (draw(2) == 0) {
            units.push_back(object(kPicture, picture_, pictures_++ & 0xFF));
            picture_ += 40;
        } else {
            units.push_back(object(kSound, sound_, sounds_++ & 0xFF));
            sound_ += 46;
        }
        const auto at = send_time_;
        send_time_ += draw(40);
        return packet(at, std::move(units), draw(3) == 0 ? 0 : 20);
    }
    std::uint32_t draw(std::uint32_t limit) {
        seed_ = seed_ * 1664525 + 1013904223;
        return (seed_ >> 8) % limit;
    }
    std::uint32_t preroll;
    bool is_swapped;

  private:
    std::uint32_t& seed_;
    std::uint32_t send_time_, sound_ahead_, picture_, sound_, pictures_ = draw(300), sounds_ = draw(300);
};

void however_runs_follow_each_other_nothing_goes_back_and_nothing_jumps(void**) {
    std::uint32_t seed = 1;
    for (int channel = 0; channel < 50; ++channel) {
        Timeline timeline;
        std::uint32_t served_preroll = 0, sent = 0;
        std::map<unsigned, Unit> last;
        for (int run = 0; run < 20; ++run) {
            Encoder encoder{seed};
            if (run == 0) {
                served_preroll = encoder.preroll;
            } else {
                // It numbers its streams as it likes.
                timeline.begin_run(Duration{served_preroll} - Duration{encoder.preroll},
                                   encoder.is_swapped ? swapped() : StreamMap{});
            }
            const auto packets = 1 + encoder.draw(200);
            for (std::uint32_t n = 0; n < packets; ++n) {
                auto sent_packet = encoder.next();
                if (run > 0 && encoder.is_swapped)
                    sent_packet.units[0].stream = kSound + kPicture - sent_packet.units[0].stream;
                const auto p = served(timeline, std::move(sent_packet));
                const auto step = static_cast<std::int32_t>(p.info.send_time - sent);
                if (run != 0 || n != 0) assert_in_range(step, 0, Timeline::kMaxStepForward);
                sent = p.info.send_time;
                const Unit& unit = p.units[0];
                if (const auto it = last.find(unit.stream); it != last.end()) {
                    assert_true(static_cast<std::int32_t>(unit.presentation - it->second.presentation) > 0);
                    assert_true((unit.number & 0xFF) != (it->second.number & 0xFF));
                }
                last[unit.stream] = unit;
            }
        }
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_first_run_keeps_its_times_and_numbers),
        cmocka_unit_test(run_after_run_continues_the_one_before),
        cmocka_unit_test(times_of_a_run_that_begin_an_hour_later_do_not_jump),
        cmocka_unit_test(times_wrap_between_runs_and_inside_them),
        cmocka_unit_test(presentation_times_keep_the_served_headers_preroll),
        cmocka_unit_test(a_first_run_under_another_runs_header_has_its_preroll_too),
        cmocka_unit_test(neither_send_times_nor_any_streams_presentation_times_go_back_at_a_join),
        cmocka_unit_test(durations_beyond_reason_open_no_gap),
        cmocka_unit_test(a_packet_without_presentation_times_continues_by_its_send_time),
        cmocka_unit_test(packets_that_state_no_duration_continue_by_their_steps),
        cmocka_unit_test(presentation_times_beyond_belief_do_not_move_a_run),
        cmocka_unit_test(sounds_of_the_new_run_that_are_earlier_than_its_first_picture_do_not_go_back),
        cmocka_unit_test(the_guard_knows_each_stream_by_its_served_number),
        cmocka_unit_test(the_guard_leaves_alone_what_does_not_go_back),
        cmocka_unit_test(the_guard_ends_ten_seconds_after_the_join),
        cmocka_unit_test(a_stream_that_was_silent_for_weeks_does_not_fool_the_guard),
        cmocka_unit_test(jumps_inside_a_run_leave_no_gap),
        cmocka_unit_test(in_small_steps_back_the_send_time_waits_and_nothing_else_moves),
        cmocka_unit_test(small_steps_back_that_add_up_are_a_discontinuity),
        cmocka_unit_test(a_join_after_a_step_back_does_not_go_behind_what_was_sent_before),
        cmocka_unit_test(streams_that_cannot_be_are_passed_over),
        cmocka_unit_test(after_a_reset_the_next_packet_is_the_first_of_all),
        cmocka_unit_test(however_runs_follow_each_other_nothing_goes_back_and_nothing_jumps),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
