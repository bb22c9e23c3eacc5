#include "protocols/http/protocol.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "protocols/http/connection.hpp"
#include "protocols/http/replies.hpp"

namespace weir::http {

namespace {

class HttpServer final : public ProtocolServer {
  public:
    HttpServer(Host& host, std::span<const HttpServiceEntry> entries) : host_(host) {
        for (const HttpServiceEntry& entry : entries) services_.push_back(entry.open(host));
    }
    std::unique_ptr<Handler> accept(Peer& peer, const PortInfo&) override {
        return std::make_unique<Connection>(host_, peer, services_);
    }

  private:
    Host& host_;
    std::vector<std::unique_ptr<HttpService>> services_;
};

bool is_upper(std::uint8_t c) noexcept {
    return c >= 'A' && c <= 'Z';
}

}  // namespace

// A method of two capitals or more. An empty line in front is allowed (RFC 9112 section 2.2).
Protocol::Sniffed HttpProtocol::sniff(Bytes first) const noexcept {
    while (!first.empty() && (first[0] == '\r' || first[0] == '\n')) first = first.subspan(1);
    if (first.empty()) return Sniffed::need_more;
    if (!is_upper(first[0])) return Sniffed::no;
    if (first.size() < 2) return Sniffed::need_more;
    return is_upper(first[1]) ? Sniffed::yes : Sniffed::no;
}

// POST, PUT and SOURCE bring something. Two letters tell them from all others.
Visitor HttpProtocol::visitor(Bytes first) const noexcept {
    std::string_view method = as_text(first);
    method.remove_prefix(std::min(method.find_first_not_of("\r\n"), method.size()));
    method = method.substr(0, 2);
    if (method == "PO" || method == "PU" || method == "SO") return Visitor::source;
    // A server that takes the stream on to clients of its own says so near the beginning.
    constexpr std::size_t kHead = 1024;
    const auto head = as_text(first.first(std::min(first.size(), kHead)));
    return head.find("NSServer/") == std::string_view::npos ? Visitor::client : Visitor::server;
}

std::string HttpProtocol::refusal() const {
    return format_error(503, "all connections are taken that clients may have; try again later");
}

std::unique_ptr<ProtocolServer> HttpProtocol::open(Host& host) const {
    return std::make_unique<HttpServer>(host, parts_.services);
}

Result<std::string> HttpProtocol::check_pull(std::string_view text) const {
    auto url = parse_url(text);
    if (!url) return url.error();
    return url.value().text();
}

std::unique_ptr<Pull> HttpProtocol::pull(Outbound& outbound, std::string_view text,
                                         const PullRequest& request, PullListener& listener) const {
    const auto url = parse_url(text);
    WEIR_ASSERT(url.ok());  // check_pull() accepted it
    for (const PullDecoder& decoder : parts_.decoders) {
        if (decoder.scheme == url.value().scheme)
            return decoder.open(outbound, url.value(), request, listener, {});
    }
    return open_plain_pull(outbound, url.value(), request, listener, parts_.decoders);
}

std::optional<std::string_view> name_in(const Request& request, std::string_view suffix) {
    std::string_view name = request.path;
    if (!name.starts_with('/') || !name.ends_with(suffix)) return std::nullopt;
    name.remove_prefix(1);
    if (name.size() < suffix.size()) return std::nullopt;
    name.remove_suffix(suffix.size());
    return name;
}

Channel* find_channel(Host& host, const Request& request, std::string_view suffix) {
    const auto name = name_in(request, suffix);
    return name ? host.channel(*name) : nullptr;
}

std::optional<std::string_view> served_name(Host& host, const Request& request) {
    const auto whole = name_in(request);
    const auto bare = name_in(request, ".asf");
    if (bare && !(whole && host.channel(*whole)) && host.serves(*bare)) return bare;
    return whole && host.serves(*whole) ? whole : std::nullopt;
}

}  // namespace weir::http
