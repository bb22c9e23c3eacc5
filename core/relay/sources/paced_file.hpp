// PacedFile: a recording of any known container, read and handed on packet by packet at its own pace, once or
// over and over as one continuous stream: from the second pass on the packets' times and numbers are moved.
// Owned by who wants the stream (the source "file:", `weir push`). Worker's thread; calls its listener from
// the loop only, never from inside the constructor, and must not be destroyed inside such a call.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/timer_queue.hpp"
#include "core/io/file_reader.hpp"
#include "core/media/container.hpp"
#include "core/media/detector.hpp"
#include "core/media/pacing.hpp"

namespace weir {

class Loop;

class PacedFile final : private StreamReader::Output {
  public:
    class Listener {
      public:
        virtual ~Listener() = default;
        // Before the first packet, and where the file goes on under another header.
        virtual void on_format(StreamFormatPtr format) = 0;
        // A packet is due; its times, and those in `info`, are moved. What carries no media is left out.
        // Valid during the call. An Error ends the playing with it.
        virtual Result<> on_packet(Bytes packet, const PacketInfo& info) = 0;
        // After each batch that was due.
        virtual void on_flush() = 0;
        // Something in the file was passed over.
        virtual void on_bad_packet(const Error&) {}
        // Once, last: the file was played, or an error, which names it. What was read before an error is
        // played first.
        virtual void on_end(Result<> why) = 0;
    };

    enum class Repeat { once, loop };

    // path: as FileReader takes it. containers and listener outlive this.
    PacedFile(Loop& loop, std::span<const Container* const> containers, std::string path, Repeat repeat,
              Listener& listener, const ReaderLimits& limits = {});

    // Packets are read so far ahead; one piece of the file more is held at most.
    static constexpr std::size_t kReadAhead = 64 * 1024;

  private:
    struct Packet {
        StreamFormatPtr format;
        std::vector<std::uint8_t> bytes;
        PacketInfo info;
        bool begins_run;
    };

    Result<> on_format(StreamFormatPtr format) override;
    Result<> on_packet(Bytes packet, const PacketInfo& info) override;
    Result<> on_bad_packet(const Error& why) override;

    void on_piece(Result<Bytes> piece);
    Result<> take(Bytes piece);
    Result<> feed(Bytes piece);
    Result<> end_pass();
    void on_timer();
    bool hand_on_due();
    Result<> hand_on(Packet& packet, const Move& move);
    void fail(const Error& why);
    void read_on();

    Loop& loop_;
    Detector detector_;
    std::string path_;
    Repeat repeat_;
    Listener& listener_;
    ReaderLimits limits_;
    std::unique_ptr<FileReader> file_;
    bool is_reading_ = false;  // a piece is on its way
    const Container* container_ = nullptr;
    std::unique_ptr<StreamReader> reader_;  // of this pass
    StreamFormatPtr read_format_;           // of what is read
    bool begins_run_ = false;               // the next packet that is read
    std::uint64_t pass_packets_ = 0;
    std::optional<Result<>> outcome_;  // nothing more is read
    bool is_over_ = false;             // the listener has been told

    std::deque<Packet> packets_;  // read, not yet due
    std::size_t packet_bytes_ = 0;
    std::vector<Unit> units_;  // of the first of them
    Pacing pacing_;
    std::optional<Pacing::Due> due_;  // of the first of them
    StreamFormatPtr format_;          // that the listener has
    Timer timer_;                     // opens the file, then runs to the next due time
};

}  // namespace weir
