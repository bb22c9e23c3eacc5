// Responses: the same events, bodies and errors however the bytes are cut; what is read can be written and
// read again.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "protocols/http/response.hpp"

using namespace weir;
using http::ResponseReader;
using Event = ResponseReader::Event;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void check_round_trip(const http::Response& response) {
    std::vector<http::HeaderView> views;
    for (const auto& header : response.headers) views.push_back({header.name, header.value});
    const auto head = http::format_response_head(http::Version::http_1_1, response.status, views);
    // The other reason may be longer than the limits allow.
    if (head.size() > http::HeaderLimits::kTotal) return;
    ResponseReader reader;
    Bytes in = as_bytes(head);
    const Event event = reader.next(in);
    if (event == Event::error) {
        require(std::any_of(views.begin(), views.end(), [](const auto& v) {
            return v.name.size() + v.value.size() + 2 > http::HeaderLimits::kLine;
        }));
        return;
    }
    require(event == Event::head && in.empty());
    require(reader.response().status == response.status);
    require(reader.response().headers.size() == response.headers.size());
    require(reader.response().content_length == response.content_length);
}

std::string run(Bytes data, bool is_whole) {
    const auto asked =
        !data.empty() && data.back() == '#' ? ResponseReader::Asked::head : ResponseReader::Asked::get;
    ResponseReader reader{asked};
    std::string out;
    while (!data.empty()) {
        const std::size_t size =
            is_whole ? data.size() : std::min<std::size_t>(data.size(), 1 + data[0] % 32);
        const std::string piece{as_text(data.first(size))};
        data = data.subspan(size);
        Bytes in = as_bytes(piece);
        for (Event event = reader.next(in); event != Event::need_more; event = reader.next(in)) {
            if (event == Event::head) {
                const auto& response = reader.response();
                out += "head " + std::to_string(response.status) + response.reason;
                for (const auto& header : response.headers) out += "\n" + header.name + ":" + header.value;
                if (is_whole) check_round_trip(response);
            } else if (event == Event::body) {
                require(!reader.body().empty());
                out += as_text(reader.body());
            } else if (event == Event::end) {
                out += "|end|";
                // Repeated, with nothing taken of what follows.
                const auto left = in.size();
                require(reader.next(in) == Event::end && in.size() == left);
                require(reader.finish() == Event::end && !reader.in_head());
                reader.reset(asked);
            } else {
                require(!reader.error().detail.empty());
                require(reader.next(in) == Event::error && reader.finish() == Event::error);
                return out + reader.error().detail;
            }
        }
        require(in.empty());
    }
    out += reader.in_head() ? "in head" : "";
    return out + std::to_string(static_cast<int>(reader.finish()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    require(run({data, size}, true) == run({data, size}, false));
    return 0;
}
