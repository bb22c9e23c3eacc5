// Lineage: where a channel's stream comes from and what it is called, as far as other relays are concerned:
// the channel's own id, the names of its packets, upstream's name for the next one, and who waits downstream.
// It is what resuming and the detection of loops rest on. Owned by its Channel. Worker's thread.
#pragma once

#include <optional>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/media/container.hpp"
#include "core/media/numbering.hpp"
#include "core/media/stream_place.hpp"

namespace weir {

class Feed;

class Lineage {
  public:
    // Told to those upstream, who tell it to those downstream: a stream that passed here does not come again.
    RelayId relay_id() const noexcept { return relay_id_; }
    const Numbering& names() const noexcept { return names_; }
    // What upstream is asked for in order to go on; nothing where it would not know, or nothing is served.
    const std::optional<StreamPlace>& origin() const noexcept { return origin_; }

    // A relay asks for what would come to it through those in `to`, itself the first, the nearest: whether
    // this channel's stream comes from there.
    bool makes_loop(const std::vector<RelayId>& to) const noexcept;
    // Those downstream whose requests wait for this channel's header; for its own requests.
    void note_waiting(const std::vector<RelayId>& via);
    const std::vector<RelayId>& waiting() const noexcept { return waiting_; }

    // --- what the channel tells it
    // Another header is served.
    void begin_header() noexcept;
    // `seq`, the next packet of all, is served; of `feed`, as it came and as it is served.
    void add(Seq seq, const Feed& feed, Bytes came, Bytes served);
    // What upstream has is of no interest any more.
    void forget_origin() noexcept { origin_.reset(); }
    // Packets before `first` are gone.
    void trim(Seq first) noexcept { names_.trim(first); }

    // Whether the packet that `feed` brings just now follows the last one served; or was served already.
    bool is_next(const Feed& feed) const noexcept;
    bool was_served(const Feed& feed) const noexcept;

  private:
    bool is_origins(const Feed& feed) const noexcept;

    RelayId relay_id_ = draw_relay_id();
    Numbering names_{relay_id_};
    std::optional<StreamPlace> origin_;  // upstream's name of the packet behind the last one served,
    StreamFormatPtr origin_format_;      // and the header that is under
    std::vector<RelayId> waiting_;
};

}  // namespace weir
