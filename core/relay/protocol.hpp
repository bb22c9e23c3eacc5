// What a protocol is to the relay: a name in weir.toml, a way to recognise itself by a connection's first
// bytes, and the server side of it, one per worker. A new protocol is a folder under protocols/ and a line in
// builtin.cpp.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/peer.hpp"
#include "core/relay/pull.hpp"

namespace weir {

class Host;
class Outbound;

// What a port's configuration says to the protocols that it speaks.
struct PortInfo {
    std::string_view channel;  // for who names none; empty: there is none
};

// One worker's side of a protocol: whatever it keeps between connections. Outlives its handlers.
class ProtocolServer {
  public:
    virtual ~ProtocolServer() = default;
    // What `port` names outlives the handler.
    virtual std::unique_ptr<Handler> accept(Peer& peer, const PortInfo& port) = 0;
};

enum class Visitor { client, server, source };

class Protocol {
  public:
    enum class Sniffed { no, need_more, yes };

    virtual std::string_view name() const noexcept = 0;
    // URL schemes by which clients open a channel on such a port, for the list that `weir run` prints.
    virtual std::span<const std::string_view> schemes() const noexcept = 0;
    // Could a connection that begins with `first` (never empty) be this protocol? Decided within 16 bytes.
    virtual Sniffed sniff(Bytes first) const noexcept = 0;
    // Who it is that comes, by first bytes that sniff() said yes to: where all connections are taken that
    // clients may have, servers downstream still have places of their own, and what may bring a stream is let
    // in.
    virtual Visitor visitor(Bytes first) const noexcept = 0;
    // What the others are told then, before they are closed.
    virtual std::string refusal() const = 0;
    virtual std::unique_ptr<ProtocolServer> open(Host& host) const = 0;

    // The client side. Schemes of the URLs that weir pulls from by this protocol: "mmsh" for mmsh://...
    virtual std::span<const std::string_view> pull_schemes() const noexcept { return {}; }
    // A URL of such a scheme: gives it as it may be told to anybody, without credentials. Error: what is
    // wrong.
    virtual Result<std::string> check_pull(std::string_view url) const = 0;
    // One attempt to take the stream at a URL that check_pull() accepted. `listener` outlives it.
    virtual std::unique_ptr<Pull> pull(Outbound& outbound, std::string_view url, const PullRequest& request,
                                       PullListener& listener) const = 0;

  protected:
    ~Protocol() = default;  // protocols are constants
};

// The first of `protocols` that pulls from URLs of this one's scheme; null: none does.
const Protocol* find_puller(std::span<const Protocol* const> protocols, std::string_view url) noexcept;

}  // namespace weir
