// A list in weir.toml whose items are text, a URL, or a small table with one: what is common to reading
// `sources` and `push_to`. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/config_node.hpp"
#include "cli/config_problems.hpp"

namespace weir::cli {

inline constexpr std::string_view kEntryUrl = "url";

struct EntryForm {
    std::string_view noun;                   // "a source"
    std::string_view forms;                  // what an item may look like
    std::span<const std::string_view> keys;  // of a table, kEntryUrl among them
};

class EntryListReader {
  protected:
    // path: of the list, for problems. All outlives the reader.
    EntryListReader(std::string_view path, const EntryForm& form, Problems& problems)
        : path_(path), form_(form), problems_(problems) {}
    ~EntryListReader() = default;

    void read_items(const ConfigNode& list);
    // Of a table `url` is the node of its text; null: it has none that is good, which was reported.
    virtual void on_text(const ConfigNode& item) = 0;
    virtual void on_table(const ConfigNode& table, const ConfigNode* url) = 0;

    std::string_view path() const noexcept { return path_; }
    std::string path_of(std::string_view key) const;
    Problems& problems() noexcept { return problems_; }
    void wrong_type(const ConfigNode& node, std::string path, std::string_view expected);

  private:
    void read_table(const ConfigNode& table);
    bool report_unknown(const ConfigNode& table);

    std::string_view path_;
    const EntryForm& form_;
    Problems& problems_;
};

}  // namespace weir::cli
