// Which of a channel's push slots an encoder means by the URL it pushes to: "/news" is "push:", and
// "/news?source=backup" is "push:backup". For all pushes over HTTP. Pure.
#pragma once

#include <string_view>

#include "core/base/result.hpp"
#include "core/relay/host.hpp"

namespace weir::http {

// `query`: what follows the '?', as it came. The Error's sentence tells what to push to; refused: the channel
// takes no push at all (403), not_found: it takes pushes, and none there (404).
Result<const SourceSpec*> find_push_slot(Host& host, const Channel& channel, std::string_view query);

constexpr int status_of_refusal(Errc code) noexcept {
    return code == Errc::not_found ? 404 : 403;
}

}  // namespace weir::http
