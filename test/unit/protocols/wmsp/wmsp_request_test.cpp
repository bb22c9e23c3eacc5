// What players ask for, read from the bytes that they send, and hostile input answered as it must be.
#include <string>
#include <string_view>
#include <vector>

#include "protocols/http/wire.hpp"
#include "protocols/wmsp/log_record.hpp"
#include "protocols/wmsp/request.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;
using wmsp::StreamSwitch;
using Kind = wmsp::Request::Kind;
using Level = StreamSwitch::Level;

namespace {

constexpr std::string_view kGuid = "Pragma: xClientGUID={c77e7400-738a-11d2-9add-0020af0a3278}\r\n";
constexpr std::string_view kLibmmsAgent = "User-Agent: NSPlayer/4.1.0.3856\r\n";

http::Request parse(std::string_view head) {
    http::RequestReader reader;
    Bytes in = as_bytes(head);
    const auto event = reader.next(in);
    assert_true(event == http::RequestReader::Event::head);
    return reader.request();
}

wmsp::Request classify(std::string_view head) {
    return wmsp::classify(parse(head));
}

// A GET of Windows Media Player with these Pragma lines.
wmsp::Request get_with(std::string_view pragmas) {
    return classify("GET /live HTTP/1.0\r\nUser-Agent: NSPlayer/9.0.0.2980\r\n" + std::string(pragmas) +
                    "\r\n");
}
Kind post_with(std::string_view headers, std::string_view agent = "NSPlayer/9.0.0.2980") {
    return classify("POST /live HTTP/1.1\r\nUser-Agent: " + std::string(agent) + "\r\n" +
                    std::string(headers) + "\r\n")
        .kind;
}

std::vector<StreamSwitch> full(std::initializer_list<std::uint16_t> streams) {
    std::vector<StreamSwitch> out;
    for (auto n : streams) out.push_back({.from = StreamSwitch::kNone, .to = n, .level = Level::full});
    return out;
}

void ffmpegs_describe_and_play_are_read(void**) {
    const std::string common =
        "GET /live HTTP/1.1\r\nAccept: */*\r\nUser-Agent: NSPlayer/4.1.0.3856\r\nRange: bytes=0-\r\n"
        "Connection: close\r\nHost: 127.0.0.1:8080\r\nIcy-MetaData: 1\r\n";
    const auto describe = classify(
        common +
        "Pragma: "
        "no-cache,rate=1.000000,stream-time=0,stream-offset=0:0,request-context=1,max-duration=0\r\n" +
        std::string(kGuid) + "Connection: Close\r\n\r\n");
    assert_true(describe.kind == Kind::describe);
    assert_true(describe.agent.free);
    assert_int_equal(describe.agent.major, 4);
    assert_int_equal(describe.agent.minor, 1);
    assert_true(describe.request_context == 1U);
    assert_true(describe.client_guid == "{c77e7400-738a-11d2-9add-0020af0a3278}");
    assert_false(describe.client_id.has_value() || describe.client_id_bad || describe.keep_alive);

    const auto play =
        classify(common + "Pragma: no-cache,rate=1.000000,request-context=2\r\nPragma: xPlayStrm=1\r\n" +
                 std::string(kGuid) +
                 "Pragma: stream-switch-count=2\r\n"
                 "Pragma: stream-switch-entry=ffff:1:0 ffff:2:0 \r\n"
                 "Pragma: no-cache,rate=1.000000,stream-time=0Connection: Close\r\n\r\n");
    assert_true(play.kind == Kind::play);
    assert_true(play.request_context == 2U);
    assert_true(play.stream_time == 0U);
    assert_true(play.stream_switch_count == 2U);
    assert_true(play.switches == full({1, 2}));
    assert_false(play.needs_context());
}

void libmmss_and_xines_play_is_read(void**) {
    const auto play =
        classify("GET /live HTTP/1.0\r\nAccept: */*\r\n" + std::string(kLibmmsAgent) +
                 "Host: 127.0.0.1:8080\r\nPragma: no-cache,rate=1.000000,request-context=2\r\n"
                 "Pragma: xPlayStrm=1\r\n" +
                 std::string(kGuid) +
                 "Pragma: stream-switch-count=3\r\n"
                 "Pragma: stream-switch-entry=ffff:1:0 ffff:2:2 ffff:3:0 \r\nConnection: Close\r\n\r\n");
    assert_true(play.kind == Kind::play);
    assert_int_equal(play.switches.size(), 3);
    assert_true(play.switches[1].level == Level::off);
    assert_true(play.agent.free);
}

void mplayers_count_stands_behind_its_entries(void**) {
    const auto play =
        classify("GET /live HTTP/1.0\r\nAccept: */*\r\n" + std::string(kLibmmsAgent) + "Host: h:8080\r\n" +
                 std::string(kGuid) +
                 "Pragma: no-cache,rate=1.000000,stream-time=0,stream-offset=0:0,request-context=2,"
                 "max-duration=0\r\nPragma: xPlayStrm=1\r\n"
                 "Pragma: stream-switch-entry=ffff:2:0 ffff:1:0 \r\nPragma: stream-switch-count=2\r\n"
                 "Connection: Close\r\n\r\n");
    assert_true(play.kind == Kind::play);
    assert_true(play.switches == full({2, 1}));
}

void vlcs_malformed_guid_does_no_harm(void**) {
    const auto describe = classify(
        "GET /live HTTP/1.0\r\nAccept: */*\r\nUser-Agent: NSPlayer/7.10.0.3059\r\nHost: h:8080\r\n"
        "Pragma: no-cache,rate=1.000000,stream-time=0,stream-offset=0:0,request-context=1,max-duration=0\r\n"
        "Pragma: xClientGUID={0xbabac001-0xeff7-0x4567-89-ab-cd-ef-01-23}\r\nConnection: Close\r\n\r\n");
    assert_true(describe.kind == Kind::describe);
    assert_true(describe.agent.free);
    assert_int_equal(describe.agent.minor, 10);
    assert_true(describe.client_guid.starts_with("{0xbabac001"));
    const auto evil = get_with("Pragma: xClientGUID={\x80\xFFx" + std::string(500, 'x') + "\r\n");
    assert_true(evil.client_guid.starts_with("{??x"));
    assert_true(evil.client_guid.size() < 100);
}

void old_windows_players_are_not_free_players(void**) {
    const auto play = classify(
        "GET /live HTTP/1.0\r\nAccept: */*\r\nUser-Agent: NSPlayer/4.1.0.3925\r\nHost: h\r\n"
        "Pragma: no-cache,rate=1.000,stream-time=0,stream-offset=4294967295:4294967295,request-context=2,"
        "packet-num=4294967295,max-duration=0\r\nPragma: xPlayStrm=1\r\nPragma: client-id=2338761264\r\n"
        "Pragma: xClientGUID={3300AD50-2C39-46c0-AE0A-39E48EB3C868}\r\n"
        "Pragma: stream-switch-count=1\r\nPragma: stream-switch-entry=ffff:a:0\r\n"
        "Connection: Keep-Alive\r\n\r\n");
    assert_true(play.kind == Kind::play);
    assert_false(play.agent.free);
    assert_true(play.client_id == 2338761264U);
    assert_true(play.packet_num == 4294967295U);
    assert_true(play.switches == full({10}));
    assert_true(play.keep_alive);
    const auto seven = classify("GET /live HTTP/1.1\r\nUser-Agent: NSPlayer/7.0.0.1956\r\n\r\n");
    assert_int_equal(seven.agent.major, 7);
    assert_false(seven.agent.free);
    assert_false(seven.keep_alive);
}

void a_windows_player_9_is_read(void**) {
    const auto describe = classify(
        "GET /live HTTP/1.1\r\nAccept: */*\r\nUser-Agent: NSPlayer/9.0.0.2980 WMFSDK/9.0\r\n"
        "Accept-Encoding: gzip, deflate\r\nHost: h\r\nConnection: Keep-Alive\r\n"
        "X-Accept-Authentication: Negotiate, NTLM, Digest, Basic\r\n"
        "Supported: com.microsoft.wm.srvppair, com.microsoft.wm.sswitch\r\n"
        "Pragma: version11-enabled=1\r\nPragma: no-cache,rate=1.000,stream-time=0,stream-offset=0:0,"
        "packet-num=4294967295,max-duration=0\r\nPragma: packet-pair-experiment=1\r\nPragma: "
        "pipeline-experiment=1\r\n"
        "Pragma: xClientGuid={3300AD50-2C39-46c0-AE0A-000000000000}\r\n\r\n");
    assert_true(describe.kind == Kind::describe);
    assert_true(describe.version11 && describe.pipeline_experiment && describe.packet_pair_experiment);
    assert_true(describe.keep_alive);
    assert_int_equal(describe.agent.major, 9);
    assert_true(describe.client_guid == "{3300AD50-2C39-46c0-AE0A-000000000000}");
}

void user_agents_are_told_apart(void**) {
    using AgentKind = wmsp::UserAgent::Kind;
    const auto kind = [](std::string_view text) { return wmsp::parse_user_agent(text).kind; };
    assert_true(kind("NSPlayer/12.0.7601.17514") == AgentKind::player);
    assert_true(kind("NSServer/4.1.0.3930") == AgentKind::server);
    assert_true(kind("WMCacheProxy/9.0") == AgentKind::cache_proxy);
    assert_true(kind("NSPlayer/9.0; via WMCacheProxy") == AgentKind::player);
    assert_true(kind("nsplayer 4.1") == AgentKind::player);
    for (const char* other :
         {"", "NSPlay", "Lavf/59.27.100", "VLC/3.0.24 LibVLC/3.0.24", "curl NSPlayer/4.1"})
        assert_true(kind(other) == AgentKind::none);
    assert_false(wmsp::parse_user_agent("NSPlayer/4.1.0.3856 x").free);
    assert_int_equal(wmsp::parse_user_agent("NSPlayer 4.21").minor, 21);
    for (const char* odd : {"NSPlayer", "NSPlayer/", "NSPlayer/x.y", "NSPlayer/99999999999999999999.1"})
        assert_int_equal(wmsp::parse_user_agent(odd).major, 0);
    assert_int_equal(wmsp::parse_user_agent("NSPlayer/4294967295.4294967295").minor, 999);
    // Another weir says so behind the agent of the protocol.
    for (const char* weir : {"NSServer/4.1.0.3930 weir/0.1.0", "NSServer/4.1.0.3930 x/1 weir/0.1.0 y",
                             "nsserver 4.1.0.3930 weir/", "NSPlayer/4.1.0.3925 weir/0.1.0"}) {
        assert_true(wmsp::parse_user_agent(weir).weir);
        assert_int_equal(wmsp::parse_user_agent(weir).major, 4);
    }
    for (const char* other :
         {"NSServer/4.1.0.3930", "NSServer/4.1.0.3930 weir", "NSServer/4.1.0.3930weir/0.1",
          "NSServer/4.1.0.3930 Weir/0.1", "weir/0.1.0", " weir/0.1.0", "NSServer/4.1 xweir/1"})
        assert_false(wmsp::parse_user_agent(other).weir);
    assert_true(wmsp::is_wmsp(parse("GET / HTTP/1.0\r\nuser-agent: NSServer/1.0\r\n\r\n")));
    assert_false(wmsp::is_wmsp(parse("GET / HTTP/1.0\r\n\r\n")));
}

void gets_are_classified_in_the_order_of_the_specification(void**) {
    assert_true(get_with("").kind == Kind::describe);
    assert_true(get_with("Pragma: pipeline-request=1,xPlayNextEntry=1,xPlayStrm=1\r\n").kind ==
                Kind::pipeline);
    assert_true(get_with("Pragma: xPlayNextEntry=1,xPlayStrm=1\r\n").kind == Kind::play_next_entry);
    assert_true(get_with("Pragma: stream-switch-entry=ffff:1:0\r\nPragma: xPlayStrm=1\r\n").kind ==
                Kind::play);
    assert_true(get_with("Pragma: stream-switch-entry=ffff:1:0\r\nPragma: xPlayStrm=0\r\n").kind ==
                Kind::select_stream);
    assert_true(get_with("Pragma: XPLAYSTRM = 1 \r\n").kind == Kind::play);
    assert_true(get_with("Pragma: xPlayStrm=1Connection: Close\r\n").kind == Kind::play);
    for (const char* no :
         {"xPlayStrm", "xPlayStrm=", "xPlayStrm=0", "xPlayStrm=10", "xPlayStrm=x", "yxPlayStrm=1"})
        assert_true(get_with("Pragma: " + std::string(no) + "\r\n").kind == Kind::describe);
    assert_true(get_with("Pragma: pipeline-request=1\r\n").needs_context());
    assert_false(get_with("").needs_context());
}

void posts_are_classified_in_the_order_of_the_specification(void**) {
    assert_true(post_with("Content-Type: application/x-wms-getcontentinfo\r\nContent-Length: 1\r\n",
                          "WMCacheProxy/9.0") == Kind::get_content_info);
    assert_true(post_with("Content-Type: application/x-wms-sendevent\r\nContent-Length: 9\r\n") ==
                Kind::send_event);
    assert_true(
        post_with("Content-Type: application/x-wms-LogStats;charset=UTF-8\r\nContent-Length: 9\r\n") ==
        Kind::log);
    assert_true(post_with("Content-Type: text/plain\r\nPragma: log-line=a b c\r\nContent-Length: 0\r\n") ==
                Kind::log);
    assert_true(post_with("Pragma: xKeepAliveInPause=1\r\n") == Kind::keep_alive);
    assert_true(post_with("Pragma: xKeepAliveInPause=1\r\nContent-Length: 1\r\n") == Kind::unknown);
    assert_true(post_with("Pragma: xStopStrm=1\r\nContent-Length: 0\r\n") == Kind::stop);
    assert_true(post_with("Pragma: xStopStrm=1\r\nTransfer-Encoding: chunked\r\n") == Kind::unknown);
    assert_true(post_with("Pragma: switch-stream-entry=ffff:1:0\r\n") == Kind::select_stream);
    assert_true(post_with("Pragma: xPlayStrm=1\r\n") == Kind::unknown);
    assert_true(post_with("") == Kind::unknown);
}

void options_keeps_alive_and_other_methods_mean_nothing(void**) {
    const auto options = classify("OPTIONS * HTTP/1.1\r\nUser-Agent: NSPlayer/9.0\r\n\r\n");
    assert_true(options.kind == Kind::keep_alive);
    assert_false(options.needs_context());
    assert_true(classify("OPTIONS /x HTTP/1.1\r\n\r\n").kind == Kind::unknown);
    assert_true(classify("HEAD /x HTTP/1.1\r\n\r\n").kind == Kind::unknown);
    assert_true(classify("PUT /x HTTP/1.1\r\nContent-Length: 0\r\n\r\n").kind == Kind::unknown);
    assert_true(classify("SOURCE /x HTTP/1.1\r\nPragma: xPlayStrm=1\r\n\r\n").kind == Kind::unknown);
}

void numbers_beyond_32_bits_or_ten_digits_are_ignored_but_a_client_id_is_bad(void**) {
    const auto most = get_with("Pragma: client-id=4294967295,stream-time=4294967295\r\n");
    assert_true(most.client_id == 4294967295U && !most.client_id_bad);
    assert_true(most.stream_time == 4294967295U);
    for (const char* bad :
         {"4294967296", "00000000001", "99999999999999999999", "", "x", "-1", " ", "\"\""}) {
        const auto request =
            get_with("Pragma: client-id=" + std::string(bad) + ",stream-time=" + std::string(bad) +
                     ",request-context=" + std::string(bad) + "\r\n");
        assert_true(request.client_id_bad);
        assert_false(request.client_id || request.stream_time || request.request_context);
    }
    assert_true(get_with("Pragma: client-id=12Pragma: x\r\n").client_id == 12U);
    const auto twice = get_with("Pragma: client-id=1\r\nPragma: client-id=2\r\n");
    assert_true(twice.client_id == 1U);
}

void a_switch_count_sizes_nothing(void**) {
    const std::string two = "Pragma: stream-switch-entry=ffff:1:0 ffff:2:0\r\n";
    assert_int_equal(get_with("Pragma: stream-switch-count=4294967295\r\n" + two).switches.size(), 2);
    assert_int_equal(get_with("Pragma: stream-switch-count=4294967296\r\n" + two).switches.size(), 2);
    assert_int_equal(get_with(two).switches.size(), 2);
    assert_int_equal(get_with("Pragma: stream-switch-count=1\r\n" + two).switches.size(), 1);
    assert_int_equal(get_with("Pragma: stream-switch-count=0\r\n" + two).switches.size(), 0);
    assert_int_equal(get_with("Pragma: switch-stream-count=1\r\n" + two).switches.size(), 1);
    assert_int_equal(get_with(two + two).switches.size(), 4);

    const auto entries = [](std::size_t n) {
        std::string text = "Pragma: stream-switch-entry=";
        for (std::size_t i = 0; i < n; ++i) text += "ffff:1:0 ";
        return text + "\r\n";
    };
    assert_int_equal(get_with(entries(127)).switches.size(), 127);
    assert_int_equal(get_with(entries(128)).switches.size(), 127);
    assert_int_equal(get_with(entries(800)).switches.size(), 127);
    assert_int_equal(get_with(entries(100) + entries(100)).switches.size(), 127);
}

void malformed_switches_are_skipped(void**) {
    const auto request = get_with(
        "Pragma: stream-switch-entry=  ffff:1:0 : :: ::: 1 1:2 1:2:3 1:2:x g:1:0 fffff:1:0 1::0 :1:0 -1:1:0 "
        "1:2:99999999999 "
        "0x1:1:0 FFFF:7f:2 \t 1:2:0Connection: Close\r\n");
    const std::vector<StreamSwitch> expected = {
        {StreamSwitch::kNone, 1, Level::full}, {StreamSwitch::kNone, 0x7F, Level::off}, {1, 2, Level::full}};
    assert_true(request.switches == expected);
}

void quotes_hide_commas_and_an_open_quote_hides_nothing(void**) {
    assert_true(get_with("Pragma: proxy-client-agent=\"a,xPlayStrm=1\"\r\n").kind == Kind::describe);
    assert_true(get_with("Pragma: proxy-client-agent=\"a,xPlayStrm=1\r\n").kind == Kind::play);
    assert_true(get_with("Pragma: ,, ,=,=1,no-cache,,client-id=\"5\",\r\n").client_id == 5U);
    assert_true(get_with("Pragma:\r\nPragma: xPlayStrm=1\r\n").kind == Kind::play);
}

void every_prefix_of_a_pragma_is_read(void**) {
    const std::string line =
        "no-cache,rate=1.000000,client-id=17,proxy-client-agent=\"a,b\",stream-switch-entry=ffff:1:0 1:2:0";
    for (std::size_t n = 0; n <= line.size(); ++n) {
        const auto request = get_with("Pragma: " + line.substr(0, n) + "\r\n");
        assert_true(request.switches.size() <= 2);
        assert_true(n < 35 || request.client_id == 17U);
    }
}

void a_selection_names_every_stream_of_the_channel(void**) {
    const std::uint16_t streams[] = {1, 2, 3};
    using Selected = std::vector<wmsp::SelectedStream>;
    const auto select = [&](std::vector<StreamSwitch> switches) {
        return wmsp::resolve_selection(switches, streams);
    };
    assert_true(select({}) == (Selected{{1, Level::full}, {2, Level::full}, {3, Level::full}}));
    assert_true(select(full({2, 9})) == (Selected{{1, Level::off}, {2, Level::full}, {3, Level::off}}));
    assert_true(select({{StreamSwitch::kNone, 1, Level::full}, {1, 1, Level::key_frames}}) ==
                (Selected{{1, Level::key_frames}, {2, Level::off}, {3, Level::off}}));
    assert_true(select({{StreamSwitch::kNone, 1, Level::full}, {1, 2, Level::full}}) ==
                (Selected{{1, Level::off}, {2, Level::full}, {3, Level::off}}));
    assert_true(wmsp::resolve_selection(full({1}), {}).empty());
}

void decimal_stream_numbers_of_free_players_are_understood(void**) {
    const std::uint16_t ten[] = {9, 10};
    const auto request = get_with("Pragma: stream-switch-entry=ffff:10:0\r\n");
    assert_int_equal(request.switches.at(0).to, 0x10);
    assert_true(wmsp::resolve_selection(request.switches, ten)[1].level == Level::full);
    const std::uint16_t both[] = {10, 16};
    assert_true(wmsp::resolve_selection(request.switches, both)[0].level == Level::off);
    assert_true(wmsp::resolve_selection(request.switches, both)[1].level == Level::full);
    assert_true(wmsp::resolve_selection(full({0xA}), ten)[1].level == Level::full);
    assert_true(wmsp::resolve_selection(full({0x1A}), ten)[1].level == Level::off);
}

void a_log_line_is_split_into_its_fields(void**) {
    const auto request = classify(
        "POST /live HTTP/1.0\r\nUser-Agent: NSPlayer/7.1.0.3055\r\nContent-Length: 0\r\n"
        "Pragma: log-line=0.0.0.0 2003-01-02 03:04:05 - /live 0 60 1 200 {guid} 7.1 en-US, - - "
        "wmplayer.exe\r\n\r\n");
    assert_true(request.kind == Kind::log);
    const auto record = wmsp::parse_log_line(request.log_line);
    assert_int_equal(record.count, 15);
    assert_true(record.field("c-ip") == "0.0.0.0");
    assert_true(record.field("c-dns").empty());
    assert_true(record.field("c-status") == "200");
    assert_true(record.field("c-playerlanguage") == "en-US,");
    assert_true(record.field("c-hostexe") == "wmplayer.exe");
    assert_true(record.field("cs-media-role").empty());
    assert_true(record.field("nothing").empty());
    assert_true(wmsp::LogRecord::kNames.back() == "cs-media-role");
    assert_true(wmsp::LogRecord::kNames[43] == "s-cpu-util");
}

void an_xml_log_is_read_from_its_summary(void**) {
    const auto record =
        wmsp::parse_log("<XML><Summary>0.0.0.0 2003-01-02 a\x1b\x80z</Summary><c-ip>1</c-ip></XML>");
    assert_int_equal(record.count, 3);
    assert_true(record.field("time") == "a??z");
    for (const char* empty :
         {"", "<XML></XML>", "<Summary>", "<Summary></Summary>", "<Summary> - ", "0.0.0.0 x"})
        assert_true(wmsp::parse_log(empty).field("c-ip").empty());
}

void a_log_is_read_up_to_its_limits(void**) {
    using wmsp::LogRecord;
    std::string line;
    for (std::size_t i = 0; i < LogRecord::kFieldCount; ++i) line += "v ";
    assert_int_equal(wmsp::parse_log_line(line).count, LogRecord::kFieldCount);
    assert_int_equal(wmsp::parse_log_line(line + "one-more").count, LogRecord::kFieldCount);
    assert_int_equal(wmsp::parse_log_line(std::string(LogRecord::kMaxField, 'a')).values[0].size(),
                     LogRecord::kMaxField);
    const auto cut = wmsp::parse_log_line(std::string(LogRecord::kMaxField + 1, 'a')).values[0];
    assert_true(cut.ends_with("a..."));
    assert_int_equal(wmsp::parse_log_line(std::string(LogRecord::kMaxSize - 1, ' ') + "ab").values[0].size(),
                     1);
    assert_int_equal(wmsp::parse_log_line(std::string(LogRecord::kMaxSize, ' ') + "ab").count, 0);
    assert_int_equal(wmsp::parse_log(std::string(LogRecord::kMaxSize, ' ') + "<Summary>a</Summary>").count,
                     0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(ffmpegs_describe_and_play_are_read),
        cmocka_unit_test(libmmss_and_xines_play_is_read),
        cmocka_unit_test(mplayers_count_stands_behind_its_entries),
        cmocka_unit_test(vlcs_malformed_guid_does_no_harm),
        cmocka_unit_test(old_windows_players_are_not_free_players),
        cmocka_unit_test(a_windows_player_9_is_read),
        cmocka_unit_test(user_agents_are_told_apart),
        cmocka_unit_test(gets_are_classified_in_the_order_of_the_specification),
        cmocka_unit_test(posts_are_classified_in_the_order_of_the_specification),
        cmocka_unit_test(options_keeps_alive_and_other_methods_mean_nothing),
        cmocka_unit_test(numbers_beyond_32_bits_or_ten_digits_are_ignored_but_a_client_id_is_bad),
        cmocka_unit_test(a_switch_count_sizes_nothing),
        cmocka_unit_test(malformed_switches_are_skipped),
        cmocka_unit_test(quotes_hide_commas_and_an_open_quote_hides_nothing),
        cmocka_unit_test(every_prefix_of_a_pragma_is_read),
        cmocka_unit_test(a_selection_names_every_stream_of_the_channel),
        cmocka_unit_test(decimal_stream_numbers_of_free_players_are_understood),
        cmocka_unit_test(a_log_line_is_split_into_its_fields),
        cmocka_unit_test(an_xml_log_is_read_from_its_summary),
        cmocka_unit_test(a_log_is_read_up_to_its_limits),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
