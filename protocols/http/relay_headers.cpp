#include "protocols/http/relay_headers.hpp"

namespace weir::http {

std::optional<StreamPlace> resume_of(const Request& request) {
    const auto text = request.header(kResumeHeader);
    return text ? parse_stream_place(*text) : std::nullopt;
}

std::vector<RelayId> via_of(const Request& request) {
    return parse_via(request.header(kViaHeader).value_or("")).value_or(std::vector<RelayId>{});
}

std::optional<Provenance> provenance_of(const Response& response) {
    auto via = parse_via(response.header(kViaHeader).value_or(""));
    if (!via || via->empty()) return std::nullopt;
    const auto place = parse_stream_place(response.header(kResumeHeader).value_or(""));
    return Provenance{.place = place.value_or(StreamPlace{}), .via = std::move(*via)};
}

}  // namespace weir::http
