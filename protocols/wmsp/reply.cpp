#include "protocols/wmsp/reply.hpp"

#include <utility>
#include <vector>

#include "protocols/http/relay_headers.hpp"
#include "protocols/http/response.hpp"

namespace weir::wmsp {

namespace {

constexpr std::string_view kOctetStream = "application/octet-stream";

// Each pragma on a line of its own, as WMS 4.1 wrote them: clients look for the text at a line's beginning.
// HTTP/1.0 whatever was asked: that rules out chunks, which four of five free players do not read
// ([MS-WMSP] 3.2.5.2).
class Head {
  public:
    void add(std::string_view name, std::string value) { lines_.push_back({name, std::move(value)}); }

    void add_common(const ReplyContext& context) {
        add("Server", std::string(kServer));
        add("Pragma", "no-cache");
        if (context.client_id) add("Pragma", "client-id=" + std::to_string(*context.client_id));
        if (context.reset_stream) add("Pragma", "xResetStrm=1");
    }

    std::string format(int status) const {
        std::vector<http::HeaderView> views;
        views.reserve(lines_.size());
        for (const Line& line : lines_) views.push_back({line.name, line.value});
        return http::format_response_head(http::Version::http_1_0, status, views);
    }

  private:
    struct Line {
        std::string_view name;
        std::string value;
    };
    std::vector<Line> lines_;
};

void add_features(Head& head) {
    head.add("Pragma", "features=\"" + std::string(kFeatures) + "\"");
}

}  // namespace

std::string describe_reply(const ReplyContext& context, std::uint64_t content_length) {
    Head head;
    head.add("Content-Type", std::string(kOctetStream));
    head.add("Content-Length", std::to_string(content_length));
    head.add_common(context);
    add_features(head);
    if (context.keep_alive) head.add("Connection", "Keep-Alive");
    return head.format(200);
}

std::string play_reply(const ReplyContext& context) {
    Head head;
    head.add("Content-Type", std::string(kOctetStream));
    head.add_common(context);
    add_features(head);
    if (context.begins) {
        head.add(http::kResumeHeader, to_string(context.begins->place));
        head.add(http::kViaHeader, to_string(std::span{context.begins->via}));
    }
    return head.format(200);
}

// Content-Length: 0 stands beside 204, too: [MS-WMSP] 3.2.5.2 wants it, RFC 9110 §8.6 does not.
std::string empty_reply(const ReplyContext& context, EmptyStatus status) {
    Head head;
    head.add("Content-Length", "0");
    head.add_common(context);
    if (context.keep_alive) head.add("Connection", "Keep-Alive");
    return head.format(static_cast<int>(status));
}

std::string error_reply(int status, std::string_view sentence) {
    Head head;
    head.add("Content-Type", "text/plain; charset=utf-8");
    head.add("Content-Length", std::to_string(sentence.size() + 1));
    head.add_common({});
    return head.format(status) + std::string(sentence) + "\n";
}

}  // namespace weir::wmsp
