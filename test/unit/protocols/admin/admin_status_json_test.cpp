// The JSON of /api/v1/status, and docs/operations.md against its fields.
#include "protocols/admin/status_json.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include "test/e2e/verdict.hpp"
#include "test/unit/protocols/admin/admin_samples.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::admin;

// Without what only people need: blanks and line ends between values.
static std::string dense(const std::string& json) {
    std::string out;
    bool in_text = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        if (json[i] == '"' && (i == 0 || json[i - 1] != '\\')) in_text = !in_text;
        if (in_text || (json[i] != ' ' && json[i] != '\n')) out += json[i];
    }
    return out;
}

static void every_value_stands_under_its_name(void**) {
    const std::string expected =
        R"({"server":{"name":"edge \"1\"","version":"0.1.0","uptime_ms":61234,"connections":3,)"
        R"("max_connections":100,"stopping":false,"connections_accepted":11,"connections_refused":12,)"
        R"("unknown_protocol":13,"bad_requests":14,"timeouts":15,"pushes_refused":16,)"
        R"("links_refused":47,"dials":17,)"
        R"("dials_missed":18,"dials_waiting":19,"dials_waiting_most":20},"channels":[)"
        "{\"name\":\"news\",\"title\":\"Na\xc3\xafve \xef\xbf\xbd\\n\","
        R"("state":"restarting","format":{"container":"asf","description":"1 audio","bit_rate":64000,)"
        R"("header_bytes":326,"packet_bytes":1626},"sources":[)"
        R"({"source":"push:","rank":0,"slot":"","state":"idle","fill":false,"standby":false,"who":"",)"
        R"("error":""},)"
        R"({"source":"http://h/x","rank":1,"slot":null,"state":"waiting","fill":false,"standby":false,"who":"",)"
        R"("error":"h:80: Connection refused"},)"
        R"({"source":"push:backup","rank":2,"slot":"backup","state":"starving","fill":false,"standby":false,)"
        R"("who":"push:backup from 192.0.2.1:4711","error":""},)"
        R"({"source":"mmsh://h/\"x","rank":3,"slot":null,"state":"standby","fill":false,"standby":true,)"
        R"("who":"mmsh://h/x","error":""},)"
        R"({"source":"test:","rank":4,"slot":null,"state":"on_air","fill":true,"standby":false,)"
        R"("who":"test signal","error":""}],"push_to":[)"
        R"({"url":"http://edge/\"x","form":"wm","state":"waiting","packets":51,"bytes":52,"attempts":53,)"
        R"("skips":54,"error":"edge:80: Connection refused"},)"
        R"({"url":"http://b/x","form":"raw","state":"sending","packets":0,"bytes":0,"attempts":0,"skips":0,)"
        R"("error":""}],)"
        R"("clients":{"now":3,"total":6,"by_protocol":{"wmsp":{"now":2,"total":5,"bytes_sent":1000},)"
        R"("http":{"now":1,"total":1,"bytes_sent":18446744073709551615}}},)"
        R"("links":{"now":48,"total":49,"by_protocol":{"wmsp":{"now":48,"total":49,"bytes_sent":50}}},)"
        R"("packets_in":21,"bytes_in":22,"packets_bad":23,"packets_dropped":24,"runs":25,"gaps":26,)"
        R"("losses":41,"recoveries":42,"resumes":46,"switches":43,"last_gap_ms":1044,"longest_gap_ms":60045,)"
        R"("fillers":27,"skips":28,"slow_closed":29,"stalled_closed":30,"flush_interval_ms":51,)"
        R"("log":{"packets":31,"bytes":32,"first":33,"end":64}},)"
        "{\"name\":\"a\\\\b\\\"c\\nd\xc3\xa9\","
        R"("title":"","state":"closed","format":null,"sources":[],"push_to":[],)"
        R"("clients":{"now":0,"total":0,"by_protocol":{}},)"
        R"("links":{"now":0,"total":0,"by_protocol":{}},)"
        R"("packets_in":0,"bytes_in":0,"packets_bad":0,"packets_dropped":0,"runs":0,"gaps":0,)"
        R"("losses":0,"recoveries":0,"resumes":0,"switches":0,"last_gap_ms":0,"longest_gap_ms":0,)"
        R"("fillers":0,"skips":0,"slow_closed":0,"stalled_closed":0,"flush_interval_ms":0,)"
        R"("log":{"packets":0,"bytes":0,"first":0,"end":0}}]})";
    assert_string_equal(dense(to_json(test::sample_status())).c_str(), expected.c_str());
}

static void a_weir_without_channels_has_an_empty_list(void**) {
    assert_true(dense(to_json({})).ends_with("\"channels\":[]}"));
}

static void the_manual_names_every_field(void**) {
    std::ifstream in(WEIR_SOURCE_DIR "/docs/operations.md");
    const std::string manual{std::istreambuf_iterator<char>(in), {}};
    const std::string json = dense(to_json(test::sample_status()));
    std::size_t fields = 0;
    for (auto at = json.find("\":"); at != std::string::npos; at = json.find("\":", at + 1)) {
        const auto begin = json.rfind('"', at - 1) + 1;
        const std::string name = json.substr(begin, at - begin);
        ++fields;
        if (name == "wmsp" || name == "http") continue;
        if (manual.find('`' + name + '`') == std::string::npos)
            test::fail_with("docs/operations.md does not name `" + name + "`");
    }
    assert_true(fields > 40);
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(every_value_stands_under_its_name),
                                cmocka_unit_test(a_weir_without_channels_has_an_empty_list),
                                cmocka_unit_test(the_manual_names_every_field)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
