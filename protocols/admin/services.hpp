// What the admin port serves, as HttpServices: /api/v1/status, /metrics, and a page that names them (which
// answers for all that is not there, too). /health is protocols/http/health.hpp. Listed in
// protocols/builtin.cpp; worker's thread.
#pragma once

#include <memory>

#include "protocols/http/service.hpp"

namespace weir::admin {

std::unique_ptr<http::HttpService> open_status(Host& host);
std::unique_ptr<http::HttpService> open_metrics(Host& host);
std::unique_ptr<http::HttpService> open_index(Host& host);

}  // namespace weir::admin
