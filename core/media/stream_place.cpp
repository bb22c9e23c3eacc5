#include "core/media/stream_place.hpp"

#include <fmt/format.h>

#include <charconv>

namespace weir {

namespace {

constexpr std::size_t kWordDigits = 8, kRunDigits = 32;

// The whole text as a number in this base.
template <class Number>
std::optional<Number> number_of(std::string_view text, int base) noexcept {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

std::string to_string(const RunId& run) {
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", run.words[0], run.words[1], run.words[2], run.words[3]);
}

std::optional<RunId> parse_run_id(std::string_view text) noexcept {
    if (text.size() != kRunDigits) return std::nullopt;
    RunId run;
    for (std::size_t i = 0; i < run.words.size(); ++i) {
        const auto word = number_of<std::uint32_t>(text.substr(i * kWordDigits, kWordDigits), 16);
        if (!word) return std::nullopt;
        run.words[i] = *word;
    }
    return run;
}

std::string to_string(const StreamPlace& place) {
    return fmt::format("{}:{}", to_string(place.run), place.number);
}

std::optional<StreamPlace> parse_stream_place(std::string_view text) noexcept {
    const auto run = parse_run_id(text.substr(0, kRunDigits));
    if (!run || text.size() <= kRunDigits || text[kRunDigits] != ':') return std::nullopt;
    const auto number = number_of<std::uint64_t>(text.substr(kRunDigits + 1), 10);
    if (!number) return std::nullopt;
    return StreamPlace{.run = *run, .number = *number};
}

std::uint64_t whole_number(std::uint32_t low, std::uint64_t near) noexcept {
    const auto step = static_cast<std::int32_t>(low - static_cast<std::uint32_t>(near));
    if (step < 0 && near < static_cast<std::uint64_t>(-static_cast<std::int64_t>(step))) return low;
    return near + static_cast<std::uint64_t>(static_cast<std::int64_t>(step));
}

}  // namespace weir
