// The protocol "http": its connections, and the table of services that ride on it.
#pragma once

#include <span>

#include "core/relay/protocol.hpp"
#include "protocols/http/pull.hpp"
#include "protocols/http/service.hpp"

namespace weir::http {

class HttpProtocol final : public Protocol {
  public:
    // services: asked in this order. schemes: of the URLs by which clients open a channel. pull_schemes,
    // decoders: of those from which streams are pulled, and who reads the answers. All outlives the protocol.
    struct Parts {
        std::string_view name;
        std::span<const HttpServiceEntry> services;
        std::span<const std::string_view> schemes = {};
        std::span<const std::string_view> pull_schemes = {};
        std::span<const PullDecoder> decoders = {};
    };
    constexpr explicit HttpProtocol(const Parts& parts) noexcept : parts_(parts) {}

    std::string_view name() const noexcept override { return parts_.name; }
    std::span<const std::string_view> schemes() const noexcept override { return parts_.schemes; }
    Sniffed sniff(Bytes first) const noexcept override;
    Visitor visitor(Bytes first) const noexcept override;
    std::string refusal() const override;
    std::unique_ptr<ProtocolServer> open(Host& host) const override;
    std::span<const std::string_view> pull_schemes() const noexcept override { return parts_.pull_schemes; }
    Result<std::string> check_pull(std::string_view url) const override;
    std::unique_ptr<Pull> pull(Outbound& outbound, std::string_view url, const PullRequest& request,
                               PullListener& listener) const override;

  private:
    Parts parts_;
};

}  // namespace weir::http
