// A Block is a fixed piece of memory that only grows: bytes are written once, then published, never changed.
// It is the only memory that two threads may share: the reference count and the published length are atomic;
// the one writer writes beyond the published length only.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"

namespace weir {

class BlockRef;

class Block {
  public:
    static BlockRef make(std::size_t capacity);

    std::size_t capacity() const noexcept { return capacity_; }
    std::uint8_t* data() noexcept { return reinterpret_cast<std::uint8_t*>(this + 1); }
    const std::uint8_t* data() const noexcept { return reinterpret_cast<const std::uint8_t*>(this + 1); }

    // Bytes [0, published()) may be read by anybody who holds a reference.
    std::size_t published() const noexcept { return published_.load(std::memory_order_acquire); }
    void publish(std::size_t length) noexcept { published_.store(length, std::memory_order_release); }

  private:
    friend class BlockRef;
    explicit Block(std::size_t capacity) noexcept : capacity_(capacity) {}

    std::atomic<std::uint32_t> references_{0};
    std::atomic<std::size_t> published_{0};
    std::size_t capacity_;
};

// Keeps a Block alive. Copying costs one atomic increment.
class BlockRef {
  public:
    BlockRef() noexcept = default;
    explicit BlockRef(Block* block) noexcept : block_(block) {
        if (block_) block_->references_.fetch_add(1, std::memory_order_relaxed);
    }
    BlockRef(const BlockRef& other) noexcept : BlockRef(other.block_) {}
    BlockRef(BlockRef&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    BlockRef& operator=(BlockRef other) noexcept {
        std::swap(block_, other.block_);
        return *this;
    }
    ~BlockRef() {
        if (block_ && block_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            block_->~Block();
            std::free(block_);
        }
    }
    explicit operator bool() const noexcept { return block_ != nullptr; }
    Block* operator->() const noexcept { return block_; }
    Block& operator*() const noexcept { return *block_; }

  private:
    Block* block_ = nullptr;
};

inline BlockRef Block::make(std::size_t capacity) {
    void* memory = std::malloc(sizeof(Block) + capacity);
    WEIR_ASSERT(memory != nullptr);  // out of memory ends the process
    return BlockRef{new (memory) Block{capacity}};
}

}  // namespace weir
