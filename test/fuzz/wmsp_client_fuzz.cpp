// The client's side of WMSP. The input is the body of an answer to Describe, then, from the last "HTTP/" in
// it, an answer's head: the streams are those of the header in the body, and what the client asks for with
// them is what a server reads.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/asf/chunk.hpp"
#include "core/asf/header.hpp"
#include "protocols/http/wire.hpp"
#include "protocols/wmsp/client.hpp"
#include "protocols/wmsp/request.hpp"

using namespace weir;

namespace {

constexpr std::string_view kGuid = "3300AD50-2C39-46c0-AE0A-000000000000";

void require(bool condition) {
    if (!condition) std::abort();
}

const http::Url& some_url() {
    static const http::Url url = http::parse_url("mmsh://relay.example:8080/news?a=b").value();
    return url;
}

// A server's view of what the client says.
wmsp::Request read_request(const std::string& text) {
    http::RequestReader reader;
    Bytes in = as_bytes(text);
    require(reader.next(in) == http::RequestReader::Event::head && in.empty());
    require(wmsp::is_wmsp(reader.request()) && reader.request().target == some_url().path);
    require(reader.request().header("Host") == some_url().host_header());
    require(!reader.request().keep_alive);
    const auto request = wmsp::classify(reader.request());
    require(!request.agent.free && request.client_guid == '{' + std::string(kGuid) + '}');
    return request;
}

std::optional<std::uint32_t> check_head(Bytes head) {
    http::ResponseReader reader;
    if (reader.next(head) != http::ResponseReader::Event::head) return std::nullopt;
    const auto id = wmsp::client_id_of(reader.response());
    // Without a Pragma there is none.
    require(!id || reader.response().header("Pragma"));
    return id;
}

void check_play(const std::vector<std::uint16_t>& streams, std::optional<std::uint32_t> id) {
    const auto play =
        read_request(wmsp::play_request(some_url(), {.guid = std::string(kGuid), .client_id = id}, streams));
    require(play.kind == wmsp::Request::Kind::play && play.play);
    require(play.client_id == id && !play.client_id_bad);
    require(play.stream_switch_count == streams.size());
    require(play.switches.size() == std::min(streams.size(), wmsp::Request::kMaxSwitches));
    for (const auto& stream : wmsp::resolve_selection(play.switches, streams))
        require(stream.level == wmsp::StreamSwitch::Level::full);
}

// The body as one $H anew, behind a $M and in front of what is no whole chunk: the same streams.
void check_refragmented(Bytes blob, const std::vector<std::uint16_t>& streams) {
    std::vector<std::uint8_t> body(asf::kDataOverhead + asf::encoded_header_size(blob.size()));
    asf::encode_head(asf::ChunkType::metadata, {}, 0, body);
    asf::encode_header(0, blob, MutableBytes{body}.subspan(asf::kDataOverhead));
    body.insert(body.end(), {'$', 'D', 4});
    const auto again = wmsp::streams_of(body);
    require(again.ok() && again.value() == streams);
}

void check_body(Bytes body, std::optional<std::uint32_t> id) {
    const auto streams = wmsp::streams_of(body);
    if (!streams) {
        require(!streams.error().detail.empty());
        return;
    }
    const auto& numbers = streams.value();
    require(!numbers.empty() && numbers.size() <= asf::kMaxStreamNumber);
    require(std::is_sorted(numbers.begin(), numbers.end()));
    require(std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end());
    require(numbers.front() >= 1 && numbers.back() <= asf::kMaxStreamNumber);
    check_play(numbers, id);

    std::vector<std::uint8_t> blob;
    while (!body.empty()) {
        const auto parsed = asf::parse_chunk(body);
        const auto* chunk = std::get_if<Got<asf::Chunk>>(&parsed);
        if (chunk == nullptr) break;
        const auto part = chunk->value.payload;
        if (chunk->value.type == asf::ChunkType::header) blob.insert(blob.end(), part.begin(), part.end());
        body = body.subspan(chunk->used);
    }
    check_refragmented(blob, numbers);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text({data, size});
    const auto head = std::min(text.rfind("HTTP/"), size);
    const auto id = check_head(as_bytes(text.substr(head)));
    require(read_request(wmsp::describe_request(some_url(), {.guid = std::string(kGuid)})).kind ==
            wmsp::Request::Kind::describe);
    check_body(as_bytes(text.substr(0, head)), id);
    return 0;
}
