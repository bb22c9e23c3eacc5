// What one weir says to another in the heads of requests and answers (docs/protocols.md). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/media/channel.hpp"
#include "core/media/stream_place.hpp"
#include "core/relay/push.hpp"
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

// A weir that pushes says in its request which channels the stream went through (kViaHeader), and before a
// packet what that is called, as a link does: in the extension of its chunk, with the nearest of those
// channels.
std::string chunk_extension(const Provenance& provenance);  // ;weir-run="RUN:NUMBER RELAYS"
std::optional<Provenance> provenance_in(std::string_view extension);
// What it is told before: that this is a weir, and where it may go on.
std::vector<Header> answer_to_push(const Channel& channel);
PushReceiver receiver_of(const Response& response);
// A push would bring the channel its own stream.
bool brings_its_own(const Request& request, const Channel& channel);
inline constexpr std::string_view kOwnStreamSentence =
    "This channel's stream comes from here: a loop. Push another one.";

// To a request whose stream would come back to the channel that is asked.
inline constexpr int kLoopDetected = 508;
inline constexpr std::string_view kLoopSentence =
    "This channel takes its stream from the one that asks: a loop. List another source.";

}  // namespace weir::http
