#include "protocols/msbd/protocol.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "protocols/msbd/asking.hpp"
#include "protocols/msbd/pull.hpp"
#include "protocols/msbd/wire.hpp"

namespace weir::msbd {

namespace {
constexpr std::string_view kSchemes[] = {"msbd"};
constexpr std::string_view kSignature = "MSB ";

class MsbdServer final : public ProtocolServer {
  public:
    explicit MsbdServer(Host& host) : host_(host) {}
    std::unique_ptr<Handler> accept(Peer& peer, const PortInfo& port) override {
        return std::make_unique<Asking>(host_, peer, port.channel);
    }

  private:
    Host& host_;
};
}  // namespace

std::span<const std::string_view> MsbdProtocol::schemes() const noexcept {
    return kSchemes;
}

Protocol::Sniffed MsbdProtocol::sniff(Bytes first) const noexcept {
    const std::string_view begin = as_text(first).substr(0, kSignature.size());
    if (!kSignature.starts_with(begin)) return Sniffed::no;
    return begin.size() == kSignature.size() ? Sniffed::yes : Sniffed::need_more;
}

std::string MsbdProtocol::refusal() const {
    return std::string(as_text(encode_connected(kTooMany)));
}

std::unique_ptr<ProtocolServer> MsbdProtocol::open(Host& host) const {
    return std::make_unique<MsbdServer>(host);
}

Result<std::string> MsbdProtocol::check_pull(std::string_view text) const {
    auto url = parse_url(text);
    if (!url) return url.error();
    return url.value().text();
}

std::unique_ptr<Pull> MsbdProtocol::pull(Outbound& outbound, std::string_view text,
                                         const PullRequest& request, PullListener& listener) const {
    auto url = parse_url(text);
    WEIR_ASSERT(url.ok());  // check_pull() accepted it
    return open_pull(outbound, std::move(url).value(), request, listener);
}

}  // namespace weir::msbd
