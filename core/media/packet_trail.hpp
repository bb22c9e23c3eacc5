// PacketTrail: the newest packets of the feed on air as they came, each kept as a hash. It tells where
// another feed stands that brings the same packets: two relays of one encoder, one encoder that pushes twice.
// Pure; one per Switcher, fed only while there is another feed. Any thread, one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"

namespace weir {

class PacketTrail {
  public:
    // ASF packets differ in their times at least; two that are equal are the same packet.
    static std::uint64_t hash_of(Bytes packet) noexcept;

    void add(Bytes packet, TimePoint now);
    void clear() noexcept { size_ = 0; }
    bool is_empty() const noexcept { return size_ == 0; }
    std::uint64_t last() const noexcept { return entry(0).hash; }  // not of an empty one
    // The one that `back` others followed; back < kLength.
    bool is_at(std::size_t back, std::uint64_t hash) const noexcept {
        return back < size_ && entry(back).hash == hash;
    }
    // How many followed this one; nothing: it is not there, or came longer than kReach before the last.
    std::optional<std::size_t> behind(std::uint64_t hash) const noexcept;

    static constexpr std::size_t kLength = 512;
    // A feed that is further behind than this is not waited for.
    static constexpr Duration kReach{1000};

  private:
    struct Entry {
        std::uint64_t hash = 0;
        TimePoint at{};
    };
    const Entry& entry(std::size_t back) const noexcept {
        return ring_[(next_ + kLength - 1 - back) % kLength];
    }

    std::vector<Entry> ring_;  // made by the first packet
    std::size_t next_ = 0;
    std::size_t size_ = 0;
};

}  // namespace weir
