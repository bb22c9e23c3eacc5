// What a server sends over an MSBD connection behind its RES_CONNECT, on its way to a header and packets
// ([MS-MSBD] 3.2). Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "core/asf/run.hpp"
#include "core/media/container.hpp"
#include "protocols/msbd/wire.hpp"

namespace weir::msbd {

class LinkReader final : public StreamReader {
  public:
    // What whoever holds the connection must do.
    class Events {
      public:
        // To be answered at once, never behind a queue: a late answer ends the connection.
        virtual void on_ping() = 0;

      protected:
        ~Events() = default;
    };

    // asked_as_relay: the server was told that it is asked by a weir, and another weir tells where its stream
    // comes from.
    LinkReader(const ReaderLimits& limits, bool asked_as_relay, Events& events) noexcept
        : limits_(limits), asked_as_relay_(asked_as_relay), events_(events) {}

    Result<> feed(Bytes in, Output& out) override;
    Result<> end() override;
    // The server said that nothing follows.
    bool finished() const noexcept override { return state_ == State::finished; }
    // The stream is over, and the server has not said yet whether another one follows.
    bool is_between_streams() const noexcept { return state_ == State::ended; }
    bool has_stream() const noexcept { return run_.has_header(); }

    // More, and the server is given up: headers in a row, the others on one connection. (Headers with packets
    // between them are runs, of which the channel takes so many a minute.)
    static constexpr unsigned kMaxInfos = 10, kMaxUnknown = 16, kMaxEarlyPackets = 1000;

  private:
    enum class State { accepted, receiving, ended, finished };

    Result<> on_provenance(Bytes text, Output& out);
    Result<> on_message(const Message& message, Output& out);
    Result<> on_info(const Message& message, Output& out);
    Result<> on_packet(const Message& message, Output& out);

    ReaderLimits limits_;
    bool asked_as_relay_;
    Events& events_;
    State state_ = State::accepted;
    asf::Run run_;
    std::uint16_t stream_ = 0;
    std::vector<std::uint8_t> partial_;  // of a message, at most 64 KiB
    std::size_t need_ = 0;               // bytes of it in all, before anything can be done with them
    unsigned unknown_ = 0, infos_ = 0, early_ = 0;
    bool failed_ = false;
};

}  // namespace weir::msbd
