// URLs: what is taken is fit for a request line, and reads the same when written out, without the
// credentials. Hiding these twice changes no more.
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "protocols/http/url.hpp"

using namespace weir;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto in = as_text({data, size});
    const std::string hidden = http::hide_credentials(in);
    require(http::hide_credentials(hidden) == hidden);
    const auto url = http::parse_url(in);
    if (!url) {
        require(!url.error().detail.empty());
        return 0;
    }
    const http::Url& u = url.value();
    require(u.scheme == "http" || u.scheme == "mmsh");
    require(!u.host.empty() && u.port > 0 && u.path.starts_with('/'));
    for (const std::string& text : {u.host, u.path}) {
        for (char c : text) require(c > 0x20 && c < 0x7F);
    }
    for (const std::string& text : {u.credentials.user, u.credentials.password}) {
        for (char c : text) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
    }
    require(u.credentials.user.find(':') == std::string::npos);
    require(u.authority().ends_with(":" + std::to_string(u.port)));
    const std::string written = u.text();
    const auto again = http::parse_url(written);
    if (written.size() > http::Url::kMaxLength) return 0;  // "mms" grew to "mmsh"
    require(again.ok() && again.value().credentials.empty());
    require(again.value().host == u.host && again.value().port == u.port && again.value().path == u.path);
    return 0;
}
