// Header fields as HTTP carries them: kept in the order they came, names compared without case (RFC 9110
// §5.1). Plain values; safe on any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/text.hpp"

namespace weir::http {

struct Header {
    std::string name;
    std::string value;  // without blanks around it
};

// One header to be written: name exactly as it goes out. Windows encoders compare capitals ([MS-WMSP] 2.2.1).
struct HeaderView {
    std::string_view name;
    std::string_view value;
};

// The limits of one message. Bytes of the head are counted as they came, so they bound what is stored, too.
struct HeaderLimits {
    static constexpr std::size_t kLine = 8 * 1024;
    static constexpr std::size_t kTotal = 16 * 1024;
    static constexpr std::size_t kCount = 64;
    static constexpr std::uint64_t kChunk = std::uint64_t{16} << 20;

    std::size_t line = kLine;      // bytes of one line of the head, without CR LF
    std::size_t total = kTotal;    // bytes of the whole head, its first line and the blank one included
    std::size_t count = kCount;    // lines after the first
    std::uint64_t chunk = kChunk;  // bytes that one chunk announces
};

// The value of the first header of that name; it lives as long as `headers`.
std::optional<std::string_view> find_header(std::span<const Header> headers, std::string_view name) noexcept;

// Every value under that name, in order: Pragma comes on many lines.
template <class F>
void for_each_header(std::span<const Header> headers, std::string_view name, F&& f) {
    for (const Header& header : headers) {
        if (equal_ignoring_case(header.name, name)) f(std::string_view{header.value});
    }
}

// Whether a header that is a comma-separated list names `token`, on any of its lines ("Connection: close").
bool has_list_token(std::span<const Header> headers, std::string_view name, std::string_view token) noexcept;

}  // namespace weir::http
