#include "protocols/http/relay_headers.hpp"

#include <algorithm>

namespace weir::http {

namespace {
constexpr std::string_view kRunExtension = ";weir-run=\"";
constexpr std::size_t kMostInExtension = 8;  // a chunk's size line is bounded
}  // namespace

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

std::string chunk_extension(const Provenance& provenance) {
    Provenance told = provenance;
    told.via.resize(std::min(told.via.size(), kMostInExtension));
    return std::string(kRunExtension) + to_string(told) + '"';
}

std::optional<Provenance> provenance_in(std::string_view extension) {
    const auto begin = extension.find(kRunExtension);
    if (begin == std::string_view::npos) return std::nullopt;
    const std::string_view value = extension.substr(begin + kRunExtension.size());
    const auto end = value.find('"');
    return end == std::string_view::npos ? std::nullopt : parse_provenance(value.substr(0, end));
}

std::vector<Header> answer_to_push(const Channel& channel) {
    const RelayId self[] = {channel.lineage().relay_id()};
    std::vector<Header> headers{{std::string(kViaHeader), to_string(std::span<const RelayId>{self})}};
    if (channel.lineage().origin())
        headers.push_back({std::string(kResumeHeader), to_string(*channel.lineage().origin())});
    return headers;
}

PushReceiver receiver_of(const Response& response) {
    const auto provenance = provenance_of(response);
    PushReceiver receiver{.is_weir = provenance.has_value(), .wanted = std::nullopt};
    if (provenance && provenance->has_name()) receiver.wanted = provenance->place;
    return receiver;
}

bool brings_its_own(const Request& request, const Channel& channel) {
    const auto via = via_of(request);
    return std::find(via.begin(), via.end(), channel.lineage().relay_id()) != via.end();
}

}  // namespace weir::http
