// What is found wrong in a configuration file, and which keys of a section may be relied on. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config_node.hpp"
#include "cli/config_toml.hpp"

namespace weir::cli {

// Collects a file's problems as they are found; the file's name must outlive it.
class Problems {
  public:
    explicit Problems(std::string_view file) : file_(file) {}

    void report(Place place, std::string key, std::string what);
    std::size_t count() const noexcept { return found_.size(); }
    std::string where(Place place) const;  // "weir.toml:12:3"

    // Tables are sorted by name; people read files from the top.
    std::vector<ConfigProblem> in_file_order();

  private:
    struct Found {
        Place place;
        std::string key;
        std::string what;
    };
    std::string_view file_;
    std::vector<Found> found_;
};

// Which keys a section brought: known ones, and those that an unknown key was probably meant to be. The keys'
// names must outlive it.
class Seen {
  public:
    enum class State { good, faulty };

    void add(std::string_view key, Place place, State state) { entries_.push_back({key, place, state}); }
    bool has(std::string_view key) const { return find(key) != nullptr; }
    std::optional<Place> place_of(std::string_view key) const;
    // Left out counts as good: then the default holds.
    bool is_good(std::string_view key) const;

  private:
    struct Entry {
        std::string_view key;
        Place place;
        State state;
    };
    const Entry* find(std::string_view key) const;
    std::vector<Entry> entries_;
};

}  // namespace weir::cli
