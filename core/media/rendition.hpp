// Rendition: a channel's log as one framing's bytes, shared by all clients that want them. Made by the first
// of them, from the sync point where it starts, gone with the last. Belongs to its Channel.
#pragma once

#include <cstdint>
#include <vector>

#include "core/media/block_log.hpp"
#include "core/media/framing.hpp"
#include "core/media/numbering.hpp"

namespace weir {

class Rendition {
  public:
    // `source` outlives the rendition. Frames what source holds from `start` on, all under the channel's
    // header of this number. names: of source's packets.
    Rendition(const BlockLog& source, const Numbering& names, const Framing& framing, std::size_t block_bytes,
              Seq start, std::uint64_t format);

    const Framing& framing() const noexcept { return framing_; }
    // What clients read. Numbers are the channel's.
    const BlockLog& log() const noexcept { return framing_.encode ? own_ : source_; }

    void update();                                  // frames what is new in the source
    void trim() { own_.trim_to(source_.first()); }  // what the source holds no more
    // What comes is under another header.
    void clear(std::uint64_t format) {
        own_.clear();
        format_ = format;
    }

    // The newest keep-alive packet, framed with the numbers of the last packet; its number grows with each.
    // It is in no log: it goes straight to clients that have caught up, and is empty again once a packet
    // followed: behind that packet its time would run backwards.
    void set_filler(Bytes packet);
    Bytes filler() const noexcept { return filler_after_ == log().end() ? Bytes{filler_} : Bytes{}; }
    std::uint64_t filler_number() const noexcept { return filler_number_; }

    // How many clients read it; the Channel drops it at 0.
    std::size_t readers = 0;

  private:
    const BlockLog& source_;
    const Numbering& names_;
    const Framing& framing_;
    BlockLog own_;
    std::uint64_t format_;
    std::uint64_t count_ = 0;
    std::vector<std::uint8_t> filler_;
    std::uint64_t filler_number_ = 0;
    Seq filler_after_ = 0;  // the packet before it, + 1
};

}  // namespace weir
