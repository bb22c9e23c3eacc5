// The body of one message, requests and responses alike: nothing, a length, chunks (RFC 9112 §7.1), or until
// the connection ends. Pieces are views into the caller's bytes. Nothing is stored but counters and the
// extension of one chunk.
//
// Chunks are read here and not by llhttp: Debian builds it in its loose mode, which takes any two bytes for
// the CR LF after a chunk, and it neither bounds chunk extensions nor trailers.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "core/base/bytes.hpp"

namespace weir::http {

class BodyReader {
  public:
    enum class Framing { none, length, chunked, until_close };
    enum class Event { need_more, piece, end, error };

    static constexpr std::size_t kMaxChunkLine = 256;      // a size with its extensions
    static constexpr std::size_t kMaxTrailers = 8 * 1024;  // bytes after the last chunk

    BodyReader() noexcept = default;
    BodyReader(Framing framing, std::uint64_t length, std::uint64_t chunk_limit) noexcept;

    Framing framing() const noexcept { return framing_; }
    Event next(Bytes& in);
    Bytes piece() const noexcept { return piece_; }
    // What stands behind the size of the chunk that the piece is from, with its ';'; once, at the first one.
    std::string take_extension() noexcept { return std::exchange(extension_, {}); }
    bool is_complete() const noexcept { return state_ == State::end; }
    int status() const noexcept { return status_; }  // of an error: 400 or 413
    const std::string& detail() const noexcept { return detail_; }

  private:
    enum class State {
        data,
        size,
        extension,
        size_lf,
        data_cr,
        data_lf,
        trailer,
        trailer_line,
        trailer_lf,
        end,
        error
    };
    Event take(Bytes& in);
    Event on_chunk_byte(std::uint8_t byte);
    Event fail(int status, std::string detail);

    Framing framing_ = Framing::none;
    State state_ = State::end;
    std::uint64_t left_ = 0;  // of the body, or of the chunk
    std::uint64_t chunk_limit_ = 0;
    std::size_t line_ = 0;      // bytes of the present size line
    std::size_t digits_ = 0;    // of the present size
    std::size_t trailers_ = 0;  // bytes of trailers so far
    bool trailer_is_blank_ = true;
    std::string extension_;
    Bytes piece_;
    int status_ = 0;
    std::string detail_;
};

}  // namespace weir::http
