// What stands in for a connection where a benchmark leaves sockets out: it takes everything at once and
// counts.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/base/log.hpp"
#include "core/base/peer.hpp"

namespace weir::bench {

// By all peers of a benchmark together.
struct Taken {
    std::uint64_t sends = 0;
    std::uint64_t bytes = 0;
};

class SinkPeer final : public Peer {
  public:
    // taken: outlives the peer.
    explicit SinkPeer(Taken& taken) : taken_(taken) {}
    std::size_t send(std::span<const Bytes> parts) override {
        std::size_t n = 0;
        for (const Bytes& part : parts) n += part.size();
        ++taken_.sends;
        taken_.bytes += n;
        return n;
    }
    void write(Bytes bytes) override { taken_.bytes += bytes.size(); }
    void close(CloseReason) override {}
    bool is_closing() const noexcept override { return false; }
    void set_handler(std::unique_ptr<Handler>) override {}
    std::string remote() const override { return "bench"; }
    std::string remote_address() const override { return "bench"; }
    std::string local() const override { return "bench"; }

  private:
    Taken& taken_;
};

class Silence final : public Log {
  public:
    void write(LogLevel, std::string_view) noexcept override {}
};

}  // namespace weir::bench
