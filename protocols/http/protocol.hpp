// The protocol "http": its connections, and the table of services that ride on it.
#pragma once

#include <span>

#include "core/relay/protocol.hpp"
#include "protocols/http/service.hpp"

namespace weir::http {

class HttpProtocol final : public Protocol {
  public:
    // services: asked in this order; outlives the protocol.
    constexpr explicit HttpProtocol(std::span<const HttpServiceEntry> services,
                                    std::span<const std::string_view> schemes) noexcept
        : services_(services), schemes_(schemes) {}

    std::string_view name() const noexcept override { return "http"; }
    std::span<const std::string_view> schemes() const noexcept override { return schemes_; }
    Sniffed sniff(Bytes first) const noexcept override;
    std::unique_ptr<ProtocolServer> open(Host& host) const override;

  private:
    std::span<const HttpServiceEntry> services_;
    std::span<const std::string_view> schemes_;
};

}  // namespace weir::http
