// GET /health, for load balancers and watchdogs: 204 while a player that is sent here now would be served (a
// channel has a header, weir is not stopping), else 503 with a sentence. /health?channel=NAME asks for one
// channel: 204 only while its stream comes, 503 while its source is away, 404 where there is no such channel.
#pragma once

#include <memory>

#include "protocols/http/service.hpp"

namespace weir::http {

std::unique_ptr<HttpService> open_health(Host& host);

}  // namespace weir::http
