// etc/weir.toml and docs/configuration.md against the keys that the code knows.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cli/check.hpp"
#include "cli/config_file.hpp"
#include "cli/config_words.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/source_spec.hpp"
#include "test/support/cmocka.hpp"
#include "weir/weir.hpp"

using namespace weir;
using namespace weir::cli;

static const std::string kExample = WEIR_SOURCE_DIR "/etc/weir.toml";
static const std::string kManual = WEIR_SOURCE_DIR "/docs/configuration.md";

static std::vector<std::string> lines_of(const std::string& path) {
    std::ifstream in(path);
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line);
    assert_false(out.empty());
    return out;
}

// "section.name = value", sorted, each once.
static std::vector<std::string> sorted(std::vector<std::string> entries) {
    std::sort(entries.begin(), entries.end());
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
    return entries;
}

static void expect_same(const std::vector<std::string>& found, const std::vector<std::string>& wanted) {
    for (const auto& entry : wanted) {
        if (std::find(found.begin(), found.end(), entry) == found.end())
            print_error("missing: %s\n", entry.c_str());
    }
    for (const auto& entry : found) {
        if (std::find(wanted.begin(), wanted.end(), entry) == wanted.end())
            print_error("extra: %s\n", entry.c_str());
    }
    assert_true(found == wanted);
}

static std::string section_of(const std::string& header) {
    const auto first = header.find_first_not_of("[# ");
    return header.substr(first, header.find(']') - first);
}

static void the_example_loads_without_a_problem(void**) {
    static constexpr std::string_view kProtocols[] = {"http"};
    const auto loaded = load_config(kExample, kProtocols);
    for (const auto& problem : loaded.problems) print_error("%s\n", to_string(problem).c_str());
    assert_true(loaded.problems.empty());
    assert_string_equal(summary("weir.toml", loaded.config).c_str(), "weir.toml: ok, 1 listener, 2 channels");
    assert_string_equal(loaded.config.listen[0].address.c_str(), "[::]:8080");
    assert_string_equal(loaded.config.channels[0].name.c_str(), "demo");
    assert_string_equal(loaded.config.channels[0].title.c_str(), "Test signal");
    assert_string_equal(loaded.config.channels[0].sources[0].url.c_str(), "test:");
    assert_string_equal(loaded.config.channels[1].name.c_str(), "live");
    assert_string_equal(loaded.config.channels[1].sources[0].url.c_str(), "push:");
}

static void every_example_loads_without_a_problem(void**) {
    static constexpr std::string_view kProtocols[] = {"http"};
    std::size_t loaded = 0;
    for (const auto& entry : std::filesystem::directory_iterator(WEIR_SOURCE_DIR "/etc")) {
        if (entry.path().extension() != ".toml") continue;
        ++loaded;
        const auto file = load_config(entry.path().string(), kProtocols);
        for (const auto& problem : file.problems) print_error("%s\n", to_string(problem).c_str());
        assert_true(file.problems.empty());
    }
    assert_true(loaded >= 2);
}

static void the_backup_example_has_a_source_of_each_kind_in_its_place(void**) {
    static constexpr std::string_view kProtocols[] = {"http"};
    const auto loaded = load_config(WEIR_SOURCE_DIR "/etc/backup.toml", kProtocols);
    assert_true(loaded.problems.empty());
    const auto specs =
        parse_sources(loaded.config.channels.at(0).sources, builtin_modules().protocols).value();
    assert_int_equal(specs.size(), 4);
    assert_string_equal(specs[0].slot.c_str(), "main");
    assert_string_equal(specs[1].slot.c_str(), "backup");
    assert_int_equal(specs[2].kind, SourceSpec::Kind::pull);
    assert_true(specs[2].standby);
    assert_int_equal(specs[3].role, Feed::Role::fill);
}

// A key is a line "key = value" or "# key = value", under "[section]" or "# [section]".
static void the_example_shows_every_key_and_true_defaults(void**) {
    const auto known = known_keys();
    std::vector<std::string> found;
    std::string section;
    for (std::string line : lines_of(kExample)) {
        if (line.starts_with('[') || line.starts_with("# [")) section = section_of(line);
        const bool is_default = line.starts_with("# ");
        if (is_default) line.erase(0, 2);
        const auto end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
        if (end == 0 || end == std::string::npos || line.compare(end, 3, " = ") != 0) continue;
        const auto name = line.substr(0, end);
        found.push_back(section + '.' + name);
        if (!is_default) continue;
        const auto key = std::find_if(known.begin(), known.end(), [&](const KeyInfo& k) {
            return k.section == section && k.name == name;
        });
        assert_true(key != known.end());
        if (key->default_value != "required")
            assert_string_equal(line.substr(end + 3).c_str(), key->default_value.c_str());
    }
    std::vector<std::string> wanted;
    for (const auto& key : known) wanted.push_back(key.section + '.' + key.name);
    expect_same(sorted(found), sorted(wanted));
}

// A key is a table row that begins with "| `key` |", under a heading "## [section]".
static void the_manual_says_of_every_key_what_the_code_knows(void**) {
    std::vector<std::string> found;
    std::string section;
    for (const std::string& line : lines_of(kManual)) {
        if (line.starts_with("## [")) {
            section = section_of(line);
        } else if (line.starts_with("## ") || line == "Sources:") {
            section.clear();
        } else if (line.starts_with("| `") && !section.empty()) {
            found.push_back(section + ' ' + line);
        }
    }
    std::vector<std::string> wanted;
    for (const auto& key : known_keys()) {
        const auto shown =
            key.default_value == "required" ? key.default_value : '`' + key.default_value + '`';
        wanted.push_back(key.section + " | `" + key.name + "` | " + key.type + " | " + shown + " | " +
                         key.range + " | " + key.meaning + " |");
    }
    expect_same(sorted(found), sorted(wanted));
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(the_example_loads_without_a_problem),
                                cmocka_unit_test(every_example_loads_without_a_problem),
                                cmocka_unit_test(the_backup_example_has_a_source_of_each_kind_in_its_place),
                                cmocka_unit_test(the_example_shows_every_key_and_true_defaults),
                                cmocka_unit_test(the_manual_says_of_every_key_what_the_code_knows)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
