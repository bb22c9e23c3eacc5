// BlockLog: packets back to back in append-only blocks, oldest dropped first, with an index from number to
// place. A channel's log is one; a Rendition is one. Readers hold a Cursor, which is a place and nothing
// else, so reading costs no work per packet: a read is the bytes from the cursor to the end. One thread (the
// channel's worker) owns it; blocks may be shared beyond.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "core/base/block.hpp"
#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"

namespace weir {

// A packet's number in its channel. Never restarts while the process lives.
using Seq = std::uint64_t;

// Where a reader stands: a block and an offset in it. Between two reads it is always where a packet begins,
// except while a socket has taken only a part of one.
struct Cursor {
    std::uint64_t block = 0;
    std::size_t offset = 0;
    friend bool operator==(const Cursor&, const Cursor&) = default;
};

struct LogLimits {
    std::size_t bytes;  // kept at most, in whole blocks: the newest block may stand above it
    Duration time;      // packets that came longer ago are dropped, in whole blocks
};

class BlockLog {
  public:
    // block_bytes: capacity of one block; a longer packet gets a block of its own.
    // first: the number of the first packet to come.
    BlockLog(LogLimits limits, std::size_t block_bytes, Seq first = 0);

    // Room for one packet of at most max_bytes, to be written in place, then made the next packet by
    // commit(). Valid until the next call of a non-const member.
    MutableBytes reserve(std::size_t max_bytes);
    Seq commit(std::size_t bytes, bool is_sync, TimePoint now);
    // Makes all that was committed visible to readers.
    void publish();
    // Drops what is over the limits; also to be called while nothing comes.
    void trim(TimePoint now);
    // Drops what is before `first`, whatever the limits; whole blocks, as trim() does.
    void trim_to(Seq first);
    // Drops everything; numbers go on. Readers find that they have lagged.
    void clear();

    // Published packets are [first, end).
    Seq first() const noexcept { return first_; }
    Seq end() const noexcept { return end_; }
    std::size_t bytes() const noexcept { return bytes_; }

    // Where a newcomer starts who is to get `burst` at once: the newest sync point that is at least so old,
    // else the oldest one held, never before `not_before`. Nothing: no sync point is held.
    std::optional<Seq> start_for(Duration burst, TimePoint now, Seq not_before = 0) const;
    std::optional<Seq> newest_sync() const;

    struct Packet {
        Bytes bytes;
        bool sync;
        TimePoint arrival;
    };
    Packet packet(Seq seq) const;  // seq in [first, end)

    Cursor cursor_at(Seq seq) const;  // seq in [first, end]; a seq before first gives the first
    Cursor cursor_at_end() const { return cursor_at(end_); }
    // False: the cursor's bytes were dropped, its reader has lagged. A cursor at the very end of what was
    // dropped last is moved to the beginning of what is held.
    bool settle(Cursor& cursor) const noexcept;
    // Up to out.size() views of what follows the cursor, `limit` bytes at most in all. Returns how many
    // views. The cursor must have been settled.
    std::size_t read(const Cursor& cursor, std::size_t limit, std::span<Bytes> out) const;
    // Moves the cursor over `bytes` bytes that read() gave.
    void advance(Cursor& cursor, std::size_t bytes) const;
    bool is_at_end(const Cursor& cursor) const;
    // The packet that holds the byte at the cursor, which is not at the end. For a reader that was cut short:
    // how far the packet reaches. (Of a cursor at the very end of a block it is the next block's first.)
    struct Place {
        Seq seq;
        std::uint64_t block;
        std::size_t begin;
        std::size_t end;
    };
    Place locate(const Cursor& cursor) const;
    BlockRef block_of(const Cursor& cursor) const;

  private:
    struct Entry {
        std::uint64_t block = 0;
        TimePoint arrival{};
        std::uint32_t offset = 0;
        std::uint32_t length = 0;
        bool sync = false;
    };
    struct Held {
        BlockRef block;
        Seq first;  // number of the first packet in it
    };
    const Entry& entry(Seq seq) const {
        return entries_[static_cast<std::size_t>(seq) & (entries_.size() - 1)];
    }
    const Held& held(std::uint64_t block) const {
        return blocks_[static_cast<std::size_t>(block - first_block_)];
    }
    std::size_t visible(std::uint64_t block) const { return held(block).block->published(); }
    void push_entry(const Entry& entry);
    void drop_oldest_block();

    LogLimits limits_;
    std::size_t block_bytes_;
    std::deque<Held> blocks_;
    std::uint64_t first_block_ = 0;  // number of blocks_.front(); block numbers never restart
    std::size_t dropped_end_ = 0;    // length of the block before it
    std::vector<Entry> entries_;     // a ring, a power of two long, indexed by Seq
    Seq first_ = 0;
    Seq end_ = 0;              // published
    Seq next_ = 0;             // committed
    std::size_t written_ = 0;  // in the newest block, committed
    std::size_t bytes_ = 0;    // committed in all held blocks
};

}  // namespace weir
