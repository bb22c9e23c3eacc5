// Raw HTTP push: an encoder's POST or PUT to /channel whose body is a stream in any container weir knows,
// chunked, with a length, or until the connection ends (ffmpeg, GStreamer, curl).
#pragma once

#include <memory>

#include "protocols/http/service.hpp"

namespace weir::http {

std::unique_ptr<HttpService> open_plain_push(Host& host);

}  // namespace weir::http
