// Destination: where a client's requests go: the URL that was asked for, after the redirects that servers
// answered with, and with the credentials that each of them asks for. Owned by whoever sends the requests;
// pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "protocols/http/auth.hpp"
#include "protocols/http/response.hpp"
#include "protocols/http/url.hpp"

namespace weir::http {

class Destination {
  public:
    static constexpr int kMaxRedirects = 5;

    explicit Destination(Url url);

    const Url& url() const noexcept { return url_; }  // of the next request
    bool was_redirected() const noexcept { return redirects_ > 0; }
    // The Authorization header's value for one request to url(); nothing before its server asked.
    std::optional<std::string> authorization(std::string_view method) {
        return authenticator_.authorization(method, url_.path);
    }

    // An answer's head. True: it asks for another request, to url() as it is now. False: it is the answer
    // that was asked for. Error: it cannot be followed; refused.
    Result<bool> follow(const Response& response);
    // In front of an Error's detail: which URL it is about, where that is not the one that was asked for.
    std::string where() const;

  private:
    Result<> redirect(std::string_view location);

    Url asked_;
    Url url_;
    Authenticator authenticator_;
    int redirects_ = 0;
};

}  // namespace weir::http
