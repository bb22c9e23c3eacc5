// The client side of MSBD ([MS-MSBD] 3.2): connects to a server or an encoder and takes its stream.
#pragma once

#include <memory>

#include "core/relay/outbound.hpp"
#include "core/relay/pull.hpp"
#include "protocols/msbd/url.hpp"

namespace weir::msbd {

std::unique_ptr<Pull> open_pull(Outbound& outbound, Url url, const PullRequest& request,
                                PullListener& listener);

}  // namespace weir::msbd
