// Pulling over HTTP. The answer to a plain GET goes to the first pull decoder that takes it, since only its
// Content-Type and first bytes tell whether the other side sends a plain stream or speaks a protocol that
// rides on HTTP; a stream that no decoder takes is read as it is. Which decoders there are is a const table
// (protocols/builtin.cpp).
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "core/relay/outbound.hpp"
#include "core/relay/pull.hpp"
#include "protocols/http/get.hpp"
#include "protocols/http/response.hpp"
#include "protocols/http/url.hpp"

namespace weir::http {

// An answer that has begun to come: the GET, its answer's head, and what came of the body. The views are
// valid during the call.
struct Answered {
    std::unique_ptr<Get> get;
    const Response* head = nullptr;
    Bytes body = {};
};

// So many bytes tell every decoder's framing from a plain stream.
inline constexpr std::size_t kDecideAfter = 16;

struct PullDecoder {
    std::string_view scheme;  // URLs that are this decoder's from the start: "mmsh"
    // Is the answer to a plain GET this decoder's? `first`: the first kDecideAfter bytes of its body or more;
    // fewer, or none, where it has no more.
    bool (*takes)(const Response& response, Bytes first) noexcept;
    // answered.get is null where the URL's scheme decided, or the answer is over.
    std::unique_ptr<Pull> (*open)(Outbound& outbound, const Url& url, const PullRequest& request,
                                  PullListener& listener, Answered answered);
};

// Asks by a plain GET. `decoders` outlives the pull.
std::unique_ptr<Pull> open_plain_pull(Outbound& outbound, const Url& url, const PullRequest& request,
                                      PullListener& listener, std::span<const PullDecoder> decoders);

}  // namespace weir::http
