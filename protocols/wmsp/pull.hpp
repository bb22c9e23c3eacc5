// The WMSP client ([MS-WMSP] 3.1): Describe, then Play on a connection of its own, as players and servers of
// the 4.1 generation do. It reads what real servers send, too: encoders that stream on a Describe, servers
// that are none and send a plain stream.
#pragma once

#include "protocols/http/pull.hpp"

namespace weir::wmsp {

// Is the answer to a plain GET from a server or encoder that speaks WMSP?
bool takes_answer(const http::Response& response, Bytes first) noexcept;

std::unique_ptr<Pull> open_pull(Outbound& outbound, const http::Url& url, const PullRequest& request,
                                PullListener& listener, http::Answered answered);

}  // namespace weir::wmsp
