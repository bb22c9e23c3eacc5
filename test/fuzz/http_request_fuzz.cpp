// Requests: the same events, bodies and errors however the bytes are cut; the cuts come from the bytes
// themselves.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "protocols/http/protocol.hpp"
#include "protocols/http/relay_headers.hpp"
#include "protocols/http/wire.hpp"

using namespace weir;
using Event = http::RequestReader::Event;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void describe(const http::Request& request, std::string& out) {
    out += "head " + request.method_name + " " + request.target + " " + request.path + "?" + request.query;
    out += request.chunked ? " chunked" : request.keep_alive ? " keep" : "";
    if (request.content_length) out += " " + std::to_string(*request.content_length);
    for (const auto& header : request.headers) out += "\n" + header.name + ":" + header.value;
    out += request.query_value("a").value_or("") + request.query_value("").value_or("");
    require(request.headers.size() <= http::HeaderLimits::kCount);
    require(request.target.size() <= http::HeaderLimits::kLine);
}

// What a weir that pushes says of a packet reads the same when it is said again.
void note_extension(const std::string& extension, std::string& out) {
    require(extension.size() <= http::BodyReader::kMaxChunkLine);
    out += extension;
    const auto read = http::provenance_in(extension);
    if (!read) return;
    const auto again = http::provenance_in(http::chunk_extension(*read));
    require(again && again->place == read->place);
}

// What happens, as text; body pieces joined.
std::string run(Bytes data, bool is_whole) {
    http::RequestReader reader;
    std::string out;
    bool is_first = true;
    while (!data.empty()) {
        const std::size_t size =
            is_whole ? data.size() : std::min<std::size_t>(data.size(), 1 + data[0] % 32);
        const std::string piece{as_text(data.first(size))};
        data = data.subspan(size);
        Bytes in = as_bytes(piece);
        for (Event event = reader.next(in); event != Event::need_more; event = reader.next(in)) {
            if (event == Event::head) {
                describe(reader.request(), out);
                if (!is_first) reader.body_until_close();
                is_first = false;
            } else if (event == Event::body) {
                require(!reader.body().empty());
                if (const std::string extension = reader.take_extension(); !extension.empty())
                    note_extension(extension, out);
                out += as_text(reader.body());
            } else if (event == Event::end) {
                out += "|end|";
                // Repeated, with nothing taken of what follows.
                const auto left = in.size();
                require(reader.next(in) == Event::end && in.size() == left);
                require(reader.finish() == Event::end && !reader.in_head());
                reader.reset();
            } else {
                require(reader.error().status >= 400 && !reader.error().detail.empty());
                require(reader.next(in) == Event::error && reader.finish() == Event::error);
                return out + std::to_string(reader.error().status) + reader.error().detail;
            }
        }
        require(in.empty());
    }
    out += reader.in_head() ? "in head" : "";
    return out + std::to_string(static_cast<int>(reader.finish()));
}

// What the first bytes tell holds whatever follows them.
void check_sniffing(Bytes data) {
    using enum Protocol::Sniffed;
    const http::HttpProtocol protocol{{.name = "http", .services = {}}};
    auto before = need_more;
    for (std::size_t n = 0; n <= std::min<std::size_t>(data.size(), 32); ++n) {
        const auto now = protocol.sniff(data.first(n));
        require(before == need_more || now == before);
        before = now;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    require(run({data, size}, true) == run({data, size}, false));
    check_sniffing({data, size});
    return 0;
}
