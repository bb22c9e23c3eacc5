// Plain HTTP play: GET /channel is answered with the stream header and then packets from a sync point, for as
// long as the client stays. HEAD and OPTIONS are answered, Range is not: a live stream has no positions.
#pragma once

#include <memory>

#include "protocols/http/service.hpp"

namespace weir::http {

std::unique_ptr<HttpService> open_plain_play(Host& host);

}  // namespace weir::http
