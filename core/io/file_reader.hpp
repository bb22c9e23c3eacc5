// FileReader: a file, or standard input for "-", piece by piece, without ever blocking the loop: opening and
// reading a regular file is done in libuv's thread pool; for anything else (a pipe, a terminal, a FIFO) the
// loop waits until it is readable. Owned by whoever wants the bytes, who outlives it. Loop's thread.
#pragma once

#include <memory>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/callback.hpp"
#include "core/base/result.hpp"

namespace weir {

class Loop;

class FileReader {
  public:
    static constexpr std::size_t kPiece = 64 * 1024;

    // At most kPiece bytes, which are valid during the call; empty: the end of the file. The Error names the
    // path. After the end or an Error, read() tries again.
    using OnPiece = Callback<void(Result<Bytes>)>;

    // The file is opened by the first read(): that it cannot be is told through `on_piece`.
    static std::unique_ptr<FileReader> open(Loop& loop, std::string path, OnPiece on_piece);
    // Also from inside on_piece. A read that is under way is let go.
    ~FileReader();
    FileReader(const FileReader&) = delete;
    FileReader& operator=(const FileReader&) = delete;

    // Asks for the next piece: on_piece is called once, later, never before this returns. One at a time, the
    // next may be asked for from inside on_piece.
    void read();
    bool is_reading() const noexcept;

    // A regular file; known from the first piece on.
    bool can_rewind() const noexcept;
    // The next read() begins at the start, that is where standard input stood when it was taken over. Not
    // while a read is under way.
    void rewind() noexcept;

  private:
    struct State;  // outlives this while a thread reads
    explicit FileReader(State* state) noexcept : state_(state) {}
    State* state_;
};

}  // namespace weir
