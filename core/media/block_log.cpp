#include "core/media/block_log.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace weir {

namespace {
constexpr std::size_t kFirstEntries = 256;
}

BlockLog::BlockLog(LogLimits limits, std::size_t block_bytes, Seq first)
    : limits_(limits),
      block_bytes_(block_bytes),
      entries_(kFirstEntries),
      first_(first),
      end_(first),
      next_(first) {}

MutableBytes BlockLog::reserve(std::size_t max_bytes) {
    if (blocks_.empty() || blocks_.back().block->capacity() - written_ < max_bytes) {
        if (!blocks_.empty() && written_ == 0)
            blocks_.pop_back();  // never hold a block without packets before another
        blocks_.push_back({Block::make(std::max(block_bytes_, max_bytes)), next_});
        written_ = 0;
    }
    return {blocks_.back().block->data() + written_, max_bytes};
}

Seq BlockLog::commit(std::size_t bytes, bool is_sync, TimePoint now) {
    push_entry({.block = first_block_ + blocks_.size() - 1,
                .arrival = now,
                .offset = static_cast<std::uint32_t>(written_),
                .length = static_cast<std::uint32_t>(bytes),
                .sync = is_sync});
    written_ += bytes;
    bytes_ += bytes;
    return next_++;
}

void BlockLog::push_entry(const Entry& entry) {
    if (next_ - first_ == entries_.size()) {
        std::vector<Entry> larger(entries_.size() * 2);
        for (Seq s = first_; s < next_; ++s)
            larger[static_cast<std::size_t>(s) & (larger.size() - 1)] = this->entry(s);
        entries_ = std::move(larger);
    }
    entries_[static_cast<std::size_t>(next_) & (entries_.size() - 1)] = entry;
}

void BlockLog::publish() {
    if (end_ == next_) return;
    const std::uint64_t newest = first_block_ + blocks_.size() - 1;
    for (std::uint64_t b = entry(end_).block; b < newest; ++b) {
        const Entry& last = entry(blocks_[static_cast<std::size_t>(b + 1 - first_block_)].first - 1);
        held(b).block->publish(last.offset + last.length);
    }
    held(newest).block->publish(written_);
    end_ = next_;
}

void BlockLog::trim(TimePoint now) {
    while (blocks_.size() > 1) {
        const Entry& newest_of_oldest = entry(blocks_[1].first - 1);
        const bool too_old = now - newest_of_oldest.arrival > limits_.time;
        if (bytes_ <= limits_.bytes && !too_old) return;
        if (blocks_[1].first > end_) return;  // not published yet: readers have not seen it
        drop_oldest_block();
    }
    // A single block goes when all of it is old: an outage must not be answered with what was on air before
    // it.
    if (blocks_.size() == 1 && next_ == end_ && next_ > first_ &&
        now - entry(next_ - 1).arrival > limits_.time)
        clear();
}

void BlockLog::trim_to(Seq first) {
    while (blocks_.size() > 1 && blocks_[1].first <= std::min(first, end_)) drop_oldest_block();
    if (blocks_.size() == 1 && next_ == end_ && next_ > first_ && next_ <= first) clear();
}

void BlockLog::drop_oldest_block() {
    const Seq next_first = blocks_.size() > 1 ? blocks_[1].first : next_;
    for (Seq s = first_; s < next_first; ++s) bytes_ -= entry(s).length;
    first_ = next_first;
    dropped_end_ = blocks_.front().block->published();
    blocks_.pop_front();
    ++first_block_;
}

void BlockLog::clear() {
    // A block that was opened and not used would stand between a reader that has read all and what comes.
    if (!blocks_.empty() && written_ == 0) blocks_.pop_back();
    while (!blocks_.empty()) drop_oldest_block();
    end_ = first_ = next_;
    written_ = 0;
}

std::optional<Seq> BlockLog::newest_sync() const {
    return start_for(Duration{0}, TimePoint::max());
}

std::optional<Seq> BlockLog::start_for(Duration burst, TimePoint now, Seq not_before) const {
    std::optional<Seq> oldest;
    for (Seq s = end_; s-- > std::max(first_, not_before);) {
        const Entry& e = entry(s);
        if (!e.sync) continue;
        oldest = s;
        if (now - e.arrival >= burst) break;
    }
    return oldest;
}

BlockLog::Packet BlockLog::packet(Seq seq) const {
    WEIR_ASSERT(seq >= first_ && seq < end_);
    const Entry& e = entry(seq);
    return {{held(e.block).block->data() + e.offset, e.length}, e.sync, e.arrival};
}

Cursor BlockLog::cursor_at(Seq seq) const {
    seq = std::max(seq, first_);
    WEIR_ASSERT(seq <= end_);
    if (seq < end_) {
        const Entry& e = entry(seq);
        return {e.block, e.offset};
    }
    // Behind the last packet. An empty log's next packet opens block number first_block_.
    if (blocks_.empty()) return {first_block_, 0};
    const std::uint64_t newest = first_block_ + blocks_.size() - 1;
    if (end_ == next_) return {newest, written_};
    const Entry& next = entry(end_);
    return {next.block, next.offset};
}

bool BlockLog::settle(Cursor& cursor) const noexcept {
    if (cursor.block + 1 == first_block_ && cursor.offset == dropped_end_) cursor = {first_block_, 0};
    return cursor.block >= first_block_;
}

std::size_t BlockLog::read(const Cursor& cursor, std::size_t limit, std::span<Bytes> out) const {
    std::size_t views = 0;
    std::uint64_t block = cursor.block;
    std::size_t offset = cursor.offset;
    while (views < out.size() && limit > 0 && block < first_block_ + blocks_.size()) {
        const std::size_t length = std::min(limit, visible(block) - offset);
        if (length > 0) {
            out[views++] = {held(block).block->data() + offset, length};
            limit -= length;
        }
        ++block;
        offset = 0;
    }
    return views;
}

void BlockLog::advance(Cursor& cursor, std::size_t bytes) const {
    while (bytes > 0) {
        const std::size_t here = std::min(bytes, visible(cursor.block) - cursor.offset);
        cursor.offset += here;
        bytes -= here;
        if (bytes > 0) cursor = {cursor.block + 1, 0};
    }
}

bool BlockLog::is_at_end(const Cursor& cursor) const {
    if (blocks_.empty() || cursor.block >= first_block_ + blocks_.size()) return true;
    const std::uint64_t newest = first_block_ + blocks_.size() - 1;
    if (cursor.offset < visible(cursor.block)) return false;
    // Blocks are published in order: where the next one shows nothing yet, none behind it does.
    return cursor.block == newest || visible(cursor.block + 1) == 0;
}

BlockLog::Place BlockLog::locate(const Cursor& cursor) const {
    const bool is_newest = cursor.block + 1 == first_block_ + blocks_.size();
    Seq low = held(cursor.block).first;
    Seq high = is_newest ? end_ : held(cursor.block + 1).first;
    while (high - low > 1) {
        const Seq middle = low + (high - low) / 2;
        (entry(middle).offset <= cursor.offset ? low : high) = middle;
    }
    const Entry& e = entry(low);
    if (cursor.offset >= e.offset + std::size_t{e.length}) {
        // At the very end of a block: the packet is the next block's first.
        const Entry& next = entry(low + 1);
        return {low + 1, next.block, next.offset, next.offset + std::size_t{next.length}};
    }
    return {low, e.block, e.offset, e.offset + std::size_t{e.length}};
}

BlockRef BlockLog::block_of(const Cursor& cursor) const {
    return held(cursor.block).block;
}

}  // namespace weir
