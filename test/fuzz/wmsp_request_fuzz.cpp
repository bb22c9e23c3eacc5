// WMSP: any request that HTTP takes is classified within the limits; logs are printable.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "protocols/http/wire.hpp"
#include "protocols/wmsp/log_record.hpp"
#include "protocols/wmsp/request.hpp"

using namespace weir;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

bool is_printable(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

void check_log(const wmsp::LogRecord& record) {
    require(record.count <= wmsp::LogRecord::kFieldCount);
    require(record.field("c-ip") == record.values[0]);
    for (const auto& value : record.values) require(is_printable(value));
}

void check_request(const http::Request& http) {
    const auto request = wmsp::classify(http);
    require(request.switches.size() <= wmsp::Request::kMaxSwitches);
    require(!request.stream_switch_count || request.switches.size() <= *request.stream_switch_count);
    require(is_printable(request.client_guid));
    require(!(request.client_id && request.client_id_bad));
    require(!wmsp::to_string(request.kind).empty());
    require(wmsp::is_wmsp(http) == (request.agent.kind != wmsp::UserAgent::Kind::none));
    (void)request.needs_context();
    const std::uint16_t streams[] = {1, 2, 10, 127};
    require(wmsp::resolve_selection(request.switches, streams).size() == std::size(streams));
    check_log(wmsp::parse_log_line(request.log_line));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes in{data, size};
    http::RequestReader reader;
    if (reader.next(in) == http::RequestReader::Event::head) {
        check_request(reader.request());
        check_log(wmsp::parse_log(as_text(in)));
    }
    // The same bytes as lines of Pragma alone: most inputs are no HTTP.
    http::Request request;
    request.method = size % 2 == 0 ? http::Method::get : http::Method::post;
    std::string_view rest = as_text({data, size}).substr(0, http::HeaderLimits::kTotal);
    while (!rest.empty()) {
        const auto end = std::min(rest.find('\n'), rest.size());
        request.headers.push_back({"Pragma", std::string(rest.substr(0, end))});
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    check_request(request);
    check_log(wmsp::parse_log(as_text({data, size})));
    return 0;
}
