// The protocol "msbd": Windows Media's distribution between servers, and from an encoder to a server
// ([MS-MSBD]), over TCP.
#pragma once

#include "core/relay/protocol.hpp"

namespace weir::msbd {

class MsbdProtocol final : public Protocol {
  public:
    std::string_view name() const noexcept override { return "msbd"; }
    std::span<const std::string_view> schemes() const noexcept override;
    Sniffed sniff(Bytes first) const noexcept override;
    // Who connects asks for a stream; none brings one.
    Visitor visitor(Bytes) const noexcept override { return Visitor::server; }
    std::string refusal() const override;
    std::unique_ptr<ProtocolServer> open(Host& host) const override;
    std::span<const std::string_view> pull_schemes() const noexcept override { return schemes(); }
    Result<std::string> check_pull(std::string_view url) const override;
    std::unique_ptr<Pull> pull(Outbound& outbound, std::string_view url, const PullRequest& request,
                               PullListener& listener) const override;
};

}  // namespace weir::msbd
