// Detector: which container a byte stream is in, found out from its first bytes, however they are cut. One
// per stream; pure.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/media/container.hpp"

namespace weir {

class Detector {
  public:
    // So many bytes tell any container from any other.
    static constexpr std::size_t kMostBytes = 4096;

    explicit Detector(std::span<const Container* const> containers) noexcept : containers_(containers) {}

    // Adds to the first bytes. Null: more are needed. Error: unsupported, no container's; it quotes them.
    Result<const Container*> feed(Bytes bytes);
    // What came so far. Once the container is known it is to be read first, and will not be needed again.
    std::vector<std::uint8_t> take_held() noexcept { return std::exchange(held_, {}); }
    Bytes held() const noexcept { return held_; }

  private:
    std::span<const Container* const> containers_;
    std::vector<std::uint8_t> held_;
};

}  // namespace weir
