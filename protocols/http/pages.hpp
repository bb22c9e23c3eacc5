// Pages for people: GET / lists the channels. The last service asked: what nothing else wanted is answered
// here, with a sentence.
#pragma once

#include <memory>

#include "protocols/http/service.hpp"

namespace weir::http {

std::unique_ptr<HttpService> open_pages(Host& host);

}  // namespace weir::http
