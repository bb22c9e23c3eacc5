// A Feed is what a source (an encoder's push, the test signal, an embedder) holds towards its channel: its
// rank, its header, its byte stream on the way to packets. It is live from its first header until destroyed.
// Worker's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/callback.hpp"
#include "core/base/clock.hpp"
#include "core/media/block_log.hpp"
#include "core/media/container.hpp"
#include "core/media/selector.hpp"
#include "core/media/stream_place.hpp"

namespace weir {

class Channel;

class Feed final : private StreamReader::Output {
  public:
    // rank: the source's place in the channel's list, 0 is preferred. who: for logs, as "push from
    // 192.0.2.1:4711". on_replaced: a newer feed took this one's place; whoever owns it ends its connection.
    // fill: only bridges the absence of the sources before it in the list.
    // address: of the host it comes from, empty for what lives inside weir.
    enum class Role { source, fill };
    Feed(Channel& channel, std::size_t rank, Role role, std::string who, Callback<void()> on_replaced,
         std::string address = {});
    ~Feed() override;
    Feed(const Feed&) = delete;
    Feed& operator=(const Feed&) = delete;

    // A byte stream in `container`'s format, in whatever pieces it comes. An Error is final.
    Result<> write(const Container& container, Bytes bytes);
    // The byte stream ended. Error: before its header was complete.
    Result<> end();
    // The same with a reader of the source's own, which may outlive this feed: what it finds in `bytes` goes
    // to the channel.
    Result<> read(StreamReader& reader, Bytes bytes);

    // The same for a source that has headers and packets already.
    void begin(StreamFormatPtr format);
    Result<> append(Bytes packet);
    void publish();
    // What its upstream calls the next packet, where the protocol tells it beside the stream. Error: the
    // stream comes from this very channel.
    Result<> name_next(const Provenance& provenance) { return on_provenance(provenance); }

    // Why it will be destroyed now; not told: its connection broke. why: for the log.
    void leave(Selector::Cause cause, std::string why);
    Selector::Cause end_cause() const noexcept { return end_cause_; }
    std::string_view end_reason() const noexcept { return end_reason_; }

    std::size_t rank() const noexcept { return rank_; }
    const std::string& who() const noexcept { return who_; }
    const std::string& address() const noexcept { return address_; }
    const StreamFormatPtr& format() const noexcept { return format_; }  // null before the first header
    bool is_on_air() const noexcept;
    bool is_fill() const noexcept { return role_ == Role::fill; }
    // The stream itself said that it is over; what still comes is ignored.
    bool has_finished() const noexcept { return reader_ && reader_->finished(); }
    TimePoint last_bytes() const noexcept { return last_bytes_; }
    // What its upstream calls the packet that it brings just now, null where it does not say; and the
    // channels which that went through.
    const StreamPlace* place() const noexcept {
        return place_ && place_->has_name() ? &place_->place : nullptr;
    }
    const std::vector<RelayId>& via() const noexcept { return place_ ? place_->via : no_via_; }
    // Upstream was asked to go on at this place, and its next packet, the first, is the one.
    bool resumes_at(const StreamPlace& place) const noexcept { return media_ == 1 && began_at_ == place; }
    std::uint64_t packets() const noexcept { return packets_; }  // fillers of another relay included
    std::uint64_t media() const noexcept { return media_; }      // without them

    void replaced() noexcept { on_replaced_(); }

    // --- while there is another feed: packets as they came, so that this one can begin in the past
    // Copies `packet`. sync: this feed may begin with it. What comes before the first of these is not kept;
    // the oldest go as in the channel's log.
    // Numbers of what is held are without a gap: what came before one is let go.
    void hold(Bytes packet, bool sync);
    const BlockLog* held() const noexcept { return held_ ? &*held_ : nullptr; }
    bool holds_sync() const noexcept { return held_ && held_sync_ >= held_->first(); }
    Seq newest_held_sync() const noexcept { return held_sync_; }  // while it holds one
    // On air: what it holds from `from` on goes to the channel.
    void play_held(Seq from);
    void let_go() noexcept { held_.reset(); }

    // So many bad packets within the window end the source.
    static constexpr std::uint32_t kMaxBadPackets = 50;
    static constexpr Duration kBadPacketWindow{10000};
    // The same for headers after the first one: an encoder changes its settings now and then, and each change
    // may cost the channel's clients their connections.
    static constexpr std::uint32_t kMaxNewHeaders = 10;
    static constexpr Duration kNewHeaderWindow{60000};

  private:
    Result<> on_provenance(const Provenance& provenance) override;
    void on_number(std::uint32_t low) override;
    bool is_next_held() const noexcept;
    Result<> on_format(StreamFormatPtr format) override;
    Result<> on_packet(Bytes packet, const PacketInfo& info) override;
    Result<> on_bad_packet(const Error& why) override;

    Channel& channel_;
    std::size_t rank_;
    Role role_;
    std::string who_;
    std::string address_;
    Callback<void()> on_replaced_;
    std::unique_ptr<StreamReader> reader_;
    StreamFormatPtr format_;
    std::optional<Provenance> place_;      // of the packet at hand, or of the next
    std::optional<StreamPlace> began_at_;  // what was said first
    static const std::vector<RelayId> no_via_;
    std::optional<BlockLog> held_;
    std::optional<Provenance> held_from_;  // of its packet 0, where upstream says such things
    Seq held_sync_ = 0;                    // the newest sync point that came for it
    TimePoint last_bytes_{};
    std::uint64_t packets_ = 0;
    std::uint64_t media_ = 0;
    Selector::Cause end_cause_ = Selector::Cause::closed;
    std::string end_reason_ = "its connection broke";
    TimePoint bad_window_began_{};
    std::uint32_t bad_in_window_ = 0;
    std::uint64_t bad_total_ = 0;
    TimePoint header_window_began_{};
    std::uint32_t headers_in_window_ = 0;
};

}  // namespace weir
