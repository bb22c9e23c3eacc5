// What the core asks of a media format: find packets in a byte stream, say where a newcomer may start,
// whether a new run may follow an old one, how a packet is fitted to what a channel serves, how a pause is
// bridged. core/asf is the first implementation; nothing outside it and the Windows Media protocols knows
// ASF. Everything here is pure: no I/O, no clock, one thread at a time per object.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/media/stream_place.hpp"

namespace weir {

class Container;

// What inspecting a packet told. All times in ms, as the packet says them; they wrap at 2^32.
struct PacketInfo {
    bool media = true;    // false: nothing a decoder would see (a filler of another relay, a parity packet)
    bool filler = false;  // a keep-alive of another relay: no media, and nothing is lost with it
    bool sync = false;    // a newcomer may start here
    std::uint32_t send_time = 0;
    std::uint32_t duration = 0;     // how much time the packet spans; 0 where it does not say
    bool has_presentation = false;  // some of its media say when they are to be seen or heard
    std::uint32_t presentation_first = 0, presentation_last = 0;  // of what begins or goes on in it
};

// One of the streams that a header announces. 0, or an empty text: the header does not say.
struct StreamInfo {
    enum class Kind { audio, video, script, other };
    Kind kind = Kind::other;
    unsigned number = 0;
    std::string codec;  // "WMV2", "WMA2 (0x0161)"; for people
    std::uint32_t bit_rate = 0;
    std::uint32_t width = 0, height = 0;
    std::uint32_t sample_rate = 0, channels = 0;
    double frame_rate = 0;
};

// A media object (a picture, a piece of sound) of which a packet holds some.
struct Unit {
    unsigned stream = 0;             // its number in the run, below kMaxStreams
    std::uint32_t presentation = 0;  // ms, wraps at 2^32
    std::uint32_t number = 0;        // among the stream's objects, as wide as its field
    bool begins = true;              // here; else it goes on from an earlier packet
};

inline constexpr std::size_t kMaxStreams = 128;

// Which number each stream of a run has in what is served. One-to-one over all numbers, so that one which no
// header names never becomes a served stream's.
class StreamMap {
  public:
    // Each keeps its own.
    constexpr StreamMap() noexcept {
        for (std::size_t n = 0; n < kMaxStreams; ++n) to_[n] = static_cast<std::uint8_t>(n);
    }
    // What has `number`, below kMaxStreams, in the run.
    constexpr std::uint8_t operator[](std::size_t number) const noexcept { return to_[number]; }
    // `number` gets `served`; the one that had it gets what `number` had.
    constexpr void give(std::size_t number, std::uint8_t served) noexcept {
        for (auto& to : to_) {
            if (to == served) to = to_[number];
        }
        to_[number] = served;
    }
    constexpr bool is_identity() const noexcept { return to_ == StreamMap{}.to_; }
    constexpr bool operator==(const StreamMap&) const noexcept = default;

  private:
    std::array<std::uint8_t, kMaxStreams> to_{};
};

// How a packet's times (ms), object numbers (both mod 2^32) and stream numbers change, so that it continues
// what was served before.
struct Move {
    std::uint32_t send = 0;
    std::uint32_t presentation = 0;
    std::array<std::uint32_t, kMaxStreams> numbers{};  // by served stream; they wrap at their field's width
    bool moves_numbers = false;                        // some of them are not 0
    StreamMap streams = {};
    bool moves_streams = false;  // it is not the identity

    bool is_none() const noexcept {
        return send == 0 && presentation == 0 && !moves_numbers && !moves_streams;
    }
};

// One run's stream header, understood. Immutable; shared by the source that brought it, the channel that
// serves it and clients that still read under it.
class StreamFormat {
  public:
    virtual ~StreamFormat() = default;

    virtual const Container& container() const noexcept = 0;
    // The header as weir serves it, normalised for live players. Valid as long as this object.
    virtual Bytes header() const noexcept = 0;
    // No packet served under this header is longer than this, in bytes.
    virtual std::size_t max_packet() const noexcept = 0;
    // Average bit rate as the header states it, bit/s; 0 where it does not.
    virtual std::uint32_t bit_rate() const noexcept = 0;
    // One line for logs: streams, codecs, packet size.
    virtual std::string describe() const = 0;
    // The streams it announces, by number.
    virtual std::vector<StreamInfo> streams() const = 0;
    // Did the header, as it came, call itself that of a live stream? header() always does.
    virtual bool is_live() const noexcept = 0;
    // By how much presentation times run ahead of send times, as the header states it.
    virtual Duration preroll() const noexcept = 0;
    // Empty where packets of a run with header `newer` may follow this one's under this header; else the
    // field that differs, for a log line.
    virtual std::string difference(const StreamFormat& newer) const = 0;
    // How the streams of such a run are numbered here. `newer`: one from which difference() is empty.
    virtual StreamMap map_from(const StreamFormat& newer) const = 0;
    // Checks one packet as it came from a source with this header.
    virtual Result<PacketInfo> inspect(Bytes packet) const = 0;
    // Writes `packet`, which inspect() of *this* format accepted, into `out` (served.max_packet() bytes) in
    // the form that `served` promises. Returns the length written, or an Error where it cannot be fitted.
    // `served` is this format or one that is compatible with it. Never allocates on success.
    virtual Result<std::size_t> fit(Bytes packet, const StreamFormat& served, MutableBytes out) const = 0;
    // Moves the send time, every presentation time, every object number and every stream number of `packet`,
    // which inspect() accepted, and touches nothing else. Error: unsupported where its form does not allow
    // that; nothing is changed then.
    virtual Result<> retime(MutableBytes packet, const Move& move) const = 0;
    // Appends the media objects that begin or go on in `packet` and say when they are due, in its order.
    virtual void units(Bytes packet, std::vector<Unit>& out) const = 0;
    // Writes a keep-alive packet that no decoder sees into `out` (max_packet() bytes), timed like `last`, the
    // last packet served (empty: none yet). Returns its length; 0 where the format has no such thing.
    virtual std::size_t make_filler(Bytes last, MutableBytes out) const = 0;
};
using StreamFormatPtr = std::shared_ptr<const StreamFormat>;

// Cuts a byte stream, in whatever pieces it comes, into one header and packets. One per source.
class StreamReader {
  public:
    class Output {
      public:
        virtual ~Output() = default;
        // A header; again for each new run inside one byte stream. An Error ends the reading with it.
        virtual Result<> on_format(StreamFormatPtr format) = 0;
        // A packet that inspect() of the newest format accepted; valid during the call only.
        virtual Result<> on_packet(Bytes packet, const PacketInfo& info) = 0;
        // Something was dropped between two packets. An Error ends the reading with it.
        virtual Result<> on_bad_packet(const Error& why) = 0;
        // Of streams that come from another relay. What the next packet is called there, and those behind it.
        // An Error ends the reading with it.
        virtual Result<> on_provenance(const Provenance& /*provenance*/) { return Ok{}; }
        // The low 32 bits of the next packet's number. A filler repeats the last one's.
        virtual void on_number(std::uint32_t /*low*/) {}
    };

    virtual ~StreamReader() = default;
    // Takes all of `in`. After an Error, or once finished() is true, further bytes are ignored.
    virtual Result<> feed(Bytes in, Output& out) = 0;
    // The byte stream ended. Error: it ended before the header was complete.
    virtual Result<> end() = 0;
    // The stream itself said that it is over.
    virtual bool finished() const noexcept = 0;
};

// An endless live test signal of the format: a tone with a beep each second.
class TestSignal {
  public:
    virtual ~TestSignal() = default;
    virtual StreamFormatPtr format() const = 0;
    // Packet number n of the run, from 0; valid until the next call.
    virtual Bytes packet(std::uint64_t n) = 0;
    // How much time one packet spans.
    virtual Duration packet_duration() const noexcept = 0;
};

struct ReaderLimits {
    std::size_t header_bytes = 64 * 1024;  // a longer header is refused
};

class Container {
  public:
    virtual ~Container() = default;
    virtual std::string_view name() const noexcept = 0;          // "asf"
    virtual std::string_view content_type() const noexcept = 0;  // "video/x-ms-asf"
    // Could a byte stream that begins with `first` be this format? Two or more bytes suffice for a no.
    enum class Detected { no, need_more, yes };
    virtual Detected detect(Bytes first) const noexcept = 0;
    // began: what another relay says of the stream; in a framing that has room for it, it may say so anew.
    virtual std::unique_ptr<StreamReader> open_reader(
        const ReaderLimits& limits, std::optional<Provenance> began = std::nullopt) const = 0;
    // A header handed over whole.
    virtual Result<StreamFormatPtr> parse_header(Bytes header, const ReaderLimits& limits) const = 0;
    virtual std::unique_ptr<TestSignal> open_test_signal() const = 0;
};

}  // namespace weir
