// The metrics of /metrics, and docs/operations.md against those that the code knows.
#include "protocols/admin/metrics.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "test/e2e/verdict.hpp"
#include "test/unit/protocols/admin/admin_samples.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::admin;

static const std::string kManual = WEIR_SOURCE_DIR "/docs/operations.md";

static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find('\n', at);
        assert_true(end != std::string::npos);  // the last line ends, too
        out.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

static void expect_line(const std::vector<std::string>& lines, const std::string& line) {
    if (std::find(lines.begin(), lines.end(), line) != lines.end()) return;
    test::fail_with("missing: " + line);
}

static void every_number_stands_under_its_name(void**) {
    const auto lines = lines_of(to_metrics(test::sample_status()));
    for (const char* line : {
             "# HELP weir_uptime_seconds Time since weir started.",
             "# TYPE weir_uptime_seconds gauge",
             "weir_info{name=\"edge \\\"1\\\"\",version=\"0.1.0\"} 1",
             "weir_uptime_seconds 61.234",
             "weir_stopping 0",
             "weir_connections 3",
             "weir_connections_max 100",
             "# TYPE weir_connections_accepted_total counter",
             "weir_connections_accepted_total 11",
             "weir_connections_refused_total 12",
             "weir_unknown_protocol_total 13",
             "weir_bad_requests_total 14",
             "weir_timeouts_total 15",
             "weir_pushes_refused_total 16",
             "weir_dials_total 17",
             "weir_dials_missed_total 18",
             "# TYPE weir_dials_waiting gauge",
             "weir_dials_waiting 19",
             "weir_dials_waiting_most 20",
             "weir_channel_state{channel=\"news\",state=\"closed\"} 0",
             "weir_channel_state{channel=\"news\",state=\"streaming\"} 0",
             "weir_channel_state{channel=\"news\",state=\"restarting\"} 1",
             "weir_source_state{channel=\"news\",rank=\"1\",state=\"waiting\"} 1",
             "weir_source_state{channel=\"news\",rank=\"1\",state=\"on_air\"} 0",
             "weir_source_state{channel=\"news\",rank=\"3\",state=\"standby\"} 1",
             "weir_source_state{channel=\"news\",rank=\"4\",state=\"on_air\"} 1",
             "weir_source_info{channel=\"news\",rank=\"0\",source=\"push:\",standby=\"no\",fill=\"no\"} 1",
             "weir_source_info{channel=\"news\",rank=\"2\",source=\"push:backup\",standby=\"no\",fill=\"no\"}"
             " 1",
             "weir_source_info{channel=\"news\",rank=\"3\",source=\"mmsh://h/"
             "\\\"x\",standby=\"yes\",fill=\"no\"} 1",
             "weir_source_info{channel=\"news\",rank=\"4\",source=\"test:\",standby=\"no\",fill=\"yes\"} 1",
             "weir_channel_bit_rate{channel=\"news\"} 64000",
             "weir_channel_packets_in_total{channel=\"news\"} 21",
             "weir_channel_bytes_in_total{channel=\"news\"} 22",
             "weir_channel_packets_bad_total{channel=\"news\"} 23",
             "weir_channel_packets_dropped_total{channel=\"news\"} 24",
             "weir_channel_runs_total{channel=\"news\"} 25",
             "weir_channel_gaps_total{channel=\"news\"} 26",
             "weir_channel_fillers_total{channel=\"news\"} 27",
             "weir_channel_skips_total{channel=\"news\"} 28",
             "weir_channel_slow_closed_total{channel=\"news\",reason=\"lagged\"} 29",
             "weir_channel_slow_closed_total{channel=\"news\",reason=\"stalled\"} 30",
             "weir_channel_flush_interval_seconds{channel=\"news\"} 0.051",
             "weir_channel_log_packets{channel=\"news\"} 31",
             "weir_channel_log_bytes{channel=\"news\"} 32",
             "weir_channel_clients{channel=\"news\",protocol=\"wmsp\"} 2",
             "weir_channel_clients_served_total{channel=\"news\",protocol=\"wmsp\"} 5",
             "weir_channel_bytes_sent_total{channel=\"news\",protocol=\"http\"} 18446744073709551615",
             "weir_push_info{channel=\"news\",target=\"0\",url=\"http://edge/\\\"x\",form=\"wm\"} 1",
             "weir_push_info{channel=\"news\",target=\"1\",url=\"http://b/x\",form=\"raw\"} 1",
             "weir_push_state{channel=\"news\",target=\"0\",state=\"waiting\"} 1",
             "weir_push_state{channel=\"news\",target=\"0\",state=\"sending\"} 0",
             "weir_push_state{channel=\"news\",target=\"1\",state=\"sending\"} 1",
             "weir_push_packets_total{channel=\"news\",target=\"0\"} 51",
             "weir_push_bytes_total{channel=\"news\",target=\"0\"} 52",
             "weir_push_attempts_total{channel=\"news\",target=\"0\"} 53",
             "weir_push_skips_total{channel=\"news\",target=\"0\"} 54",
         })
        expect_line(lines, line);
}

static void an_odd_name_breaks_no_line(void**) {
    const auto lines = lines_of(to_metrics(test::sample_status()));
    expect_line(lines, "weir_channel_state{channel=\"a\\\\b\\\"c\\nd%C3%A9\",state=\"closed\"} 1");
    expect_line(lines, "weir_channel_bit_rate{channel=\"a\\\\b\\\"c\\nd%C3%A9\"} 0");
}

// Each metric is written once, in one piece, HELP and TYPE first; no sample stands twice.
static void the_text_is_what_the_format_asks_for(void**) {
    std::string current;
    std::size_t metric = 0;
    std::set<std::string> samples;
    const auto known = known_metrics();
    for (const std::string& line : lines_of(to_metrics(test::sample_status()))) {
        if (line.starts_with("# HELP ")) {
            assert_true(metric < known.size());
            current = known[metric++].name;
            assert_true(line == "# HELP " + current + ' ' + std::string(known[metric - 1].help));
        } else if (line.starts_with("# TYPE ")) {
            assert_true(line == "# TYPE " + current + ' ' + std::string(known[metric - 1].type));
        } else {
            const auto name_end = line.find_first_of("{ ");
            assert_true(line.substr(0, name_end) == current);
            assert_true(samples.insert(line.substr(0, line.rfind(' '))).second);
        }
    }
    assert_int_equal(metric, known.size());
}

static void counters_end_in_total_and_gauges_do_not(void**) {
    std::set<std::string> names;
    for (const MetricInfo& metric : known_metrics()) {
        std::string name{metric.name};
        assert_true(name.starts_with("weir_"));
        assert_true(
            std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; }));
        const bool is_counter = metric.type == "counter";
        assert_true(is_counter || metric.type == "gauge");
        assert_int_equal(name.ends_with("_total"), is_counter);
        // Without it they differ still: to OpenMetrics it is no part of the name.
        if (is_counter) name.erase(name.size() - 6);
        assert_true(names.insert(name).second);
    }
}

static void the_manual_lists_the_metrics_that_there_are(void**) {
    std::vector<std::string> found;
    std::ifstream in(kManual);
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("| `weir_")) found.push_back(line);
    }
    std::vector<std::string> wanted;
    for (const MetricInfo& metric : known_metrics()) {
        wanted.push_back("| `" + std::string(metric.name) + "` | " + std::string(metric.type) + " | " +
                         std::string(metric.labels) + " | " + std::string(metric.help) + " |");
    }
    for (const auto& row : wanted) expect_line(found, row);
    for (const auto& row : found) expect_line(wanted, row);
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(every_number_stands_under_its_name),
                                cmocka_unit_test(an_odd_name_breaks_no_line),
                                cmocka_unit_test(the_text_is_what_the_format_asks_for),
                                cmocka_unit_test(counters_end_in_total_and_gauges_do_not),
                                cmocka_unit_test(the_manual_lists_the_metrics_that_there_are)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
