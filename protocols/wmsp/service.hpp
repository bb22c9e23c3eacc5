// The WMSP server on HTTP ([MS-WMSP] 3.2), in the 4.1 personality: Describe, Play, and what players say
// besides.
#pragma once

#include <memory>

#include "protocols/http/service.hpp"

namespace weir::wmsp {

std::unique_ptr<http::HttpService> open_service(Host& host);
// GET /name.asx: a playlist that names the channel's URLs, for players that are pointed at a web page.
std::unique_ptr<http::HttpService> open_announcements(Host& host);

}  // namespace weir::wmsp
