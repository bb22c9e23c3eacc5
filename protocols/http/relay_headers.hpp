// What one weir says to another in the heads of requests and answers (docs/protocols.md). Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/media/stream_place.hpp"
#include "protocols/http/request.hpp"
#include "protocols/http/response.hpp"

namespace weir::http {

// In a request: the packet that is wanted next, "RUN:NUMBER". In the answer: the first one that follows.
inline constexpr std::string_view kResumeHeader = "X-Weir-Resume";
// In a request: the channels that the stream goes to; in the answer: those that it went through. Relay ids,
// the nearest first.
inline constexpr std::string_view kViaHeader = "X-Weir-Via";

// What cannot be read is as good as absent.
std::optional<StreamPlace> resume_of(const Request& request);
std::vector<RelayId> via_of(const Request& request);
// Nothing where the other side is no weir.
std::optional<Provenance> provenance_of(const Response& response);

// To a request whose stream would come back to the channel that is asked.
inline constexpr int kLoopDetected = 508;
inline constexpr std::string_view kLoopSentence =
    "This channel takes its stream from the one that asks: a loop. List another source.";

}  // namespace weir::http
