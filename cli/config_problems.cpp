#include "cli/config_problems.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::cli {

void Problems::report(Place place, std::string key, std::string what) {
    found_.push_back({place, std::move(key), std::move(what)});
}

std::string Problems::where(Place place) const {
    return fmt::format("{}:{}:{}", file_, place.line, place.column);
}

std::vector<ConfigProblem> Problems::in_file_order() {
    std::stable_sort(found_.begin(), found_.end(),
                     [](const Found& a, const Found& b) { return a.place < b.place; });
    std::vector<ConfigProblem> out;
    for (Found& f : found_) out.push_back({where(f.place), std::move(f.key), std::move(f.what)});
    return out;
}

std::optional<Place> Seen::place_of(std::string_view key) const {
    const Entry* entry = find(key);
    return entry ? std::optional(entry->place) : std::nullopt;
}

bool Seen::is_good(std::string_view key) const {
    return std::none_of(entries_.begin(), entries_.end(),
                        [&](const Entry& e) { return e.key == key && e.state == State::faulty; });
}

const Seen::Entry* Seen::find(std::string_view key) const {
    const auto at =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.key == key; });
    return at == entries_.end() ? nullptr : &*at;
}

}  // namespace weir::cli
