// Pushing to a Windows Media server (or another weir) as Windows Media Encoder does ([MS-WMHTTP] 3.1).
#pragma once

#include <memory>

#include "core/relay/outbound.hpp"
#include "core/relay/push.hpp"
#include "protocols/http/url.hpp"

namespace weir::wmpush {

// `memory`: goes on with the push of the last attempt where the server still knows it. All but `url` outlives
// it.
std::unique_ptr<Push> open_push(Outbound& outbound, const http::Url& url, PushMemory& memory,
                                PushListener& listener);

}  // namespace weir::wmpush
