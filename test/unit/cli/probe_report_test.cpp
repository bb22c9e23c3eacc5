// What weir probe tells of a stream.
#include "cli/probe_report.hpp"

#include <nlohmann/json.hpp>

#include "test/support/asf_samples.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using cli::ProbeReport;
using cli::StreamMeter;

namespace {

bool has(const std::string& text, std::string_view part) {
    if (text.find(part) != std::string::npos) return true;
    print_error("%s\n", text.c_str());
    return false;
}

ProbeReport report_of(const test::VideoStream& stream) {
    ProbeReport report{.url = "http://relay:8080/live",
                       .format = stream.format(),
                       .streams = {},
                       .first_packet = Duration{12},
                       .media = Duration{2000},
                       .packets = 50,
                       .bytes = 100'000,
                       .fillers = 3};
    for (StreamInfo& info : report.format->streams()) report.streams.emplace_back(std::move(info));
    return report;
}

}  // namespace

static void a_frame_rate_is_measured_where_the_header_states_none(void**) {
    StreamMeter video{{.kind = StreamInfo::Kind::video, .number = 1, .codec = {}}};
    for (std::uint32_t i = 0; i < 26; ++i) video.see(1000 + i * 40);
    assert_true(video.frame_rate() > 24.99 && video.frame_rate() < 25.01);
    StreamMeter stated{{.kind = StreamInfo::Kind::video, .number = 1, .codec = {}, .frame_rate = 29.97}};
    stated.see(0);
    assert_true(stated.frame_rate() == 29.97);
}

static void a_frame_rate_survives_wrapping_times_and_pictures_out_of_order(void**) {
    StreamMeter video{{.kind = StreamInfo::Kind::video, .number = 1, .codec = {}}};
    const std::uint32_t begin = 0xFFFFFFFFU - 500;
    for (std::uint32_t i = 0; i <= 50; ++i) video.see(begin + (i ^ 1U) * 20);
    assert_true(video.frame_rate() > 48 && video.frame_rate() < 52);
}

static void too_little_gives_no_rate(void**) {
    StreamMeter video{{.kind = StreamInfo::Kind::video, .number = 1, .codec = {}}};
    assert_true(video.frame_rate() == 0);
    video.see(5);
    video.see(45);
    assert_true(video.frame_rate() == 0);
    ProbeReport report = report_of(test::VideoStream{});
    report.media = Duration{100};
    assert_int_equal(report.measured_bit_rate(), 0);
}

static void people_get_one_line_a_stream(void**) {
    const test::VideoStream stream;
    const std::string text = to_text(report_of(stream));
    assert_true(has(text, "http://relay:8080/live\n"));
    assert_true(has(text, "container     asf, live\n"));
    assert_true(has(text, "video MP43, 16x16"));
    assert_true(has(text, "400 kbit/s measured"));
    assert_true(has(text, "packets       64 bytes\n"));
    assert_true(has(text, "first packet  after 12 ms\n"));
}

static void a_channel_whose_source_is_away_is_told_as_such(void**) {
    const test::VideoStream stream;
    ProbeReport report = report_of(stream);
    report.first_packet.reset();
    assert_true(has(to_text(report), "first packet  none"));
    assert_true(nlohmann::json::parse(to_json(report))["first_packet_ms"].is_null());
}

static void programs_get_the_same_as_json(void**) {
    const test::VideoStream stream;
    const auto json = nlohmann::json::parse(to_json(report_of(stream)));
    assert_string_equal(json["container"].get<std::string>().c_str(), "asf");
    assert_true(json["live"].get<bool>());
    assert_int_equal(json["packet_bytes"].get<int>(), 64);
    assert_int_equal(json["measured_bit_rate"].get<int>(), 400'000);
    assert_int_equal(json["first_packet_ms"].get<int>(), 12);
    assert_int_equal(json["fillers"].get<int>(), 3);
    assert_true(json["streams"].is_array() && !json["streams"].empty());
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_rate_is_measured_where_the_header_states_none),
        cmocka_unit_test(a_frame_rate_survives_wrapping_times_and_pictures_out_of_order),
        cmocka_unit_test(too_little_gives_no_rate),
        cmocka_unit_test(people_get_one_line_a_stream),
        cmocka_unit_test(a_channel_whose_source_is_away_is_told_as_such),
        cmocka_unit_test(programs_get_the_same_as_json)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
