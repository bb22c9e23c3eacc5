// Viewer: one client that plays a channel. A Handler, since it owns what becomes of its connection, and a
// Sink, since the flush wheel visits it. It holds a cursor into a shared rendition and nothing per packet.
// What differs between protocols is in a PlayStyle, a constant of the protocol. Worker's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/peer.hpp"
#include "core/media/channel.hpp"
#include "core/media/sink.hpp"

namespace weir {

enum class EndReason {
    finished,    // the channel is over, or weir stops
    new_header,  // what follows needs a new header, which this client cannot be given in mid-stream
};

// Which of the channel's headers it is.
struct HeaderPlace {
    std::uint64_t number = 0;  // grows with each incompatible one
    bool is_first = true;      // for this client: it comes before the first packet
};

struct PlayStyle {
    std::string_view protocol;  // for logs
    const Framing* framing;
    bool wants_fillers;   // keep-alive packets while there is no source
    bool header_in_band;  // an incompatible header may come in mid-stream
    // To another server, which has clients of its own: it is counted apart, and kept where a client that is
    // as slow would be closed.
    bool is_link;
    // Bytes in front of the first packet, or at a new header in mid-stream. None there: the protocol cannot
    // carry the new stream, and the client's ends.
    void (*header)(const StreamFormat& format, const HeaderPlace& place, std::vector<std::uint8_t>& out);
    // Bytes behind the last packet.
    void (*end)(EndReason reason, std::vector<std::uint8_t>& out);
};

class Viewer : public Handler, private Sink {
  public:
    // The channel has a format. `head` goes out before anything else. `who`: the client's own name, for logs.
    // from: it gets the packets from this one on, which the channel's log holds or which is the next to come;
    // else it starts as a newcomer.
    Viewer(Peer& peer, Channel& channel, const PlayStyle& style, std::string_view head, std::string_view who,
           std::optional<Seq> from = std::nullopt);
    ~Viewer() override;

    void on_bytes(Bytes) noexcept override {}  // nothing is expected from a client that plays
    void on_ready() noexcept override;
    void on_eof() noexcept override { peer_.close(CloseReason::peer_closed); }
    void on_closed(CloseReason reason) noexcept override;
    bool on_shutdown() noexcept override;

    // A socket that takes nothing for so long belongs to a client, or to a server, that is gone.
    static constexpr Duration kStallLimit{30000}, kLinkStallLimit{60000};

  protected:
    Peer& peer() noexcept { return peer_; }
    Channel& channel() noexcept { return channel_; }
    bool is_link() const noexcept { return style_.is_link; }
    void finish(EndReason reason);  // says goodbye by the protocol and closes
    // For protocols with messages of their own among the packets. False: a packet is sent in part, later
    // then.
    bool say_between_packets(Bytes message);
    // False: the channel has a new one, which this client has not been sent yet.
    bool has_current_header() const noexcept;

  private:
    void flush(TimePoint now) noexcept override;
    FlushWheel& wheel() noexcept { return style_.is_link ? channel_.link_wheel() : channel_.wheel(); }
    void begin_at(Seq from);
    bool start(TimePoint now);
    bool change_format(TimePoint now);
    bool pump(TimePoint now);
    void hold_cut_packet();
    void send_filler();
    void wait_blocked(TimePoint now);
    bool is_closed_for_lag() const noexcept;
    bool skip();
    void write_rest_of_packet();
    void count_as_viewer();

    // There are as many of these as clients: a byte here is ten kilobytes of ten thousand.
    Peer& peer_;
    Channel& channel_;
    const PlayStyle& style_;
    ClientStats& clients_;
    std::unique_ptr<char[]> who_;  // no longer than it is, and a NUL
    Rendition* rendition_ = nullptr;
    Cursor cursor_;
    std::uint64_t bytes_ = 0;
    TimePoint last_progress_;
    BlockRef cut_;             // the block of a packet of which only a part is sent,
    std::size_t cut_end_ = 0;  // and where in it the packet ends
    // Counts of the channel's as this one last saw them, compared for being the same: 32 bits do.
    std::uint32_t format_number_;
    std::uint32_t clients_ended_;
    std::uint32_t filler_seen_ = 0;
    bool started_ = false;
    bool blocked_ = false;  // until on_ready()
    bool lagged_ = false;
    bool counted_ = false;
};

}  // namespace weir
