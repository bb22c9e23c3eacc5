// Reads a raw ASF byte stream: Header Object, Data Object, packets of one size, and what encoders put behind
// them. Internal to the reader.
#pragma once

#include "core/asf/run.hpp"

namespace weir::asf {

class RawReader {
  public:
    explicit RawReader(std::size_t limit) noexcept : limit_(limit) {}
    // Handles what is at the start of `in` (not empty).
    Result<Step> step(Bytes in, StreamReader::Output& out);
    bool finished() const noexcept { return finished_; }
    bool has_header() const noexcept { return run_.has_header() && state_ != State::header; }

  private:
    enum class State {
        header,  // inside a header blob
        border,  // where a packet or another object begins
        skip,    // inside an object of no interest
        lost,    // looking for the next packet
        tail,    // behind the last packet of a file
    };

    Result<Step> read_header(Bytes in);
    Result<Step> at_border(Bytes in, StreamReader::Output& out);
    Result<Step> at_packet(Bytes in, StreamReader::Output& out);
    Result<Step> in_tail(Bytes in);
    Result<Step> skip_some(Bytes in);
    Result<Step> search(Bytes in, StreamReader::Output& out);
    // Something that is no packet begins here; nothing: it may be one. `Step` with both 0: look again.
    Result<std::optional<Step>> recognise_object(Bytes in);
    Result<std::optional<Step>> recognise_end(Bytes in);
    Result<Step> begin_skip(Bytes in, State next);
    Result<> lose(std::size_t bytes, const Error& why);

    bool may_begin_packet(Bytes in) const noexcept;
    bool may_begin_something(Bytes in) const noexcept;
    void count(std::size_t used) noexcept;

    std::size_t limit_;
    Run run_;
    State state_ = State::header;
    State after_skip_ = State::border;
    std::uint64_t skip_ = 0;
    std::uint64_t data_left_ = 0;  // of a file's Data Object; nothing known where counted_ is false
    bool counted_ = false;
    std::size_t lost_ = 0;  // bytes since the last good packet
    bool finished_ = false;
};

}  // namespace weir::asf
