// The text helpers that bytes from the network go through. Each is held to what its comment promises.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/base/text.hpp"

using namespace weir;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

std::string unescaped(std::string_view text) {
    static constexpr std::pair<std::string_view, char> kEscapes[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
    std::string out;
    while (!text.empty()) {
        const auto* escape = std::find_if(std::begin(kEscapes), std::end(kEscapes),
                                          [&](const auto& e) { return text.starts_with(e.first); });
        const bool found = escape != std::end(kEscapes);
        require(found == (text.front() == '&'));
        out += found ? escape->second : text.front();
        text.remove_prefix(found ? escape->first.size() : 1);
    }
    return out;
}

std::string percent_encoded(std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789aBcDeF";
    std::string out;
    for (char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return out;
}

void check_printable(std::string_view text, std::size_t limit) {
    const auto out = printable(text, limit);
    require(out.size() == (text.size() > limit ? limit + 3 : text.size()));
    require(std::all_of(out.begin(), out.end(), [](char c) { return c >= 0x20 && c < 0x7F; }));
}

void check_number(std::string_view text) {
    const auto number = leading_u32(text);
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (!number) {
        require(digits == 0 || digits >= 10);
        return;
    }
    require(digits > 0 && digits <= 10);
    require(leading_u32(std::to_string(*number)) == number);
    const auto shortest = std::to_string(*number);
    require(text.substr(0, digits).ends_with(shortest));
}

void check_trim(std::string_view text) {
    const auto inner = trim(text);
    require(inner.empty() || (inner.front() != ' ' && inner.front() != '\t'));
    require(inner.empty() || (inner.back() != ' ' && inner.back() != '\t'));
    require(trim(inner) == inner && text.find(inner) != std::string_view::npos);
}

void check_percent(std::string_view text) {
    const auto decoded = percent_decode(text);
    if (decoded) {
        // Only a NUL that stands there as it is gets through.
        require(text.find('\0') != std::string_view::npos || decoded->find('\0') == std::string::npos);
        const auto escapes = static_cast<std::size_t>(std::count(text.begin(), text.end(), '%'));
        require(decoded->size() + 2 * escapes == text.size());
    } else {
        require(text.find('%') != std::string_view::npos);
    }
    const bool has_nul = text.find('\0') != std::string_view::npos;
    const auto round = percent_decode(percent_encoded(text));
    require(round.has_value() != has_nul && (has_nul || *round == text));
}

void check_case(std::string_view text) {
    std::string other(text);
    for (char& c : other) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (is_letter) c = static_cast<char>(c ^ 0x20);
    }
    require(equal_ignoring_case(text, other) && starts_with_ignoring_case(other, text));
    require(starts_with_ignoring_case(std::string(text) + "x", other));
    require(!equal_ignoring_case(text, other + 'x') && !starts_with_ignoring_case(text, other + 'x'));
}

void check_nearest(std::string_view text) {
    static constexpr std::string_view kWords[] = {"push:", "test:", "channel", "slow_client"};
    const auto near = nearest(text, kWords);
    const bool is_word = std::find(std::begin(kWords), std::end(kWords), text) != std::end(kWords);
    require(!is_word || near == text);
    const std::size_t far = std::max<std::size_t>(2, text.size() / 3);
    if (near) require(std::max(near->size(), text.size()) - std::min(near->size(), text.size()) <= far);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text({data, std::min<std::size_t>(size, 4096)});
    for (const std::size_t limit : {std::size_t{0}, std::size_t{8}, std::size_t{200}})
        check_printable(text, limit);
    require(unescaped(escape_markup(text)) == text);
    check_number(text);
    check_trim(text);
    check_percent(text);
    check_case(text);
    check_nearest(text.substr(0, 256));
    return 0;
}
