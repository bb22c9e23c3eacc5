// FedLink: a server downstream that gets a channel over MSBD ([MS-MSBD] 3.1). A Viewer that is asked now and
// then whether it is still there. Worker's thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/timer_queue.hpp"
#include "core/relay/host.hpp"
#include "core/relay/viewer.hpp"
#include "protocols/msbd/wire.hpp"

namespace weir::msbd {

class FedLink final : public Viewer {
  public:
    // relay: the other side is a weir, which takes fillers for what they are, and may want to go on
    // somewhere.
    FedLink(Host& host, Peer& peer, Channel& channel, const std::optional<RelayRequest>& relay);

    ~FedLink() override { --host_.stats().links; }

    void on_bytes(Bytes bytes) noexcept override;
    void on_ready() noexcept override;

    // Whether header and packets fit into messages.
    static bool can_carry(const StreamFormat& format) noexcept;

    static constexpr Duration kPing{120'000}, kPong{120'000};
    static constexpr Duration kWhole{10'000};  // for a message of which a part has come
    // More pongs or questions a second are no conversation.
    static constexpr unsigned kMaxChatter = 10, kMaxUnknown = 16;

  private:
    struct Begin {
        std::optional<Seq> from;
        std::string link;                // in IND_STREAMINFO
        std::vector<std::uint8_t> head;  // RES_CONNECT and IND_STREAMINFO
    };
    static Begin begin(const Channel& channel, const std::optional<RelayRequest>& relay);
    FedLink(Host& host, Peer& peer, Channel& channel, bool is_weir, const Begin& begin);
    void on_timer();
    void on_cut_message() { end("half a message, and then nothing"); }
    void on_message(const Message& message);
    void answer_info();
    bool is_chatter() noexcept;
    void end(std::string_view why);

    Host& host_;
    std::string link_;
    std::uint64_t link_format_;
    Timer timer_;
    Timer whole_;
    std::vector<std::uint8_t> partial_;
    TimePoint second_{};  // in which so many messages were counted
    unsigned in_second_ = 0, unknown_ = 0;
    TimePoint answered_{};  // REQ_STREAMINFO, last
    bool is_waiting_for_pong_ = false;
    bool owes_info_ = false;  // where it could not be put between two packets yet
};

}  // namespace weir::msbd
