// Pushing a plain stream over HTTP: one chunked POST, as ffmpeg does it, to another weir or whatever takes
// that.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/relay/outbound.hpp"
#include "core/relay/push.hpp"
#include "protocols/http/url.hpp"

namespace weir::http {

// A URL to push to, by whatever form: gives it without credentials. Error: what is wrong.
Result<std::string> check_push(std::string_view url);

// memory: a server that is known to be a weir is waited for. All but `url` outlives it.
std::unique_ptr<Push> open_push(Outbound& outbound, const Url& url, PushMemory& memory,
                                PushListener& listener);

}  // namespace weir::http
