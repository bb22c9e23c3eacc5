// How a WMSP client is played to, by what it is: framing, headers in mid-stream, fillers
// ([MS-WMSP] 2.2.3, 3.2.4.2).
#pragma once

#include "core/relay/viewer.hpp"
#include "protocols/wmsp/request.hpp"

namespace weir::wmsp {

// `reset`: the client's context was unknown and it is of those that must be told so in the stream (3.2.5.6).
const PlayStyle& play_style(const UserAgent& agent, bool reset) noexcept;

// Whether the answer that carries xResetStrm is to be followed by that in-stream reset.
bool needs_stream_reset(const Request& request) noexcept;

// A header blob as $H.
void append_header(const StreamFormat& format, std::vector<std::uint8_t>& out);

}  // namespace weir::wmsp
