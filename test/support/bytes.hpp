// Byte vectors written as hex text in a test: test::hex<"24 48 cf">() is an std::array, checked by the
// compiler.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"

namespace weir::test {

template <std::size_t N>
struct HexText {
    char text[N];
    consteval HexText(const char (&t)[N]) { std::copy_n(t, N, text); }
    consteval std::size_t digits() const {
        std::size_t n = 0;
        for (char c : text) n += (c != ' ' && c != '\n' && c != '\0') ? 1 : 0;
        return n;
    }
};

constexpr std::uint8_t hex_value(char c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
    throw "not a hex digit";  // ends the compilation
}

template <HexText T>
consteval auto hex() {
    static_assert(T.digits() % 2 == 0, "an odd number of hex digits");
    std::array<std::uint8_t, T.digits() / 2> out{};
    std::size_t n = 0;
    for (char c : T.text) {
        if (c == ' ' || c == '\n' || c == '\0') continue;
        out[n / 2] = static_cast<std::uint8_t>(out[n / 2] << 4 | hex_value(c));
        ++n;
    }
    return out;
}

inline std::vector<std::uint8_t> copy(Bytes b) {
    return {b.begin(), b.end()};
}
inline bool same(Bytes a, Bytes b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace weir::test
