// A client's side of HTTP authentication: Basic (RFC 7617) and Digest (RFC 7616, and 2617 for servers that
// offer no qop), with MD5 and SHA-256. Owned by whoever sends the requests, one for each server it talks to.
// Pure; any one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "protocols/http/response.hpp"
#include "protocols/http/url.hpp"

namespace weir::http {

// A Digest challenge that can be answered.
struct DigestChallenge {
    enum class Hash { md5, sha256 };

    std::string realm;
    std::string nonce;
    std::optional<std::string> opaque;     // goes back as it came
    std::optional<std::string> algorithm;  // likewise
    Hash hash = Hash::md5;
    bool session = false;  // "-sess": the nonces go into the hash of the credentials
    bool has_qop = false;  // qop=auth is offered
    bool stale = false;    // the credentials are good, the nonce was too old
};

class Authenticator {
  public:
    // What a server can make us repeat in each request; none sends so much.
    static constexpr std::size_t kMaxParameter = 1024;
    // New nonces in a row that are called stale at their first use: the server will never be content.
    static constexpr int kMaxStale = 3;

    // `cnonce`: the client's nonce, fresh_cnonce() outside of tests.
    Authenticator(Credentials credentials, std::string cnonce);

    // Takes the WWW-Authenticate headers of a 401. An Error, for a person: there are no credentials, the
    // server offers no scheme that weir speaks, or it refused these credentials already.
    Result<> challenge(const Response& response);

    // The Authorization header's value for the next request to be sent; nothing before a challenge. Counts
    // the nonce's uses, so each value is for one request. `uri` is the request's target.
    std::optional<std::string> authorization(std::string_view method, std::string_view uri);

  private:
    enum class Scheme { none, basic, digest };

    Credentials credentials_;
    std::string cnonce_;
    Scheme scheme_ = Scheme::none;
    DigestChallenge digest_;
    std::string secret_;       // H(A1)
    std::uint32_t count_ = 0;  // requests sent under the present challenge
    int stale_ = 0;
    bool refused_ = false;
};

std::string basic_authorization(const Credentials& credentials);

std::string fresh_cnonce();

}  // namespace weir::http
