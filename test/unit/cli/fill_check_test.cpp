// What weir check says of a channel's recordings.
#include "cli/fill_check.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "cli/check.hpp"
#include "cli/file_header.hpp"
#include "test/support/asf_samples.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::cli;
using test::VideoStream;

namespace {

// A folder for one test, gone with it.
class Folder {
  public:
    Folder() { assert_non_null(::mkdtemp(name_.data())); }
    ~Folder() { std::filesystem::remove_all(name_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string path(const char* name) const { return name_ + "/" + name; }
    void write(const char* name, Bytes bytes) const {
        std::ofstream(path(name), std::ios::binary) << as_text(bytes);
    }
    void record(const char* name, VideoStream stream) const {
        auto bytes = stream.header();
        const auto packets = stream.next_packets(3);
        bytes.insert(bytes.end(), packets.begin(), packets.end());
        write(name, bytes);
    }
    // The report on one channel with these sources, FOLDER standing for this one.
    FillReport check(std::string sources, const char* more = "") const {
        for (std::size_t at; (at = sources.find("FOLDER")) != std::string::npos;)
            sources.replace(at, 6, name_);
        const std::string text =
            "[[listen]]\n[[channel]]\nname = \"x\"\nsources = [" + sources + "]\n" + more;
        const std::string_view protocols[] = {"http"};
        const auto loaded = parse_config(text, "w.toml", protocols);
        for (const auto& problem : loaded.problems) print_error("%s\n", to_string(problem).c_str());
        assert_true(loaded.problems.empty());
        return check_fill(loaded.config, loaded.source_origins);
    }

  private:
    std::string name_ = "/tmp/weir-fill-check-XXXXXX";
};

void expect(const ConfigProblem& found, const std::string& place, const std::string& part) {
    const auto line = to_string(found);
    const bool good = line.starts_with(place) && line.find(part) != std::string::npos &&
                      line.find('\n') == std::string::npos;
    if (!good) print_error("'%s', expected '%s' and '%s'\n", line.c_str(), place.c_str(), part.c_str());
    assert_true(good);
}

void recordings_with_one_header_are_no_cause_for_a_warning(void**) {
    Folder folder;
    folder.record("a.asf", VideoStream{});
    folder.record("b.asf", VideoStream{64, 5, '3', VideoStream::Numbers::swapped});
    const auto report = folder.check("\"file:FOLDER/a.asf\", \"push:\", \"file:FOLDER/b.asf\"");
    assert_int_equal(report.warnings.size(), 0);
    assert_int_equal(report.notes.size(), 2);
    expect(report.notes[0], "w.toml:4:12: channel.sources: \"file:/tmp/", "video MP43 16x16");
    assert_true(to_string(report.notes[0]).find("fills in") == std::string::npos);
    expect(report.notes[1], "w.toml:4:", "fills in for a live source that has the same header");
    const auto behind = folder.check("{url = \"http://h/x\", standby = true},\n\"file:FOLDER/a.asf\"");
    assert_int_equal(behind.notes.size(), 1);
    expect(behind.notes[0], "w.toml:5:1: channel.sources: \"file:/tmp/", "fills in for a live source");
}

void the_field_that_keeps_clients_from_going_on_is_named_at_the_entry(void**) {
    Folder folder;
    folder.record("a.asf", VideoStream{});
    folder.record("b.asf", VideoStream{64, 5, '2'});
    const auto report = folder.check("\"push:\",\n  \"file:FOLDER/a.asf\",\n  \"file:FOLDER/b.asf\"");
    assert_int_equal(report.warnings.size(), 1);
    expect(report.warnings[0], "w.toml:6:3: channel.sources: warning: \"file:/tmp/",
           "/b.asf\" cannot go on for clients of");
    expect(report.warnings[0], "", "a.asf\": stream 2: codec MP42 16x16 instead of MP43 16x16");
}

void longer_packets_are_told_whichever_stands_first(void**) {
    Folder folder;
    folder.record("short.asf", VideoStream{64});
    folder.record("long.asf", VideoStream{80});
    const auto behind = folder.check("\"file:FOLDER/short.asf\", \"file:FOLDER/long.asf\"");
    assert_int_equal(behind.warnings.size(), 1);
    expect(behind.warnings[0], "w.toml:4:", "short.asf\": packet size: 80 instead of at most 64");
    const auto before = folder.check("\"file:FOLDER/long.asf\", \"file:FOLDER/short.asf\"");
    assert_int_equal(before.warnings.size(), 1);
    expect(before.warnings[0], "w.toml:4:", "beside it \"file:/tmp/");
    expect(before.warnings[0], "", "short.asf\": packet size: 80 instead of at most 64");
}

void the_test_signal_counts_beside_recordings_only(void**) {
    Folder folder;
    folder.record("a.asf", VideoStream{});
    const auto report = folder.check("\"push:\", \"file:FOLDER/a.asf\", \"test:\"");
    assert_int_equal(report.warnings.size(), 1);
    expect(report.warnings[0], "w.toml:4:", "warning: \"test:\" cannot go on for clients of \"file:/tmp/");
    assert_int_equal(folder.check("\"push:\", \"test:\"").warnings.size(), 0);
}

void what_cannot_be_played_gets_a_line_and_is_compared_with_nothing(void**) {
    Folder folder;
    folder.record("a.asf", VideoStream{});
    folder.write("text", as_bytes("[playlist]\nNumberOfEntries=1\n"));
    folder.write("empty", {});
    folder.write("header.asf", VideoStream{}.header());
    const auto whole = VideoStream{}.header();
    folder.write("cut.asf", Bytes{whole}.first(whole.size() - 60));
    assert_int_equal(::mkfifo(folder.path("fifo").c_str(), 0600), 0);
    const auto report = folder.check(
        "\"file:FOLDER/nothing\", \"file:FOLDER/text\", \"file:FOLDER/empty\", \"file:FOLDER/header.asf\", "
        "\"file:FOLDER/cut.asf\", \"file:FOLDER/fifo\", \"file:FOLDER\", \"file:FOLDER/a.asf\"");
    const char* reasons[] = {
        "/nothing\" cannot be played: No such file or directory",
        "/text\" cannot be played: not a stream that weir knows (asf): it begins with \"[playlist]",
        "/empty\" cannot be played: it ended after 0 bytes, expected a stream's header",
        "/header.asf\" cannot be played: no packets: it ended behind the stream's header",
        "/cut.asf\" cannot be played: ",
        "/fifo\" cannot be played: not a regular file",
        " cannot be played: not a regular file"};
    assert_int_equal(report.warnings.size(), std::size(reasons));
    for (std::size_t i = 0; i < std::size(reasons); ++i) {
        expect(report.warnings[i], "w.toml:4:", "cannot be played: ");
        expect(report.warnings[i], "", reasons[i]);
    }
    assert_int_equal(report.notes.size(), 1);
}

void a_header_longer_than_the_channel_takes_is_refused(void**) {
    Folder folder;
    auto stream = VideoStream{};
    auto bytes = stream.header();
    // An object that nobody knows, before the Data Object.
    const std::size_t end = bytes.size() - 50;
    std::vector<std::uint8_t> object(2000);
    store_u64le(object.data() + 16, object.size());
    bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(end), object.begin(), object.end());
    store_u64le(bytes.data() + 16, end + object.size());
    store_u32le(bytes.data() + 24, load_u32le(bytes.data() + 24) + 1);
    const auto packets = stream.next_packets(2);
    bytes.insert(bytes.end(), packets.begin(), packets.end());
    folder.write("a.asf", bytes);
    assert_int_equal(folder.check("\"file:FOLDER/a.asf\"").warnings.size(), 0);
    const auto report = folder.check("\"file:FOLDER/a.asf\"", "header_limit = \"1KiB\"\n");
    assert_int_equal(report.warnings.size(), 1);
    expect(report.warnings[0], "w.toml:4:", "1024");
}

void each_channel_is_judged_by_itself(void**) {
    Folder folder;
    folder.record("a.asf", VideoStream{});
    folder.record("b.asf", VideoStream{64, 5, '2'});
    const auto report =
        folder.check("\"file:FOLDER/a.asf\"", "[[channel]]\nname = \"y\"\nsources = [\"file:x\"]\n");
    assert_int_equal(report.warnings.size(), 1);
    expect(report.warnings[0], "w.toml:7:12: channel.sources: warning: \"file:x\" cannot be played",
           "No such file");
}

void warnings_end_the_check_with_2_only_where_that_is_asked_for(void**) {
    Folder folder;
    const std::string config = folder.path("w.toml");
    std::ofstream(config) << "[[listen]]\n[[channel]]\nname = \"x\"\nsources = [\"file:" << folder.path("no")
                          << "\"]\n";
    assert_int_equal(check_command({.config_file = config}), kExitOk);
    assert_int_equal(check_command({.config_file = config, .strict = true}), kExitUsage);
    folder.record("no", VideoStream{});
    assert_int_equal(check_command({.config_file = config, .verbose = true, .strict = true}), kExitOk);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(recordings_with_one_header_are_no_cause_for_a_warning),
        cmocka_unit_test(the_field_that_keeps_clients_from_going_on_is_named_at_the_entry),
        cmocka_unit_test(longer_packets_are_told_whichever_stands_first),
        cmocka_unit_test(the_test_signal_counts_beside_recordings_only),
        cmocka_unit_test(what_cannot_be_played_gets_a_line_and_is_compared_with_nothing),
        cmocka_unit_test(a_header_longer_than_the_channel_takes_is_refused),
        cmocka_unit_test(each_channel_is_judged_by_itself),
        cmocka_unit_test(warnings_end_the_check_with_2_only_where_that_is_asked_for),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
