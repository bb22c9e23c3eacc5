// Bytes on the wire: views of them, and bounds-checked little-endian reading and writing.
// A view owns nothing. Safe on any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace weir {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

inline std::string_view as_text(Bytes b) noexcept {
    return {reinterpret_cast<const char*>(b.data()), b.size()};
}
inline Bytes as_bytes(std::string_view s) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

inline std::uint16_t load_u16le(const std::uint8_t* p) noexcept {
    return static_cast<std::uint16_t>(p[0] | (p[1] << 8));
}
inline std::uint32_t load_u32le(const std::uint8_t* p) noexcept {
    return static_cast<std::uint32_t>(p[0]) | (static_cast<std::uint32_t>(p[1]) << 8) |
           (static_cast<std::uint32_t>(p[2]) << 16) | (static_cast<std::uint32_t>(p[3]) << 24);
}
inline std::uint64_t load_u64le(const std::uint8_t* p) noexcept {
    return load_u32le(p) | (static_cast<std::uint64_t>(load_u32le(p + 4)) << 32);
}
inline void store_u16le(std::uint8_t* p, std::uint16_t v) noexcept {
    p[0] = static_cast<std::uint8_t>(v);
    p[1] = static_cast<std::uint8_t>(v >> 8);
}
inline void store_u32le(std::uint8_t* p, std::uint32_t v) noexcept {
    store_u16le(p, static_cast<std::uint16_t>(v));
    store_u16le(p + 2, static_cast<std::uint16_t>(v >> 16));
}
inline void store_u64le(std::uint8_t* p, std::uint64_t v) noexcept {
    store_u32le(p, static_cast<std::uint32_t>(v));
    store_u32le(p + 4, static_cast<std::uint32_t>(v >> 32));
}

// Reads forward through a view. A read past the end returns zeros and makes ok() false for good,
// so a parser may read a whole fixed part and check once.
class Reader {
  public:
    explicit Reader(Bytes in) noexcept : in_(in) {}

    std::uint8_t u8() noexcept {
        const auto* p = take(1);
        return p ? p[0] : std::uint8_t{0};
    }
    std::uint16_t u16le() noexcept {
        const auto* p = take(2);
        return p ? load_u16le(p) : std::uint16_t{0};
    }
    std::uint32_t u32le() noexcept {
        const auto* p = take(4);
        return p ? load_u32le(p) : 0;
    }
    std::uint64_t u64le() noexcept {
        const auto* p = take(8);
        return p ? load_u64le(p) : 0;
    }
    // n bytes as a view; empty, and ok() false, where fewer are left.
    Bytes bytes(std::uint64_t n) noexcept {
        const auto* p = take(n);
        return p ? Bytes{p, static_cast<std::size_t>(n)} : Bytes{};
    }
    void skip(std::uint64_t n) noexcept { take(n); }

    bool ok() const noexcept { return ok_; }
    std::size_t position() const noexcept { return position_; }
    std::size_t left() const noexcept { return in_.size() - position_; }
    Bytes rest() const noexcept { return in_.subspan(position_); }

  private:
    const std::uint8_t* take(std::uint64_t n) noexcept {
        if (!ok_ || n > left()) {
            ok_ = false;
            return nullptr;
        }
        const auto* p = in_.data() + position_;
        position_ += static_cast<std::size_t>(n);
        return p;
    }
    Bytes in_;
    std::size_t position_ = 0;
    bool ok_ = true;
};

}  // namespace weir
