// The protocol "http": its connections, and the table of services that ride on it.
#pragma once

#include <span>

#include "core/relay/protocol.hpp"
#include "protocols/http/service.hpp"

namespace weir::http {

class HttpProtocol final : public Protocol {
  public:
    // services: asked in this order. schemes: of the URLs by which clients open a channel. All outlives the
    // protocol.
    constexpr HttpProtocol(std::string_view name, std::span<const HttpServiceEntry> services,
                           std::span<const std::string_view> schemes) noexcept
        : name_(name), services_(services), schemes_(schemes) {}

    std::string_view name() const noexcept override { return name_; }
    std::span<const std::string_view> schemes() const noexcept override { return schemes_; }
    Sniffed sniff(Bytes first) const noexcept override;
    std::unique_ptr<ProtocolServer> open(Host& host) const override;
    Result<std::string> check_pull(std::string_view url) const override;
    std::unique_ptr<Pull> pull(Outbound& outbound, std::string_view url, PullAs as,
                               PullListener& listener) const override;

  private:
    std::string_view name_;
    std::span<const HttpServiceEntry> services_;
    std::span<const std::string_view> schemes_;
};

}  // namespace weir::http
