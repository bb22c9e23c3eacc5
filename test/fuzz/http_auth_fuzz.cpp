// What servers ask a client for: each line is one WWW-Authenticate header, a line "--" begins another answer.
// What is answered is one line of printable quotes that close, and no server gets an answer for ever.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "protocols/http/auth.hpp"

using namespace weir;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

constexpr std::string_view kUser = "us\"er\\";
constexpr std::string_view kPassword = "s3cr3t\xE2\x82\xAC";

void check(const std::string& value) {
    bool is_quoted = false;
    for (std::size_t i = 0; i < value.size(); ++i) {
        require(value[i] != '\r' && value[i] != '\n' && value[i] != '\0');
        if (is_quoted && value[i] == '\\')
            ++i;
        else if (value[i] == '"')
            is_quoted = !is_quoted;
    }
    require(!is_quoted);
    require(value.find(kPassword) == std::string::npos);
    require(value.size() < 8 * http::Authenticator::kMaxParameter);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text = as_text({data, size});
    http::Authenticator client{{.user = std::string(kUser), .password = std::string(kPassword)}, "c0ffee"};
    if (text.find(kPassword) != text.npos) return 0;  // of the server's own words it would tell nothing
    http::Authenticator stranger{{}, "c0ffee"};
    http::Response response{.status = 401, .reason = {}, .headers = {}, .content_length = {}};
    while (true) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (!line.empty() && line != "--")
            response.headers.push_back({"WWW-Authenticate", std::string(line)});
        if (line != "--" && !text.empty()) continue;

        require(!stranger.challenge(response).ok());
        const auto challenged = client.challenge(response);
        if (!challenged) {
            const std::string& detail = challenged.error().detail;
            require(!detail.empty() && detail.size() < 400 && detail.find(kPassword) == std::string::npos);
        }
        if (const auto value = client.authorization("GET", "/live?a=\"b\"")) check(*value);
        response.headers.clear();
        if (text.empty()) break;
    }
    // One that says "stale" to all.
    response.headers = {{"WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", stale=true"}};
    int answered = 0;
    while (client.challenge(response).ok()) {
        require(client.authorization("GET", "/").has_value());
        require(++answered <= http::Authenticator::kMaxStale + 1);
    }
    return 0;
}
