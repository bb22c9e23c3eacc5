#include "protocols/http/plain_play.hpp"

#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/relay/viewer.hpp"
#include "protocols/http/relay_headers.hpp"
#include "protocols/http/replies.hpp"
#include "protocols/http/response.hpp"

namespace weir::http {

namespace {

// --- close-delimited: the packets as they stand in the channel's log

constexpr Framing kIdentity{.name = "plain"};

void plain_header(const StreamFormat& format, const HeaderPlace&, std::vector<std::uint8_t>& out) {
    const Bytes header = format.header();
    out.insert(out.end(), header.begin(), header.end());
}

// --- chunked (RFC 9112 section 7.1): one chunk per packet, its size in six digits so that the overhead is
// constant

constexpr std::size_t kSizeLine = 8;
constexpr std::size_t kChunkOverhead = kSizeLine + 2;

std::size_t encode_chunk(Bytes packet, const FrameNumbers&, MutableBytes out) noexcept {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::size_t rest = packet.size();
    for (std::size_t i = 6; i-- > 0; rest >>= 4) out[i] = static_cast<std::uint8_t>(kDigits[rest & 15]);
    out[6] = '\r';
    out[7] = '\n';
    std::copy(packet.begin(), packet.end(), out.begin() + kSizeLine);
    out[kSizeLine + packet.size()] = '\r';
    out[kSizeLine + packet.size() + 1] = '\n';
    return packet.size() + kChunkOverhead;
}

constexpr Framing kChunked{.name = "chunked", .overhead = kChunkOverhead, .encode = encode_chunk};

void chunked_header(const StreamFormat& format, const HeaderPlace&, std::vector<std::uint8_t>& out) {
    const Bytes header = format.header();
    const std::size_t at = out.size();
    out.resize(at + header.size() + kChunkOverhead);
    encode_chunk(header, {}, MutableBytes{out}.subspan(at));
}

void chunked_end(EndReason, std::vector<std::uint8_t>& out) {
    const Bytes last = as_bytes("0\r\n\r\n");
    out.insert(out.end(), last.begin(), last.end());
}

// A second header inside the body ends GStreamer and stops VLC: the body is ended instead.
constexpr PlayStyle kCloseDelimitedStyle{.protocol = "http",
                                         .framing = &kIdentity,
                                         .wants_fillers = true,
                                         .header_in_band = false,
                                         .is_link = false,
                                         .header = plain_header,
                                         .end = [](EndReason, std::vector<std::uint8_t>&) {}};
constexpr PlayStyle kChunkedStyle{.protocol = "http",
                                  .framing = &kChunked,
                                  .wants_fillers = true,
                                  .header_in_band = false,
                                  .is_link = false,
                                  .header = chunked_header,
                                  .end = chunked_end};

class PlainPlay final : public HttpService {
  public:
    explicit PlainPlay(Host& host) : host_(host) {}

    bool match(const Request& request) const override {
        return (request.method == Method::get || request.method == Method::head ||
                request.method == Method::options) &&
               served_name(host_, request).has_value();
    }

    void serve(Exchange& exchange) override {
        const Request& request = exchange.request();
        if (request.method == Method::options) return preflight(exchange);
        const auto asked = host_.ask_for(*served_name(host_, request));
        if (!asked)
            return exchange.reply(format(request, {.status = status_of_asking(asked.error().code),
                                                   .body = asked.error().detail + "\n"}),
                                  Next::keep_open);
        Channel& channel = *asked.value();
        if (const auto via = via_of(request); !via.empty()) {
            if (channel.lineage().makes_loop(via))
                return exchange.reply(
                    format(request, {.status = kLoopDetected, .body = std::string(kLoopSentence) + "\n"}),
                    Next::keep_open);
            if (!channel.format()) channel.lineage().note_waiting(via);
        }
        if (!channel.format()) {
            if (request.method == Method::get) return exchange.hold_for_format(channel);
            return exchange.reply(
                format(request, {.status = 503, .body = "This channel is not on air yet.\n"}),
                Next::keep_open);
        }
        const bool chunked = request.minor >= 1 && request.method == Method::get;
        const std::string head = head_of(request, channel, chunked);
        if (request.method == Method::head) return exchange.reply(head, Next::close);
        const auto agent = request.header("User-Agent");
        exchange.take_over(std::make_unique<Viewer>(exchange.peer(), channel,
                                                    chunked ? kChunkedStyle : kCloseDelimitedStyle, head,
                                                    printable(agent.value_or("-"), 64)));
    }

  private:
    static std::string head_of(const Request& request, const Channel& channel, bool chunked) {
        std::vector<HeaderView> headers{{"Server", server_header()},
                                        {"Content-Type", channel.format()->container().content_type()},
                                        {"Cache-Control", "no-cache, no-store"},
                                        {"Pragma", "no-cache"},
                                        {"Accept-Ranges", "none"},
                                        {"Access-Control-Allow-Origin", "*"},
                                        {"Connection", "close"}};
        if (chunked) headers.push_back({"Transfer-Encoding", "chunked"});
        // So that another weir hears of a loop. It gets no names: nothing in a plain stream could tell of new
        // ones.
        const std::string via = request.header(kViaHeader)
                                    ? to_string(std::span{channel.lineage().names().last().via})
                                    : std::string{};
        if (!via.empty()) headers.push_back({kViaHeader, via});
        return format_response_head(request.minor >= 1 ? Version::http_1_1 : Version::http_1_0, 200, headers);
    }

    // A page of another origin asks before it plays (the Fetch standard's CORS preflight).
    static void preflight(Exchange& exchange) {
        exchange.reply(
            format(exchange.request(), {.status = 204,
                                        .body = {},
                                        .more = {{"Allow", "GET, HEAD, OPTIONS"},
                                                 {"Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"},
                                                 {"Access-Control-Allow-Headers", "Range, Icy-MetaData"},
                                                 {"Access-Control-Max-Age", "86400"}}}),
            Next::keep_open);
    }

    Host& host_;
};

}  // namespace

std::unique_ptr<HttpService> open_plain_play(Host& host) {
    return std::make_unique<PlainPlay>(host);
}

}  // namespace weir::http
