// Pushing a plain stream over HTTP: one chunked POST, as ffmpeg does it, to another weir or whatever takes
// that.
#pragma once

#include <memory>

#include "core/relay/outbound.hpp"
#include "core/relay/push.hpp"
#include "protocols/http/url.hpp"

namespace weir::http {

// `outbound` and `listener` outlive it.
std::unique_ptr<Push> open_push(Outbound& outbound, const Url& url, PushListener& listener);

}  // namespace weir::http
