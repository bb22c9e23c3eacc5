// Reads the bodies of one encoder's PushStarts, one after the other: packets, in the order that [MS-WMHTTP]
// 4.6 allows, into headers and media. Belongs to the push context: what it knows outlives connections and
// bodies, because a later body goes on with $D. Pure; told when a minute or a second has gone by.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/asf/run.hpp"
#include "core/media/container.hpp"
#include "protocols/wmpush/wire.hpp"

namespace weir::wmpush {

class PushReader final : public StreamReader {
  public:
    explicit PushReader(const ReaderLimits& limits);

    // A body of `length` bytes follows. Of a packet that was cut by the end of a connection, nothing is kept.
    void begin_body(std::uint64_t length);
    // The next packet goes to another Output than the last one: it is given the format again.
    void announce_again() noexcept { announce_ = true; }

    // Another weir pushes: it says what packets are called. From anybody else $M is malformed.
    void expect_names() noexcept { is_from_relay_ = true; }

    // An Error is final for the body, and for the context.
    Result<> feed(Bytes in, Output& out) override;
    // Error: nothing could be wrong here, a body may end anywhere between two packets.
    Result<> end() override { return Ok{}; }
    // $E with another reason than 1 came; a fresh $H may follow.
    bool finished() const noexcept override { return state_ == State::done; }
    // What $E said.
    std::uint32_t end_reason() const noexcept { return end_reason_; }
    // No header ever came.
    bool is_new() const noexcept { return state_ == State::start; }

    std::uint64_t packets() const noexcept { return packets_; }  // of any kind
    std::uint64_t media() const noexcept { return media_; }      // $H $D $C

    // A second, a minute is over: what was counted in it begins anew.
    void begin_second() noexcept { packets_in_second_ = 0; }
    void begin_minute() noexcept { changes_in_minute_ = 0; }
    static constexpr std::uint32_t kMaxPacketsPerSecond = 20'000;
    static constexpr std::uint32_t kMaxChangesPerMinute = 10;

  private:
    enum class State {
        start,      // $H alone may come
        media,      // $D $E $F; and, though the specification does not allow it, $H and $C
        entry_end,  // $E 1 came: $C $E $F
        done,       // $E came: an encoder that goes on begins with $H
    };
    // In what $H and $D carry their data. Some home-made encoders leave WMSP's MMS header in.
    enum class Form { plain, with_mms_header };

    Bytes top_up(Bytes in);
    Result<std::size_t> step(Bytes in, Output& out);
    Result<> on_packet(const Packet& packet, Output& out);
    Result<> on_metadata(std::string_view text, Output& out);
    Result<> on_header(const Packet& packet);
    Result<> on_change(const Packet& packet);
    Result<> on_data(Bytes data, Output& out);
    Result<> begin_run(Bytes blob);
    Result<Bytes> unwrapped(Bytes payload) const;
    void on_end(std::uint32_t reason) noexcept;

    std::size_t limit_;
    asf::Run run_;
    State state_ = State::start;
    Form form_ = Form::plain;
    std::uint32_t end_reason_ = 0;
    bool is_from_relay_ = false;
    bool announce_ = false;
    bool failed_ = false;
    std::uint64_t left_ = 0;            // of the body, from the packet on that is being read
    std::vector<std::uint8_t> buffer_;  // a packet's beginning
    std::uint64_t packets_ = 0;
    std::uint64_t media_ = 0;
    std::uint32_t packets_in_second_ = 0;
    std::uint32_t changes_in_minute_ = 0;
};

}  // namespace weir::wmpush
