// Capture: packets of a live stream written one after the other, to a file that is a valid .asf with a
// duration when it is finished, or to a pipe as the live stream it is. Blocks while the disk does: for the
// command line only.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "core/media/container.hpp"

namespace weir::cli {

class Capture {
  public:
    // path: "-" is standard output, empty writes nothing.
    static Result<Capture> open(const std::string& path);
    Capture(Capture&& other) noexcept;
    Capture& operator=(Capture&&) = delete;
    ~Capture();

    Result<> begin(StreamFormatPtr format);
    // What is written next is under another header, which is compatible with what begin() was given.
    void continue_under(const StreamFormat& format);
    // A packet under the newest of them.
    Result<> write(const StreamFormat& format, Bytes packet);
    // Puts the final header in place. duration: of the media written.
    Result<> finish(Duration duration);

    const StreamFormatPtr& served() const noexcept { return served_; }  // null before begin()

  private:
    explicit Capture(std::FILE* file, std::string path) : file_(file), path_(std::move(path)) {}
    Result<> put(Bytes bytes);

    std::FILE* file_;
    std::string path_;
    StreamFormatPtr served_;
    Move renumbering_;  // of the newest header's streams
    std::vector<std::uint8_t> fitted_;
    std::uint64_t packets_ = 0;
};

}  // namespace weir::cli
