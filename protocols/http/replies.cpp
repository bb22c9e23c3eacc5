#include "protocols/http/replies.hpp"

#include "protocols/http/response.hpp"

namespace weir::http {

std::string_view server_header() {
    return "weir/" WEIR_VERSION;
}

std::string format(const Request& request, const Reply& reply) {
    const std::string length = std::to_string(reply.body.size());
    std::vector<HeaderView> headers{{"Server", server_header()}, {"Cache-Control", "no-cache"}};
    if (reply.cross_origin) headers.push_back({"Access-Control-Allow-Origin", "*"});
    headers.insert(headers.end(), reply.more.begin(), reply.more.end());
    if (reply.status != 204) {
        headers.push_back({"Content-Type", reply.content_type});
        headers.push_back({"Content-Length", length});
    }
    const bool keep = request.keep_alive && !reply.close;
    headers.push_back({"Connection", keep ? "keep-alive" : "close"});
    const bool is_1_0 = request.major == 1 && request.minor == 0;
    std::string out =
        format_response_head(is_1_0 ? Version::http_1_0 : Version::http_1_1, reply.status, headers);
    if (request.method != Method::head && reply.status != 204) out += reply.body;
    return out;
}

std::string format_error(int status, std::string_view sentence) {
    const std::string body = std::string(sentence) + "\n";
    const std::string length = std::to_string(body.size());
    return format_response_head(Version::http_1_1, status,
                                {{"Server", server_header()},
                                 {"Content-Type", "text/plain; charset=utf-8"},
                                 {"Content-Length", length},
                                 {"Connection", "close"}}) +
           body;
}

}  // namespace weir::http
