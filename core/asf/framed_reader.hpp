// Reads the `$` framing (asf.md 1.1, MS-WMSP 2.2.3). Internal to the reader.
#pragma once

#include "core/asf/chunk.hpp"
#include "core/asf/run.hpp"

namespace weir::asf {

class FramedReader {
  public:
    // is_from_relay: $M may tell where the stream comes from.
    FramedReader(std::size_t limit, bool is_from_relay) noexcept
        : limit_(limit), is_from_relay_(is_from_relay) {}
    // Handles the chunk at the start of `in`.
    Result<Step> step(Bytes in, StreamReader::Output& out);
    bool finished() const noexcept { return finished_; }
    bool has_header() const noexcept { return run_.has_header(); }

  private:
    Result<> on_chunk(const Chunk& chunk, StreamReader::Output& out);
    Result<> on_metadata(Bytes text, StreamReader::Output& out);
    Result<> on_header(const Chunk& chunk);
    Result<> on_data(const Chunk& chunk, StreamReader::Output& out);

    std::size_t limit_;
    bool is_from_relay_;
    Run run_;
    std::vector<std::uint8_t> fragments_;  // of a header that comes in several $H
    std::uint32_t next_fragment_ = 0;
    bool in_fragments_ = false;
    unsigned changes_ = 0;  // $C since the last $D
    bool finished_ = false;
};

}  // namespace weir::asf
