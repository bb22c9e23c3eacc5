#include "core/media/stream_place.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <random>

namespace weir {

namespace {

constexpr std::size_t kWordDigits = 8, kRunDigits = 32, kRelayDigits = 16;

// The whole text as a number in this base.
template <class Number>
std::optional<Number> number_of(std::string_view text, int base) noexcept {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::uint32_t draw() {
    static thread_local std::random_device device;
    return device();
}

}  // namespace

RunId draw_run_id() {
    RunId run;
    for (auto& word : run.words) word = draw();
    return run;
}

RelayId draw_relay_id() {
    const RelayId high = draw();
    return high << 32 | draw();
}

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

bool Provenance::went_through(RelayId relay) const noexcept {
    return std::find(via.begin(), via.end(), relay) != via.end();
}

std::string to_string(std::span<const RelayId> via) {
    std::string text;
    for (const RelayId relay : via.first(std::min(via.size(), kMaxVia)))
        text += fmt::format("{}{:016x}", text.empty() ? "" : " ", relay);
    return text;
}

std::optional<std::vector<RelayId>> parse_via(std::string_view text) {
    std::vector<RelayId> via;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        const auto relay = word.size() == kRelayDigits ? number_of<RelayId>(word, 16) : std::nullopt;
        if (!relay || via.size() == kMaxVia) return std::nullopt;
        via.push_back(*relay);
        text.remove_prefix(word.size());
        if (text.empty()) break;
        text.remove_prefix(1);
        if (text.empty()) return std::nullopt;
    }
    return via;
}

std::string to_string(const Provenance& provenance) {
    std::string text = to_string(provenance.place);
    if (!provenance.via.empty()) text += ' ' + to_string(std::span{provenance.via});
    return text;
}

std::optional<Provenance> parse_provenance(std::string_view text) {
    const auto blank = text.find(' ');
    const auto place = parse_stream_place(text.substr(0, blank));
    if (!place) return std::nullopt;
    auto via = blank == std::string_view::npos ? std::optional{std::vector<RelayId>{}}
                                               : parse_via(text.substr(blank + 1));
    if (!via || (blank != std::string_view::npos && via->empty())) return std::nullopt;
    return Provenance{.place = *place, .via = std::move(*via)};
}

std::uint64_t whole_number(std::uint32_t low, std::uint64_t near) noexcept {
    const auto step = static_cast<std::int32_t>(low - static_cast<std::uint32_t>(near));
    if (step < 0 && near < static_cast<std::uint64_t>(-static_cast<std::int64_t>(step))) return low;
    return near + static_cast<std::uint64_t>(static_cast<std::int64_t>(step));
}

}  // namespace weir
