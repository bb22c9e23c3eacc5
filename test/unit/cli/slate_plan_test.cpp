// How ffmpeg is asked for a stream like another one.
#include "cli/slate_plan.hpp"

#include <algorithm>
#include <string>

#include "test/support/bytes.hpp"

// always last
#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::cli;
using asf::Header;
using asf::Stream;
using asf::StreamKind;

namespace {

// As libavformat writes them: 320x240; 44100 Hz, one channel, 64 kbit/s.
constexpr auto kWmv2 = test::hex<
    "40010000 f0000000 022c002c 00000040 010000f0 00000001 00180057 4d563200 84030000 00000000 00000000 "
    "00000000 000000c8 f4b480">();
constexpr auto kWma2 = test::hex<"61010100 44ac0000 401f0000 73011000 0a000000 00000100 00000000">();
constexpr auto kMp3 = test::hex<"55000100 44ac0000 401f0000 80040000 0c000100 02000000 80040100 7105">();
constexpr auto kAac = test::hex<"ff000100 44ac0000 401f0000 00031000 05001208 56e500">();
constexpr auto kH264 = test::hex<
    "40010000 f0000000 024a004a 00000040 010000f0 00000001 00180048 32363400 84030000 00000000 00000000 "
    "00000000 00000000 00000167 42c00dda 0507ec04 40000003 00400000 0ca3c50a a8000000 0168ce3c 80">();

Stream stream(std::uint8_t number, StreamKind kind, Bytes data) {
    Stream s;
    s.number = number;
    s.kind = kind;
    s.codec_data.assign(data.begin(), data.end());
    return s;
}
Stream picture(Bytes data, std::uint8_t number = 1) {
    return stream(number, StreamKind::video, data);
}
Stream sound(Bytes data, std::uint8_t number = 2) {
    return stream(number, StreamKind::audio, data);
}
Stream with_letters(Stream s, std::string_view letters) {
    std::copy(letters.begin(), letters.end(), s.codec_data.begin() + 27);
    s.codec_data.resize(51);
    return s;
}
Stream patched(Stream s, std::size_t at, std::uint8_t value) {
    s.codec_data.at(at) = value;
    return s;
}

Header header(std::vector<Stream> streams, std::uint32_t bit_rate = 0) {
    Header h;
    h.streams = std::move(streams);
    h.bit_rate = bit_rate;
    return h;
}

SlatePlan planned(const Header& h) {
    auto plan = plan_slate(h, 3200);
    if (!plan) print_error("%s\n", plan.error().detail.c_str());
    assert_true(plan.ok());
    return std::move(plan).value();
}
std::string line(const Header& h, const SlateLook& look = {}, Duration duration = Duration{10000},
                 const char* output = "o.asf") {
    return ' ' + shell_quoted(slate_arguments(planned(h), look, duration, output)) + ' ';
}
void has(const std::string& line, const std::string& part) {
    if (line.find(part) == std::string::npos) print_error("'%s' has no '%s'\n", line.c_str(), part.c_str());
    assert_true(line.find(part) != std::string::npos);
}
void refused(const Header& h, const char* why, std::size_t packet_size = 3200) {
    const auto plan = plan_slate(h, packet_size);
    assert_false(plan.ok());
    if (plan.error().detail.find(why) == std::string::npos)
        print_error("'%s' does not say '%s'\n", plan.error().detail.c_str(), why);
    assert_true(plan.error().detail.find(why) != std::string::npos);
}

void the_streams_are_asked_for_in_the_order_of_their_numbers(void**) {
    const auto usual = line(header({picture(kWmv2, 1), sound(kWma2, 2)}, 314000));
    has(usual, " -map 0:v:0 -map 1:a ");
    has(usual, " -c:0 wmv2 -b:0 250000 -g:0 25 ");
    has(usual, " -c:1 wmav2 -ar:1 44100 -ac:1 1 -b:1 64000 ");
    has(usual, " -t 10.000 -packet_size 3200 -f asf o.asf ");
    const auto other = line(header({sound(kWma2, 3), picture(kWmv2, 5), sound(kMp3, 9)}, 378000));
    has(other, " -map 1:a -map 0:v:0 -map 1:a ");
    has(other, " -c:0 wmav2 ");
    has(other, " -c:1 wmv2 -b:1 250000 ");
    has(other, " -c:2 libmp3lame ");
    const auto silent = line(header({picture(kWmv2)}));
    assert_true(silent.find("anullsrc") == std::string::npos);
    const auto blind = line(header({sound(kAac)}), {}, Duration{1500});
    assert_true(blind.find("color=") == std::string::npos);
    has(blind, " -i anullsrc=r=44100:cl=mono -map 0:a -c:0 aac ");
    has(blind, " -t 1.500 ");
}

void the_setup_of_wmv2_decides_its_rates(void**) {
    // The header's rate where it is one that gives these bits, else one that does.
    has(line(header({picture(kWmv2)}, 249856)), " -b:0 249856 ");
    has(line(header({picture(kWmv2)}, 250879)), " -b:0 250879 ");
    has(line(header({picture(kWmv2)}, 250880)), " -b:0 250368 ");
    has(line(header({picture(kWmv2)}, 0)), " -b:0 250368 ");
    auto fast = patched(patched(picture(kWmv2), 51, 0xEF), 52, 0xFF);  // 29, 2047
    has(line(header({fast}, 5'000'000)), "r=29,");
    has(line(header({fast}, 5'000'000)), " -b:0 5000000 -g:0 29 ");
    has(line(header({fast}, 0)), " -b:0 2096640 ");
    fast.frame_time = 333'667;
    has(line(header({fast})), "r=10000000/333667,");
    has(line(header({fast})), " -g:0 30 ");
    auto sixty = patched(picture(kWmv2), 51, 28 << 3);
    sixty.frame_time = 166'667;
    has(line(header({sixty})), "r=28,");  // 59.9 a second would be written as 27
    sixty.frame_time = 166'666;
    has(line(header({sixty})), "r=5000000/83333,");
    has(line(header({patched(picture(kWmv2), 51, 0)})), "r=32,");
    has(line(header({patched(picture(kWmv2), 53, 0xF4)})), " -flags:0 +loop ");
    refused(header({patched(picture(kWmv2), 53, 0x94)}), "stream 1 is WMV2 with a decoder setup that ffmpeg");
}

void the_parameter_sets_of_h264_become_x264_settings(void**) {
    const auto h264 = line(header({picture(kH264)}, 250000));
    has(h264, " -c:0 libx264 -preset:0 veryfast -b:0 250000 ");
    has(h264, " -x264-params:0 level=13:force-cfr=");
    has(h264,
        ":ref=1:bframes=0:cabac=0:8x8dct=0:weightp=0:weightb=0:constrained-intra=0:psy=0:chroma-qp-offset="
        "0 ");
    has(h264, "s=320x240:r=25,");
    refused(header({with_letters(picture(kH264), "H264")}), "stream 1 is H264 with parameter sets");
}

void codecs_without_a_setup_need_their_names_only(void**) {
    has(line(header({with_letters(picture(kWmv2), "WMV1")}, 100'000)), " -c:0 wmv1 -b:0 100000 -g:0 25 ");
    has(line(header({with_letters(picture(kWmv2), "MP43")}, 100'000)), " -c:0 msmpeg4v3 -b:0 100000 ");
    has(line(header({with_letters(picture(kWmv2), "mp43")})), " -c:0 msmpeg4v3 -tag:0 mp43 -b:0 192000 ");
    has(line(header({with_letters(picture(kWmv2), "MP42")})), " -c:0 msmpeg4v2 ");
    auto slow = with_letters(picture(kWmv2), "WMV1");
    slow.frame_time = 666'666;
    has(line(header({slow})), "r=5000000/333333,");
    slow.bit_rate = 77'000;
    has(line(header({slow}, 100'000)), " -b:0 77000 -g:0 15 ");
}

void what_ffmpeg_does_not_encode_is_said(void**) {
    refused(header({with_letters(picture(kWmv2), "WMV3")}),
            "stream 1 is WMV3, for which ffmpeg has no encoder");
    refused(header({with_letters(picture(kWmv2), "WVC1")}), "stream 1 is WVC1, for which");
    refused(header({picture(kWmv2), patched(sound(kWma2), 0, 0x62)}),
            "stream 2 is WMA Pro (0x0162), for which");
    refused(header({patched(sound(kWma2, 7), 0, 0x30)}), "stream 7 is 0x0130, for which");
    refused(header({patched(sound(kAac), 18, 0x2A)}), "AAC of another kind than LC");
    refused(header({picture(Bytes{kWmv2}.first(20))}), "stream 1 is no codec");
    refused(header({picture(kWmv2), stream(3, StreamKind::script, {})}),
            "stream 3 is neither pictures nor sound");
    refused(header({picture(kWmv2), picture(kWmv2, 2)}), "more than one picture stream");
    refused(header({patched(picture(kWmv2), 3, 1)}), "pictures of");
    refused(header({}), "it has no streams");
    auto protected_one = header({picture(kWmv2)});
    protected_one.content_keys = {1};
    refused(protected_one, "it is encrypted");
    auto many_rates = header({picture(kWmv2)});
    many_rates.exclusions.push_back({});
    refused(many_rates, "several bit rates");
    refused(header({picture(kWmv2)}), "its packets have 99 bytes, and ffmpeg makes packets of 100 to 65536",
            99);
    refused(header({picture(kWmv2)}), "its packets have 65537 bytes", 65537);
}

void the_picture_is_a_legend_colour_bars_or_a_file(void**) {
    const auto h = header({picture(kWmv2)});
    has(line(h), " -f lavfi -i 'color=c=0x101820:s=320x240:r=25,drawtext=text=");
    has(line(h, {SlateLook::Kind::card, ""}), " -f lavfi -i smptebars=s=320x240:r=25 ");
    has(line(h, {SlateLook::Kind::card, ""}), " -filter:0 setsar=1/1,format=yuv420p ");
    const auto file = line(h, {SlateLook::Kind::picture, "it's here.png"});
    has(file, " -i 'it'\\''s here.png' ");
    has(file, "fps=25,scale=320:240:force_original_aspect_ratio=decrease,pad=320:240:");
    has(line(h, {SlateLook::Kind::picture, "-y"}), " -i file:-y ");
    has(line(h, {SlateLook::Kind::picture, "a:b.png"}), " -i file:a:b.png ");
    has(line(h, {}, Duration{10000}, "-o.asf"), " -f asf file:-o.asf ");
    const auto tried = shell_quoted(look_arguments(planned(h), {}));
    has(tried, "drawtext");
    has(tried, "-frames:v 1 -f null -");
}

void a_line_for_the_shell_quotes_what_it_must(void**) {
    assert_string_equal(shell_quoted({"ffmpeg", "-i", "a b", "", "$(x)", "it's", "r=30000/1001"}).c_str(),
                        "ffmpeg -i 'a b' '' '$(x)' 'it'\\''s' r=30000/1001");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_streams_are_asked_for_in_the_order_of_their_numbers),
        cmocka_unit_test(the_setup_of_wmv2_decides_its_rates),
        cmocka_unit_test(the_parameter_sets_of_h264_become_x264_settings),
        cmocka_unit_test(codecs_without_a_setup_need_their_names_only),
        cmocka_unit_test(what_ffmpeg_does_not_encode_is_said),
        cmocka_unit_test(the_picture_is_a_legend_colour_bars_or_a_file),
        cmocka_unit_test(a_line_for_the_shell_quotes_what_it_must),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
